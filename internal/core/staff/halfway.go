package staff

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Limits of being half way in.
const (
	halfwayFor   = 5 * time.Minute
	halfwayTries = 5 // then the pass phrase is asked for again
)

// Halfway keeps somebody's key while they look for their second step. The token
// goes into a cookie; the key is sealed under it.
func Halfway(ctx context.Context, tx *db.Tx, p Person, pair *seal.Pair) (token string, err error) {
	defer errs.Wrap(&err, "staff.Halfway")
	if err := p.still(ctx, tx, pair); err != nil {
		return "", err
	}
	token = newToken()
	hash := hashToken(token)
	_, err = tx.Exec(ctx, `INSERT INTO staff_halfway (token_hash, agency, staff, created, tries, sealed_seed) VALUES ($1, $2, $3, $4, 0, $5)`,
		hash, p.Agency, p.ID, db.Micros(tx.Now), seal.Derive([]byte(token), "halfway").Seal(halfwayPlace(p, hash), pair.Seed()))
	return token, err
}

// SecondStep takes a code of who is half way in. With the right one the way is
// over, and they may be signed in. A wrong one is errs.Invalid; after the last try,
// or too late, all is errs.Unauthenticated. Each try is counted in a transaction
// that the caller commits, also where the code was wrong: see the result ok.
func SecondStep(ctx context.Context, tx *db.Tx, token, code string) (p Person, pair *seal.Pair, ok bool, err error) {
	defer errs.Wrap(&err, "staff.SecondStep")
	gone := errs.New(errs.Unauthenticated, "", nil)
	hash := hashToken(token)
	// Counting first, in one statement, lets nobody try more by trying at once.
	n, err := tx.Exec(ctx, `UPDATE staff_halfway SET tries = tries + 1 WHERE token_hash = $1 AND tries < $2 AND created > $3`,
		hash, halfwayTries, db.Micros(tx.Now.Add(-halfwayFor)))
	if err != nil {
		return p, nil, false, err
	}
	if n == 0 {
		return p, nil, false, gone
	}
	var agency, id string
	var sealed []byte
	err = tx.QueryRow(ctx, `SELECT agency, staff, sealed_seed FROM staff_halfway WHERE token_hash = $1`, hash).Scan(&agency, &id, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil, false, gone
	}
	if err != nil {
		return p, nil, false, err
	}
	if p, err = Get(ctx, tx, agency, id); err != nil {
		return p, nil, false, err
	}
	seed, err := seal.Derive([]byte(token), "halfway").Open(halfwayPlace(p, hash), sealed)
	if err != nil {
		return p, nil, false, gone
	}
	if pair, err = seal.PairFromSeed(seed); err != nil {
		return p, nil, false, err
	}
	if err := p.still(ctx, tx, pair); err != nil { // closed or changed meanwhile
		return p, nil, false, err
	}
	if ok, err = p.prove(ctx, tx, pair, code); err != nil || !ok {
		return p, nil, false, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM staff_halfway WHERE token_hash = $1`, hash)
	return p, pair, true, err
}

// halfwayOf tells whose way a token is of.
func halfwayOf(ctx context.Context, tx *db.Tx, token string) (agency, id string, err error) {
	err = tx.QueryRow(ctx, `SELECT agency, staff FROM staff_halfway WHERE token_hash = $1`, hashToken(token)).Scan(&agency, &id)
	if errors.Is(err, sql.ErrNoRows) {
		err = errs.New(errs.Unauthenticated, "", nil)
	}
	return agency, id, err
}

func sweepHalfway(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM staff_halfway WHERE created < $1`, db.Micros(tx.Now.Add(-halfwayFor)))
	return err
}

func halfwayPlace(p Person, hash string) seal.Place {
	return seal.Place{Agency: p.Agency, Record: p.ID, Table: "staff_halfway", Row: hash}
}
