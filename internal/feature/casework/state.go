package casework

import (
	"context"
	"database/sql"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// StateOf is a hash over what is sealed of a referral, and audit.Gone where there is
// none.
func StateOf(ctx context.Context, tx *db.Tx, agency, id string) (_ audit.State, err error) {
	defer errs.Wrap(&err, "casework.StateOf")
	r, err := get(ctx, tx, agency, id)
	if errs.Is(err, errs.NotFound) {
		return audit.Gone, nil
	}
	if err != nil {
		return "", err
	}
	s := audit.NewSummer("referral")
	s.Text(r.Contact)
	s.Number(r.LastSeq)
	s.Bytes(r.release)
	events, err := r.sealedEvents(ctx, tx)
	for _, e := range events {
		s.Number(e.seq)
		s.Bytes(e.sealed)
	}
	return s.State(), err
}

// IDs gives some referrals after one, in an order that stays; none at the end.
func (f *Feature) IDs(ctx context.Context, tx *db.Tx, agency, after string, limit int) ([]string, error) {
	return db.Strings(ctx, tx, `SELECT id FROM referrals WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3`, agency, after, limit)
}

// sealedEvent is an event as it lies on the disk.
type sealedEvent struct {
	seq    int64
	sealed []byte
}

func (r *row) sealedEvents(ctx context.Context, tx *db.Tx) ([]sealedEvent, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (e sealedEvent, err error) { err = rows.Scan(&e.seq, &e.sealed); return e, err },
		`SELECT seq, sealed FROM referral_events WHERE referral = $1 AND agency = $2 ORDER BY seq`, r.ID, r.Agency)
}

// witness remembers what is there before a deed.
func (r *row) witness(ctx context.Context, tx *db.Tx) (err error) {
	r.was, err = StateOf(ctx, tx, r.Agency, r.ID)
	return err
}
