package directory

import "testing"

func TestTheRuleForImmigrants(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Immigration{
		"Open to all regardless of immigration status.":                         AnyStatus,
		"Serves everybody regardless of income, gender, or immigration status.": AnyStatus,
		"Immigration status is not asked.":                                      AnyStatus,
		"We do not ask about your immigration papers.":                          AnyStatus,
		"Undocumented people are welcome.":                                      AnyStatus,
		"Clients must be U.S. citizens or legal residents.":                     StatusNeeded,
		"Bring proof of citizenship.":                                           StatusNeeded,
		"Helps with immigration status and citizenship.":                        "",
		"Free legal help for tenants.":                                          "",
	} {
		if got, guessed := immigrationOf(Object{"eligibility_description": text}); got != want || guessed != (want != "") {
			t.Errorf("%q: %q", text, got)
		}
	}
	stated := Object{
		"description": "Must be a citizen.",
		"attributes":  []any{Object{"link_type": "immigration", "value": "any"}},
	}
	if got, guessed := immigrationOf(stated); got != AnyStatus || guessed {
		t.Errorf("what is stated goes before what is guessed: %q", got)
	}
}
