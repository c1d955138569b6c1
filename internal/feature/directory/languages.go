package directory

import (
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// languageNames are the English names that sets use instead of codes.
var languageNames = map[string]string{
	"albanian": "sq", "amharic": "am", "arabic": "ar", "armenian": "hy", "asl": "ase", "american sign language": "ase",
	"bengali": "bn", "bosnian": "bs", "bulgarian": "bg", "burmese": "my", "cantonese": "yue", "chinese": "zh", "croatian": "hr",
	"czech": "cs", "dari": "prs", "dutch": "nl", "english": "en", "farsi": "fa", "persian": "fa", "filipino": "fil", "french": "fr",
	"german": "de", "greek": "el", "gujarati": "gu", "haitian creole": "ht", "hebrew": "he", "hindi": "hi", "hmong": "hmn",
	"hungarian": "hu", "indonesian": "id", "italian": "it", "japanese": "ja", "khmer": "km", "korean": "ko", "lao": "lo",
	"lithuanian": "lt", "macedonian": "mk", "mandarin": "zh", "moldovan": "ro", "nepali": "ne", "pashto": "ps", "polish": "pl", "portuguese": "pt",
	"punjabi": "pa", "romanian": "ro", "russian": "ru", "serbian": "sr", "slovak": "sk", "somali": "so", "spanish": "es",
	"swahili": "sw", "tagalog": "fil", "tamil": "ta", "thai": "th", "tigrinya": "ti", "turkish": "tr", "ukrainian": "uk",
	"urdu": "ur", "vietnamese": "vi", "yoruba": "yo",
}

var anyLanguage = regexp.MustCompile(`(?i)\b(any|all|over \d+|\d{3}) languages\b|language line`)

// languageCode is the short code of a language named by code or English name;
// "" if it is neither.
func languageCode(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" || len(name) > 40 {
		return ""
	}
	if c := languageNames[name]; c != "" {
		return c
	}
	if i := strings.IndexByte(name, '('); i > 0 { // Chinese (Mandarin)
		return languageCode(name[:i])
	}
	if len(name) == 1 || len(name) > 11 {
		return ""
	}
	tag, err := language.Parse(name)
	if err != nil {
		return ""
	}
	base, _ := tag.Base()
	return base.String()
}

// tongues is who can be spoken with: directly, and through an interpreter.
type tongues struct {
	spoken      map[string]bool
	interpreted map[string]bool
	interpreter bool                   // for any language
	limits      map[string]tongueLimit // of those that are not always spoken
}

// tongueLimit is when a language is spoken: on some days, or as a note says.
type tongueLimit struct {
	days []time.Weekday
	note string
}

// addLimit keeps what an HSDS language says beyond its code. byday is ours, in
// the form of a schedule's: HSDS has no days at languages.
func (t *tongues) addLimit(code string, l Object) {
	limit := tongueLimit{note: shorten(str(l, "note"))}
	if p, ok := readPattern(Object{"freq": "WEEKLY", "byday": str(l, "byday")}); ok && str(l, "byday") != "" {
		for d := range time.Saturday + 1 {
			if p.weekdays&(1<<d) != 0 {
				limit.days = append(limit.days, d)
			}
		}
	}
	if len(limit.days) == 0 && limit.note == "" {
		delete(t.limits, code) // said once without a limit
		return
	}
	if t.limits == nil {
		t.limits = map[string]tongueLimit{}
	}
	if !t.spoken[code] {
		t.limits[code] = limit
	}
}

func (t *tongues) addList(list []Object) {
	for _, l := range list {
		code := first(languageCode(str(l, "code")), languageCode(str(l, "name")))
		if code == "" {
			continue
		}
		if strings.Contains(strings.ToLower(str(l, "note")), "interpret") || strings.Contains(strings.ToLower(str(l, "note")), "translation") {
			t.interpreted[code] = true
		} else {
			t.addLimit(code, l)
			t.spoken[code] = true
		}
	}
}

func (t *tongues) addInterpretation(text string) {
	if text == "" {
		return
	}
	if anyLanguage.MatchString(text) {
		t.interpreter = true
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if c := languageNames[word]; c != "" {
			t.interpreted[c] = true
		}
	}
}

// speaks answers for one language. Nothing said about languages is unknown.
func (t *tongues) speaks(code string) (answer State, byInterpreter bool) {
	switch {
	case t.spoken[code]:
		return Yes, false
	case t.interpreted[code] || t.interpreter:
		return Yes, true
	case len(t.spoken) == 0 && len(t.interpreted) == 0:
		return Unknown, false
	}
	return No, false
}
