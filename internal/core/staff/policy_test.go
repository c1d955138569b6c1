package staff

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	matrixFile = "testdata/matrix.golden"
	accessPage = "../../../docs/access.md"
)

// The whole of who may do what to whose record stands in testdata/matrix.golden,
// and for people in docs/access.md: nobody changes it unseen.
func TestTheMatrixIsAsItWasAgreed(t *testing.T) {
	golden(t, matrixFile, matrixLines())
	page, err := os.ReadFile(accessPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !found || !ends {
		t.Fatalf("%s has no place for the tables", accessPage)
	}
	golden(t, accessPage, before+tableBegins+matrixTables()+tableEnds+after)
}

const (
	tableBegins = "<!-- written by: go test ./internal/core/staff -update -->\n"
	tableEnds   = "<!-- end -->"
)

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what the policy says; is that meant? Then go test ./internal/core/staff -update. Now:\n%s", file, got)
	}
}

// example is a record as somebody sees it whose it is.
func example(p Person, whose Whose) Object {
	o := Object{Agency: p.Agency, Held: true, With: "a colleague"}
	switch whose {
	case Own:
		o.With = p.ID
	case Waiting:
		o.With, o.Waiting = "", true
	case Closed:
		o.Closed = true
	case Agency:
		o.Held = false
	case Other:
		o.Agency = "elsewhere"
	}
	return o
}

func colleague(role Role) Person { return Person{ID: "me", Agency: "home", Role: role} }

