package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Content gives the tables that the steps of all features made, and checks
// that they are so in this database: one that was changed by hand cannot be
// read as ours. Others are what else lies there, which is not ours.
func (t *Tx) Content(ctx context.Context, all []Migrations, versions map[string]int64) (ours []Table, others int, err error) {
	defer errs.Wrap(&err, "db.Content")
	ours, err = Made(ctx, all, versions)
	if err != nil {
		return nil, 0, err
	}
	there, err := t.Tables(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, want := range ours {
		i := slices.IndexFunc(there, func(t Table) bool { return t.Name == want.Name })
		if i < 0 || !there[i].same(want) {
			return nil, 0, fmt.Errorf("table %s is not as this program made it", want.Name)
		}
	}
	return ours, len(there) - len(ours), nil
}

// Rows calls each for every row of a table, in the order of its key, byte by
// byte, which is the same on both engines and says nothing of the order in
// which rows were written. A row is nil, int64, string or []byte for each
// column; each must not keep it.
func (t *Tx) Rows(ctx context.Context, table Table, each func(row []any) error) (err error) {
	defer errs.Wrap(&err, "db.Rows")
	if err := table.portable(); err != nil {
		return err
	}
	rows, err := t.Query(ctx, t.selectAll(table))
	if err != nil {
		return err
	}
	defer rows.Close()
	row := make([]any, len(table.Columns))
	into := make([]any, len(row))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		clear(row)
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := table.fits(row); err != nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t *Tx) selectAll(table Table) string {
	order := make([]string, len(table.Key))
	for i, k := range table.Key {
		order[i] = `"` + k + `"`
		text := slices.Contains(table.Columns, Column{k, "TEXT"})
		if text && t.Engine() == Postgres {
			order[i] += ` COLLATE "C"`
		}
	}
	return `SELECT ` + columnList(table) + ` FROM "` + table.Name + `" ORDER BY ` + strings.Join(order, ", ")
}

func columnList(table Table) string {
	list := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		list[i] = `"` + c.Name + `"`
	}
	return strings.Join(list, ", ")
}

// fits says whether each value is of its column's type. SQLite does not mind
// what it keeps where.
func (t Table) fits(row []any) error {
	if len(row) != len(t.Columns) {
		return fmt.Errorf("a row of table %s has %d values", t.Name, len(row))
	}
	for i, v := range row {
		ok := false
		switch v.(type) {
		case nil:
			ok = true
		case int64:
			ok = t.Columns[i].Type == "BIGINT"
		case string:
			ok = t.Columns[i].Type == "TEXT"
		case []byte:
			ok = t.Columns[i].Type == "BYTEA"
		}
		if !ok {
			return fmt.Errorf("column %s of table %s holds a %T", t.Columns[i].Name, t.Name, v)
		}
	}
	return nil
}
