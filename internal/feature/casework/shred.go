package casework

import (
	"context"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Standing says whether a contact has referrals, and whether one of them is
// not over yet.
type Standing struct{ Referred, Open bool }

// Standings gives what contacts have of referrals; one without any is not in
// it. At most a thousand at once.
func Standings(ctx context.Context, tx *db.Tx, agency string, contacts ...string) (_ map[string]Standing, err error) {
	defer errs.Wrap(&err, "casework.Standings")
	found := map[string]Standing{}
	if len(contacts) == 0 {
		return found, nil
	}
	args, marks := []any{agency}, []string{}
	for _, id := range contacts {
		args = append(args, id)
		marks = append(marks, "$"+strconv.Itoa(len(args)))
	}
	rows, err := tx.Query(ctx, `SELECT contact, MAX(open) FROM referrals WHERE agency = $1 AND contact IN (`+strings.Join(marks, ", ")+`) GROUP BY contact`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var open int64
		if err := rows.Scan(&id, &open); err != nil {
			return nil, err
		}
		found[id] = Standing{true, open != 0}
	}
	return found, rows.Err()
}

// Shred deletes all referrals of a contact. They are sealed under its key, so
// it goes into the transaction that deletes that. What was counted stays.
func (f *Feature) Shred(ctx context.Context, tx *db.Tx, agency, contactID string) (err error) {
	defer errs.Wrap(&err, "casework.Shred")
	ids, err := db.Strings(ctx, tx, `SELECT id FROM referrals WHERE agency = $1 AND contact = $2`, agency, contactID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := audit.Write(ctx, tx, agency, audit.Entry{Action: "referral.deleted", Record: id, Is: audit.Gone}); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `DELETE FROM referral_events WHERE agency = $1 AND referral IN (SELECT id FROM referrals WHERE agency = $1 AND contact = $2)`,
		agency, contactID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM referrals WHERE agency = $1 AND contact = $2`, agency, contactID)
	return err
}
