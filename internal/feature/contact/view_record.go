package contact

import (
	"slices"
	"strings"
	"sync"

	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// recordView is the structured record as a form: all of it, or what wrapping
// up asks.
type recordView struct {
	frame
	ID     string
	R      Record
	Errors map[string]string // form field → word key
	Saved  bool
	Active bool
	Part   bool // sent alone to a script, which puts the focus where it belongs
}

// Wrong is the sentence beside a field, empty if it is right.
func (v recordView) Wrong(field string) string {
	if key := v.Errors[field]; key != "" {
		return v.W.T(key)
	}
	return ""
}

// question is one answer of the five states.
type question struct {
	Name  string
	Value Answer
	Error string
	Focus bool
}

// Safety are the questions that come first; Others the rest.
func (v recordView) Safety() []question {
	return v.questions("danger", v.R.Danger, "safe_speak", v.R.SafeSpeak, "safe_voicemail", v.R.SafeVoicemail, "safe_text", v.R.SafeText)
}

// Others are the questions that can wait.
func (v recordView) Others() []question {
	return v.questions("interpreter", v.R.Interpreter, "seen_before", v.R.SeenBefore)
}

func (v recordView) questions(pairs ...any) (list []question) {
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		value, _ := pairs[i+1].(Answer)
		list = append(list, question{Name: name, Value: value, Error: v.Wrong(name), Focus: name == "danger"})
	}
	return list
}

// Answers are the five states in the order of the keys 1 to 5.
func (recordView) Answers() []Answer { return []Answer{Yes, No, Unknown, Declined, NotAsked} }

// Options are the choices of a coded field, in the reader's words.
func (v recordView) Options(field string) []desk.Option {
	switch field {
	case "request_type":
		return codeOptions(v.W, "contact.request_type.", Recorded)
	case "substantive":
		return codeOptions(v.W, "contact.substantive.", Substantives)
	case "contactor":
		return codeOptions(v.W, "contact.contactor.", Contactors)
	case "proximity":
		return codeOptions(v.W, "contact.proximity.", Proximities)
	case "age_group":
		return codeOptions(v.W, "contact.age_group.", AgeGroups)
	case "disposition":
		return codeOptions(v.W, "contact.disposition.", Dispositions)
	case "country":
		return append([]desk.Option{{Value: NoCountry, Label: v.W.T("contact.country.unknown")}}, countryOptions(v.W)...)
	case "language":
		return languageOptions(v.W, v.R.Language)
	}
	return nil
}

// Regions are those of the country, to choose from or to type.
func (v recordView) Regions() (list []desk.Option) {
	for _, r := range geo.Regions(v.R.Country) {
		list = append(list, desk.Option{Value: r.Code, Label: r.Name})
	}
	return list
}

// Needs are check boxes.
func (v recordView) Needs() []desk.Option {
	list := codeOptions(v.W, "contact.need.", needCodes)
	for i := range list {
		list[i].On = slices.Contains(v.R.Needs, list[i].Value)
	}
	return list
}

// needCodes are the needs that a box can be ticked for: not asked is none.
var needCodes = slices.DeleteFunc(slices.Clone(Needs), func(n string) bool { return n == string(NotAsked) })

func codeOptions[T ~string](w *i18n.Printer, prefix string, codes []T) []desk.Option {
	list := make([]desk.Option, len(codes))
	for i, c := range codes {
		list[i] = desk.Option{Value: string(c), Label: w.T(prefix + string(c))}
	}
	return list
}

// Lists of countries and languages are long and the same for all readers of a
// language, so they are put in order once.
var (
	countryLists  sync.Map // language → []desk.Option
	languageLists sync.Map
)

func countryOptions(w *i18n.Printer) []desk.Option {
	return ordered(&countryLists, w, func() (list []desk.Option) {
		for _, c := range geo.Countries(w.Lang()) {
			list = append(list, desk.Option{Value: c.Code, Label: c.Name})
		}
		return list
	})
}

// languages are those that people who contact hotlines of the field speak most;
// another one stays what it is when a contact comes in it.
var languages = strings.Fields(`en es zh ru pl ar am bn bg my yue cs nl fa fil fr ka de el ht he hi hu id it ja km ko ku lo lv lt
	mk mn ne no om ps pt pa ro sr sk so sw sv ta th ti tr uk ur uz vi yo ase`)

func languageOptions(w *i18n.Printer, current string) []desk.Option {
	list := ordered(&languageLists, w, func() (list []desk.Option) {
		for _, code := range languages {
			list = append(list, desk.Option{Value: code, Label: w.LanguageName(code)})
		}
		return list
	})
	if current == "und" || current == "" || slices.ContainsFunc(list, func(o desk.Option) bool { return o.Value == current }) {
		return list
	}
	return append([]desk.Option{{Value: current, Label: w.LanguageName(current)}}, list...)
}

func ordered(kept *sync.Map, w *i18n.Printer, collect func() []desk.Option) []desk.Option {
	if list, ok := kept.Load(w.Lang()); ok {
		return list.([]desk.Option) //nolint:forcetypeassert // the map holds nothing else
	}
	list := collect()
	slices.SortStableFunc(list, func(a, b desk.Option) int { return w.Compare(a.Label, b.Label) })
	kept.Store(w.Lang(), list)
	return list
}
