package app

import (
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// matrixFile is what was agreed of who may do what to whose record. The walk
// reads it, and not the policy: so neither can drift from what was agreed.
const matrixFile = "../core/staff/testdata/matrix.golden"

// agreed is what stands in it: action, role and whose, such as
// "contact.read advocate team".
func (g *gate) agreed() map[string]string {
	g.t.Helper()
	b, err := os.ReadFile(matrixFile)
	g.ok(err)
	all := map[string]string{}
	var columns []string
	for line := range strings.Lines(string(b)) {
		words := strings.Fields(line)
		switch {
		case len(words) > 3 && words[0] == "#" && words[1] == "action":
			columns = words[3:]
		case len(columns) > 0 && len(words) == len(columns)+2 && words[0] != "#":
			for i, whose := range columns {
				all[words[0]+" "+words[1]+" "+whose] = words[i+2]
			}
		}
	}
	if want := len(staff.RecordActions) * len(staff.Roles) * len(staff.Everyones); len(all) != want {
		g.t.Fatalf("%s has %d answers, want %d", matrixFile, len(all), want)
	}
	return all
}

// whose says which column of the matrix an object is in for a viewer. Who is not
// in the group has nothing but "agency", whatever it once was.
func (g *gate) whose(v *viewer, o staff.Object) staff.Whose {
	switch {
	case o.Agency != homeAgency:
		return staff.Other
	case !o.Held:
		return staff.Agency
	case o.Waiting:
		return staff.Waiting
	case o.With == v.session.Person.ID:
		return staff.Own
	case o.Closed:
		return staff.Closed
	}
	return staff.Team
}

// matrixSays says whether the matrix has an answer for one of some actions.
func (g *gate) matrixSays(v *viewer, record, answer string, actions ...web.Access) bool {
	if !v.in() {
		return false
	}
	o, _ := g.object(v, record)
	return slices.ContainsFunc(actions, func(a web.Access) bool {
		return g.matrix[string(a)+" "+string(v.session.Person.Role)+" "+string(g.whose(v, o))] == answer
	})
}

// ofRecords says whether a route is of one person's record.
func ofRecords(route web.Route) bool {
	return strings.Contains(route.Pattern, "/contacts/{id}") || strings.Contains(route.Pattern, "/referrals/{id}")
}

// agrees says whether a route answered as the matrix has it. What else belongs to
// a contact, as its deletion, is for who may also read it.
func (g *gate) agrees(route web.Route, whose string, v *viewer, got reply) {
	g.t.Helper()
	to := got.header.Get("Location")
	if !v.in() { // nothing at all, whoever they were
		for name, door := range map[bool]string{v.session == nil || v.closed: "/staff/signin", v.locked: "/staff/unlock", v.handed: "/staff/passphrase"} {
			if name && (got.status != http.StatusSeeOther || !strings.HasPrefix(to, door)) {
				g.t.Errorf("%s %s as %s: %d %s, want the way to %s", route.Pattern, whose, v.name, got.status, to, door)
			}
		}
		return
	}
	if whose == "none" || strings.HasSuffix(route.Pattern, "/{form}") { // which leads to the contact and looks nothing up
		return
	}
	action := route.Access
	if !slices.Contains(staff.RecordActions, action) {
		action = staff.ReadContact
	}
	column := whose
	if v.fresh && whose != "other" {
		column = "agency"
	}
	want := g.matrix[string(action)+" "+string(v.session.Person.Role)+" "+column]
	if !v.may(route.Access) {
		want = "no"
	}
	asked := strings.HasSuffix(strings.Split(to, "?")[0], "/outside") || strings.Contains(got.body, `name="outside_why"`)
	switch is := got.status; {
	case want == "no" && is == http.StatusConflict && route.Access == staff.TakeContact && (!v.fresh || whose == "waiting"):
		// It is there for them, and taken: the queue or their group's key has told them.
	case route.Access == staff.OpenOutside && want == "yes": // there they say why, or go on
	case want == "no" && is != http.StatusNotFound,
		want == "yes" && (is == http.StatusNotFound || asked),
		want == "with-a-reason" && !asked:
		g.t.Errorf("%s %s as %s: %d %s; %s has %s %s", route.Pattern, whose, v.name, is, to, matrixFile, action, want)
	}
}
