package directory

import (
	"context"
	"slices"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo/fold"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Alike is a place whose record has the street and house number of another, and
// shows them.
type Alike struct {
	ID, Name, Address string
	Service           string // one that is given there; "" if none is known
	ServiceName       string
}

// Alike finds the places that would give a place away if it were hidden and they
// were not: sets of several sources often have the same house twice. Of a place
// that shows no address there is nothing to compare.
func (f *Feature) Alike(ctx context.Context, agency, location string) (list []Alike, err error) {
	defer errs.Wrap(&err, "directory.Alike")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = alike(ctx, tx, agency, location)
		return err
	})
	if err != nil || len(list) == 0 {
		return list, err
	}
	ix, err := f.current(ctx, agency)
	if err != nil {
		return nil, err
	}
	ix.found.Each(func(e *entry) {
		for i := range e.spots {
			at := slices.IndexFunc(list, func(a Alike) bool { return a.ID == e.spots[i].id })
			if at >= 0 && e.spots[i].link != oneOf && list[at].Service == "" {
				list[at].Service, list[at].ServiceName = e.id, e.name
			}
		}
	})
	return list, nil
}

// mostAlike are told at once; the others when these are hidden.
const mostAlike = 20

func alike(ctx context.Context, tx *db.Tx, agency, location string) (list []Alike, err error) {
	own, err := oneRecord(ctx, tx, agency, entLocation, location)
	if err != nil {
		return nil, err
	}
	of, err := own.object()
	if err != nil || visibilityOf(of) != Full {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record WHERE agency = $1 AND kind = $2 AND id <> $3 ORDER BY id`, agency, entLocation, location)
	if err != nil {
		return nil, err
	}
	all, err := scanRecords(rows)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		o, err := s.object()
		if err != nil {
			return nil, err
		}
		if visibilityOf(o) == Full && sameStreet(of, o) && len(list) < mostAlike {
			list = append(list, Alike{ID: s.id, Name: str(o, "name"), Address: addressText(o)})
		}
	}
	return list, nil
}

// sameStreet says whether two places have a street and a house number in common,
// however they are written, and neither town nor post code says that these are two
// streets of one name.
func sameStreet(a, b Object) bool {
	for _, x := range objects(a, "addresses") {
		for _, y := range objects(b, "addresses") {
			if elsewhere(x, y, "city") && elsewhere(x, y, "postal_code") {
				continue
			}
			theirs := streetsOf(str(y, "address_1"))
			if slices.ContainsFunc(streetsOf(str(x, "address_1")), func(one street) bool { return slices.Contains(theirs, one) }) {
				return true
			}
		}
	}
	return false
}

func elsewhere(x, y Object, field string) bool {
	return str(x, field) != "" && str(y, field) != "" && fold.Key(str(x, field)) != fold.Key(str(y, field))
}
