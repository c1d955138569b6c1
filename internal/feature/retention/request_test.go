package retention

import (
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/ids"
)

// Somebody who holds the code asks, and takes it back; asks again, and an
// advocate is not sure; and asks at last, is asked over the safe way, and is gone.
func TestWhatThePersonAskedForIsDeleted(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.safe = Safe{Channel: "phone", Address: "+1 555 0100"}
		id := o.closed()
		o.ok(o.Ask(ctx, id))
		o.ok(o.Ask(ctx, id))
		o.ok(o.TakeBack(ctx, id))
		if r, err := o.Asked(ctx, id); r != nil || err != nil {
			t.Fatalf("taken back, and there is %+v %v", r, err)
		}
		o.refused(o.Confirm(ctx, o.super, id, BySafe, "called"), "retention.error.no_request")

		o.ok(o.Ask(ctx, id))
		o.days(30)
		o.run()
		if !o.there(id) {
			t.Fatal("deleted although nobody has confirmed it")
		}
		o.refused(o.Confirm(ctx, o.super, id, ByWord, "said the word"), "retention.error.way")
		o.refused(o.Confirm(ctx, o.super, id, Supervisor, "no way to ask"), "retention.error.way")
		o.ok(o.Decline(ctx, o.super, id, "she did not ask for it"))
		if r, err := o.Asked(ctx, id); err != nil || r.State != Declined {
			t.Fatalf("declined, and it is %+v %v", r, err)
		}

		o.ok(o.Ask(ctx, id))
		o.ok(o.Confirm(ctx, o.super, id, BySafe, "called at 18:00, she wants it"))
		hold := ids.New()
		o.ok(o.Hold(ctx, o.super, Hold{ID: hold, Contact: id, Reason: "an order of a court"}))
		for range 7 {
			o.run()
			o.days(1)
			if !o.there(id) {
				t.Fatal("deleted before seven days were over")
			}
		}
		o.days(1)
		o.run()
		if !o.there(id) {
			t.Fatal("deleted although it is held")
		}
		o.ok(o.Lift(ctx, o.super, id, hold, "the order ended"))
		o.run()
		list, err := o.Certificates(ctx)
		o.ok(err)
		if o.there(id) || len(list) != 1 || !list[0].Counts[0].Asked() || !strings.Contains(list[0].Note, "contact record, the person asked: 1") {
			t.Errorf("there is %v, certificates %+v", o.there(id), list)
		}
	})
}

// Who gave no safe way cannot be asked. A word that they chose does; else a
// supervisor decides, and not before the seven days.
func TestWithoutASafeWayASupervisorDecides(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		advocate := &staff.Session{Person: staff.Person{ID: ids.New(), Agency: "home", Role: staff.Advocate}}
		id := o.closed()
		o.ok(o.Ask(ctx, id))
		o.refused(o.Confirm(ctx, o.super, id, Supervisor, "nobody can be asked"), "retention.error.way")
		o.days(8)
		o.refused(o.Confirm(ctx, advocate, id, Supervisor, "nobody can be asked"), "retention.error.way")
		o.refused(o.Confirm(ctx, o.super, id, Supervisor, ""), "retention.error.reason")
		o.safe.SafeWord = "heron"
		o.refused(o.Confirm(ctx, o.super, id, Supervisor, "nobody can be asked"), "retention.error.way")
		o.safe.SafeWord = ""
		tasks, err := o.Tasks(ctx, o.super)
		o.ok(err)
		if len(tasks) != 1 || !tasks[0].Waited {
			t.Fatalf("tasks: %+v", tasks)
		}
		o.ok(o.Confirm(ctx, o.super, id, Supervisor, "nobody can be asked"))
		o.run()
		if o.there(id) {
			t.Error("still there")
		}
	})
}
