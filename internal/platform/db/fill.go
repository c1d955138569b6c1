package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// How much one statement and one commit of Fill take. More placeholders
// than these an engine may refuse.
const (
	fillPlaceholders = 4000
	fillRows         = 5000
	fillBytes        = 8 << 20
)

// Fill puts rows into a table until next gives io.EOF, and takes out first
// what a step may have put there. The table must be as the catalogue says. It
// commits by and by: whoever fills a database that others see fills it beside
// (see Build).
func (d *DB) Fill(ctx context.Context, table Table, next func() ([]any, error)) (n int64, err error) {
	defer errs.Wrap(&err, "db.Fill")
	err = d.Update(ctx, func(ctx context.Context, tx *Tx) error {
		if err := tx.has(ctx, table); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM "`+table.Name+`"`)
		return err
	})
	for end := false; err == nil && !end; {
		var rows [][]any
		if rows, end, err = gather(table, next); err == nil && len(rows) > 0 {
			n += int64(len(rows))
			err = d.Update(ctx, func(ctx context.Context, tx *Tx) error { return tx.insert(ctx, table, rows) })
		}
	}
	return n, err
}

// has says whether the database has just this table. Only columns count: what
// is written in an archive has no key.
func (t *Tx) has(ctx context.Context, table Table) error {
	there, err := t.Tables(ctx)
	if err != nil {
		return err
	}
	for _, other := range there {
		if other.Name == table.Name && slices.Equal(other.Columns, table.Columns) {
			return nil
		}
	}
	return fmt.Errorf("there is no table %q with these columns", table.Name)
}

// gather reads rows for one commit.
func gather(table Table, next func() ([]any, error)) (rows [][]any, end bool, err error) {
	size := 0
	for len(rows) < fillRows && size < fillBytes {
		row, err := next()
		if errors.Is(err, io.EOF) {
			return rows, true, nil
		}
		if err == nil {
			err = table.fits(row)
		}
		if err != nil {
			return nil, false, err
		}
		for _, v := range row {
			switch v := v.(type) {
			case string:
				size += len(v)
			case []byte:
				size += len(v)
			}
		}
		rows = append(rows, row)
	}
	return rows, false, nil
}

// insert writes rows, many with one statement.
func (t *Tx) insert(ctx context.Context, table Table, rows [][]any) error {
	columns := len(table.Columns)
	most := max(1, fillPlaceholders/columns)
	for part := range slices.Chunk(rows, most) {
		args := make([]any, 0, len(part)*columns)
		for _, row := range part {
			args = append(args, row...)
		}
		if _, err := t.Exec(ctx, insertText(table, len(part)), args...); err != nil {
			return err
		}
	}
	return nil
}

func insertText(table Table, rows int) string {
	var s strings.Builder
	s.WriteString(`INSERT INTO "` + table.Name + `" (` + columnList(table) + `) VALUES `)
	for r := range rows {
		for c := range table.Columns {
			switch {
			case c > 0:
				s.WriteString(", $")
			case r > 0:
				s.WriteString("), ($")
			default:
				s.WriteString("($")
			}
			s.WriteString(strconv.Itoa(r*len(table.Columns) + c + 1))
		}
	}
	s.WriteByte(')')
	return s.String()
}
