package app

import (
	"context"
	"database/sql"
	"embed"
	"errors"

	"github.com/clew-hotline/clew/internal/platform/db"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// installationMigrations are the tables about this installation itself.
var installationMigrations = db.Embedded("installation", migrationFiles)

// What is remembered about an installation.
const (
	isDemo     = "demo"        // made by "clew demo", for ever
	demoSecret = "demo_secret" // from which its pass phrases are made
	isSetUp    = "set_up"
)

// homeAgency is the one agency that set-up makes. Every record names its
// agency, so that more can come.
const homeAgency = "home"

func remember(ctx context.Context, tx *db.Tx, key, value string) error {
	_, err := tx.Exec(ctx, `INSERT INTO installation (key, agency, value) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, homeAgency, value)
	return err
}

func recall(ctx context.Context, tx *db.Tx, key string) (value string, err error) {
	err = tx.QueryRow(ctx, `SELECT value FROM installation WHERE key = $1`, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}
