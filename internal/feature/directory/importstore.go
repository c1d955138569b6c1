package directory

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// places writes "$from, $from+1, …".
func places(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(from+i))
	}
	return b.String()
}

// someRecords reads those of a list that are there, by id. It always asks for as
// many, so that the statement is the same.
func someRecords(ctx context.Context, tx *db.Tx, agency, kind string, list []*record) (map[string]*stored, error) {
	args := []any{agency, kind}
	for i := range together {
		args = append(args, list[min(i, len(list)-1)].id)
	}
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record
		WHERE agency = $1 AND kind = $2 AND id IN (`+places(3, together)+`)`, args...)
	if err != nil {
		return nil, err
	}
	found, err := scanRecords(rows)
	had := make(map[string]*stored, len(found))
	for _, s := range found {
		had[s.id] = s
	}
	return had, err
}

// insertRecords writes records that are new, several with one statement.
func insertRecords(ctx context.Context, tx *db.Tx, agency, source string, list []*record) error {
	const several = 20
	for len(list) >= several {
		var b strings.Builder
		b.WriteString(`INSERT INTO directory_record
			(agency, kind, id, organization, source, original, doc, overlay, sealed, created, updated) VALUES `)
		args := []any{agency, source, db.Micros(tx.Now)}
		for i, r := range list[:several] {
			n := len(args)
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("($1, " + places(n+1, 3) + ", $2, " + places(n+4, 2) + ", '', $" + strconv.Itoa(n+6) + ", $3, $3)")
			args = append(args, r.kind, r.id, r.organization, r.original, string(canonical(r.doc)), r.sealed)
		}
		if _, err := tx.Exec(ctx, b.String(), args...); err != nil {
			return err
		}
		if err := noteChange(ctx, tx, agency, changedSource, source); err != nil { // so many that an index is made anew
			return err
		}
		if err := noteNew(ctx, tx, agency, list[:several]); err != nil {
			return err
		}
		list = list[several:]
	}
	for _, r := range list {
		if err := insertRecord(ctx, tx, agency, source, r, string(canonical(r.doc))); err != nil {
			return err
		}
	}
	return nil
}

// noteNew is noteChange for records that are new.
func noteNew(ctx context.Context, tx *db.Tx, agency string, list []*record) error {
	var b strings.Builder
	b.WriteString(`INSERT INTO directory_change (agency, revision, kind, id) VALUES `)
	args := []any{agency}
	for i, r := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("($1, 0, " + places(len(args)+1, 2) + ")")
		args = append(args, r.kind, r.id)
	}
	_, err := tx.Exec(ctx, b.String()+` ON CONFLICT (agency, revision, kind, id) DO NOTHING`, args...)
	return err
}

// namesOf are the kinds and ids of all that a source gave.
func namesOf(ctx context.Context, tx *db.Tx, agency, source string) ([]stored, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (s stored, err error) {
		err = rows.Scan(&s.kind, &s.id, &s.organization)
		return s, err
	}, `SELECT kind, id, organization FROM directory_record WHERE agency = $1 AND source = $2 ORDER BY kind, id`, agency, source)
}
