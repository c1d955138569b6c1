package db

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"

	"github.com/ncruces/go-sqlite3"
	sqlitedriver "github.com/ncruces/go-sqlite3/driver"
)

// maxStatements bounds the compiled statements that a connection keeps.
const maxStatements = 256

// connector opens SQLite connections that keep compiled statements. Doing it
// below database/sql keeps a statement out of the store while its rows are
// still being read, which sql.Stmt does not.
type connector struct {
	name string
	init func(*sqlite3.Conn) error
	// fault hears of every statement that fails; may be nil.
	fault func(error)
}

func (c *connector) Driver() driver.Driver { return &sqlitedriver.SQLite{} }

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	plain, err := (&sqlitedriver.SQLite{}).OpenConnector(c.name)
	if err != nil {
		return nil, err
	}
	inner, err := plain.Connect(ctx)
	if err != nil {
		return nil, err
	}
	raw, ok := inner.(sqliteConn)
	if !ok {
		return nil, fmt.Errorf("the driver gave a %T", inner)
	}
	if err := c.init(raw.Raw()); err != nil {
		_ = inner.Close()
		return nil, err
	}
	return &conn{sqliteConn: raw, idle: map[string]*statement{}, fault: c.fault}, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	sqlitedriver.Conn
	driver.ExecerContext
}

// conn is one SQLite connection and the statements waiting on it.
type conn struct {
	sqliteConn
	idle  map[string]*statement
	fault func(error)
}

// tell passes an error on and reports it.
func (c *conn) tell(err error) error {
	if err != nil && err != io.EOF && c.fault != nil { //nolint:errorlint // the end of the rows is exactly this
		c.fault(err)
	}
	return err
}

var (
	_ driver.ExecerContext   = (*conn)(nil)
	_ driver.Validator       = (*conn)(nil)
	_ driver.StmtExecContext = (*statement)(nil)
)

// PrepareContext takes the statement out of the store or compiles it.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if s, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return s, nil
	}
	inner, err := c.sqliteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.tell(err)
	}
	compiled, ok := inner.(sqliteStmt)
	if !ok {
		return nil, fmt.Errorf("the driver gave a %T", inner)
	}
	return &statement{sqliteStmt: compiled, conn: c, query: query}, nil
}

// ExecContext runs a script; a single statement with arguments goes by
// PrepareContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) > 0 {
		return nil, driver.ErrSkip
	}
	return c.sqliteConn.ExecContext(ctx, query, args)
}

// IsValid keeps a connection that is stuck inside a transaction out of the pool.
func (c *conn) IsValid() bool { return c.Raw().GetAutocommit() }

// Close lets go of the statements and the connection.
func (c *conn) Close() error {
	for query, s := range c.idle {
		delete(c.idle, query)
		_ = s.sqliteStmt.Close()
	}
	return c.sqliteConn.Close()
}

// sqliteStmt is what the driver's statements can do.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
	driver.NamedValueChecker
}

type statement struct {
	sqliteStmt
	conn  *conn
	query string
}

// ExecContext runs the statement.
func (s *statement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	res, err := s.sqliteStmt.ExecContext(ctx, args)
	return res, s.conn.tell(err)
}

// QueryContext starts the statement.
func (s *statement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	r, err := s.sqliteStmt.QueryContext(ctx, args)
	if err != nil {
		return nil, s.conn.tell(err)
	}
	return &rows{r, s.conn}, nil
}

// rows reports when reading them fails, which is also when an INSERT …
// RETURNING does.
type rows struct {
	driver.Rows
	conn *conn
}

// Next reads one row.
func (r *rows) Next(dest []driver.Value) error { return r.conn.tell(r.Rows.Next(dest)) }

// Close puts the statement back into the store. A second one of the same text
// (two were open at once) is let go.
func (s *statement) Close() error {
	if _, there := s.conn.idle[s.query]; there {
		return s.sqliteStmt.Close()
	}
	if len(s.conn.idle) >= maxStatements {
		for query, old := range s.conn.idle { // any: a full store means texts that do not repeat
			delete(s.conn.idle, query)
			_ = old.sqliteStmt.Close()
			break
		}
	}
	s.conn.idle[s.query] = s
	return nil
}
