package staff

import (
	"context"
	"database/sql"
	"errors"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// What a group opens is wrapped to the public halves of accounts, and those stand
// in clear: so the log says which ones the program gave.

// StateOf is over the public half of an account's key, and audit.Gone where there
// is no account. Another pass phrase for the same key does not change it.
func StateOf(ctx context.Context, tx *db.Tx, agency, id string) (_ audit.State, err error) {
	defer errs.Wrap(&err, "staff.StateOf")
	var public []byte
	err = tx.QueryRow(ctx, `SELECT public_key FROM staff WHERE agency = $1 AND id = $2`, agency, id).Scan(&public)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Gone, nil
	}
	return stateOf(public), err
}

func stateOf(public []byte) audit.State {
	s := audit.NewSummer("account")
	s.Bytes(public)
	return s.State()
}

// IDs gives some accounts after one, in an order that stays; none at the end.
func IDs(ctx context.Context, tx *db.Tx, agency, after string, limit int) ([]string, error) {
	return db.Strings(ctx, tx, `SELECT id FROM staff WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3`, agency, after, limit)
}
