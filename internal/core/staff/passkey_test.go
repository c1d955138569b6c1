package staff_test

import (
	"context"
	"testing"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// On both engines a challenge counts once and at its own agency, and a passkey
// opens its own account's key with its own PRF, until it is taken away.
func TestPasskeysAndChallenges(t *testing.T) {
	seal.UseCheapCosts()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		audittest.Make(t, d, "home")
		sue, err := staff.Prepare(t.Context(), "home", "Sue", staff.Supervisor, "correct horse battery")
		if err != nil {
			t.Fatal(err)
		}
		prf, other := make([]byte, 32), make([]byte, 32)
		other[0] = 1
		key := &webauthn.Credential{ID: []byte("a passkey"), Flags: webauthn.CredentialFlags{UserVerified: true}}
		unverified := &webauthn.Credential{ID: key.ID}
		err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := sue.Insert(ctx, tx, ""); err != nil {
				return err
			}
			token, err := staff.KeepChallenge(ctx, tx, "home", "passkey", &webauthn.SessionData{Challenge: "c"})
			if err != nil {
				return err
			}
			var asked webauthn.SessionData
			if err := staff.TakeChallenge(ctx, tx, "elsewhere", "passkey", token, &asked); !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("another agency took it: %v", err)
			}
			if err := staff.TakeChallenge(ctx, tx, "home", "identity", token, &asked); !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("another purpose took it: %v", err)
			}
			if err := staff.TakeChallenge(ctx, tx, "home", "passkey", token, &asked); err != nil || asked.Challenge != "c" {
				t.Errorf("%v %v", asked, err)
			}
			if err := staff.TakeChallenge(ctx, tx, "home", "passkey", token, &asked); !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("it counted twice: %v", err)
			}

			if token, err = staff.SignIn(ctx, tx, sue.Person, sue.Pair); err != nil {
				return err
			}
			s, err := staff.Find(ctx, tx, token)
			if err != nil {
				return err
			}
			if err := s.AddPasskey(ctx, tx, unverified, prf, ""); !errs.Is(err, errs.Invalid) {
				t.Errorf("one that does not verify its holder was kept: %v", err)
			}
			if err := s.AddPasskey(ctx, tx, key, prf, "Firefox"); err != nil {
				return err
			}
			opens := func(key *webauthn.Credential, prf []byte) bool {
				pair, err := staff.UnlockWithPasskey(ctx, tx, sue.Person, key, prf)
				if err != nil && !errs.Is(err, errs.Unauthenticated) {
					t.Error(err)
				}
				return err == nil && string(pair.Seed()) == string(sue.Pair.Seed())
			}
			if !opens(key, prf) || opens(key, other) || opens(key, nil) || opens(unverified, prf) {
				t.Error("it opens with what it should not, or does not open with what it should")
			}
			k, err := staff.ReadKeyholder(ctx, tx, sue.Person)
			if err != nil || len(k.Passkeys) != 1 || k.Passkeys[0].Browser != "Firefox" {
				t.Errorf("%+v %v", k, err)
			}
			if err := s.EndPasskey(ctx, tx, k.Passkeys[0].ID); err != nil {
				return err
			}
			if opens(key, prf) {
				t.Error("one that was taken away opens")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}, audit.Migrations, keyring.Migrations, staff.Migrations)
}

// Whoever asks for challenges without end keeps nobody from their passkeys: the
// oldest make room.
func TestChallengesWithoutEndKeepNobodyOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		audittest.Make(t, d, "home")
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
				INSERT INTO staff_challenges (token_hash, agency, created, session) SELECT 'flood ' || i, 'home', CAST($1 AS BIGINT) + i, '{}' FROM n`, db.Micros(tx.Now)-30_000)
			if err != nil {
				return err
			}
			token, err := staff.KeepChallenge(ctx, tx, "home", "passkey", "mine")
			if err != nil {
				return err
			}
			var oldest, newest, all int
			err = tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM staff_challenges WHERE token_hash = 'flood 1'),
				(SELECT COUNT(*) FROM staff_challenges WHERE token_hash = 'flood 20000'), (SELECT COUNT(*) FROM staff_challenges)`).Scan(&oldest, &newest, &all)
			if oldest != 0 || newest != 1 || all >= 20_000 {
				t.Errorf("oldest %d, newest %d, %d in all", oldest, newest, all)
			}
			var asked string
			if err := staff.TakeChallenge(ctx, tx, "home", "passkey", token, &asked); err != nil || asked != "mine" {
				t.Errorf("what was asked last is not there: %v", err)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}, audit.Migrations, keyring.Migrations, staff.Migrations)
}
