package directory

import (
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/stems"
)

func (p *Published) organizationsFor(a Ask) ([]*pubOrg, error) {
	if !a.ModifiedAfter.IsZero() || a.Term != "" || a.Taxonomy != "" || a.Organization != "" || a.Query.Words != "" {
		hit, err := withWords(a.Query.Words)
		if err != nil {
			return nil, err
		}
		list := []*pubOrg{}
		has := p.has(a.Term)
		for _, o := range p.orgs {
			if hit(&o.fragment) && !o.modified.Before(a.ModifiedAfter) && (a.Organization == "" || o.id == a.Organization) && p.hasTerm(o, has, a.Taxonomy) {
				list = append(list, o)
			}
		}
		return list, nil
	}
	return p.orgs, nil
}

func (p *Published) hasTerm(o *pubOrg, has func(terms []string) bool, taxonomy string) bool {
	fits := func(terms []string) bool { return has(terms) && p.ofTaxonomy(terms, taxonomy) }
	return fits(o.terms) || slices.ContainsFunc(o.services, func(s *pubService) bool { return fits(s.terms) })
}

func (p *Published) termsFor(a Ask) ([]*termFragment, error) {
	hit, err := withWords(a.Query.Words)
	if err != nil {
		return nil, err
	}
	list := []*termFragment{}
	for _, t := range p.terms {
		if hit(&t.fragment) && (a.Taxonomy == "" || t.taxonomy == a.Taxonomy) && (a.Parent == "" || t.parent == a.Parent) && (!a.Top || t.parent == "") {
			list = append(list, t)
		}
	}
	return list, nil
}

func (p *Published) taxonomiesFor(a Ask) ([]*fragment, error) {
	hit, err := withWords(a.Query.Words)
	if err != nil {
		return nil, err
	}
	list := []*fragment{}
	for _, t := range p.taxonomies {
		if hit(t) {
			list = append(list, t)
		}
	}
	return list, nil
}

// withWords says which items of a small feed have all the words. What is looked
// through is what is published, so that nothing else can be found out.
func withWords(words string) (func(*fragment) bool, error) {
	words, _ = clean(words)
	if len(words) > maxWords {
		return nil, errs.In("search", "directory.search.too_long")
	}
	if strings.TrimSpace(words) == "" {
		return func(*fragment) bool { return true }, nil
	}
	wanted := queryStems(words)
	return func(f *fragment) bool {
		text := f.stems()
		return len(wanted) > 0 && !slices.ContainsFunc(wanted, func(oneOf []string) bool {
			return !slices.ContainsFunc(oneOf, func(stem string) bool { return strings.Contains(text, " "+stem+" ") })
		})
	}, nil
}

// stems are those of a record's words, each between spaces. They are found out
// when it is first searched.
func (f *fragment) stems() string {
	if known := f.words.Load(); known != nil {
		return *known
	}
	found := " "
	if o, err := parse(string(whole(f.base))); err == nil {
		text := strings.Join([]string{str(o, "name"), str(o, "alternate_name"), str(o, "description"), str(o, "code")}, " ")
		found = " " + strings.Join(stems.Of(text), " ") + " "
	}
	f.words.Store(&found)
	return found
}
