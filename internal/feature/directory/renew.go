package directory

import (
	"context"
	"database/sql"
	"strings"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// Confidential parts are sealed to a group. When somebody left it they are
// sealed anew: these functions go through them.

// RenewIDs names some records with a confidential part, after one; none at the end.
func (f *Feature) RenewIDs(ctx context.Context, tx *db.Tx, agency, after string, limit int) ([]string, error) {
	kind, id, _ := strings.Cut(after, " ")
	return db.Collect(ctx, tx, func(rows *sql.Rows) (name string, err error) {
		var kind, id string
		err = rows.Scan(&kind, &id)
		return kind + " " + id, err
	}, `SELECT kind, id FROM directory_record WHERE agency = $1 AND sealed IS NOT NULL AND (kind > $2 OR kind = $2 AND id > $3)
		ORDER BY kind, id LIMIT $4`, agency, kind, id, limit)
}

// RenewCount says how many there are.
func (f *Feature) RenewCount(ctx context.Context, tx *db.Tx, agency string) (n int64, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM directory_record WHERE agency = $1 AND sealed IS NOT NULL`, agency).Scan(&n)
	return n, err
}

// Renew puts what again makes of a record's confidential part in its place, if
// it makes something.
func (f *Feature) Renew(ctx context.Context, tx *db.Tx, agency, name string, again func(record string, sealed []byte) ([]byte, error)) error {
	kind, id, _ := strings.Cut(name, " ")
	var sealed []byte
	err := tx.QueryRow(ctx, `SELECT sealed FROM directory_record WHERE agency = $1 AND kind = $2 AND id = $3`, agency, kind, id).Scan(&sealed)
	if err != nil {
		return err
	}
	if sealed, err = again(id, sealed); err != nil || sealed == nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE directory_record SET sealed = $4 WHERE agency = $1 AND kind = $2 AND id = $3`, agency, kind, id, sealed)
	return err
}
