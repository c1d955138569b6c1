package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Published is what anybody may have of an agency's directory, as it was at a
// revision, in the form of HSDS 3.1. It has verified services, the
// organizations that give them, and where; of a confidential place only that
// it is there. It never changes once made: another takes its place, which
// shares with it all that stayed. Its lists are in the order of ids.
type Published struct {
	revision   int64
	until      time.Time // when the first of its services is hidden, because nobody checked it
	services   []*pubService
	orgs       []*pubOrg
	at         []pubSAL // sals, and those whose id another service has, too
	sals       []pubSAL
	terms      []*termFragment
	taxonomies []*fragment
	notes      []*fragment // meta_table_description
	shelf      *shelf      // touched only by who makes the next
}

// pubService is a service that the public may see.
type pubService struct {
	*serviceFragment
	owner    *orgFragment     // nil if there is no record of it
	places   []*placeFragment // of each of sals; nil if there is no record of it
	modified time.Time
}

type pubSAL struct {
	service *pubService
	n       int // among the service's sals
}

func (at pubSAL) sal() *salFragment { return at.service.sals[at.n] }

func (at pubSAL) place() *placeFragment { return at.service.places[at.n] }

type pubOrg struct {
	*orgFragment
	services []*pubService
	places   []*placeFragment
	modified time.Time
}

// Published gives what anybody may have, as it is now.
func (f *Feature) Published(ctx context.Context, agency string) (p *Published, err error) {
	defer errs.Wrap(&err, "directory.Published")
	var rev int64
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		rev, err = revision(ctx, tx, agency)
		return err
	})
	if err != nil {
		return nil, err
	}
	fresh := func(p *Published) bool { return p.fresh(rev, f.now()) }
	return f.published.get(agency, fresh, func(old *Published) (p *Published, err error) {
		err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
			p, err = publish(ctx, tx, agency, f.now(), old)
			return err
		})
		return p, err
	})
}

func (p *Published) fresh(rev int64, now time.Time) bool {
	return p != nil && p.revision >= rev && now.Before(p.until)
}

// ETag changes with everything that could change an answer.
func (p *Published) ETag() string { return fmt.Sprintf(`"%x-%x"`, p.revision, p.until.Unix()) }

// farAway is when a directory without a verified service has to be looked at again.
const farAway = 365 * 24 * time.Hour

// publish follows what has changed since old, or makes a publication of all
// records: at the start, and when more has changed than is worth following.
func publish(ctx context.Context, tx *db.Tx, agency string, now time.Time, old *Published) (*Published, error) {
	if old != nil {
		if p, err := old.follow(ctx, tx, agency, now); p != nil || err != nil {
			return p, err
		}
	}
	rev, err := revision(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	s := newShelf()
	t := newTurn(reading(ctx, tx, agency))
	all, err := readEverything(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	if err := s.fill(all, now, t); err != nil {
		return nil, err
	}
	return s.publish(&Published{}, t, rev, now)
}

// publish makes the publication that comes after old: what a turn names is
// worked out anew, and the rest is as it was.
func (s *shelf) publish(old *Published, t *turn, rev int64, now time.Time) (*Published, error) {
	p := &Published{revision: rev, until: now.Add(farAway), terms: old.terms, taxonomies: old.taxonomies, notes: s.notes, shelf: s}
	services, err := s.renewServices(t)
	if err != nil {
		return nil, err
	}
	p.services = spliced(old.services, services, func(one *pubService) string { return one.id })
	orgs, err := s.renewOrgs(old, t)
	if err != nil {
		return nil, err
	}
	p.orgs = spliced(old.orgs, orgs, func(o *pubOrg) string { return o.id })
	p.at = placedAnew(old.at, services)
	p.sals = onlyFirst(p.at)
	for _, one := range p.services {
		if one.hide.Before(p.until) {
			p.until = one.hide
		}
	}
	if s.relist {
		p.terms, p.taxonomies = s.listTerms()
		s.relist = false
	}
	return p, nil
}

// spliced is a list in the order of ids with some of its items replaced; nil
// takes one away.
func spliced[T any](list []*T, changes map[string]*T, idOf func(*T) string) []*T {
	out := make([]*T, 0, len(list)+len(changes))
	at := 0
	for _, id := range sortedKeys(changes) {
		n, had := slices.BinarySearchFunc(list[at:], id, func(one *T, id string) int { return cmp.Compare(idOf(one), id) })
		out = append(out, list[at:at+n]...)
		if at += n; had {
			at++
		}
		if changes[id] != nil {
			out = append(out, changes[id])
		}
	}
	return append(out, list[at:]...)
}

// placedAnew takes out of a list what changed services had in it, and puts in
// what they have.
func placedAnew(list []pubSAL, changes map[string]*pubService) []pubSAL {
	var more []pubSAL
	for _, one := range changes {
		if one != nil {
			for n := range one.sals {
				more = append(more, pubSAL{one, n})
			}
		}
	}
	slices.SortFunc(more, compareSALs)
	out := make([]pubSAL, 0, len(list)+len(more))
	for _, at := range list {
		if _, changed := changes[at.service.id]; changed {
			continue
		}
		for len(more) > 0 && compareSALs(more[0], at) < 0 {
			out, more = append(out, more[0]), more[1:]
		}
		out = append(out, at)
	}
	return append(out, more...)
}

func compareSALs(a, b pubSAL) int {
	return cmp.Or(cmp.Compare(a.sal().id, b.sal().id), cmp.Compare(a.service.id, b.service.id), cmp.Compare(a.n, b.n))
}

// onlyFirst leaves out what has the id of another. Mostly nothing has.
func onlyFirst(list []pubSAL) []pubSAL {
	same := func(a, b pubSAL) bool { return a.sal().id == b.sal().id }
	for i := 1; i < len(list); i++ {
		if same(list[i-1], list[i]) {
			return slices.CompactFunc(slices.Clone(list), same)
		}
	}
	return list
}

// The lists are looked through by id.

func (p *Published) serviceOf(id string) *pubService {
	s, _ := find(p.services, id, func(s *pubService) string { return s.id })
	return s
}

func (p *Published) org(id string) *pubOrg {
	o, _ := find(p.orgs, id, func(o *pubOrg) string { return o.id })
	return o
}

func (p *Published) salOf(id string) (pubSAL, bool) {
	return find(p.sals, id, func(at pubSAL) string { return at.sal().id })
}

func (p *Published) term(id string) *termFragment {
	t, _ := find(p.terms, id, func(t *termFragment) string { return t.id })
	return t
}
