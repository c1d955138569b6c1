package quorum

import (
	"context"
	"strings"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// place binds what an officer gives to what they gave it for: once another
// account, key or time stands in the request's row, it opens for nobody.
func (r Request) place() seal.Place {
	return seal.Place{Agency: r.Agency, Record: r.ID + " " + r.terms(), Table: "quorum_releases"}
}

// give takes a share, sealed to the key that stands in the request's row. held is
// nil, or the key of the server that does it: then that has to be the same.
func give(ctx context.Context, tx *db.Tx, who staff.Person, pair *seal.Pair, held *seal.Pair, request, typed string) error {
	r, err := Get(ctx, tx, who.Agency, request)
	if err != nil {
		return err
	}
	set, there, err := Current(ctx, tx, who.Agency)
	if err != nil {
		return err
	}
	o, officer := set.Officer(who.ID)
	if !there || !officer {
		return errs.New(errs.NotFound, "", nil)
	}
	if r.State != Open || r.set != set.ID || !tx.Now.Before(r.Until()) {
		return errs.New(errs.Conflict, "recovery.error.over", nil)
	}
	if r.Waits(tx.Now) {
		return errs.New(errs.Conflict, "recovery.error.too_early", nil)
	}
	if stands, err := r.stands(ctx, tx); err != nil || !stands {
		return errs.First(err, errs.New(errs.Conflict, "recovery.error.changed", nil))
	}
	share, err := set.share(o, pair, typed)
	if err != nil {
		return err
	}
	if r.publicKey == nil || tx.Now.Sub(r.held) > staleAfter || held != nil && !r.sealedTo(held) {
		return errs.New(errs.Unavailable, "recovery.error.no_server", nil)
	}
	to, err := seal.ParsePublic(r.publicKey)
	if err != nil {
		return err
	}
	sealed, err := seal.Wrap(to, r.place(), o.ID, share.value[:])
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO quorum_releases (agency, request, number, sealed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (request, number) DO UPDATE SET sealed = excluded.sealed`, r.Agency, r.ID, o.Number, sealed); err != nil {
		return err
	}
	return write(ctx, tx, who.Agency, audit.Entry{Staff: who.ID, Action: string(staff.UseRecovery) + " gave", Record: r.Account})
}

// share is an officer's own, opened with their key or read from what they
// typed. The error of a wrong one says in words what it is instead.
func (s Set) share(o Officer, pair *seal.Pair, typed string) (share Share, err error) {
	if strings.TrimSpace(typed) == "" {
		value, err := pair.Unwrap(s.place(), o.ID, o.sealed)
		if err != nil || len(value) != valueSize {
			return share, errs.In("share", "recovery.error.other_key")
		}
		share = Share{Set: s.ID, Number: o.Number, value: [valueSize]byte(value)}
	} else if share, err = readPaper(s.ID, typed); err != nil {
		return share, err
	}
	if share.is(o.commitment) && share.Number == o.Number {
		return share, nil
	}
	for _, other := range s.Officers {
		if share.is(other.commitment) {
			return share, errs.In("share", wordOthers)
		}
	}
	return share, errs.In("share", wordForeign)
}

// opened are the shares that were given, opened with the request's key.
func (r Request) opened(ctx context.Context, tx *db.Tx, set Set, pair *seal.Pair) (shares []Share, err error) {
	rows, err := tx.Query(ctx, `SELECT number, sealed FROM quorum_releases WHERE request = $1 ORDER BY number`, r.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var sealed []byte
		if err := rows.Scan(&n, &sealed); err != nil {
			return nil, err
		}
		if n < 1 || n > len(set.Officers) {
			return nil, errs.New(errs.Conflict, wordForeign, nil)
		}
		o := set.Officers[n-1]
		value, err := pair.Unwrap(r.place(), o.ID, sealed)
		if err != nil || len(value) != valueSize {
			return nil, errs.New(errs.Conflict, wordForeign, err)
		}
		share := Share{Set: set.ID, Number: n, value: [valueSize]byte(value)}
		if !share.is(o.commitment) {
			return nil, errs.New(errs.Conflict, wordForeign, nil)
		}
		shares = append(shares, share)
	}
	return shares, rows.Err()
}

// Print gives an officer their own share, to write down or print, from their
// own session.
func Print(ctx context.Context, tx *db.Tx, who staff.Person, pair *seal.Pair) (share Share, err error) {
	defer errs.Wrap(&err, "quorum.Print")
	set, _, err := Current(ctx, tx, who.Agency)
	if err != nil {
		return share, err
	}
	o, officer := set.Officer(who.ID)
	if !officer {
		return share, errs.New(errs.NotFound, "", nil)
	}
	if share, err = set.share(o, pair, ""); err != nil {
		return share, errs.New(errs.Conflict, errs.Of(err).Word, nil)
	}
	if _, err := tx.Exec(ctx, `UPDATE quorum_officers SET printed = $3 WHERE set_id = $1 AND number = $2`, set.ID, o.Number, tx.Now); err != nil {
		return share, err
	}
	return share, write(ctx, tx, who.Agency, audit.Entry{Staff: who.ID, Action: string(staff.UseRecovery) + " printed"})
}
