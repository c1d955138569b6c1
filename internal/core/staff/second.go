package staff

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/lib/totp"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// RecoveryCodes is how many somebody gets who sets up a second step.
const RecoveryCodes = 10

// A recovery code has ten of 32 letters, 50 random bits. What is kept of it is a
// MAC under the colleague's own key, so who has a copy of the disk has nothing to
// try it against; and at the door a few are tried a minute at most.
const recoveryLetters = 10

// Second is what an account's second step is like.
type Second struct {
	On    bool
	Codes int  // recovery codes that were not used yet
	Must  bool // the role must have one

	Passkeys bool // there is a passkey, which is two steps in one
	Identity bool // the organisation's own provider takes the place of the code
}

// ReadSecond tells what an account's second step is like.
func ReadSecond(ctx context.Context, tx *db.Tx, p Person) (s Second, err error) {
	defer errs.Wrap(&err, "staff.ReadSecond")
	err = tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM staff_second WHERE staff = $1), (SELECT COUNT(*) FROM staff_recovery_codes WHERE staff = $1),
		(SELECT COUNT(*) > 0 FROM staff_passkeys WHERE staff = $1)`, p.ID).
		Scan(&s.On, &s.Codes, &s.Passkeys)
	if err != nil {
		return s, err
	}
	rules, err := ReadRules(ctx, tx, p.Agency)
	s.Must, s.Identity = rules.Second[p.Role], rules.Identity[p.Role]
	return s, err
}

// EnrolSecond turns the second step on for who is signed in, once they have shown
// with a code that their authenticator has the secret. It gives the recovery codes,
// which are kept nowhere as they are.
func (s *Session) EnrolSecond(ctx context.Context, tx *db.Tx, secret []byte, code string) (codes []string, err error) {
	defer errs.Wrap(&err, "staff.EnrolSecond")
	step, ok := totp.Match(secret, code, tx.Now)
	if !ok {
		return nil, errs.In("code", "staff.error.code")
	}
	if err := s.Person.still(ctx, tx, s.Pair); err != nil {
		return nil, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO staff_second (staff, agency, sealed, created, last_step) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (staff) DO NOTHING`,
		s.Person.ID, s.Person.Agency, ownKey(s.Pair, "second step").Seal(secondPlace(s.Person), secret), db.Micros(tx.Now), step)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, errs.New(errs.Conflict, "staff.error.second", nil)
	}
	if codes, err = s.makeRecoveryCodes(ctx, tx); err != nil {
		return nil, err
	}
	return codes, s.Log(ctx, tx, audit.Entry{Action: string(ChangePassphrase) + " second-on", Record: s.Person.ID})
}

// RenewRecoveryCodes makes other recovery codes; those before count no more. The
// caller has asked for the pass phrase again.
func (s *Session) RenewRecoveryCodes(ctx context.Context, tx *db.Tx) (codes []string, err error) {
	defer errs.Wrap(&err, "staff.RenewRecoveryCodes")
	second, err := ReadSecond(ctx, tx, s.Person)
	if err != nil {
		return nil, err
	}
	if !second.On {
		return nil, errs.New(errs.NotFound, "", nil)
	}
	if codes, err = s.makeRecoveryCodes(ctx, tx); err != nil {
		return nil, err
	}
	return codes, s.Log(ctx, tx, audit.Entry{Action: string(ChangePassphrase) + " codes", Record: s.Person.ID})
}

func (s *Session) makeRecoveryCodes(ctx context.Context, tx *db.Tx) (codes []string, err error) {
	if _, err := tx.Exec(ctx, `DELETE FROM staff_recovery_codes WHERE staff = $1`, s.Person.ID); err != nil {
		return nil, err
	}
	for range RecoveryCodes {
		var b [10]byte
		rand.Read(b[:])
		c := letters.EncodeToString(b[:])[:recoveryLetters]
		codes = append(codes, c[:5]+"-"+c[5:])
		_, err := tx.Exec(ctx, `INSERT INTO staff_recovery_codes (agency, staff, mac) VALUES ($1, $2, $3)`,
			s.Person.Agency, s.Person.ID, recoveryMAC(s.Pair, c))
		if err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// EndSecond turns the second step off, with its recovery codes. The caller has
// asked for the pass phrase again.
func (s *Session) EndSecond(ctx context.Context, tx *db.Tx) (err error) {
	defer errs.Wrap(&err, "staff.EndSecond")
	if err := dropSecond(ctx, tx, s.Person.ID); err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: string(ChangePassphrase) + " second-off", Record: s.Person.ID})
}

// dropSecond forgets what proves somebody besides their pass phrase.
func dropSecond(ctx context.Context, tx *db.Tx, id string) error {
	for _, table := range []string{"staff_second", "staff_recovery_codes", "staff_halfway"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE staff = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

// dropPasskeys forgets what opens a key besides the pass phrase.
func dropPasskeys(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM staff_passkeys WHERE staff = $1`, id)
	return err
}

// prove says whether a code is right and was not used before: six digits of the
// authenticator, or a recovery code. Taking it is one statement, so that of two
// who send the same one at once, to whichever node, only one gets in.
func (p Person) prove(ctx context.Context, tx *db.Tx, pair *seal.Pair, code string) (bool, error) {
	if len(code) > 100 {
		return false, nil
	}
	var sealed []byte
	err := tx.QueryRow(ctx, `SELECT sealed FROM staff_second WHERE staff = $1`, p.ID).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	secret, err := ownKey(pair, "second step").Open(secondPlace(p), sealed)
	if err != nil {
		return false, err
	}
	if step, ok := totp.Match(secret, code, tx.Now); ok {
		n, err := tx.Exec(ctx, `UPDATE staff_second SET last_step = $2 WHERE staff = $1 AND last_step < $2`, p.ID, step)
		return n == 1, err
	}
	plain := strings.ToLower(totp.Plain(code))
	n, err := tx.Exec(ctx, `DELETE FROM staff_recovery_codes WHERE staff = $1 AND mac = $2`, p.ID, recoveryMAC(pair, plain))
	return n == 1, err
}

func recoveryMAC(pair *seal.Pair, plain string) string {
	key := ownKey(pair, "recovery codes")
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(plain))
	return hex.EncodeToString(mac.Sum(nil))
}

// ownKey is a key that only who has opened an account's key has.
func ownKey(pair *seal.Pair, purpose string) seal.Key {
	return seal.Derive(pair.Seed(), "staff own "+purpose)
}

func secondPlace(p Person) seal.Place {
	return seal.Place{Agency: p.Agency, Record: p.ID, Table: "staff_second", Row: p.ID}
}