// matrixLines is one line for each action on records and role.
func matrixLines() string {
	var b strings.Builder
	b.WriteString("# Who may do what to whose record. Written by: go test ./internal/core/staff -update\n")
	fmt.Fprintf(&b, "%-16s %-14s", "# action", "role")
	for _, whose := range Everyones {
		fmt.Fprintf(&b, " %-14s", whose)
	}
	for _, action := range RecordActions {
		for _, role := range Roles {
			fmt.Fprintf(&b, "\n%-16s %-14s", action, role)
			p := colleague(role)
			for _, whose := range Everyones {
				fmt.Fprintf(&b, " %-14s", strings.ReplaceAll(string(Can(p, action, example(p, whose))), " ", "-"))
			}
		}
	}
	b.WriteString("\n\n# What else a role may do, in its own agency\n")
	for _, action := range Actions() {
		if slices.Contains(RecordActions, action) {
			continue
		}
		fmt.Fprintf(&b, "%-18s", action)
		for _, role := range Roles {
			if role.May(action) {
				b.WriteString(" " + string(role))
			}
		}
		b.WriteString("\n")
	}
	lines := strings.Split(b.String(), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

// said are the actions in words, for the page.
var said = map[web.Access]string{
	ReadContact: "read a contact", FindContact: "find it by its words", TakeContact: "take it", WriteContact: "answer, record, hand on, close",
	SeeReaders: "see who saw it", ListReferral: "find its referrals in the list", ReadReferral: "read a referral", WriteReferral: "refer, follow a referral",
	OpenDesk: "sign in", ChangePassphrase: "change the own pass phrase", ReadQueue: "see the queue", ReadFloor: "see the floor",
	ReadDirectory: "search the directory", EditDirectory: "change the directory", VerifyDirectory: "verify services", ReadStats: "see the exact figures",
	PublishStats: "publish figures", AdmitStaff: "admit a colleague to a group one is in", ManageStaff: "make and close accounts", EditSettings: "change the settings",
	ReadAudit: "read the log", ReadOutside: "see what was opened outside own work", PlantDecoys: "plant decoys",
}

// matrixTables is the same in words. Roles that open no record are left out
// of the first table.
func matrixTables() string {
	var b strings.Builder
	b.WriteString("| | | " + strings.Join([]string{"own", "waiting", "open with a colleague", "closed by a colleague", "group not held", "other agency"}, " | ") + " |\n|---|---|" + strings.Repeat("---|", len(Everyones)) + "\n")
	for _, role := range Roles {
		name := strings.ReplaceAll(string(role), "_", " ")
		for _, action := range RecordActions {
			if !role.May(action) || action == OpenOutside { // which is how the reason is given
				continue
			}
			fmt.Fprintf(&b, "| %s | %s |", name, inWords(action))
			p := colleague(role)
			for _, whose := range Everyones {
				answer := string(Can(p, action, example(p, whose)))
				if answer == string(No) {
					answer = "–"
				}
				fmt.Fprintf(&b, " %s |", answer)
			}
			b.WriteString("\n")
			name = ""
		}
	}
	b.WriteString("\n| Role | What else it may do |\n|---|---|\n")
	for _, role := range Roles {
		var list []string
		for _, action := range Actions() {
			if role.May(action) && !slices.Contains(RecordActions, action) {
				list = append(list, inWords(action))
			}
		}
		fmt.Fprintf(&b, "| %s | %s |\n", strings.ReplaceAll(string(role), "_", " "), strings.Join(list, " · "))
	}
	return b.String()
}

func inWords(action web.Access) string {
	if s := said[action]; s != "" {
		return s
	}
	return string(action) // a new one; the page reads better with a line above
}

// These hold whatever the table says.
func TestWhatThePolicyNeverAllows(t *testing.T) {
	for _, role := range Roles {
		p := colleague(role)
		for _, action := range Actions() {
			for _, whose := range []Whose{Agency, Other} {
				o := example(p, whose)
				for _, o.With = range []string{"", p.ID, "a colleague"} {
					for i := range 8 {
						o.Follows, o.Waiting, o.Closed = i&1 > 0, i&2 > 0, i&4 > 0
						if got := Can(p, action, o); got != No {
							t.Errorf("%s may %s: %s, of %+v", role, action, got, o)
						}
					}
				}
			}
			if got := Can(p, action, Object{}); got != No {
				t.Errorf("%s may %s, of nothing: %s", role, action, got)
			}
			if !role.May(action) && Can(p, action, example(p, Own)) != No {
				t.Errorf("%s may %s their own, though the role may not", role, action)
			}
		}
	}
	for _, role := range []Role{Curator, Trainer, Analyst, Administrator, Auditor, Partner, Volunteer} {
		p := colleague(role)
		for _, action := range RecordActions {
			for _, whose := range Everyones {
				if Can(p, action, example(p, whose)) != No {
					t.Errorf("%s may %s of %s", role, action, whose)
				}
			}
		}
	}
}

// Whoever follows a referral reads it while its person waits for somebody anew.
func TestWhoFollowsGoesOnWhileNobodyHasIt(t *testing.T) {
	p := colleague(Advocate)
	for _, c := range []struct {
		o    Object
		want Answer
	}{
		{Object{Agency: "home", Held: true, Waiting: true, Follows: true}, Yes},
		{Object{Agency: "home", Held: true, Waiting: true}, No},
		{Object{Agency: "home", Held: true, With: "a colleague", Follows: true}, Reason},
		{Object{Agency: "home", Waiting: true, Follows: true}, No},
	} {
		if got := Can(p, ReadReferral, c.o); got != c.want {
			t.Errorf("%+v: %s, want %s", c.o, got, c.want)
		}
	}
}

// A mark is of one session, one record and one purpose, and says which of them to nobody.
func TestAMarkNamesNobody(t *testing.T) {
	a, err := Prepare(t.Context(), "home", "Ada", Advocate, "a long pass phrase")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Prepare(t.Context(), "home", "Ben", Advocate, "a long pass phrase")
	if err != nil {
		t.Fatal(err)
	}
	one, two := &Session{Person: a.Person, Pair: a.Pair, hash: "1"}, &Session{Person: b.Person, Pair: b.Pair, hash: "1"}
	again := &Session{Person: a.Person, Pair: a.Pair, hash: "2"}
	marks := map[string]bool{}
	for _, m := range []string{one.Mark("p", "r"), one.Mark("p", "s"), one.Mark("q", "r"), two.Mark("p", "r"), again.Mark("p", "r")} {
		marks[m] = true
	}
	if len(marks) != 5 || !marks[one.Mark("p", "r")] {
		t.Errorf("%d different marks", len(marks))
	}
}
