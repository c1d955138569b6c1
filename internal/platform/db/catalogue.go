package db

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	sqlitedriver "github.com/ncruces/go-sqlite3/driver"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Column is a column of a table. Its type is TEXT, BIGINT or BYTEA.
type Column struct{ Name, Type string }

// Table is a table as the catalogue of an engine describes it, the same on both.
type Table struct {
	Name    string
	Columns []Column // in the order in which they were made
	Key     []string // the columns of the primary key
}

// same says whether two tables have the same columns and key.
func (t Table) same(other Table) bool {
	return t.Name == other.Name && slices.Equal(t.Columns, other.Columns) && slices.Equal(t.Key, other.Key)
}

// versionTables begin so: what goose keeps of each feature's steps.
const versionTables = "goose_"

const sqliteCatalogue = `SELECT m.name, c.name, c.type, c.pk FROM sqlite_schema m JOIN pragma_table_info(m.name) c
	WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_' ORDER BY m.name, c.cid`

const postgresCatalogue = `SELECT c.relname::text, a.attname::text, upper(format_type(a.atttypid, a.atttypmod)),
		COALESCE(array_position(i.indkey::int2[], a.attnum) + 1, 0)
	FROM pg_class c
	JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
	JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
	WHERE c.relkind IN ('r', 'p') ORDER BY c.relname COLLATE "C", a.attnum`

// Tables are all tables that the database holds, in the order of their names,
// without those in which the versions of the steps are kept.
func (t *Tx) Tables(ctx context.Context) (list []Table, err error) {
	defer errs.Wrap(&err, "db.Tables")
	query := sqliteCatalogue
	if t.Engine() == Postgres {
		query = postgresCatalogue
	}
	rows, err := t.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return readCatalogue(rows)
}

func readCatalogue(rows *sql.Rows) (list []Table, err error) {
	defer rows.Close()
	keys := map[int]string{}
	for rows.Next() {
		var name, column, kind string
		var key int
		if err := rows.Scan(&name, &column, &kind, &key); err != nil {
			return nil, err
		}
		if strings.HasPrefix(name, versionTables) {
			continue
		}
		if len(list) == 0 || list[len(list)-1].Name != name {
			list = append(list, Table{Name: name})
			clear(keys)
		}
		t := &list[len(list)-1]
		t.Columns = append(t.Columns, Column{column, kind})
		if key > 0 {
			keys[key] = column
			t.Key = nil
			for i := 1; i <= len(t.Columns); i++ {
				if c, ok := keys[i]; ok {
					t.Key = append(t.Key, c)
				}
			}
		}
	}
	return list, rows.Err()
}

// Made are the tables that the steps of all features make, up to the given
// versions. They are made in memory to be looked at.
func Made(ctx context.Context, all []Migrations, versions map[string]int64) (list []Table, err error) {
	defer errs.Wrap(&err, "db.Made")
	connector, err := (&sqlitedriver.SQLite{}).OpenConnector(":memory:")
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	defer pool.Close() //nolint:errcheck // it was only looked at
	pool.SetMaxOpenConns(1)
	for _, m := range all {
		if err := migrateTo(ctx, SQLite, pool, m, versions[m.Name]); err != nil {
			return nil, fmt.Errorf("tables of %q: %w", m.Name, err)
		}
	}
	rows, err := pool.QueryContext(ctx, sqliteCatalogue) //nolint:rowserrcheck,sqlclosecheck // readCatalogue does
	if err != nil {
		return nil, err
	}
	if list, err = readCatalogue(rows); err != nil {
		return nil, err
	}
	for _, t := range list {
		if err := t.portable(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// portable says why a table cannot go from one engine to the other.
func (t Table) portable() error {
	if !identifier.MatchString(t.Name) || len(t.Key) == 0 {
		return fmt.Errorf("table %q has no key, or a name that needs quoting", t.Name)
	}
	for _, c := range t.Columns {
		if !identifier.MatchString(c.Name) || c.Type != "TEXT" && c.Type != "BIGINT" && c.Type != "BYTEA" {
			return fmt.Errorf("column %s of table %s is of a type that the engines do not share", c.Name, t.Name)
		}
	}
	return nil
}
