package directory

import (
	"context"
	"sort"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Detail is one service with all that staff may see of it.
type Detail struct {
	Result
	About        string // whole description
	ApplyAll     string
	Alternate    string
	Program      string
	WaitTime     string
	Alert        string
	Provenance   string
	Original     string // id in the source
	Areas        []string
	Access       []string // accessibility
	OwnPhones    []Phone  // those that the service itself has: what a curator edits
	Places       []Place
	Verification *Verification
	Interval     int // days that a check holds
	History      []Event
	Free         string     // places, as last told; "" is not known
	Proposals    []Proposal // what somebody outside says is otherwise
	Agency       string     // by what its agency is vetted
	Unvetted     bool       // the public does not see it before that is done
	Said         []Stated   // where its fields are from
}

// Place is one location of a service.
type Place struct {
	ID string
	Where
	Hours []HoursLine
	Note  string // transport, description
}

// Service finds one service for staff; NotFound if there is none.
func (f *Feature) Service(ctx context.Context, agency, id string) (d Detail, err error) {
	defer errs.Wrap(&err, "directory.Service")
	ix, err := f.current(ctx, agency)
	if err != nil {
		return Detail{}, err
	}
	e := ix.entry(id)
	if e == nil {
		return Detail{}, errs.New(errs.NotFound, "", nil)
	}
	d = e.detail(&asked{Query: Query{Agency: agency}, now: f.now()})
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		rules, err := readRules(ctx, tx, agency)
		if err != nil {
			return err
		}
		d.Interval, d.Agency = rules.days(e.stated|e.derived), agencyOf(e.organization, e.id)
		a := Agency{Needed: rules.Vetters}
		if a.Deeds, err = deedsOf(ctx, tx, agency, d.Agency); err != nil {
			return err
		}
		a.weigh("")
		d.Unvetted = !a.Vetted
		if d.History, err = history(ctx, tx, agency, id); err != nil {
			return err
		}
		if d.Proposals, err = proposals(ctx, tx, agency, id); err != nil {
			return err
		}
		d.Said, err = statedOf(ctx, tx, agency, id, d.History)
		return err
	})
	return d, err
}

// PublicService is Service as anybody may see it: NotFound unless verified.
func (f *Feature) PublicService(ctx context.Context, agency, id string) (r Result, err error) {
	defer errs.Wrap(&err, "directory.PublicService")
	ix, err := f.current(ctx, agency)
	if err != nil {
		return Result{}, err
	}
	a := &asked{Query: Query{Agency: agency, Public: true}, now: f.now()}
	e := ix.entry(id)
	if e == nil || !a.shown(e) {
		return Result{}, errs.New(errs.NotFound, "", nil)
	}
	return a.result(hit{e: e, spot: firstSpot(e)}), nil
}

func firstSpot(e *entry) int {
	if len(e.spots) == 0 {
		return -1
	}
	return 0
}

func (e *entry) detail(a *asked) Detail {
	e = e.opened()
	o := e.service
	d := Detail{
		Result: a.result(hit{e: e, spot: firstSpot(e)}), About: str(o, "description"), ApplyAll: str(o, "application_process"),
		Alternate: str(o, "alternate_name"), WaitTime: str(o, "wait_time"), Alert: str(o, "alert"), Verification: e.check, Free: vacancyOf(o).String(),
		Provenance: first(str(o, "provenance"), e.orgField("provenance")), Original: str(o, "original_id"),
	}
	if p, ok := o["program"].(Object); ok {
		d.Program = str(p, "name")
	} else if e.org != nil {
		for _, p := range objects(e.org, "programs") {
			if str(p, "id") == str(o, "program_id") && str(p, "id") != "" {
				d.Program = str(p, "name")
			}
		}
	}
	for _, area := range objects(o, "service_areas") {
		d.Areas = append(d.Areas, first(str(area, "name"), str(area, "description"), str(area, "extent")))
	}
	for _, p := range objects(o, "phones") {
		d.OwnPhones = append(d.OwnPhones, readPhone(p, e.country, entService))
	}
	for i := range e.spots {
		d.Places = append(d.Places, e.placeAt(i))
		if e.spots[i].level == Full && e.spots[i].link != oneOf {
			for _, acc := range objects(e.spots[i].location, "accessibility") {
				d.Access = append(d.Access, str(acc, "description"))
			}
		}
	}
	sort.SliceStable(d.Places, func(i, j int) bool { return d.Places[i].Name < d.Places[j].Name })
	return d
}

func (e *entry) placeAt(i int) Place {
	sp := &e.spots[i]
	location := sp.whole()
	p := Place{ID: sp.id, Where: sp.told(), Hours: linesOf(objects(location, "schedules"))}
	p.Guess = sp.link != linked
	if sp.level == Full {
		p.Note = first(str(location, "transportation"), str(location, "description"))
	}
	return p
}
