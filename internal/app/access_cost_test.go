package app

import (
	"math"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// foreign is what is not there for a viewer, whoever they are: of another group,
// or of another agency.
var foreign = []string{"agency", "other"}

// costing are who asks: both roles that open contacts, and somebody who holds
// no key.
func (g *gate) costing() []*viewer {
	return slices.DeleteFunc(slices.Clone(g.viewers), func(v *viewer) bool {
		return v.name != string(staff.Advocate) && v.name != string(staff.Supervisor) && v.name != "not-admitted"
	})
}

// groupForm is the look-up of a group, by its name or by its id: one row of an
// index either way.
var groupForm = regexp.MustCompile(`(FROM key_groups WHERE agency = \$1 AND) (id|name) = \$2$`)

// cost is what an answer cost: its statements, in their order, and how often a
// private key was used.
func (g *gate) cost(v *viewer, method, path, body string) (status int, statements []string, opened int64) {
	g.t.Helper()
	before := seal.Opened()
	ctx := db.Hear(g.t.Context(), func(s string) { statements = append(statements, groupForm.ReplaceAllString(s, "${1} one")) })
	got := g.askIn(ctx, v, method, path, body)
	return got.status, statements, seal.Opened() - before
}

// TestWhatIsNotTheirsCostsWhatIsNotThere counts: for every route of a record,
// the same statements run for a record of another group or agency as for one that
// there never was, and as many keys are used. So no clock tells them apart.
func TestWhatIsNotTheirsCostsWhatIsNotThere(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			g := openedOn(t, url(t))
			tried := 0
			for _, route := range g.routes {
				if !ofRecords(route) || strings.HasSuffix(route.Pattern, "/{form}") {
					continue
				}
				for _, whose := range foreign {
					for _, v := range g.costing() {
						tried += g.sameCost(route, whose, v)
					}
				}
			}
			if tried < 100 {
				t.Errorf("only %d pairs of answers were compared", tried)
			}
		})
	}
}

func (g *gate) sameCost(route web.Route, whose string, v *viewer) (tried int) {
	g.t.Helper()
	if !v.may(route.Access) {
		return 0
	}
	method, path, _ := strings.Cut(route.Pattern, " ")
	id, none, body := g.thing(route.Pattern, whose, v), ids.New(), g.body(route.Pattern)
	g.cost(v, method, fill(path, none, g.place), body) // whatever is done once in a while
	status, there, keys := g.cost(v, method, fill(path, id, g.place), body)
	_, nothing, noKeys := g.cost(v, method, fill(path, none, g.place), body)
	if status != http.StatusNotFound {
		g.t.Errorf("%s %s as %s: %d", route.Pattern, whose, v.name, status)
	}
	if keys != noKeys || !slices.Equal(there, nothing) {
		g.t.Errorf("%s %s as %s: %d statements and %d keys; for what is not there %d and %d:\n%s\n--\n%s",
			route.Pattern, whose, v.name, len(there), keys, len(nothing), noKeys, strings.Join(there, "\n"), strings.Join(nothing, "\n"))
	}
	return 1
}

// TestNoClockTellsThemApart asks each in turn, many times, and compares the two
// runs of times by their ranks (Mann and Whitney). It prints what it found and
// asserts nothing: a busy machine says what it likes. It runs with CLEW_PROOFS=full.
func TestNoClockTellsThemApart(t *testing.T) {
	if os.Getenv("CLEW_PROOFS") != "full" {
		t.Skip("only in the full proofs")
	}
	g := opened(t)
	const asked = 1500
	for _, v := range g.costing() {
		for _, whose := range foreign {
			id, none := g.contact(whose, v), ids.New()
			var times [2][]float64
			for i := range 2 * asked {
				began := time.Now()
				g.ask(v, http.MethodGet, "/staff/contacts/"+[]string{id, none}[i%2], "")
				times[i%2] = append(times[i%2], float64(time.Since(began).Nanoseconds()))
			}
			z := ranks(times[0], times[1])
			t.Logf("%-12s %-6s median %.0f µs, not there %.0f µs, z = %+.2f (|z| > 3.3 would be one in a thousand)",
				v.name, whose, median(times[0])/1000, median(times[1])/1000, z)
		}
	}
}

// ranks is the standard score of Mann and Whitney's U: near 0 where nothing
// tells a from b.
func ranks(a, b []float64) float64 {
	type sample struct {
		time float64
		of   int
	}
	var all []sample
	for of, list := range [][]float64{a, b} {
		for _, t := range list {
			all = append(all, sample{t, of})
		}
	}
	slices.SortFunc(all, func(x, y sample) int { return int(x.time - y.time) })
	sum := 0.0
	for rank, s := range all {
		if s.of == 0 {
			sum += float64(rank + 1)
		}
	}
	n, m := float64(len(a)), float64(len(b))
	u := sum - n*(n+1)/2
	return (u - n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
}

func median(list []float64) float64 { return slices.Sorted(slices.Values(list))[len(list)/2] }
