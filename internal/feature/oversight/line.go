package oversight

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// line is an entry in words.
type line struct {
	Seq     int64
	At      time.Time
	Who     string
	What    string
	About   string
	Named   bool // Who is a name, and not a word of ours
	Reason  string
	Decoy   bool   // and nobody had any reason to
	Outside bool   // somebody opened what was not in their work
	Record  string // its id
	Broken  bool
}

// cast are those who can stand in an entry.
type cast struct {
	people []staff.Person
	names  map[string]string
	roles  map[string]staff.Role
}

func readCast(ctx context.Context, tx *db.Tx, agency string) (c cast, err error) {
	if c.people, err = staff.List(ctx, tx, agency); err != nil {
		return c, err
	}
	c.names, c.roles = map[string]string{}, map[string]staff.Role{}
	for _, p := range c.people {
		c.names[p.ID], c.roles[p.ID] = p.Name, p.Role
	}
	return c, nil
}

func (c cast) line(p *i18n.Printer, e audit.Entry) line {
	l := line{Seq: e.Seq, At: e.At, What: sayDeed(p, e.Action), About: c.about(e.Record), Reason: e.Reason, Record: e.Record, Broken: e.Broken}
	if l.Outside = opensOutside(e); l.Outside {
		l.Reason, l.Decoy = sayWhy(p, e.Reason), opensDecoy(e)
	}
	switch name := c.names[e.Staff]; {
	case name != "":
		l.Who, l.Named = name, true
	case e.Staff == "" && byPerson(e.Action):
		l.Who = p.T("log.person")
	case e.Staff == "":
		l.Who = p.T("log.command")
	default:
		l.Who = p.T("log.gone")
	}
	return l
}

// byPerson says whether it was done on the site, or over the interface, by
// somebody with a code: no colleague, and nobody who runs the machine.
func byPerson(action string) bool {
	switch action {
	case "contact.written", string(staff.ConfirmDeletion) + " asked", string(staff.ConfirmDeletion) + " taken-back":
		return true
	}
	return false
}

// opensOutside says whether an entry is of a contact opened outside own work.
func opensOutside(e audit.Entry) bool { return base(e.Action) == string(staff.OpenOutside) }

// opensDecoy says whether it was one that nobody had any reason to open.
func opensDecoy(e audit.Entry) bool { return e.Action == string(staff.OpenOutside)+" decoy" }

// sayWhy puts a reason into words.
func sayWhy(p *i18n.Printer, reason string) string {
	why, words := staff.Heard(reason)
	said := words
	if why.Known() {
		said = p.T("desk.outside.why." + string(why))
		if words != "" {
			said += ": " + words
		}
	}
	return said
}

// about names a record as people speak of it: an account by its name, a
// contact or referral by the beginning of its id, which opens nothing.
func (c cast) about(record string) string {
	if name := c.names[record]; name != "" {
		return name
	}
	switch {
	case len(record) == 26:
		return strings.ToUpper(record[:4])
	case len(record) > 20: // an id of the directory's sources
		return ""
	}
	return record // "2026-11"
}

// sayDeed puts an action into words: with what it was, if there are such.
func sayDeed(p *i18n.Printer, action string) string {
	for _, a := range []string{action, base(action)} {
		if key := deedKey(a); p.Has(key) {
			return p.T(key)
		}
	}
	return p.T("log.deed.other")
}

func deedKey(action string) string { return "log.deed." + strings.ReplaceAll(action, " ", "_") }

// base is the action of the permission matrix within an entry's.
func base(action string) string {
	b, _, _ := strings.Cut(action, " ")
	return b
}

// byTimeNewest puts a page in the order of its times: within a second the log
// has none.
func byTimeNewest(list []audit.Entry) {
	audit.ByTime(list)
	slices.Reverse(list)
}
