// Package audit remembers who did what to which record, in the same
// transaction as the deed, so that neither happens without the other.
//
// An entry holds the colleague, the action, the record and the time: no
// content and nothing of the person the record is about.
package audit

import (
	"context"
	"embed"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the log's tables.
var Migrations = db.Embedded("audit", files)

// Entry is one deed.
type Entry struct {
	At     time.Time
	Staff  string // who; empty for the program itself
	Action string // as in the permission matrix, or "sign-in"
	Record string // which; empty for a page that lists many
}

// Write adds an entry.
func Write(ctx context.Context, tx *db.Tx, agency string, e Entry) (err error) {
	defer errs.Wrap(&err, "audit.Write")
	_, err = tx.Exec(ctx, `INSERT INTO audit_entries (id, agency, at, staff, action, record) VALUES ($1, $2, $3, $4, $5, $6)`,
		ids.New(), agency, db.Micros(tx.Now), e.Staff, e.Action, e.Record)
	return err
}

// Of gives the entries about one record, oldest first.
func Of(ctx context.Context, tx *db.Tx, agency, record string) (list []Entry, err error) {
	defer errs.Wrap(&err, "audit.Of")
	rows, err := tx.Query(ctx, `SELECT at, staff, action, record FROM audit_entries
		WHERE agency = $1 AND record = $2 ORDER BY at, id LIMIT 1000`, agency, record)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e Entry
		var at int64
		if err := rows.Scan(&at, &e.Staff, &e.Action, &e.Record); err != nil {
			return nil, err
		}
		e.At = db.Time(at)
		list = append(list, e)
	}
	return list, rows.Err()
}
