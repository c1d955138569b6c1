package directory

import "context"

// publicIDs gives all services that the public may see and that satisfy a
// query, best first. Of a confidential place no more than its cell has a part in it.
func (f *Feature) publicIDs(ctx context.Context, q Query) ([]string, error) {
	if err := q.clean(); err != nil {
		return nil, err
	}
	ix, err := f.current(ctx, q.Agency)
	if err != nil {
		return nil, err
	}
	hits := ix.all(ask(q, f.now()))
	list := make([]string, len(hits))
	for i, h := range hits {
		list[i] = h.e.id
	}
	return list, nil
}

// publicWithin says whether one place of a service is within the distance that
// a query asks for.
func (f *Feature) publicWithin(ctx context.Context, q Query) (func(service, location string) bool, error) {
	if err := q.clean(); err != nil {
		return nil, err
	}
	ix, err := f.current(ctx, q.Agency)
	if err != nil {
		return nil, err
	}
	return func(service, location string) bool {
		e := ix.entry(service)
		if e == nil {
			return false
		}
		for i := range e.spots {
			if sp := &e.spots[i]; sp.id == location && sp.place.known() {
				inside, _ := sp.distance(*q.Near, q.KM)
				return inside
			}
		}
		return false
	}, nil
}
