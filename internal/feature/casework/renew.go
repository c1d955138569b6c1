package casework

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Reseal seals a contact's referrals under its keys of now, after those changed.
func (f *Feature) Reseal(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error {
	list, err := rowsOf(ctx, tx, `SELECT `+rowColumns+` FROM referrals WHERE agency = $1 AND contact = $2`, keys.Record.Agency, keys.Record.ID)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := r.witness(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE referrals SET sealed_release = $3 WHERE agency = $1 AND id = $2`,
			r.Agency, r.ID, keys.Again(r.place(), r.release)); err != nil {
			return err
		}
		if err := r.resealEvents(ctx, tx, keys); err != nil {
			return err
		}
		is, err := StateOf(ctx, tx, r.Agency, r.ID)
		if err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, r.Agency, audit.Entry{Action: "keys.renewed", Record: r.ID, Was: r.was, Is: is}); err != nil {
			return err
		}
	}
	return nil
}

func (r *row) resealEvents(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error {
	events, err := r.sealedEvents(ctx, tx)
	if err != nil {
		return err
	}
	for _, e := range events {
		if _, err := tx.Exec(ctx, `UPDATE referral_events SET sealed = $4 WHERE referral = $1 AND agency = $2 AND seq = $3`,
			r.ID, r.Agency, e.seq, keys.Again(r.eventPlace(e.seq), e.sealed)); err != nil {
			return err
		}
	}
	return nil
}
