package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// pgConnector opens PostgreSQL connections whose errors quote no values.
type pgConnector struct{ driver.Connector }

func (c pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := inner.(*stdlib.Conn)
	if !ok {
		return nil, fmt.Errorf("the driver gave a %T", inner)
	}
	return &pgConn{conn}, nil
}

type pgConn struct{ *stdlib.Conn }

func (c *pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.Conn.ExecContext(ctx, query, args)
	return res, cleanPg(err)
}

func (c *pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.Conn.QueryContext(ctx, query, args)
	if err != nil {
		return nil, cleanPg(err)
	}
	return &pgRows{rows}, nil
}

type pgRows struct{ driver.Rows }

func (r *pgRows) Next(dest []driver.Value) error { return cleanPg(r.Rows.Next(dest)) }

// cleanPg drops what the server and the driver quote from the data: the
// details of every error, and the message of those about a value.
func cleanPg(err error) error {
	if err == nil {
		return nil
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		clean := &pgconn.PgError{
			Severity: pg.Severity, SeverityUnlocalized: pg.SeverityUnlocalized, Code: pg.Code, Message: pg.Message,
			SchemaName: pg.SchemaName, TableName: pg.TableName, ColumnName: pg.ColumnName, ConstraintName: pg.ConstraintName,
		}
		if strings.HasPrefix(pg.Code, "22") {
			clean.Message = "a value does not fit"
		}
		return clean
	}
	if text := err.Error(); strings.Contains(text, "encode") {
		return errors.New("an argument does not fit its placeholder")
	}
	return err
}
