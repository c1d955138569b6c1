package contact

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
)

// floorView is the supervisor's one screen.
type floorView struct {
	frame
	Floor     Floor
	Languages []languageCount
	People    []person
	OnContact int
	WrapUp    int
	Break     int
	Late      bool // the longest wait is past what the hotline wants
}

type languageCount struct {
	Code  string
	Count int
}

// person is a line of the floor: somebody on duty, or with contacts open.
type person struct {
	Name     string
	Presence staff.Presence // empty: not signed in
	Open     []Waiter
	Hard     int // of these, crises: what the load is made of
}

// longWait is when the supervisor's screen marks the longest wait. Nobody
// else's does: a red clock helps nobody to listen.
const longWait = 2 * time.Minute

// crowd is how many of the open contacts are listed beside a person.
const crowd = 6

// More is how many open contacts are not listed.
func (p person) More() int { return max(0, len(p.Open)-crowd) }

// Listed are the contacts to open from the floor.
func (p person) Listed() []Waiter { return p.Open[:min(len(p.Open), crowd)] }

func (f *Feature) floorView(r *http.Request) (v floorView, err error) {
	s := staff.From(r.Context())
	v.frame = f.frame(r)
	if v.Floor, err = f.Floor(r.Context(), s.Person.Agency, s.Person.ID); err != nil {
		return v, err
	}
	people, err := f.colleagues(r.Context(), s.Person.Agency)
	if err != nil {
		return v, err
	}
	v.Late = !v.Floor.Longest.IsZero() && v.Now.Sub(v.Floor.Longest) > longWait
	for code, n := range v.Floor.ByLanguage {
		v.Languages = append(v.Languages, languageCount{code, n})
	}
	slices.SortFunc(v.Languages, func(a, b languageCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
	open := map[string][]Waiter{}
	for _, w := range v.Floor.Active {
		open[w.TakenBy] = append(open[w.TakenBy], w)
	}
	for _, o := range people.duty {
		mine := open[o.Staff]
		delete(open, o.Staff)
		if !o.Role.May(staff.WriteContact) && len(mine) == 0 {
			continue
		}
		v.add(o.Name, o.Presence, mine)
	}
	for id, left := range open { // open with somebody who is not signed in
		v.add(people.names[id], "", left)
	}
	slices.SortFunc(v.People, func(a, b person) int {
		return cmp.Or(cmp.Compare(len(b.Open), len(a.Open)), cmp.Compare(a.Name, b.Name))
	})
	return v, nil
}

func (v *floorView) add(name string, presence staff.Presence, open []Waiter) {
	p := person{Name: name, Presence: presence, Open: open}
	for _, w := range open {
		if w.Crisis() {
			p.Hard++
		}
	}
	switch {
	case len(open) > 0:
		v.OnContact++
	case presence == staff.WrapUp:
		v.WrapUp++
	case presence == staff.Break:
		v.Break++
	}
	v.People = append(v.People, p)
}

// showFloor is the supervisor's screen; showFloorNow its content alone.
func (f *Feature) showFloor(w http.ResponseWriter, r *http.Request) error {
	v, err := f.floorView(r)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "floor", v)
}

func (f *Feature) showFloorNow(w http.ResponseWriter, r *http.Request) error {
	v, err := f.floorView(r)
	if err != nil {
		return err
	}
	return f.pages.Part(w, r, "floor", "floornow", v)
}
