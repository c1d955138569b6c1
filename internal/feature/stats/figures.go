package stats

import "github.com/clew-hotline/clew/internal/core/facts"

// figure is one table: facts of a section by one code.
type figure struct {
	ID   string // of its words and its definition: stats.figure.<ID>
	Code string
	Open bool // languages and regions: only values that occur are listed
}

// section counts one set of facts by several codes. No fact is in two.
type section struct {
	ID     string
	Kind   string
	Where  map[string]string
	Except string // a value of the first table's code that is left out
	Tables []figure
}

// sections are all figures there are, in the order of the page.
var sections = []section{
	{ID: "contacts", Kind: facts.Contact, Where: map[string]string{"substantive": facts.Yes}, Tables: []figure{
		{ID: "channel", Code: "channel"},
		{ID: "request_type", Code: "request_type"},
		{ID: "language", Code: "language", Open: true},
		{ID: "region", Code: "region", Open: true},
		{ID: "contactor", Code: "contactor"},
		{ID: "age_group", Code: "age_group"},
		{ID: "disposition", Code: "disposition"},
	}},
	{ID: "not_substantive", Kind: facts.Contact, Except: facts.Yes, Tables: []figure{
		{ID: "reason", Code: "substantive"},
	}},
	{ID: "referrals", Kind: facts.Referral, Tables: []figure{
		{ID: "need", Code: "need"},
	}},
	{ID: "outcomes", Kind: facts.Outcome, Tables: []figure{
		{ID: "outcome", Code: "outcome"},
	}},
}

// values are the closed list of a table's values, in order; nil if it is open.
func (s section) values(f figure) (list []string) {
	kind, _ := facts.KindOf(s.Kind)
	code, _ := kind.Code(f.Code)
	if f.Open {
		return nil
	}
	for _, v := range code.Values {
		if v != s.Except {
			list = append(list, v)
		}
	}
	return list
}
