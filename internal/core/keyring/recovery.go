package keyring

import (
	"context"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// ReplaceRecovery gives the recovery group another key, of which the caller
// knows the other half, and takes away all that the one of before held. The
// caller then admits the group to the others, and turns those.
func ReplaceRecovery(ctx context.Context, tx *db.Tx, agency string, public seal.Public) (_ Group, err error) {
	defer errs.Wrap(&err, "keyring.ReplaceRecovery")
	g, err := Find(ctx, tx, agency, Recovery)
	if err != nil {
		return g, err
	}
	next, err := g.turnTo(ctx, tx, public)
	if err != nil {
		return g, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM key_wraps WHERE agency = $1 AND recipient = $2`, agency, g.ID)
	return next, err
}

// Without gives the groups, by id, of which somebody does not hold every key,
// and how many they lack.
func Without(ctx context.Context, tx *db.Tx, agency, member string) (_ map[string]int, err error) {
	defer errs.Wrap(&err, "keyring.Without")
	rows, err := tx.Query(ctx, `SELECT g.id, COUNT(*) FROM key_groups g JOIN key_epochs e ON e.owner = g.id
		WHERE g.agency = $1 AND g.id <> $2
		AND NOT EXISTS (SELECT 1 FROM key_wraps w WHERE w.owner = g.id AND w.epoch = e.epoch AND w.recipient = $2)
		GROUP BY g.id`, agency, member)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lacks := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		lacks[id] = n
	}
	return lacks, rows.Err()
}
