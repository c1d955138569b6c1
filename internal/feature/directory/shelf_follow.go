package directory

import (
	"context"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// fewFollowed is up to how many records a publication follows one at a time,
// beside a tenth of all. For more it costs less to read everything.
const fewFollowed = 500

// follow makes the publication as it is now out of what has changed. Nil if it
// must be made anew: what happened is not all written down any more, too much
// changed, or something that decides what other records may tell.
func (p *Published) follow(ctx context.Context, tx *db.Tx, agency string, now time.Time) (*Published, error) {
	s := p.shelf
	rev, err := revision(ctx, tx, agency)
	if err != nil || s.torn {
		return nil, err
	}
	list, err := changesAfter(ctx, tx, agency, p.revision, rev)
	if err != nil || len(list) > mostFollowed || !complete(list, p.revision, rev) {
		return nil, err
	}
	changed := map[string]map[string]bool{entLocation: {}, entOrganization: {}, entService: {}}
	for _, c := range list {
		if c.kind == changedCheck {
			c.kind = entService
		}
		if changed[c.kind] == nil {
			return nil, nil //nolint:nilnil // what stands in other records
		}
		changed[c.kind][c.id] = true
	}
	if len(changed[entLocation])+len(changed[entOrganization])+len(changed[entService]) > fewFollowed+len(s.services)/10 {
		return nil, nil //nolint:nilnil // too much
	}
	s.torn = true
	t := newTurn(reading(ctx, tx, agency))
	same, err := s.reread(ctx, tx, agency, changed, t, now)
	if err != nil || !same {
		return nil, err
	}
	for _, one := range p.services {
		if !now.Before(one.hide) {
			s.expire(one.id, now, t)
		}
	}
	next, err := s.publish(p, t, rev, now)
	s.torn = err != nil
	return next, err
}

// expire takes away a service that nobody checked for too long.
func (s *shelf) expire(id string, now time.Time, t *turn) {
	if sh := s.services[id]; sh != nil && sh.told != nil && !now.Before(sh.told.hide) {
		sh.told = nil
		s.note(sh, t)
	}
	t.services[id] = true
}

// note says of which organizations what is told hangs on a service: its own,
// and those that have a location where it is given.
func (s *shelf) note(sh *shelved, t *turn) {
	if sh == nil {
		return
	}
	t.orgs[sh.org] = true
	for _, location := range sh.at {
		if at := s.places[location]; at != nil {
			t.orgs[at.org] = true
		}
	}
}

// reread reads what has changed, and notes what it has a part in. It is false
// if what did not change may tell something else now.
func (s *shelf) reread(ctx context.Context, tx *db.Tx, agency string, changed map[string]map[string]bool, t *turn, now time.Time) (same bool, err error) {
	for _, id := range sortedKeys(changed[entLocation]) {
		if same, err = s.rereadPlace(id, t); err != nil || !same {
			return false, err
		}
	}
	for _, id := range sortedKeys(changed[entOrganization]) {
		delete(s.orgs, id)
		t.orgs[id] = true
		for _, service := range s.ofOrg[id] {
			t.services[service] = true
		}
	}
	var read []*stored
	for _, id := range sortedKeys(changed[entService]) {
		r, same, err := s.rereadService(id, t)
		if err != nil || !same {
			return false, err
		}
		if r != nil {
			read = append(read, r)
		}
	}
	for _, r := range read { // when it is known what is hidden
		check, err := checkOfService(ctx, tx, agency, r.id)
		if err != nil {
			return false, err
		}
		if !check.Public(now) {
			continue
		}
		events, err := changesOf(ctx, tx, agency, r.id)
		if err != nil {
			return false, err
		}
		if err := s.tell(r, check, events[r.id]); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (s *shelf) rereadPlace(id string, t *turn) (same bool, err error) {
	note := func() {
		if at := s.places[id]; at != nil {
			t.orgs[at.org] = true
		}
	}
	note()
	r, err := t.read(entLocation, id)
	switch {
	case errs.Is(err, errs.NotFound):
		same = s.dropPlace(id, Full)
	case err != nil:
		return false, err
	default:
		if same, err = s.takePlace(r); err != nil {
			return false, err
		}
	}
	note()
	for _, service := range s.at[id] {
		t.services[service] = true
	}
	return same, nil
}

// rereadService reads a service; nil if there is none any more.
func (s *shelf) rereadService(id string, t *turn) (r *stored, same bool, err error) {
	s.note(s.services[id], t)
	t.services[id] = true
	r, err = t.read(entService, id)
	if errs.Is(err, errs.NotFound) {
		was := s.dropService(id)
		was.told = nil
		t.dropped[id] = was
		return nil, len(was.hidden) == 0, nil
	}
	if err != nil {
		return nil, false, err
	}
	same, err = s.takeService(r)
	s.note(s.services[id], t)
	return r, same, err
}

// renewServices works out what is published of each service of a turn; nil is
// nothing.
func (s *shelf) renewServices(t *turn) (map[string]*pubService, error) {
	out := make(map[string]*pubService, len(t.services))
	for _, id := range sortedKeys(t.services) {
		sh := s.services[id]
		if sh == nil {
			sh = t.dropped[id]
		}
		if sh == nil {
			continue
		}
		was := sh.pub
		if err := s.renewService(t, sh); err != nil {
			return nil, err
		}
		if was != nil {
			t.orgs[was.org] = true
			s.count(was.tells, -1)
			if sh.pub == nil || sh.pub.org != was.org {
				s.ofOrg[was.org] = withoutID(s.ofOrg[was.org], id)
			}
			if sh.pub == nil {
				s.forgetPlaces(sh.at)
			}
		}
		if sh.pub != nil {
			t.orgs[sh.pub.org] = true
			s.ofOrg[sh.pub.org] = withID(s.ofOrg[sh.pub.org], id)
		}
		if was != nil || sh.pub != nil {
			out[id] = sh.pub
		}
	}
	return out, nil
}

// renewService publishes a service as it is told now; what it uses is counted
// before what it used is not any more, so that the lists of terms stay.
func (s *shelf) renewService(t *turn, sh *shelved) error {
	sh.pub = nil
	if sh.told == nil {
		return nil
	}
	made, err := s.published(t, sh.told)
	if err != nil {
		return err
	}
	sh.pub = made
	s.count(made.tells, 1)
	return nil
}

// published joins a service with its organization and places.
func (s *shelf) published(t *turn, told *serviceFragment) (one *pubService, err error) {
	one = &pubService{serviceFragment: told}
	if one.owner, err = s.orgOf(t, told.org); err != nil {
		return nil, err
	}
	at := max(told.updated, told.last)
	if one.owner != nil {
		at = max(at, one.owner.updated)
	}
	for _, sal := range told.sals {
		place, err := s.placeOf(t, sal.location)
		if err != nil {
			return nil, err
		}
		one.places = append(one.places, place)
		if place != nil {
			at = max(at, place.updated)
		}
	}
	one.modified = db.Time(at).UTC().Truncate(time.Millisecond)
	return one, nil
}

// renewOrgs works out what is published of each organization of a turn; nil is
// nothing.
func (s *shelf) renewOrgs(old *Published, t *turn) (map[string]*pubOrg, error) {
	out := make(map[string]*pubOrg, len(t.orgs))
	for _, id := range sortedKeys(t.orgs) {
		was := old.org(id)
		var now *pubOrg
		if len(s.ofOrg[id]) == 0 {
			delete(s.ofOrg, id)
			delete(s.orgs, id)
			s.forgetPlaces(s.placesOf[id])
		} else {
			f, err := s.orgOf(t, id)
			if err != nil {
				return nil, err
			}
			if f != nil {
				if now, err = s.publishedOrg(t, f); err != nil {
					return nil, err
				}
				s.count(now.tells, 1)
			}
		}
		if was != nil {
			s.count(was.tells, -1)
		}
		if was != nil || now != nil {
			out[id] = now
		}
	}
	return out, nil
}

// publishedOrg joins an organization with its services and its open locations:
// those where a published service is given, and those that no service names.
// Where only services are given that nobody verified, nobody verified the place.
func (s *shelf) publishedOrg(t *turn, f *orgFragment) (*pubOrg, error) {
	o := &pubOrg{orgFragment: f, modified: db.Time(f.updated).UTC().Truncate(time.Millisecond)}
	for _, id := range s.ofOrg[f.id] {
		one := s.services[id].pub
		o.services = append(o.services, one)
		if one.modified.After(o.modified) {
			o.modified = one.modified
		}
	}
	for _, id := range s.placesOf[f.id] {
		if s.places[id].level != Full || len(s.at[id]) > 0 && !s.anyAt(id) {
			continue
		}
		place, err := s.placeOf(t, id)
		if err != nil {
			return nil, err
		}
		o.places = append(o.places, place)
	}
	return o, nil
}

// anyAt says whether a published service names a location.
func (s *shelf) anyAt(location string) bool {
	return slices.ContainsFunc(s.at[location], func(id string) bool { return s.services[id].pub != nil })
}

// forgetPlaces drops what was rendered of places that nothing published needs.
func (s *shelf) forgetPlaces(list []string) {
	for _, id := range list {
		if at := s.places[id]; at != nil && !s.anyAt(id) {
			at.told = nil
		}
	}
}
