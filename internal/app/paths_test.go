package app

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/ids"
)

// An address with bytes that no id has names nothing: it is answered as one of an id
// that there never was, for everybody, also where the rest of it is of something that
// is there.
func TestBytesThatNoIDHasAreAnsweredAsWhatIsNotThere(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openedOn(t, url(t))
			supervisor := g.as(string(staff.Supervisor))
			tried := 0
			for _, route := range g.routes {
				method, path, _ := strings.Cut(route.Pattern, " ")
				if !pathParts.MatchString(path) {
					continue
				}
				there := ids.New()
				if strings.Contains(route.Pattern, "{id}") {
					there = g.thing(route.Pattern, "own", supervisor)
				}
				for _, v := range g.viewers {
					want := g.named(v, method, path, ids.New(), g.body(route.Pattern))
					for _, odd := range []string{there + "%00", "%c3" + there} {
						tried++
						if got := g.named(v, method, path, odd, g.body(route.Pattern)); got != want {
							t.Errorf("%s %s as %s: %s, and %s for what is not there", route.Pattern, odd, v.name, got, want)
						}
					}
				}
			}
			if tried < 500 {
				t.Errorf("only %d were tried", tried)
			}
		})
	}
}

var (
	pathParts = regexp.MustCompile(`{[a-z]+}`)
	oddBytes  = strings.NewReplacer("%00", "%EF%BF%BD", "%c3", "%EF%BF%BD")
)

// named asks for an address whose parts all have a name, and gives what came of it,
// but the name.
func (g *gate) named(v *viewer, method, path, name, body string) string {
	g.t.Helper()
	got := g.ask(v, method, pathParts.ReplaceAllLiteralString(path, name), body)
	to, _, _ := strings.Cut(got.header.Get("Location"), "?")
	return fmt.Sprint(got.status, " ", strings.ReplaceAll(to, oddBytes.Replace(name), "{id}"))
}
