package contact

import (
	"slices"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// Record is the structured part of a contact: the facts that stay in view and
// what wrapping up asks. Sealed as a whole.
type Record struct {
	Danger        Answer      `json:"danger"`
	SafeSpeak     Answer      `json:"safe_speak"`
	SafeVoicemail Answer      `json:"safe_voicemail"`
	SafeText      Answer      `json:"safe_text"`
	Safe          SafeContact `json:"safe"`
	Language      string      `json:"language"`
	Interpreter   Answer      `json:"interpreter"` // needed?
	Country       string      `json:"country"`     // ISO 3166-1
	Region        string      `json:"region"`      // ISO 3166-2
	Place         string      `json:"place"`
	Contactor     string      `json:"contactor"`
	AboutWords    string      `json:"about_words"` // who it is about, in their own words
	Proximity     string      `json:"proximity"`
	AgeGroup      string      `json:"age_group"`
	SeenBefore    Answer      `json:"seen_before"`
	Summary       string      `json:"summary"` // one line for whoever takes the next contact
	RequestType   RequestType `json:"request_type"`
	Substantive   string      `json:"substantive"`
	Disposition   string      `json:"disposition"`
	Needs         []string    `json:"needs"`

	// What can recognise them, or what they speak of, again; see package blind.
	Reach  string `json:"reach,omitempty"`  // another number or e-mail address of theirs
	Plate  string `json:"plate,omitempty"`  // of a vehicle they name
	Street string `json:"street,omitempty"` // and house number they name, in Place
}

// firstRecord is what is known from what the person sent.
func firstRecord(in Incoming) Record {
	r := Record{
		Danger: NotAsked, SafeSpeak: NotAsked, SafeVoicemail: NotAsked, SafeText: NotAsked, Safe: in.Safe,
		Language: in.Language, Interpreter: NotAsked, Country: in.Country, Place: in.Place,
		AgeGroup: "not_asked", SeenBefore: NotAsked,
	}
	if oneOf(Abouts, in.About) {
		r.Contactor = in.About
	} else {
		r.AboutWords = in.About
	}
	if in.RequestType != Unsure {
		r.RequestType = in.RequestType
	}
	if in.Safe.Voicemail != "" {
		r.SafeVoicemail = in.Safe.Voicemail
	}
	switch in.Safe.Channel { // the way that they asked for is one that they hold for safe
	case "phone":
		r.SafeSpeak = Yes
	case "text":
		r.SafeText = Yes
	}
	return r
}

// clean mends the texts of a record and checks its codes.
func (r *Record) clean() error {
	for field, line := range map[string]*string{
		"place": &r.Place, "summary": &r.Summary, "about_words": &r.AboutWords,
		"safe": &r.Safe.Note, "language": &r.Language, "reach": &r.Reach, "plate": &r.Plate, "street": &r.Street,
	} {
		*line = text.Line(*line)
		if !text.Fits(*line, maxLine) {
			return &errs.Error{Kind: errs.TooLarge, Word: "contact.error.line_long", Field: field}
		}
	}
	for field, a := range map[string]Answer{
		"danger": r.Danger, "safe_speak": r.SafeSpeak, "safe_voicemail": r.SafeVoicemail,
		"safe_text": r.SafeText, "interpreter": r.Interpreter, "seen_before": r.SeenBefore,
	} {
		if !oneOf(Answers, a) {
			return errs.In(field, "contact.error.code")
		}
	}
	for _, c := range []struct {
		field, value string
		list         []string
		optional     bool
	}{
		{"contactor", r.Contactor, Contactors, true},
		{"proximity", r.Proximity, Proximities, true},
		{"age_group", r.AgeGroup, AgeGroups, false},
		{"substantive", r.Substantive, Substantives, true},
		{"disposition", r.Disposition, Dispositions, true},
	} {
		if !(c.optional && c.value == "") && !slices.Contains(c.list, c.value) {
			return errs.In(c.field, "contact.error.code")
		}
	}
	if r.RequestType != "" && !oneOf(Recorded, r.RequestType) {
		return errs.In("request_type", "contact.error.code")
	}
	for _, n := range r.Needs {
		if !slices.Contains(Needs, n) {
			return errs.In("needs", "contact.error.code")
		}
	}
	return nil
}

// Missing names the fields that closing still needs, at most six.
func (r Record) Missing() (fields []string) {
	for field, missing := range map[string]bool{
		"request_type": r.RequestType == "",
		"substantive":  r.Substantive == "",
		"contactor":    r.Contactor == "",
		"proximity":    r.Proximity == "",
		"country":      r.Country == "",
		"disposition":  r.Disposition == "",
	} {
		if missing {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return fields
}
