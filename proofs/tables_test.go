package proofs

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// table is all that stands in a table.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

// tables reads the whole database.
func tables(t testing.TB, d *db.DB) (all []table) {
	t.Helper()
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		names, err := tableNames(ctx, tx, d.Engine())
		if err != nil {
			return err
		}
		slices.Sort(names)
		for _, name := range names {
			if strings.HasPrefix(name, "sqlite_") {
				continue
			}
			one, err := readTable(ctx, tx, name)
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func readTable(ctx context.Context, tx *db.Tx, name string) (one table, err error) {
	one.name = name
	rows, err := tx.Query(ctx, `SELECT * FROM `+strconv.Quote(name))
	if err != nil {
		return one, err
	}
	defer rows.Close()
	if one.columns, err = rows.Columns(); err != nil {
		return one, err
	}
	for rows.Next() {
		row := make([]any, len(one.columns))
		into := make([]any, len(row))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return one, err
		}
		one.rows = append(one.rows, row)
	}
	return one, rows.Err()
}

// put writes one column of every row as it is here. The rows are found by all
// that is not bytes, their key among it.
func (one table) put(t testing.TB, d *db.DB, column int) {
	t.Helper()
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, row := range one.rows {
			where, args := "", []any{row[column]}
			for i, v := range row {
				switch v.(type) {
				case string, int64:
					args = append(args, v)
					where += fmt.Sprintf(" AND %s = $%d", strconv.Quote(one.columns[i]), len(args))
				}
			}
			n, err := tx.Exec(ctx, fmt.Sprintf(`UPDATE %q SET %q = $1 WHERE 1 = 1%s`, one.name, one.columns[column], where), args...)
			if err != nil || n != 1 {
				return fmt.Errorf("%d rows of %s: %w", n, one.name, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// hashes are those of the rows, with these columns alone, in no order.
func (one table) hashes(columns []string) (list []string) {
	for _, row := range one.rows {
		h := sha256.New()
		for i, c := range one.columns {
			if slices.Contains(columns, c) {
				v := row[i]
				if text, ok := v.(string); ok { // engines tell text and bytes apart in their own ways
					v = []byte(text)
				}
				fmt.Fprintf(h, "%s=%x;", c, v)
			}
		}
		list = append(list, string(h.Sum(nil)))
	}
	slices.Sort(list)
	return list
}

// sealedColumn is where sealed things lie: a column of bytes that some row fills.
type sealedColumn struct {
	table  table
	column int
}

func (c sealedColumn) name() string { return c.table.name + "." + c.table.columns[c.column] }

// sealedColumns are all columns that hold sealed things, also of tables that
// are yet to come.
func sealedColumns(all []table) (list []sealedColumn) {
	for _, one := range all {
		for i, name := range one.columns {
			if !strings.HasPrefix(name, "sealed") {
				continue
			}
			if slices.ContainsFunc(one.rows, func(row []any) bool { _, ok := row[i].([]byte); return ok }) {
				list = append(list, sealedColumn{one, i})
			}
		}
	}
	return list
}

// with is the table with each value of the column as change makes it of all.
func (c sealedColumn) with(change func(values [][]byte, i int) []byte) (changed table, n int) {
	var values [][]byte
	for _, row := range c.table.rows {
		if b, ok := row[c.column].([]byte); ok {
			values = append(values, b)
		}
	}
	changed = table{c.table.name, c.table.columns, nil}
	for _, row := range c.table.rows {
		row = slices.Clone(row)
		if _, ok := row[c.column].([]byte); ok {
			row[c.column] = change(values, n)
			n++
		}
		changed.rows = append(changed.rows, row)
	}
	return changed, n
}
