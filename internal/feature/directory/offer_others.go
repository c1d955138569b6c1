package directory

import (
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/stems"
)

func (p *Published) organizationsFor(a Ask) ([]*pubOrg, error) {
	if !a.ModifiedAfter.IsZero() || a.Term != "" || a.Taxonomy != "" || a.Organization != "" || a.Query.Words != "" {
		hit, err := p.search(Organizations, a.Query.Words)
		if err != nil {
			return nil, err
		}
		list := []*pubOrg{}
		for i, o := range p.orgList {
			if hit(i) && !o.modified.Before(a.ModifiedAfter) && (a.Organization == "" || o.id == a.Organization) && p.hasTerm(o, a) {
				list = append(list, o)
			}
		}
		return list, nil
	}
	return p.orgList, nil
}

func (p *Published) hasTerm(o *pubOrg, a Ask) bool {
	fits := func(terms []string) bool {
		return (a.Term == "" || slices.Contains(terms, a.Term)) && p.ofTaxonomy(terms, a.Taxonomy)
	}
	return fits(o.terms) || slices.ContainsFunc(o.services, func(s *pubService) bool { return fits(s.terms) })
}

func (p *Published) termsFor(a Ask) ([]*termFragment, error) {
	hit, err := p.search(Terms, a.Query.Words)
	if err != nil {
		return nil, err
	}
	list := []*termFragment{}
	for i, t := range p.termList {
		if hit(i) && (a.Taxonomy == "" || t.taxonomy == a.Taxonomy) && (a.Parent == "" || t.parent == a.Parent) && (!a.Top || t.parent == "") {
			list = append(list, t)
		}
	}
	return list, nil
}

func (p *Published) taxonomiesFor(a Ask) ([]*fragment, error) {
	hit, err := p.search(Taxonomies, a.Query.Words)
	if err != nil {
		return nil, err
	}
	list := []*fragment{}
	for i, t := range p.taxList {
		if hit(i) {
			list = append(list, t)
		}
	}
	return list, nil
}

// search says which items of a small feed have all the words. What is looked
// through is what is published, so that nothing else can be found out.
func (p *Published) search(feed Feed, words string) (func(i int) bool, error) {
	words, _ = clean(words)
	if len(words) > maxWords {
		return nil, errs.In("search", "directory.search.too_long")
	}
	wanted := queryStems(words)
	if strings.TrimSpace(words) == "" {
		return func(int) bool { return true }, nil
	}
	p.wordsOnce.Do(p.indexWords)
	found := map[int]int{}
	for _, w := range wanted {
		has := map[int]bool{}
		for _, stem := range w {
			for _, i := range p.words[feed][stem] {
				has[i] = true
			}
		}
		for i := range has {
			found[i]++
		}
	}
	return func(i int) bool { return len(wanted) > 0 && found[i] == len(wanted) }, nil
}

func (p *Published) indexWords() {
	p.words = map[Feed]map[string][]int{Organizations: {}, Terms: {}, Taxonomies: {}}
	add := func(feed Feed, i int, f *fragment) {
		o, err := parse(string(whole(f.base)))
		if err != nil {
			return
		}
		text := strings.Join([]string{str(o, "name"), str(o, "alternate_name"), str(o, "description"), str(o, "code")}, " ")
		seen := map[string]bool{}
		for _, w := range stems.Of(text) {
			if !seen[w] {
				seen[w] = true
				p.words[feed][w] = append(p.words[feed][w], i)
			}
		}
	}
	for i, o := range p.orgList {
		add(Organizations, i, &o.fragment)
	}
	for i, t := range p.termList {
		add(Terms, i, &t.fragment)
	}
	for i, t := range p.taxList {
		add(Taxonomies, i, t)
	}
}
