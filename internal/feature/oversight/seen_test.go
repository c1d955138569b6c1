package oversight

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
)

// The copy says what happened on which day, once, in roles or in names, and
// not that somebody made a copy.
func TestTheCopyForThePerson(t *testing.T) {
	c := cast{names: map[string]string{"a": "Ada", "s": "Sol"}, roles: map[string]staff.Role{"a": staff.Advocate, "s": staff.Supervisor}}
	day := func(d, h int) time.Time { return time.Date(2026, 11, d, h, 0, 0, 0, time.UTC) }
	list := []audit.Entry{
		{At: day(4, 9), Staff: "s", Action: "contact.seen print"},
		{At: day(4, 8), Staff: "s", Action: "contact.read"},
		{At: day(3, 23), Staff: "gone", Action: "referral.read print"},
		{At: day(3, 12), Staff: "a", Action: "contact.read"},
		{At: day(3, 11), Staff: "a", Action: "contact.write out"},
		{At: day(3, 10), Staff: "a", Action: "contact.read"},
		{Broken: true},
	}
	east := time.FixedZone("east", 2*60*60) // where it was another day already
	on := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, east) }
	want := []sheetLine{
		{Day: on(4), Role: "supervisor", Did: "log.sheet.opened"},
		{Day: on(4), Did: "log.sheet.shared"},
		{Day: on(3), Role: "advocate", Did: "log.sheet.opened"},
		{Day: on(3), Role: "advocate", Did: "log.sheet.worked"},
	}
	if diff := cmp.Diff(want, c.copyOf(list, false, east)); diff != "" {
		t.Errorf("with roles:\n%s", diff)
	}
	for i, name := range []string{"Sol", "", "Ada", "Ada"} {
		want[i].Name = name
	}
	if diff := cmp.Diff(want, c.copyOf(list, true, east)); diff != "" {
		t.Errorf("with names:\n%s", diff)
	}
}
