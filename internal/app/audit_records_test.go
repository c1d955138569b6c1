package app

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// verify compares the log with what is there, for a colleague.
func (g *gate) verify(by string) (told string, err error) {
	var out bytes.Buffer
	err = verifyLog(g.t.Context(), g.app, logArgs{By: by, Passphrase: "a long pass phrase"}, &out)
	return out.String(), err
}

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
	told, err := g.verify(sol.session.Person.Name)
	if err != nil || !strings.Contains(told, "as they were written last: 25") {
		t.Fatalf("%v\n%s", err, told)
	}
	if _, err := g.verify("The advocate"); err == nil {
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
		if told, err := g.verify(sol.session.Person.Name); err == nil || !strings.Contains(told, strings.ToUpper(which)) {
			t.Errorf("after %s: %v\n%s", q, err, told)
		}
	}
}

// Whoever writes into the database can put a key of theirs where the program put
// another's, with all that belongs to it: a wrap to a colleague needs nobody's key.
// All opens then as always; the log says that the program did not do it.
func TestAKeyThatTheProgramDidNotGiveIsFound(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openedOn(t, url(t))
			g.officers()
			by := g.as(string(staff.Supervisor)).session.Person.Name
			if told, err := g.verify(by); err != nil {
				t.Fatalf("%v\n%s", err, told)
			}
			for i, f := range g.forgeries() {
				g.update(f.forge)
				told, err := g.verify(by)
				if err == nil || strings.Count(told, "! ") != i+1 || !strings.Contains(told, f.told) {
					t.Errorf("%s: %v\n%s", f.what, err, told)
				}
			}
		})
	}
}

// forgery is what somebody writes into the database, each into another record.
type forgery struct {
	what, told string
	forge      func(ctx context.Context, tx *db.Tx) error
}

func (g *gate) forgeries() []forgery {
	thief, err := seal.NewPair()
	g.ok(err)
	half := thief.Public().Bytes()
	writes := func(args []any, queries ...string) func(context.Context, *db.Tx) error {
		return func(ctx context.Context, tx *db.Tx) error {
			for _, q := range queries {
				if n, err := tx.Exec(ctx, q, args...); err != nil || n == 0 {
					return fmt.Errorf("%s: %d rows: %w", q, n, err)
				}
			}
			return nil
		}
	}
	return []forgery{
		{"a group's next key", "The keys of group", g.turnIntake},
		{"a group's half", strings.ToUpper(g.circle), writes([]any{half, g.circle},
			`UPDATE key_groups SET public_key = $1 WHERE id = $2`, `UPDATE key_epochs SET public_key = $1 WHERE owner = $2`)},
		{"a group of theirs", "The keys of group", func(ctx context.Context, tx *db.Tx) error {
			_, err := keyring.Create(ctx, tx, homeAgency, "Legal", keyring.Member{ID: "thief", Public: thief.Public()})
			return err
		}},
		{"an account's half", "Candidate", writes([]any{half, g.candidate}, `UPDATE staff SET public_key = $1 WHERE id = $2`)},
		{"an account's half, and the program goes on", "Target", func(ctx context.Context, tx *db.Tx) error {
			if err := writes([]any{half, g.target}, `UPDATE staff SET public_key = $1 WHERE id = $2`)(ctx, tx); err != nil {
				return err
			}
			p, err := staff.Get(ctx, tx, homeAgency, g.target)
			if err != nil {
				return err
			}
			n, err := staff.PrepareLost(ctx, p, "another long pass phrase")
			if err != nil {
				return err
			}
			return n.Replace(ctx, tx, "")
		}},
		{"an account of theirs", "Thea", writes([]any{half, g.candidate},
			`INSERT INTO staff (id, agency, name, name_key, role, language, public_key, cost, sealed_seed, created, disabled, fresh)
			SELECT 'thief', agency, 'Thea', 'thea', role, language, $1, cost, sealed_seed, created, 0, 0 FROM staff WHERE id = $2`)},
		{"an officer", "The officers", writes([]any{g.candidate}, `UPDATE quorum_officers SET staff = $1 WHERE number = 2`)},
	}
}

// turnIntake gives the intake group another key, as the program does when somebody
// leaves, and leaves nothing in the log.
func (g *gate) turnIntake(ctx context.Context, tx *db.Tx) error {
	intake, err := keyring.Find(ctx, tx, homeAgency, keyring.Intake)
	if err != nil {
		return err
	}
	people, err := staff.List(ctx, tx, homeAgency)
	if err != nil {
		return err
	}
	var members []keyring.Member
	for _, p := range people {
		members = append(members, keyring.Member{ID: p.ID, Public: p.Public})
	}
	_, err = intake.Turn(ctx, tx, members)
	return err
}
