package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Feed is one of the lists of HSDS.
type Feed string

// The feeds, as HSDS calls them.
const (
	Services      Feed = "services"
	Organizations Feed = "organizations"
	ServicesAt    Feed = "service_at_locations"
	Taxonomies    Feed = "taxonomies"
	Terms         Feed = "taxonomy_terms"
)

// Ask is what somebody wants of a feed. Conditions are cumulative: what is
// listed satisfies each one.
type Ask struct {
	Feed  Feed
	Query Query // Agency; and of the others those that services are searched by

	Postcode      string // the area of the service, or its place, has this in it
	Metres        int    // within so many metres of the post code, or of Query.Near; 0: see Postcode
	Organization  string // ids
	Term          string
	Taxonomy      string
	Parent        string
	Top           bool // terms that stand under no other
	ModifiedAfter time.Time

	Full         bool // with everything inside
	Minimal      bool // ids and dates
	WithServices bool // organizations: with their services
}

// Offer is a list of published records. It holds no record itself, so that a
// long one can be written piece by piece.
type Offer struct {
	Total int
	tag   string
	write func(b []byte, i int) []byte
}

// ETag changes with everything that could change the answer.
func (o Offer) ETag() string { return o.tag }

// Append appends item i, from 0, as JSON.
func (o Offer) Append(b []byte, i int) []byte { return o.write(b, i) }

// Offer lists published records, always in the same order: by what fits best if
// something was searched for, else by id.
func (f *Feature) Offer(ctx context.Context, a Ask) (o Offer, err error) {
	defer errs.Wrap(&err, "directory.Offer")
	p, err := f.Published(ctx, a.Query.Agency)
	if err != nil {
		return Offer{}, err
	}
	switch a.Feed {
	case Services, ServicesAt:
		return f.offerServices(ctx, p, a)
	case Organizations:
		list, err := p.organizationsFor(a)
		return offer(p, list, func(b []byte, o *pubOrg) []byte {
			return organizationOf(b, o, a.Full || a.WithServices, a.WithServices)
		}), err
	case Terms:
		list, err := p.termsFor(a)
		return offer(p, list, func(b []byte, t *termFragment) []byte { return append(t.appendTo(append(b, '{'), true), '}') }), err
	case Taxonomies:
		list, err := p.taxonomiesFor(a)
		return offer(p, list, func(b []byte, t *fragment) []byte { return append(t.appendTo(append(b, '{'), true), '}') }), err
	}
	return Offer{}, errs.New(errs.NotFound, "", nil)
}

func offer[T any](p *Published, list []T, write func([]byte, T) []byte) Offer {
	return Offer{Total: len(list), tag: p.ETag(), write: func(b []byte, i int) []byte { return write(b, list[i]) }}
}

// OfferOne appends one published record with everything inside; NotFound if
// there is none with this id that the public may see.
func (f *Feature) OfferOne(ctx context.Context, agency string, feed Feed, id string, withServices bool) (b []byte, tag string, err error) {
	defer errs.Wrap(&err, "directory.OfferOne")
	p, err := f.Published(ctx, agency)
	if err != nil {
		return nil, "", err
	}
	id = strings.ToLower(id)
	switch feed {
	case Services:
		if s := p.serviceOf(id); s != nil {
			return p.service(nil, s, true), p.ETag(), nil
		}
	case ServicesAt:
		if at, ok := p.salOf(id); ok {
			return serviceAtLocation(nil, at, true), p.ETag(), nil
		}
	case Organizations:
		if o := p.org(id); o != nil {
			return organizationOf(nil, o, true, withServices), p.ETag(), nil
		}
	case Terms:
		if t, ok := find(p.terms, id, func(t *termFragment) string { return t.id }); ok {
			return append(t.appendTo([]byte{'{'}, true), '}'), p.ETag(), nil
		}
	case Taxonomies:
		if t, ok := find(p.taxonomies, id, func(t *fragment) string { return t.id }); ok {
			return append(t.appendTo([]byte{'{'}, true), '}'), p.ETag(), nil
		}
	}
	return nil, "", errs.New(errs.NotFound, "", nil)
}

// find looks for an id in a list that is in their order.
func find[T any](list []T, id string, of func(T) string) (found T, ok bool) {
	i, ok := slices.BinarySearchFunc(list, id, func(t T, id string) int { return cmp.Compare(of(t), id) })
	if ok {
		found = list[i]
	}
	return found, ok
}
