package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Published is what anybody may have of an agency's directory, as it was at a
// revision, in the form of HSDS 3.1. It has verified services, the
// organizations that give them, and where; of a confidential place only that
// it is there. It never changes once made.
type Published struct {
	*fragments
	revision int64
	until    time.Time // when the first of its services is hidden, because nobody checked it
	services []*pubService
	byID     map[string]*pubService
	orgs     map[string]*pubOrg
	orgList  []*pubOrg
	sals     []pubSAL
	salByID  map[string]pubSAL
	byTerm   map[string][]*pubService
	byArea   map[string][]*pubService
	termList []*termFragment
	taxList  []*fragment

	wordsOnce sync.Once
	words     map[Feed]map[string][]int // of organizations and terms, for search
}

// pubService is a service that the public may see.
type pubService struct {
	*serviceFragment
	owner    *orgFragment
	checked  time.Time
	modified time.Time
	changes  []byte // what curators changed: items of the list "metadata"
	n        int    // its place in services
}

type pubSAL struct {
	service *pubService
	sal     *salFragment
}

type pubOrg struct {
	*orgFragment
	services []*pubService
	places   []*placeFragment
	modified time.Time
	n        int
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

func publish(ctx context.Context, tx *db.Tx, agency string, now time.Time, old *Published) (*Published, error) {
	rev, err := revision(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	var before *fragments
	if old != nil {
		before = old.fragments
	}
	all, err := renderAll(ctx, tx, agency, before)
	if err != nil {
		return nil, err
	}
	done, err := checks(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	events, err := changesOf(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	return publishAll(all, rev, now, done, events), nil
}

// publishAll takes of all records what the public may see, without asking the
// database.
func publishAll(all *fragments, rev int64, now time.Time, done map[string]*Verification, events map[string]serviceEvents) *Published {
	p := &Published{
		fragments: all, revision: rev, until: now.Add(farAway), byID: map[string]*pubService{}, orgs: map[string]*pubOrg{},
		salByID: map[string]pubSAL{}, byTerm: map[string][]*pubService{}, byArea: map[string][]*pubService{},
	}
	for id, s := range all.services {
		if check := done[id]; s.offered && check.Public(now) {
			p.add(s, check, events[id])
			if check.Hide.Before(p.until) {
				p.until = check.Hide
			}
		}
	}
	p.join()
	p.gatherTerms()
	return p
}

func (p *Published) add(s *serviceFragment, check *Verification, e serviceEvents) {
	one := &pubService{serviceFragment: s, checked: check.Checked.UTC(), changes: e.items}
	if org := p.fragments.orgs[s.org]; org != nil {
		one.owner = org
	}
	at := max(s.updated, e.last)
	if one.owner != nil {
		at = max(at, one.owner.updated)
	}
	for _, sal := range s.sals {
		if place := p.places[sal.location]; place != nil {
			at = max(at, place.updated)
		}
	}
	one.modified = db.Time(at).UTC().Truncate(time.Millisecond)
	p.services = append(p.services, one)
	p.byID[s.id] = one
}

// join puts what was verified in order, and what belongs to it.
func (p *Published) join() {
	slices.SortFunc(p.services, func(a, b *pubService) int { return cmp.Compare(a.id, b.id) })
	for i, s := range p.services {
		s.n = i
		for _, sal := range s.sals {
			if _, twice := p.salByID[sal.id]; !twice {
				p.salByID[sal.id] = pubSAL{s, sal}
				p.sals = append(p.sals, pubSAL{s, sal})
			}
		}
		for _, t := range s.terms {
			p.byTerm[t] = append(p.byTerm[t], s)
		}
		for _, a := range s.areas {
			if list := p.byArea[a]; len(list) == 0 || list[len(list)-1] != s {
				p.byArea[a] = append(list, s)
			}
		}
		if s.owner == nil {
			continue
		}
		o := p.orgs[s.owner.id]
		if o == nil {
			o = &pubOrg{orgFragment: s.owner, modified: db.Time(s.owner.updated).UTC().Truncate(time.Millisecond)}
			p.orgs[s.owner.id] = o
			p.orgList = append(p.orgList, o)
		}
		o.services = append(o.services, s)
		if s.modified.After(o.modified) {
			o.modified = s.modified
		}
	}
	slices.SortFunc(p.sals, func(a, b pubSAL) int { return cmp.Compare(a.sal.id, b.sal.id) })
	slices.SortFunc(p.orgList, func(a, b *pubOrg) int { return cmp.Compare(a.id, b.id) })
	for i, o := range p.orgList {
		o.n = i
	}
	p.joinPlaces()
}

// joinPlaces gives organizations their open locations: those where a verified
// service is given, and those that no service names. Where only services are
// given that nobody verified, nobody verified the place.
func (p *Published) joinPlaces() {
	named, verified := map[string]bool{}, map[string]bool{}
	for _, s := range p.fragments.services {
		for _, sal := range s.sals {
			named[sal.location] = true
			verified[sal.location] = verified[sal.location] || p.byID[s.id] != nil
		}
	}
	for id, place := range p.places {
		if o := p.orgs[place.org]; o != nil && place.level == Full && (verified[id] || !named[id]) {
			o.places = append(o.places, place)
		}
	}
	for _, o := range p.orgList {
		slices.SortFunc(o.places, func(a, b *placeFragment) int { return cmp.Compare(a.id, b.id) })
	}
}

// gatherTerms takes the terms that published records use, with those above
// them: a customer's list of terms may be one that nobody may publish whole.
func (p *Published) gatherTerms() {
	terms, taxonomies := map[string]*termFragment{}, map[string]*fragment{}
	use := func(list []string) {
		for _, id := range list {
			for t := p.terms[id]; t != nil && terms[t.id] == nil; t = p.terms[t.parent] {
				terms[t.id] = t
				if tax := p.taxonomies[t.taxonomy]; tax != nil {
					taxonomies[tax.id] = tax
				}
			}
		}
	}
	for _, s := range p.services {
		use(s.terms)
	}
	for _, at := range p.sals {
		if place := p.places[at.sal.location]; place == nil {
			use(at.sal.terms)
		} else if place.level == Full {
			use(at.sal.terms)
			use(place.terms)
		}
	}
	for _, o := range p.orgList {
		use(o.terms)
		for _, place := range o.places {
			use(place.terms)
		}
	}
	for _, id := range sortedKeys(terms) {
		p.termList = append(p.termList, terms[id])
	}
	for _, id := range sortedKeys(taxonomies) {
		p.taxList = append(p.taxList, taxonomies[id])
	}
}

// serviceEvents is what happened to a service here.
type serviceEvents struct {
	last  int64  // when, in microseconds
	items []byte // edits, as items of the list "metadata"
}

// changesOf reads when something happened to each service, and what curators
// changed. What stood there before is not told: it may have been taken away
// because nobody should call there any more.
func changesOf(ctx context.Context, tx *db.Tx, agency string) (map[string]serviceEvents, error) {
	rows, err := tx.Query(ctx, `SELECT service, id, at, action, detail FROM directory_history WHERE agency = $1 ORDER BY at, id`, agency)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]serviceEvents{}
	for rows.Next() {
		var service, id, action, detail string
		var at int64
		if err := rows.Scan(&service, &id, &at, &action, &detail); err != nil {
			return nil, err
		}
		e := out[service]
		e.last = max(e.last, at)
		if action == "edited" {
			e.items = appendEdit(e.items, service, id, detail, at)
		}
		out[service] = e
	}
	return out, rows.Err()
}

func appendEdit(b []byte, service, event, detail string, at int64) []byte {
	o, err := parse(detail)
	if err != nil {
		return b
	}
	after, _ := o["after"].(Object)
	for _, field := range sortedKeys(after) {
		if len(b) > 0 {
			b = append(b, ',')
		}
		b = append(b, canonical(Object{
			"id": ids.DeriveUUID("edit/"+event, field), "resource_id": service, "resource_type": entService,
			"last_action_date": db.Time(at).UTC().Format("2006-01-02T15:04:05.000Z"), "last_action_type": "update",
			"field_name": field, "previous_value": "", "replacement_value": "", "updated_by": "curator",
		})...)
	}
	return b
}
