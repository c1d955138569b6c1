package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

const buildLock = 0x636c6577_00000003

func buildPostgres(ctx context.Context, cfg Config, fill func(context.Context, *DB) error) (err error) {
	home, err := openPostgres(ctx, cfg)
	if err != nil {
		return err
	}
	defer home.Close() //nolint:errcheck // what was to be kept is committed
	return home.aloneAfter(ctx, func(ctx context.Context) error {
		err := home.View(ctx, func(ctx context.Context, tx *Tx) error {
			_, err := tx.empty(ctx)
			return err
		})
		if err != nil {
			return err
		}
		drop := `DROP SCHEMA IF EXISTS ` + besideSchema + ` CASCADE`
		if _, err := home.write.ExecContext(ctx, drop+`; CREATE SCHEMA `+besideSchema); err != nil {
			return explain(err)
		}
		side := cfg
		side.schema = besideSchema
		d, err := openPostgres(ctx, side)
		if err != nil {
			return err
		}
		if err := errors.Join(fill(ctx, d), d.Close()); err != nil {
			_, _ = home.write.ExecContext(context.WithoutCancel(ctx), drop) // or the next Build does
			return err
		}
		return home.Update(ctx, moveTables)
	})
}

// A server takes a moment to notice that a program was killed, and holds its
// lock until then.
const (
	buildWait  = 20 * time.Second
	buildRetry = 100 * time.Millisecond
)

// aloneAfter waits a while for another Build to end.
func (d *DB) aloneAfter(ctx context.Context, fn func(context.Context) error) error {
	retry := time.NewTicker(buildRetry)
	defer retry.Stop()
	for until := time.Now().Add(buildWait); ; {
		ran, err := d.alone(ctx, buildLock, fn)
		if err != nil || ran {
			return err
		}
		if time.Now().After(until) {
			return errs.New(errs.Busy, "", errors.New("another restore into this database is running"))
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// moveTables puts the tables that were built beside into their place, with
// what hangs on them. Empty ones that are there make room.
func moveTables(ctx context.Context, tx *Tx) error {
	old, err := tx.names(ctx, `current_schema()`)
	if err != nil {
		return err
	}
	if len(old) > 0 {
		if _, err := tx.Exec(ctx, `LOCK TABLE "`+strings.Join(old, `", "`)+`" IN ACCESS EXCLUSIVE MODE`); err != nil {
			return err
		}
	}
	ours, err := tx.empty(ctx) // again: somebody may have set up a hotline meanwhile
	if err != nil {
		return err
	}
	built, err := tx.names(ctx, `'`+besideSchema+`'`)
	if err != nil {
		return err
	}
	for _, name := range built {
		if slices.Contains(old, name) && (slices.Contains(ours, name) || strings.HasPrefix(name, versionTables)) {
			if _, err := tx.Exec(ctx, `DROP TABLE "`+name+`" CASCADE`); err != nil {
				return err
			}
		}
	}
	var home string
	if err := tx.QueryRow(ctx, `SELECT quote_ident(current_schema())`).Scan(&home); err != nil {
		return err
	}
	for _, name := range built {
		if _, err := tx.Exec(ctx, `ALTER TABLE `+besideSchema+`."`+name+`" SET SCHEMA `+home); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `DROP SCHEMA `+besideSchema)
	return err
}

// names are the tables of a schema, those of the versions too.
func (t *Tx) names(ctx context.Context, schema string) (list []string, err error) {
	rows, err := t.Query(ctx, `SELECT tablename::text FROM pg_tables WHERE schemaname = `+schema+` ORDER BY tablename`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if !identifier.MatchString(name) {
			return nil, fmt.Errorf("%w: a table is none of ours", ErrNotEmpty)
		}
		list = append(list, name)
	}
	return list, rows.Err()
}
