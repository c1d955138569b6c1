package staff

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Limits of passkeys.
const (
	maxPasskeys = 20 // of one account
	prfSize     = 32 // bytes that a passkey's PRF gives
)

// Passkey is one of an account's, as its owner sees it.
type Passkey struct {
	ID            string
	Browser       string // in which it was made
	Created, Used time.Time

	credential webauthn.Credential
}

// Keyholder is an account as the library for passkeys knows it.
type Keyholder struct {
	Person
	Passkeys []Passkey
}

// WebAuthnID is the account's id.
func (k Keyholder) WebAuthnID() []byte { return []byte(k.ID) }

// WebAuthnName is the sign-in name.
func (k Keyholder) WebAuthnName() string { return k.Name }

// WebAuthnDisplayName is the sign-in name too.
func (k Keyholder) WebAuthnDisplayName() string { return k.Name }

// WebAuthnCredentials are the public halves of the account's passkeys.
func (k Keyholder) WebAuthnCredentials() (list []webauthn.Credential) {
	for _, p := range k.Passkeys {
		list = append(list, p.credential)
	}
	return list
}

// ReadKeyholder gives an account with its passkeys.
func ReadKeyholder(ctx context.Context, tx *db.Tx, p Person) (k Keyholder, err error) {
	defer errs.Wrap(&err, "staff.ReadKeyholder")
	k.Person = p
	rows, err := tx.Query(ctx, `SELECT id, browser, created, used, credential FROM staff_passkeys WHERE agency = $1 AND staff = $2 ORDER BY created LIMIT 100`, p.Agency, p.ID)
	if err != nil {
		return k, err
	}
	defer rows.Close()
	for rows.Next() {
		var key Passkey
		var created, used int64
		var credential string
		if err := rows.Scan(&key.ID, &key.Browser, &created, &used, &credential); err != nil {
			return k, err
		}
		if err := json.Unmarshal([]byte(credential), &key.credential); err != nil {
			return k, err
		}
		key.Created, key.Used = db.Time(created), db.Time(used)
		k.Passkeys = append(k.Passkeys, key)
	}
	return k, rows.Err()
}

// AddPasskey lets a passkey that was just made open the colleague's key: prf is
// what its PRF gives.
func (s *Session) AddPasskey(ctx context.Context, tx *db.Tx, made *webauthn.Credential, prf []byte, browser string) (err error) {
	defer errs.Wrap(&err, "staff.AddPasskey")
	if len(prf) != prfSize || !made.Flags.UserVerified {
		return errs.In("", "staff.error.passkey")
	}
	if err := s.Person.still(ctx, tx, s.Pair); err != nil {
		return err
	}
	k, err := ReadKeyholder(ctx, tx, s.Person)
	if err != nil {
		return err
	}
	if len(k.Passkeys) >= maxPasskeys {
		return errs.In("", "staff.error.passkeys")
	}
	b, err := json.Marshal(made)
	if err != nil {
		return err
	}
	id := passkeyID(made.ID)
	_, err = tx.Exec(ctx, `INSERT INTO staff_passkeys (id, agency, staff, browser, created, used, credential, sealed_seed) VALUES ($1, $2, $3, $4, $5, $5, $6, $7)`,
		id, s.Person.Agency, s.Person.ID, browser, db.Micros(tx.Now), string(b),
		seal.Derive(prf, "passkey").Seal(passkeyPlace(s.Person, id), s.Pair.Seed()))
	if err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: string(ChangePassphrase) + " passkey-on", Record: s.Person.ID})
}

// EndPasskey takes one of the colleague's own passkeys away.
func (s *Session) EndPasskey(ctx context.Context, tx *db.Tx, id string) (err error) {
	defer errs.Wrap(&err, "staff.EndPasskey")
	if _, err := tx.Exec(ctx, `DELETE FROM staff_passkeys WHERE staff = $1 AND id = $2`, s.Person.ID, id); err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: string(ChangePassphrase) + " passkey-off", Record: s.Person.ID})
}

// UnlockWithPasskey opens an account's key with a passkey that has just signed, and
// notes its use. Whatever is wrong is errs.Unauthenticated.
func UnlockWithPasskey(ctx context.Context, tx *db.Tx, p Person, signed *webauthn.Credential, prf []byte) (pair *seal.Pair, err error) {
	defer errs.Wrap(&err, "staff.UnlockWithPasskey")
	refused := errs.New(errs.Unauthenticated, "staff.error.signin", nil)
	id := passkeyID(signed.ID)
	var sealed []byte
	err = tx.QueryRow(ctx, `SELECT sealed_seed FROM staff_passkeys WHERE id = $1 AND agency = $2 AND staff = $3`, id, p.Agency, p.ID).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (len(prf) != prfSize || !signed.Flags.UserVerified || signed.Authenticator.CloneWarning) {
		return nil, refused
	}
	if err != nil {
		return nil, err
	}
	seed, err := seal.Derive(prf, "passkey").Open(passkeyPlace(p, id), sealed)
	if err != nil {
		return nil, refused
	}
	if pair, err = seal.PairFromSeed(seed); err != nil {
		return nil, err
	}
	if err := p.still(ctx, tx, pair); err != nil {
		return nil, err
	}
	b, err := json.Marshal(signed)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE staff_passkeys SET used = $2, credential = $3 WHERE id = $1`, id, db.Micros(tx.Now), string(b))
	return pair, err
}

// Refused counts that somebody was turned away at the door without a name.
func Refused(d *db.DB, agency string) {
	triesOf(d).refuse(agency)
}

func passkeyID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func passkeyPlace(p Person, id string) seal.Place {
	return seal.Place{Agency: p.Agency, Record: p.ID, Table: "staff_passkeys", Row: id}
}
