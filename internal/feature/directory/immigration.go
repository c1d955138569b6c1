package directory

import (
	"strings"

	"github.com/clew-hotline/clew/internal/lib/phrases"
)

// Immigration says whether a service asks for somebody's status as an
// immigrant: the first thing that many want to know before they call.
type Immigration string

// What is known of it. Empty is not known.
const (
	AnyStatus    Immigration = "any"    // it makes no difference
	StatusAsked  Immigration = "asked"  // it is asked for
	StatusNeeded Immigration = "needed" // some are turned away
)

// immigrationLink is the link_type of an attribute whose value is one of these.
const immigrationLink = "immigration"

var (
	anyStatus = phrases.MustCompile(`\b(regardless of|irrespective of|without regard to)( \w+,?){0,6} (immigration|citizenship|legal|residency) status|` +
		`\b(immigration|citizenship) status (is |does |will )?(not|never) |\bundocumented (\w+ ){0,3}(are )?(welcome|eligible|served)|` +
		`\b(do|does|will) not ask (\w+ ){0,4}(immigration|citizenship|papers)`)
	statusNeeded = phrases.MustCompile(`\bmust be (a |an )?((us|u\.s\.|united states) )?(citizens?|(lawful|legal) (permanent )?residents?)\b|` +
		`\b(citizens?|(lawful|legal) permanent residents?) only\b|\bproof of (citizenship|legal residen(ce|cy)|immigration status)\b`)
)

// immigrationOf reads what a service states, else what its text says in
// English. Guessed says that it was read from text.
func immigrationOf(service Object) (rule Immigration, guessed bool) {
	for _, a := range objects(service, "attributes") {
		if v := Immigration(str(a, "value")); str(a, "link_type") == immigrationLink && (v == AnyStatus || v == StatusAsked || v == StatusNeeded) {
			return v, false
		}
	}
	var text strings.Builder
	text.WriteString(str(service, "eligibility_description") + "\n" + str(service, "description") + "\n" + str(service, "application_process"))
	for _, d := range objects(service, "required_documents") {
		text.WriteString("\n" + str(d, "document"))
	}
	switch all := phrases.Read(text.String()); {
	case anyStatus.In(all):
		return AnyStatus, true
	case statusNeeded.In(all):
		return StatusNeeded, true
	}
	return "", false
}
