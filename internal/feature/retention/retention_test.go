package retention

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

func TestNothingIsDeletedBeforeSomebodyAcceptedTheRules(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.closed()
		o.days(20 * 365)
		o.run()
		p, err := o.Plan(t.Context())
		o.ok(err)
		if !o.there(id) || p.Terms.Version != 0 {
			t.Fatalf("deleted by rules that nobody has accepted: %+v", p)
		}
		// The plan shows what would be, if somebody accepted them now.
		if l := p.line(Told, Whole); l.Soon != 1 {
			t.Errorf("the plan says %+v", l)
		}
		t0, err := o.Terms(t.Context())
		o.ok(err)
		o.ok(o.SetTerms(t.Context(), o.admin, t0))
		o.run()
		if !o.there(id) {
			t.Error("deleted without notice")
		}
		list, _, err := o.Notices(t.Context(), o.super)
		o.ok(err)
		if len(list) != 1 || list[0].ID != id || list[0].Part != Whole || !list[0].At.Equal(o.now.Add(days(14))) {
			t.Errorf("on the desk stands %+v", list)
		}
		o.days(14)
		o.run()
		if o.there(id) {
			t.Error("still there after rule and notice")
		}
	})
}

func (p Plan) line(k Kind, part Part) Line {
	i := slices.IndexFunc(p.Lines, func(l Line) bool { return l.Kind == k && l.Part == part })
	return p.Lines[i]
}

func TestAHoldKeepsAndSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		id := o.closed()
		o.accept(30)
		h := Hold{ID: ids.New(), Contact: id, Reason: "order 14/26 of the district court"}
		o.refused(o.Hold(ctx, o.super, Hold{ID: ids.New(), Contact: id}), "retention.error.reason")
		o.refused(o.Hold(ctx, o.super, Hold{ID: ids.New(), Contact: id, Reason: "x", Until: o.now}), "retention.error.until")
		o.refused(o.Hold(ctx, o.super, Hold{ID: ids.New(), Contact: ids.New(), Reason: "x"}), "error.not_found")
		o.ok(o.Hold(ctx, o.super, h))
		o.ok(o.Hold(ctx, o.super, h)) // the form came again
		list, err := o.Holds(ctx, o.super, "")
		o.ok(err)
		if len(list) != 1 || list[0].Reason != h.Reason || list[0].Staff != o.super.Person.ID {
			t.Fatalf("holds: %+v", list)
		}
		o.days(1000)
		o.run()
		notices, _, err := o.Notices(ctx, o.super)
		o.ok(err)
		if !o.there(id) || len(notices) != 1 || !notices[0].Held {
			t.Fatalf("held, and there is %v, %+v", o.there(id), notices)
		}
		o.ok(o.Lift(ctx, o.super, id, h.ID, "the court is done"))
		o.refused(o.Lift(ctx, o.super, id, h.ID, "again"), "retention.error.lifted")
		o.run()
		o.days(13)
		o.run()
		if !o.there(id) {
			t.Error("deleted without notice after the hold")
		}
		o.days(1)
		o.run()
		if o.there(id) {
			t.Error("still there after the notice")
		}
		if all := fmt.Sprint(o.log.All()); !strings.Contains(all, "retention.hold held") || !strings.Contains(all, "the court is done") || !strings.Contains(all, "retention.edit shredded") {
			t.Errorf("the log has %s", all)
		}
	})
}

func TestTheCertificateSaysNumbersAndIsSigned(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		var gone []string
		for range 3 {
			gone = append(gone, o.closed())
		}
		referred := o.closed()
		r := o.records[referred]
		r.Referred = true
		o.records[referred] = r
		o.accept(30)
		o.days(100)
		o.run()
		list, err := o.Certificates(ctx)
		o.ok(err)
		if len(list) != 1 || fmt.Sprint(list[0].Counts) != "[{contact record 30 3} {referred record 30 1}]" {
			t.Fatalf("certificates: %+v", list)
		}
		key, err := audit.Verifier(ctx, o.DB, "home")
		o.ok(err)
		v, err := note.NewVerifier(key)
		o.ok(err)
		n, err := note.Open([]byte(list[0].Note), note.VerifierList(v))
		o.ok(err)
		for _, want := range []string{"clew retention certificate\n", "\ncontact record, closed for 30 days: 3\n", "\nreferred record, closed for 30 days: 1\n", "\nlog "} {
			if !strings.Contains(n.Text, want) {
				t.Errorf("it does not say %q: %s", want, n.Text)
			}
		}
		for _, id := range gone {
			if strings.Contains(n.Text, id) {
				t.Error("it names a contact")
			}
		}
		o.days(1)
		o.run() // nothing is due: no certificate of nothing
		if again, err := o.Certificates(ctx); err != nil || len(again) != 1 {
			t.Errorf("%d certificates, %v", len(again), err)
		}
		if broken, err := audit.Verify(ctx, o.DB, "home", nil); err != nil || !broken.Whole() {
			t.Errorf("the log: %+v %v", broken, err)
		}
	})
}

// TestARunThatWasKilledIsDoneAgain stops the run in the midst: what it deleted
// is counted once, and the next run does the rest with one certificate.
func TestARunThatWasKilledIsDoneAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for range 6 {
			o.closed()
		}
		o.accept(30)
		o.days(100)
		ctx, kill := context.WithCancel(t.Context())
		shred, n := o.Shred[0], 0
		o.Shred = append(o.Shred, func(context.Context, *db.Tx, string, string) error {
			if n++; n < 3 {
				return nil
			}
			kill()
			return context.Canceled // what it did of this one is not kept
		})
		if err := o.Run(ctx); err == nil {
			t.Fatal("it was not killed")
		}
		left := len(o.records)
		if left != 4 {
			t.Fatalf("%d are left, so nothing was tried", left)
		}
		o.Shred = []func(context.Context, *db.Tx, string, string) error{shred}
		o.run()
		list, err := o.Certificates(t.Context())
		o.ok(err)
		if len(o.records) != 0 || len(list) != 1 || list[0].Counts[0].N != 6 {
			t.Errorf("%d left, certificates %+v", len(o.records), list)
		}
	})
}
