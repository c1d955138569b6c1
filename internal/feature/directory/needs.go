package directory

import (
	"strings"

	"github.com/clew-hotline/clew/internal/lib/phrases"
)

// The needs: a short list that an advocate and a person in need both
// understand. A set's own taxonomy is kept beside it. Each has its words under
// "directory.need.<code>".
var needCodes = []string{
	NeedHotline, "shelter", "food", "medical", "mental_health", "legal", "immigration",
	"interpretation", "case_management", "safety_planning", "job_training", "education",
	"child_services", "money", "transport", "return_home", "training", "information", NeedEmbassy,
}

// The needs that other packages and rules ask for by name.
const (
	NeedHotline = "hotline"
	NeedEmbassy = "embassy"
)

// Needs lists the need codes, in the order in which a page shows them.
func Needs() []string { return append([]string(nil), needCodes...) }

var needBit = func() map[string]uint32 {
	m := map[string]uint32{}
	for i, c := range needCodes {
		m[c] = 1 << i
	}
	return m
}()

// needLink is the link_type of an attribute whose value is one of our codes.
const needLink = "need"

// citizensLink is the link_type of an attribute that names the country whose
// citizens an embassy is for.
const citizensLink = "citizens"

// needRules guess needs from English text and taxonomy names. They are a help
// for sets without a taxonomy; what they give is marked as derived.
var needRules = []struct {
	need string
	rule *phrases.Rule
}{
	{NeedHotline, phrases.Any(`hot ?lines?`, `help ?lines?`, `crisis (phone )?lines?`)},
	{"shelter", phrases.Any(`shelters?`, `safe ?houses?`, `emergency housing`, `transitional (housing|living)`, `accommodation`, `beds? (for|available)`, `refuges?`)},
	{"food", phrases.Any(`foods?`, `meals?`, `pantry`, `pantries`, `groceries`, `nutrition`)},
	{"medical", phrases.Any(`medical`, `health ?care`, `health (clinics?|centers?|services?)`, `clinics? for health`, `doctors?`, `nurses?`, `nursing`, `hospitals?`, `dental`, `pharmac(y|ies)`)},
	{"mental_health", phrases.Any(`mental health`, `counsell?ing`, `psycholog(y|ical|ists?)`, `therap(y|ists?|ies)`, `trauma`, `psychiatr(y|ic|ists?)`, `support groups?`)},
	{"legal", phrases.Any(`legal`, `lawyers?`, `attorneys?`, `law (clinics?|school|center)`, `court(s|house)?`, `expungement`, `pro bono`, `direct representation`)},
	{"immigration", phrases.Any(`immigra(nt|nts|tion)`, `asylum`, `visas?`, `refugees?`, `deportation`, `citizenship`, `undocumented`)},
	{"interpretation", phrases.Any(`interpret(ation|ers?|ing)`, `translat(ion|ors?|ing)`)},
	{"case_management", phrases.Any(`case (management|managers?|work|workers?)`, `social (services|workers?)`)},
	{"safety_planning", phrases.Any(`safety plan(s|ning)?`, `orders? of protection`, `protective orders?`, `domestic violence`)},
	{"job_training", phrases.Any(`job (training|placement|skills|search|development)`, `vocational`, `employment (training|services|skills)`, `career (placement|training)`, `apprenticeships?`)},
	{"education", phrases.Any(`education`, `schools?`, `literacy`, `scholarships?`, `classes`, `tutoring`)},
	{"child_services", phrases.Any(`child (care|protection|welfare|advocacy)`, `child ?care`, `children'?s (services|homes?)`, `day ?care`, `youth services`, `minors`)},
	{"money", phrases.Any(`financial (assistance|help|aid)`, `cash assistance`, `stipends?`, `public benefits`, `rent(al)? assistance`, `bankruptcy`)},
	{"transport", phrases.Any(`transport(ation)? (help|assistance|services?)`, `bus (tickets?|passes)`, `rides? to`)},
	{"return_home", phrases.Any(`repatriation`, `voluntary return`, `return home`, `reintegration`)},
	{NeedEmbassy, phrases.Any(`embass(y|ies)`, `consulates?`, `consular`)},
}

// needsOf reads a service's needs: those that it states in our own taxonomy,
// and those that its other terms and its text suggest.
func needsOf(service Object) (stated, derived uint32) {
	var text strings.Builder
	for _, a := range objects(service, "attributes") {
		if bit := needBit[str(a, "value")]; bit != 0 && str(a, "link_type") == needLink {
			stated |= bit
			continue
		}
		term, _ := a["taxonomy_term"].(Object)
		text.WriteString(str(a, "label") + "\n" + str(a, "value") + "\n")
		if term != nil {
			text.WriteString(str(term, "name") + "\n")
		}
	}
	for _, f := range []string{"name", "alternate_name", "description"} {
		text.WriteString(str(service, f) + "\n")
	}
	if str(service, "interpretation_services") != "" {
		derived |= needBit["interpretation"]
	}
	derived |= needsIn(text.String())
	return stated, derived &^ stated
}

// needsIn are the needs that a text suggests.
func needsIn(text string) (derived uint32) {
	all := phrases.Read(text)
	for _, r := range needRules {
		if r.rule.In(all) {
			derived |= needBit[r.need]
		}
	}
	return derived
}

// ourTaxonomy is the list of needs as a taxonomy: its terms are our codes.
const ourTaxonomy = "clew-need"

// deepest bounds how far up a taxonomy is read; one whose terms stand under each
// other in a ring has no end.
const deepest = 20

// needsAbove are the needs that the terms mean under which a service's own terms
// stand: a refuge is a place to stay, whatever it is called.
func (e *entry) needsAbove() (stated, derived uint32) {
	for _, a := range objects(e.service, "attributes") {
		term, _ := a["taxonomy_term"].(Object)
		for range deepest {
			if term = e.terms[str(term, "parent_id")]; term == nil {
				break
			}
			if bit := needBit[str(term, "code")]; bit != 0 && str(term, "taxonomy") == ourTaxonomy {
				stated |= bit
			} else {
				derived |= needsIn(str(term, "name"))
			}
		}
	}
	return stated, derived
}

func needList(bits uint32) []string {
	var out []string
	for i, c := range needCodes {
		if bits&(1<<i) != 0 {
			out = append(out, c)
		}
	}
	return out
}
