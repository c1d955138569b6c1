package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// beside is where a database is built before it is moved into place: a folder
// in the data folder, or a schema.
const (
	besideFolder = "restoring"
	besideSchema = "clew_restoring"
)

// ErrNotEmpty is why Build refuses: there is something in the database.
var ErrNotEmpty = errors.New("there is a database here already, and it is not empty")

// Build makes a database at once or not at all: fill makes its tables and
// puts rows into them in a place beside, and only what is whole is moved to
// where cfg points, in one step that a power cut cannot halve. What was begun
// and not ended is thrown away by the next Build. Where cfg points may be
// nothing yet, or tables without a row.
func Build(ctx context.Context, cfg Config, fill func(ctx context.Context, d *DB) error) (err error) {
	defer errs.Wrap(&err, "db.Build")
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.URL != "" {
		return buildPostgres(ctx, cfg, fill)
	}
	return buildSQLite(ctx, cfg, fill)
}

// empty fails with ErrNotEmpty if a table has a row.
func (t *Tx) empty(ctx context.Context) (names []string, err error) {
	tables, err := t.Tables(ctx)
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		if !identifier.MatchString(table.Name) {
			return nil, fmt.Errorf("%w: a table is none of ours", ErrNotEmpty)
		}
		var some bool
		if err := t.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM "`+table.Name+`")`).Scan(&some); err != nil {
			return nil, err
		}
		if some {
			return nil, ErrNotEmpty
		}
		names = append(names, table.Name)
	}
	return names, nil
}
