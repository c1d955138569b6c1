package staff

import (
	"context"
	"strings"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Change is another pass phrase for an account, its key already sealed.
type Change struct {
	was    []byte // the sealed key that the old pass phrase opened
	pair   *seal.Pair
	cost   seal.Cost
	sealed []byte
}

// PrepareChange checks the old pass phrase and seals the key under the new
// one, which must outlast guessing by who knows the words in known. It takes as long as two sign-ins, so it runs before the transaction.
//
// Whoever made a fresh account's pass phrase could have opened its key, so
// that account gets a new key. Nothing is lost: a fresh account is in no group.
func (s *Session) PrepareChange(ctx context.Context, d *db.DB, old, passphrase string, known ...string) (c Change, err error) {
	defer errs.Wrap(&err, "staff.PrepareChange")
	if err := checkPassphrase(passphrase, s.Person.Name, known...); err != nil {
		return c, err
	}
	if strings.TrimSpace(old) == strings.TrimSpace(passphrase) {
		return c, errs.In("passphrase", "staff.error.same")
	}
	if c.pair, err = s.Unlock(ctx, d, old); err != nil {
		return c, err
	}
	c.was = s.Person.opened
	if s.Person.Fresh {
		if c.pair, err = seal.NewPair(); err != nil {
			return c, err
		}
	}
	c.cost = seal.NewCost()
	unlock, err := unlockKey(ctx, seal.Inside, passphrase, c.cost)
	if err != nil {
		return c, err
	}
	c.sealed = unlock.Seal(s.Person.place(), c.pair.Seed())
	return c, nil
}

// Save keeps a prepared change and ends the account's other sessions: somebody
// else may have opened them. token is that of the session that goes on.
func (c Change) Save(ctx context.Context, tx *db.Tx, s *Session, token string) (err error) {
	defer errs.Wrap(&err, "staff.Change")
	p := s.Person
	was, err := StateOf(ctx, tx, p.Agency, p.ID)
	if err != nil {
		return err
	}
	// Not over what somebody else has done meanwhile: an account that was closed,
	// or got another key because its pass phrase was lost, stays that.
	n, err := tx.Exec(ctx, `UPDATE staff SET cost = $3, sealed_seed = $4, public_key = $5, fresh = 0
		WHERE agency = $1 AND id = $2 AND sealed_seed = $6 AND disabled = 0`,
		p.Agency, p.ID, c.cost.Encode(), c.sealed, c.pair.Public().Bytes(), c.was)
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.New(errs.Unauthenticated, "", nil)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM staff_sessions WHERE staff = $1 AND token_hash <> $2`, p.ID, s.hash); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM staff_halfway WHERE staff = $1`, p.ID); err != nil {
		return err
	}
	on := *s // and not s: the transaction may run again
	on.Person.opened = c.sealed
	if err := on.Resume(ctx, tx, token, c.pair); err != nil {
		return err
	}
	return audit.Write(ctx, tx, p.Agency, audit.Entry{
		Staff: p.ID, Action: string(ChangePassphrase), Record: p.ID, Was: was, Is: stateOf(c.pair.Public().Bytes()),
	})
}
