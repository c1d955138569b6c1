package app

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// The whole program's records are as the log says, until somebody who writes into
// the database takes something out of one.
func TestRecordsAreWhatTheLogSays(t *testing.T) {
	g := opened(t)
	sol := g.as(string(staff.Supervisor))
	id := g.contact("own", sol)
	referral := g.referral("own", sol)
	for path, body := range map[string]string{
		"/staff/contacts/" + id + "/say":   "kind=note&text=hello",
		"/staff/contacts/" + id + "/group": "to=" + g.circle,
		"/staff/referrals/" + referral:     "step=sent&note=hello",
	} {
		if got := g.ask(sol, http.MethodPost, path, body); got.status != http.StatusSeeOther {
			t.Fatalf("%s: %d %.300s", path, got.status, got.body)
		}
	}
	verify := func(by string) (string, error) {
		var out bytes.Buffer
		err := verifyLog(t.Context(), g.app, logArgs{By: by, Passphrase: "a long pass phrase"}, &out)
		return out.String(), err
	}
	told, err := verify(sol.session.Person.Name)
	if err != nil || !strings.Contains(told, "as they were written last: 6") {
		t.Fatalf("%v\n%s", err, told)
	}
	if _, err := verify("The advocate"); err == nil {
		t.Error("who does not read the log compares with it")
	}
	for _, q := range []string{
		`DELETE FROM contact_messages WHERE contact = $1 AND seq = 2`,
		`DELETE FROM referral_events WHERE referral = $1 AND seq = 2`,
		`DELETE FROM referrals WHERE id = $1`,
	} {
		which := id
		if strings.Contains(q, "referral") {
			which = referral
		}
		g.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, q, which)
			return err
		})
		if told, err := verify(sol.session.Person.Name); err == nil || !strings.Contains(told, strings.ToUpper(which)) {
			t.Errorf("after %s: %v\n%s", q, err, told)
		}
	}
}

// Whoever writes into the database can give a group a key of theirs, with all that
// belongs to it: a wrap to a colleague needs nobody's key. The group opens then as
// always; the log says that the program did not do it.
func TestAGroupsKeyThatTheProgramDidNotGiveIsFound(t *testing.T) {
	for name, forge := range map[string]func(ctx context.Context, tx *db.Tx, g keyring.Group, people []staff.Person) error{
		"the next key": func(ctx context.Context, tx *db.Tx, g keyring.Group, people []staff.Person) error {
			var members []keyring.Member
			for _, p := range people {
				members = append(members, keyring.Member{ID: p.ID, Public: p.Public})
			}
			_, err := g.Turn(ctx, tx, members)
			return err
		},
		"a swapped half": func(ctx context.Context, tx *db.Tx, g keyring.Group, _ []staff.Person) error {
			thief, err := seal.NewPair()
			if err != nil {
				return err
			}
			for _, q := range []string{`UPDATE key_groups SET public_key = $1 WHERE id = $2`, `UPDATE key_epochs SET public_key = $1 WHERE owner = $2`} {
				if _, err := tx.Exec(ctx, q, thief.Public().Bytes(), g.ID); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := opened(t)
			sol := g.as(string(staff.Supervisor))
			verify := func() (string, error) {
				var out bytes.Buffer
				err := verifyLog(t.Context(), g.app, logArgs{By: sol.session.Person.Name, Passphrase: "a long pass phrase"}, &out)
				return out.String(), err
			}
			if told, err := verify(); err != nil {
				t.Fatalf("%v\n%s", err, told)
			}
			var intake keyring.Group
			g.update(func(ctx context.Context, tx *db.Tx) (err error) {
				if intake, err = keyring.Find(ctx, tx, homeAgency, keyring.Intake); err != nil {
					return err
				}
				people, err := staff.List(ctx, tx, homeAgency)
				if err != nil {
					return err
				}
				return forge(ctx, tx, intake, people)
			})
			if told, err := verify(); err == nil || !strings.Contains(told, strings.ToUpper(intake.ID)) {
				t.Errorf("%v\n%s", err, told)
			}
		})
	}
}
