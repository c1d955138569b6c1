package directory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// shelf is what must be known beside a publication to make the one that comes
// after it: what belongs to what, of all records; rendered is only what is
// published. It changes, so only one may use it at a time.
type shelf struct {
	render   *renderer
	notes    []*fragment
	services map[string]*shelved // all, published or not
	places   map[string]*shelvedPlace
	orgs     map[string]*orgFragment // those that give a published service
	ofOrg    map[string][]string     // organization → its published services, in order
	placesOf map[string][]string     // organization → its locations, in order
	at       map[string][]string     // location → services that name it, in order
	used     map[string]int          // term → how many published fragments name it
	inline   map[string]map[string]*inlineTerm
	relist   bool // other terms are published than before
	torn     bool // something went wrong halfway
}

// shelved is a service.
type shelved struct {
	org    string
	at     []string         // locations that it names
	hidden []string         // ids of what it says of itself at confidential ones
	told   *serviceFragment // nil if the public may not see it
	pub    *pubService      // the same in the newest publication
}

// shelvedPlace is a location.
type shelvedPlace struct {
	org   string
	level Visibility
	told  *placeFragment // nil until something published needs it
}

func newShelf() *shelf {
	return &shelf{
		render: newRenderer(), services: map[string]*shelved{}, places: map[string]*shelvedPlace{}, orgs: map[string]*orgFragment{},
		ofOrg: map[string][]string{}, placesOf: map[string][]string{}, at: map[string][]string{},
		used: map[string]int{}, inline: map[string]map[string]*inlineTerm{},
	}
}

// turn is what has to be worked out anew for the next publication.
type turn struct {
	read           func(kind, id string) (*stored, error)
	services, orgs map[string]bool
	dropped        map[string]*shelved // services that are no more
}

func newTurn(read func(kind, id string) (*stored, error)) *turn {
	return &turn{read, map[string]bool{}, map[string]bool{}, map[string]*shelved{}}
}

// reading reads records in a transaction.
func reading(ctx context.Context, tx *db.Tx, agency string) func(kind, id string) (*stored, error) {
	return func(kind, id string) (*stored, error) { return oneRecord(ctx, tx, agency, kind, id) }
}

// allRead is all that a publication is made of.
type allRead struct {
	records func(take func(*stored) error, kinds ...string) error
	checks  map[string]*Verification
	events  map[string]serviceEvents
}

func readEverything(ctx context.Context, tx *db.Tx, agency string) (all allRead, err error) {
	all.records = func(take func(*stored) error, kinds ...string) error {
		return eachRecord(ctx, tx, agency, take, kinds...)
	}
	if all.checks, err = checks(ctx, tx, agency); err != nil {
		return all, err
	}
	all.events, err = changesOf(ctx, tx, agency, "")
	return all, err
}

