package db

import (
	"context"
	"database/sql"
)

// Collect runs a query and gives what scan makes of each row. The rows are
// closed when it returns, so that the next statement can run.
func Collect[T any](ctx context.Context, t *Tx, scan func(*sql.Rows) (T, error), query string, args ...any) (list []T, err error) {
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// Strings runs a query of one column of text and gives what it finds.
func Strings(ctx context.Context, t *Tx, query string, args ...any) ([]string, error) {
	return Collect(ctx, t, func(rows *sql.Rows) (s string, err error) {
		err = rows.Scan(&s)
		return s, err
	}, query, args...)
}
