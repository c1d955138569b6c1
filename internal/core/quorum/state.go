package quorum

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Officers is the record, in the log, of who the officers are: those who are asked
// and those who hold shares, all in one.
const Officers = "officers of the recovery key"

// StateOf is over the officers, the keys with which they accepted and what is
// sealed to them; audit.Gone where nobody was ever asked. When a share was printed
// is not in it.
func StateOf(ctx context.Context, tx *db.Tx, agency, _ string) (_ audit.State, err error) {
	defer errs.Wrap(&err, "quorum.StateOf")
	rows, err := tx.Query(ctx, `SELECT s.id, s.threshold, s.made, o.number, o.staff, o.answer, o.key_hash, o.commitment, o.sealed
		FROM quorum_sets s JOIN quorum_officers o ON o.set_id = s.id WHERE s.agency = $1 ORDER BY s.id, o.number`, agency)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	sum, some := audit.NewSummer("officers"), false
	for rows.Next() {
		var set, account, answer string
		var needed, made, number int64
		var key, commitment, sealed []byte
		if err := rows.Scan(&set, &needed, &made, &number, &account, &answer, &key, &commitment, &sealed); err != nil {
			return "", err
		}
		for _, n := range []int64{needed, made, number} {
			sum.Number(n)
		}
		for _, t := range []string{set, account, answer} {
			sum.Text(t)
		}
		for _, b := range [][]byte{key, commitment, sealed} {
			sum.Bytes(b)
		}
		some = true
	}
	if !some {
		return audit.Gone, rows.Err()
	}
	return sum.State(), rows.Err()
}

// IDs gives Officers where there are any.
func IDs(ctx context.Context, tx *db.Tx, agency, after string, _ int) ([]string, error) {
	is, err := StateOf(ctx, tx, agency, Officers)
	if err != nil || is == audit.Gone || after >= Officers {
		return nil, err
	}
	return []string{Officers}, nil
}

// witness writes down a deed that changed who the officers are, with what was there
// before it and what is there now.
func witness(ctx context.Context, tx *db.Tx, agency string, was audit.State, e audit.Entry) (err error) {
	e.Record, e.Was = Officers, was
	if e.Is, err = StateOf(ctx, tx, agency, Officers); err != nil {
		return err
	}
	return write(ctx, tx, agency, e)
}