// fill reads everything: first what stands in other records, then what decides
// what may be told of these, and last what is published.
func (s *shelf) fill(all allRead, now time.Time, t *turn) error {
	for _, step := range []struct {
		take  func(*stored) error
		kinds []string
	}{
		{s.takeShared, []string{entTaxonomy, entTerm, entUnit, entTableNote}},
		{func(r *stored) error { _, err := s.takePlace(r); return err }, []string{entLocation}},
		{func(r *stored) error { _, err := s.takeService(r); return err }, []string{entService}},
		{func(r *stored) error { return s.fillService(all, r, now, t) }, []string{entService}},
		{func(r *stored) error {
			if !t.orgs[r.id] {
				return nil
			}
			return s.takeOrg(r)
		}, []string{entOrganization}},
		{func(r *stored) error {
			if !s.needed(r.id, t) {
				return nil
			}
			return s.tellPlace(r)
		}, []string{entLocation}},
	} {
		if err := all.records(step.take, step.kinds...); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) fillService(all allRead, r *stored, now time.Time, t *turn) error {
	check := all.checks[r.id]
	if !check.Public(now) {
		return nil
	}
	t.services[r.id], t.orgs[r.organization] = true, true
	return s.tell(r, check, all.events[r.id])
}

// needed says of a location whether one of the services or organizations of a
// turn tells of it.
func (s *shelf) needed(location string, t *turn) bool {
	return t.orgs[s.places[location].org] || slices.ContainsFunc(s.at[location], func(id string) bool { return t.services[id] })
}

// eachRecord reads records one after the other, so that never all are held.
func eachRecord(ctx context.Context, tx *db.Tx, agency string, each func(*stored) error, kinds ...string) error {
	args := []any{agency}
	for _, kind := range kinds {
		args = append(args, kind)
	}
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record
		WHERE agency = $1 AND kind IN (`+places(2, len(kinds))+`) ORDER BY kind, id`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r, at := &stored{}, int64(0)
		if err := rows.Scan(&r.kind, &r.id, &r.organization, &r.source, &r.original, &r.text, &r.overlay, &at); err != nil {
			return err
		}
		r.updated = db.Time(at)
		if err := each(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// has says whether a word, in whatever case, may stand in a record, without
// reading it.
func (s *stored) has(word string) bool {
	return strings.Contains(strings.ToLower(s.text), word) || strings.Contains(strings.ToLower(s.overlay), word)
}

// takePlace notes whose a location is and what may be told of it. It is false
// if other records may tell something else than before.
func (s *shelf) takePlace(r *stored) (same bool, err error) {
	now := &shelvedPlace{org: r.organization, level: Full}
	if r.has("address_visibility") || r.has("redacted") {
		o, err := r.object()
		if err != nil {
			return false, err
		}
		now.level = visibilityOf(o)
	}
	same = s.dropPlace(r.id, now.level)
	s.places[r.id] = now
	s.placesOf[now.org] = withID(s.placesOf[now.org], r.id)
	if now.level != Full {
		s.render.hidden[r.id] = true
	}
	return same, nil
}

// dropPlace takes a location away that has another level, or is no more (Full).
func (s *shelf) dropPlace(id string, next Visibility) (same bool) {
	was := s.places[id]
	if was == nil {
		return next == Full
	}
	delete(s.places, id)
	delete(s.render.hidden, id)
	s.placesOf[was.org] = withoutID(s.placesOf[was.org], id)
	return (was.level == Full) == (next == Full)
}

// takeService notes whose a service is and where it is given. It is false if
// other records may tell something else than before.
func (s *shelf) takeService(r *stored) (same bool, err error) {
	now := &shelved{org: r.organization}
	if r.has("service_at_locations") {
		o, err := r.object()
		if err != nil {
			return false, err
		}
		s.render.source = r.source
		for _, sal := range objects(o, "service_at_locations") {
			id, location := str(sal, "id"), s.render.locationOf(sal)
			if location != "" {
				now.at = append(now.at, location)
			}
			if s.render.hidden[location] && id != "" {
				now.hidden = append(now.hidden, id)
			}
		}
	}
	was := s.dropService(r.id)
	now.pub = was.pub
	s.services[r.id] = now
	for _, location := range now.at {
		s.at[location] = withID(s.at[location], r.id)
	}
	for _, id := range now.hidden {
		s.render.hidden[id] = true
	}
	return slices.Equal(was.hidden, now.hidden), nil
}

// dropService takes a service away, and gives what it was.
func (s *shelf) dropService(id string) *shelved {
	was := s.services[id]
	if was == nil {
		return &shelved{}
	}
	delete(s.services, id)
	for _, location := range was.at {
		if s.at[location] = withoutID(s.at[location], id); len(s.at[location]) == 0 {
			delete(s.at, location)
		}
	}
	for _, id := range was.hidden {
		delete(s.render.hidden, id)
	}
	return was
}

// tell renders a service that the public may see, unless it is not offered.
func (s *shelf) tell(r *stored, check *Verification, e serviceEvents) error {
	o, err := r.object()
	if err != nil {
		return err
	}
	s.services[r.id].told = nil
	if offered(o) {
		s.services[r.id].told = s.render.service(r, o, check, e)
	}
	return nil
}

// The organization and the places of what is published are read when they are
// needed and not there.

func (s *shelf) orgOf(t *turn, id string) (*orgFragment, error) {
	if s.orgs[id] == nil && id != "" {
		r, err := t.read(entOrganization, id)
		if errs.Is(err, errs.NotFound) {
			return nil, nil //nolint:nilnil // a service may name one that nobody has
		}
		if err != nil {
			return nil, err
		}
		if err := s.takeOrg(r); err != nil {
			return nil, err
		}
	}
	return s.orgs[id], nil
}

func (s *shelf) placeOf(t *turn, id string) (*placeFragment, error) {
	at := s.places[id]
	if at == nil {
		return nil, nil //nolint:nilnil // a service may name one that nobody has
	}
	if at.told == nil {
		r, err := t.read(entLocation, id)
		if err != nil {
			return nil, err
		}
		if err := s.tellPlace(r); err != nil {
			return nil, err
		}
	}
	return at.told, nil
}

func (s *shelf) takeOrg(r *stored) error {
	o, err := r.object()
	if err == nil {
		s.orgs[r.id] = s.render.organization(r, o)
	}
	return err
}

func (s *shelf) tellPlace(r *stored) error {
	o, err := r.object()
	if err == nil {
		at := s.places[r.id]
		at.told = s.render.location(r, o, at.level)
	}
	return err
}

// withID and withoutID change a list that is in order.
func withID(list []string, id string) []string {
	n, there := slices.BinarySearch(list, id)
	if there {
		return list
	}
	return slices.Insert(list, n, id)
}

func withoutID(list []string, id string) []string {
	if n, there := slices.BinarySearch(list, id); there {
		return slices.Delete(list, n, n+1)
	}
	return list
}
