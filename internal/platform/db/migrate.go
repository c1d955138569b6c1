package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"regexp"

	"github.com/pressly/goose/v3"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/fault"
)

// Migrations are the steps by which a feature's tables came to be. FS holds
// NNNNN_name.sql files at its top, each with a "-- +goose Up" line. A step that has
// been released never changes.
type Migrations struct {
	Name string // of the feature: lower-case letters, digits, _
	FS   fs.FS
}

// Embedded gives the migrations that a package embeds in its folder
// "migrations".
func Embedded(name string, files embed.FS) Migrations {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // only for a folder name that is none
	}
	return Migrations{Name: name, FS: sub}
}

var migrationsName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

const migrateLock = 0x636c6577_00000002

// Migrate brings the tables of every feature up to date, in the given order.
// It fails, changing nothing of that feature, if the database was used by a
// newer program. Several nodes may start at once on PostgreSQL: one works, the
// others wait.
func (d *DB) Migrate(ctx context.Context, all []Migrations) (err error) {
	defer errs.Wrap(&err, "db.Migrate")
	return d.migrateAll(ctx, all, func(Migrations) int64 { return latest })
}

// MigrateTo is Migrate up to the given version of each feature; one that is
// not named gets no tables yet. It never goes back.
func (d *DB) MigrateTo(ctx context.Context, all []Migrations, versions map[string]int64) (err error) {
	defer errs.Wrap(&err, "db.MigrateTo")
	if err := Known(all, versions); err != nil {
		return err
	}
	return d.migrateAll(ctx, all, func(m Migrations) int64 { return versions[m.Name] })
}

// latest is the version that has no other after it.
const latest = math.MaxInt64

func (d *DB) migrateAll(ctx context.Context, all []Migrations, version func(Migrations) int64) (err error) {
	defer func() { err = explain(err) }()
	if d.engine == Postgres {
		lock, err := d.write.Conn(ctx)
		if err != nil {
			return err
		}
		defer lock.Close() //nolint:errcheck // goes back to the pool
		if _, err := lock.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(migrateLock)); err != nil {
			return err
		}
		defer lock.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(migrateLock)) //nolint:errcheck // a lost connection lets go by itself
	}
	for _, m := range all {
		if err := migrateTo(ctx, d.engine, d.write, m, version(m)); err != nil {
			return fmt.Errorf("tables of %q: %w", m.Name, err)
		}
		fault.Step("a feature's tables")
	}
	return nil
}

func migrateTo(ctx context.Context, engine Engine, pool *sql.DB, m Migrations, version int64) error {
	if !migrationsName.MatchString(m.Name) {
		return errors.New("not a name for migrations")
	}
	dialect := goose.DialectSQLite3
	if engine == Postgres {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, pool, m.FS,
		goose.WithTableName(versionTables+m.Name),
		goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return errs.New(errs.Unavailable, wordStorage,
			fmt.Errorf("%w: the database is at step %d and this program knows only %d", ErrNewer, current, target))
	}
	if version >= target {
		_, err = provider.Up(ctx)
		return err
	}
	if version > current {
		_, err = provider.UpTo(ctx, version)
	}
	return err
}
