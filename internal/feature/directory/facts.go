package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/match"
	"github.com/clew-hotline/clew/internal/lib/stems"
)

// matchID is a service's id as the engine has it.
func matchID(id string) (m match.ID) {
	b, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || len(b) != len(m) {
		sum := sha256.Sum256([]byte(id)) // no UUID: one that is as good
		b = sum[:len(m)]
	}
	copy(m[:], b)
	return m
}

// Tags by which the engine finds services. What nothing is said about has the
// tag of its kind with unsaid, so that it is not taken for a no.
const (
	unsaid        = "?"
	anything      = "*"
	tagNeed       = "need:"
	tagStated     = "stated:" // a need that somebody states, and no rule read from a text
	tagLanguage   = "language:"
	tagCountry    = "country:"
	tagReach      = "reach:"     // from a country, or from anywhere
	tagReachNot   = "reach:not:" // from anywhere but this country
	tagSource     = "source:"
	tagOffered    = "offered"
	tagGender     = "gender:"
	tagStatus     = "immigration:"
	tagFee        = "fee:"
	tagWheelchair = "wheelchair:"
	tagArea       = "area:"
)

// weights of a word by where it stands.
const (
	inName  = 4
	inTerms = 3
	inOrg   = 2
	inText  = 1
)

// factWriter puts down what the engine needs of entries, one at a time.
type factWriter struct {
	cut   stems.Cutter
	facts match.Facts
	at    []struct{ turn, at int } // by the cutter's numbers
	turn  int
}

// of gives the facts of an entry; they hold until the next.
func (w *factWriter) of(e *entry) *match.Facts {
	w.turn++
	if w.cut.Numbers() == 0 {
		w.at = nil
	}
	f := &w.facts
	*f = match.Facts{
		ID: matchID(e.id), Name: e.name, Words: f.Words[:0], Tags: f.Tags[:0], Spots: f.Spots[:0],
		MinAge: int(math.Ceil(min(e.minAge, 200))), MaxAge: int(math.Floor(min(max(e.maxAge, -1), 200))), Callable: len(e.phones) > 0,
		Free: e.intake.vacancy.free, FreeUntil: e.intake.vacancy.until,
	}
	if e.check != nil {
		f.Checked, f.Due, f.Hide = e.check.Checked, e.check.Due, e.check.Hide
		if e.check.Doubted { // hidden already
			f.Hide = e.check.Checked
		}
	}
	if e.hours != nil {
		f.Hours = e.hours
	}
	for i := range e.spots {
		f.Spots = append(f.Spots, e.spots[i].fact())
		f.OneOf = f.OneOf || e.spots[i].link == oneOf
	}
	w.words(e)
	w.tags(e)
	return f
}

// fact is a place for the engine. Of a hidden one it gets the cell alone.
func (sp *spot) fact() match.Spot {
	m := match.Spot{}
	if sp.hours != nil {
		m.Hours = sp.hours
	}
	if sp.level == Hidden {
		m.Cell = sp.place.cell
		return m
	}
	if sp.place.known() {
		m.Lat, m.Lon, m.Known = sp.place.lat, sp.place.lon, true
	}
	return m
}

func (w *factWriter) tag(kind, value string) {
	w.facts.Tags = append(w.facts.Tags, kind+first(value, unsaid))
}

func (w *factWriter) tags(e *entry) {
	for _, n := range needList(e.stated | e.derived) {
		w.tag(tagNeed, n)
	}
	for _, n := range needList(e.stated) {
		w.tag(tagStated, n)
	}
	if e.stated|e.derived == 0 {
		w.tag(tagNeed, "")
	}
	for _, list := range []map[string]bool{e.tongues.spoken, e.tongues.interpreted} {
		for l := range list {
			w.tag(tagLanguage, l)
		}
	}
	switch {
	case e.tongues.interpreter:
		w.tag(tagLanguage, anything)
	case len(e.tongues.spoken)+len(e.tongues.interpreted) == 0:
		w.tag(tagLanguage, "")
	}
	w.tag(tagCountry, e.country)
	w.tag(tagSource, e.source)
	if e.offered {
		w.facts.Tags = append(w.facts.Tags, tagOffered)
	}
	w.facts.Tags = append(w.facts.Tags, reachTags(e.phones)...)
	w.tag(tagGender, string(e.intake.gender))
	w.tag(tagStatus, string(e.intake.status))
	w.tag(tagFee, string(e.intake.fee))
	w.tag(tagWheelchair, string(e.intake.wheelchair))
	for _, a := range e.intake.areas {
		w.tag(tagArea, a)
	}
	if len(e.intake.areas) == 0 {
		w.tag(tagArea, "")
	}
}

func (w *factWriter) add(text string, weight uint8) {
	w.cut.Each(text, func(stem string, n int) {
		for n >= len(w.at) {
			w.at = append(w.at, struct{ turn, at int }{})
		}
		if p := &w.at[n]; p.turn != w.turn {
			p.turn, p.at = w.turn, len(w.facts.Words)
			w.facts.Words = append(w.facts.Words, match.Word{Stem: stem, Weight: weight})
			return
		}
		if one := &w.facts.Words[w.at[n].at]; one.Weight < weight*4 { // a word that is said often is not worth ever more
			one.Weight += weight
		}
	})
}

func (w *factWriter) words(e *entry) {
	o := e.service
	w.add(e.name, inName)
	w.add(str(o, "alternate_name"), inName)
	w.add(e.orgName, inOrg)
	if e.org != nil {
		w.add(str(e.org, "alternate_name"), inOrg)
	}
	for _, f := range []string{"description", "eligibility_description", "application_process", "fees_description", "interpretation_services", "alert"} {
		w.add(str(o, f), inText)
	}
	for _, a := range objects(o, "attributes") {
		w.add(str(a, "label"), inTerms)
		if t, ok := a["taxonomy_term"].(Object); ok {
			w.add(str(t, "name"), inTerms)
		}
	}
	for _, a := range objects(o, "service_areas") {
		w.add(str(a, "name"), inText)
	}
	for _, sp := range e.spots {
		if sp.link != oneOf && sp.level == Full {
			w.add(str(sp.location, "name"), inOrg)
			w.add(sp.place.name, inText)
		}
	}
}
