package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Versions says how far the tables of each feature have come.
func (t *Tx) Versions(ctx context.Context, all []Migrations) (versions map[string]int64, err error) {
	defer errs.Wrap(&err, "db.Versions")
	versions = map[string]int64{}
	for _, m := range all {
		if !migrationsName.MatchString(m.Name) {
			return nil, fmt.Errorf("%q is not a name for migrations", m.Name)
		}
		var v int64
		err := t.QueryRow(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM `+versionTables+m.Name+` WHERE is_applied`).Scan(&v)
		if err != nil {
			return nil, err
		}
		versions[m.Name] = v
	}
	return versions, nil
}

// ErrNewer is why tables are not touched that this program does not know.
var ErrNewer = errors.New("it was made by a newer program")

// Known fails with ErrNewer if the versions are of tables that these steps
// do not lead to: a newer program made them.
func Known(all []Migrations, versions map[string]int64) error {
	steps := map[string]int64{}
	for _, m := range all {
		files, err := fs.Glob(m.FS, "*.sql")
		if err != nil {
			return err
		}
		steps[m.Name] = 0
		for _, f := range files {
			digits, _, _ := strings.Cut(path.Base(f), "_")
			n, err := strconv.ParseInt(digits, 10, 64)
			if err != nil {
				return fmt.Errorf("the step %q has no number", f)
			}
			steps[m.Name] = max(steps[m.Name], n)
		}
	}
	for name, v := range versions {
		known, ok := steps[name]
		if !ok || v > known {
			return errs.New(errs.Unavailable, wordStorage,
				fmt.Errorf("%w: the tables of %q are of step %d, which this program does not know", ErrNewer, name, v))
		}
	}
	return nil
}
