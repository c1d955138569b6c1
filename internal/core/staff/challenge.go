package staff

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Limits of what waits for an answer.
const (
	maxAsked     = 20_000 // anybody may ask
	askedForgot  = 1_000  // at once, where there are more
	challengeFor = 5 * time.Minute
)

// KeepChallenge keeps what was asked of a browser until it answers, under a token. One that
// was kept for a purpose is there for no other. Where too many wait, the oldest are
// forgotten: whoever asks without end must not keep a shift from its passkeys.
func KeepChallenge(ctx context.Context, tx *db.Tx, agency, purpose string, asked any) (token string, err error) {
	defer errs.Wrap(&err, "staff.KeepChallenge")
	var n int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM staff_challenges`).Scan(&n); err != nil {
		return "", err
	}
	if n >= maxAsked {
		_, err := tx.Exec(ctx, `DELETE FROM staff_challenges WHERE token_hash IN (SELECT token_hash FROM staff_challenges ORDER BY created, token_hash LIMIT $1)`, askedForgot)
		if err != nil {
			return "", err
		}
	}
	b, err := json.Marshal(asked)
	if err != nil {
		return "", err
	}
	token = newToken()
	_, err = tx.Exec(ctx, `INSERT INTO staff_challenges (token_hash, agency, created, session) VALUES ($1, $2, $3, $4)`,
		hashToken(purpose+" "+token), agency, db.Micros(tx.Now), string(b))
	return token, err
}

// ReadChallenge gives what KeepChallenge kept. One that is not there, or too old, is
// errs.Unauthenticated.
func ReadChallenge(ctx context.Context, tx *db.Tx, agency, purpose, token string, asked any) (err error) {
	defer errs.Wrap(&err, "staff.ReadChallenge")
	return challenge(ctx, tx, `SELECT session FROM staff_challenges WHERE token_hash = $1 AND agency = $2 AND created > $3`, agency, purpose, token, asked)
}

// TakeChallenge is ReadChallenge, once.
func TakeChallenge(ctx context.Context, tx *db.Tx, agency, purpose, token string, asked any) (err error) {
	defer errs.Wrap(&err, "staff.TakeChallenge")
	return challenge(ctx, tx, `DELETE FROM staff_challenges WHERE token_hash = $1 AND agency = $2 AND created > $3 RETURNING session`, agency, purpose, token, asked)
}

func challenge(ctx context.Context, tx *db.Tx, query, agency, purpose, token string, asked any) error {
	var stored string
	err := tx.QueryRow(ctx, query, hashToken(purpose+" "+token), agency, db.Micros(tx.Now.Add(-challengeFor))).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		return errs.New(errs.Unauthenticated, "", nil)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(stored), asked)
}
