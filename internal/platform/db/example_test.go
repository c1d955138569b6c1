package db_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"testing/fstest"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// A feature brings its tables, writes in Update and reads in View.
func Example() {
	ctx := context.Background()
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	key := make([]byte, db.KeySize) // in earnest from outside the data folder
	_, _ = rand.Read(key)

	d, err := db.Open(ctx, db.Config{Dir: dir, Key: key})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer d.Close()
	beds := db.Migrations{Name: "beds", FS: fstest.MapFS{"00001_bed.sql": {Data: []byte(`-- +goose Up
CREATE TABLE bed (
	id     TEXT   NOT NULL PRIMARY KEY,
	agency TEXT   NOT NULL,
	free   BIGINT NOT NULL,
	seen   BIGINT NOT NULL
);`)}}}
	if err := d.Migrate(ctx, []db.Migrations{beds}); err != nil {
		fmt.Println(err)
		return
	}

	err = d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO bed (id, agency, free, seen) VALUES ($1, $2, $3, $4)`,
			"b1", "a1", true, tx.Now); err != nil {
			return err
		}
		tx.AfterCommit(func() { fmt.Println("kept") })
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	var free bool
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT free FROM bed WHERE id = $1 AND agency = $2`, "b1", "a1").Scan(&free)
	})
	fmt.Println(free, err)
	// Output:
	// kept
	// true <nil>
}
