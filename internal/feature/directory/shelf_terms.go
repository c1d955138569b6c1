package directory

// Published are the terms that published records use, with those above them: a
// customer's list of terms may be one that nobody may publish whole.

// inlineTerm is a term that stands in a record and in no table.
type inlineTerm struct {
	*termFragment
	n int // how often something published tells it
}

// tells gives the fragments that a service shows.
func (s *pubService) tells(each func(*fragment)) {
	each(&s.fragment)
	for i, sal := range s.sals {
		switch place := s.places[i]; {
		case place == nil:
			each(&sal.fragment)
		case place.level == Full:
			each(&sal.fragment)
			each(&place.fragment)
		}
	}
}

// tells gives the fragments that an organization shows, but for its services.
func (o *pubOrg) tells(each func(*fragment)) {
	each(&o.fragment)
	for _, place := range o.places {
		each(&place.fragment)
	}
}

// count adds what fragments use to what is used, or with -1 takes it away.
func (s *shelf) count(tells func(each func(*fragment)), by int) {
	tells(func(f *fragment) {
		for _, id := range f.terms {
			was := s.used[id]
			if s.used[id] = was + by; was+by == 0 {
				delete(s.used, id)
			}
			s.relist = s.relist || was == 0 || was+by == 0
		}
		for _, t := range f.inline {
			s.countInline(f.id, t, by)
		}
	})
}

func (s *shelf) countInline(record string, t *termFragment, by int) {
	all := s.inline[t.id]
	if all == nil {
		all = map[string]*inlineTerm{}
		s.inline[t.id] = all
	}
	one := all[record]
	switch {
	case one == nil:
		one = &inlineTerm{termFragment: t}
		all[record] = one
		s.relist = true
	case by > 0 && one.termFragment != t: // its record was rendered again
		one.termFragment, s.relist = t, true
	}
	if one.n += by; one.n == 0 {
		delete(all, record)
		s.relist = true
	}
	if len(all) == 0 {
		delete(s.inline, t.id)
	}
}

// term finds a term in the tables, else in the first published record that has
// it; nil if it is in neither.
func (s *shelf) term(id string) *termFragment {
	if t := s.render.terms[id]; t != nil {
		return t
	}
	if all := s.inline[id]; len(all) > 0 {
		return all[sortedKeys(all)[0]].termFragment
	}
	return nil
}

// listTerms gives the terms that are published, and their taxonomies.
func (s *shelf) listTerms() (terms []*termFragment, taxonomies []*fragment) {
	byID, of := map[string]*termFragment{}, map[string]*fragment{}
	for _, id := range sortedKeys(s.used) {
		for t := s.term(id); t != nil && byID[t.id] == nil; t = s.term(t.parent) {
			byID[t.id] = t
		}
	}
	for _, id := range sortedKeys(byID) {
		t := byID[id]
		terms = append(terms, t)
		switch {
		case s.render.taxonomies[t.taxonomy] != nil:
			of[t.taxonomy] = s.render.taxonomies[t.taxonomy]
		case t.detail != nil && of[t.taxonomy] == nil:
			of[t.taxonomy] = t.detail
		}
	}
	for _, id := range sortedKeys(of) {
		taxonomies = append(taxonomies, of[id])
	}
	return terms, taxonomies
}
