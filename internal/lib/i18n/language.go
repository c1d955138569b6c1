package i18n

import (
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/clew-hotline/clew/internal/lib/geo"
)

// Language is one that Clew itself speaks.
type Language struct {
	Code string // BCP 47
	Name string // in its own script
	Dir  string // "ltr" or "rtl"
}

// English is what is said when a word is missing in the reader's language.
const English = "en"

// row holds what differs between languages and is not in a catalog.
//
// Digits are Western everywhere, in Arabic too: telephone numbers, codes and
// hours must look as they do on the keypad they are typed into and as the
// person at the other end reads them out.
type row struct {
	Language
	tag      language.Tag
	forms    []string // plural forms that a counted text must have
	group    string   // between thousands
	groupMin int      // fewest digits that are grouped at all
	decimal  string
	percent  string // after the number
	comma    string // between the members of a list
	months   [12]string
	monthsIn [12]string // the form a month takes inside a date
	days     [7]string  // from Sunday
	date     string     // D day, M month inside a date, Y year
	month    string     // M month alone, Y year
}

const nbsp = "\u00a0"

var rows = []*row{
	{
		Language: Language{"en", "English", "ltr"},
		forms:    []string{"one", "other"},
		group:    ",", groupMin: 4, decimal: ".", percent: "%", comma: ", ",
		months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		days:   [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		date:   "D M Y", month: "M Y",
	},
	{
		// CLDR gives Spanish a "many" for whole millions; "other" reads
		// well enough there and no translator should have to supply it.
		Language: Language{"es", "Español", "ltr"},
		forms:    []string{"one", "other"},
		group:    ".", groupMin: 5, decimal: ",", percent: nbsp + "%", comma: ", ",
		months: [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		days:   [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		date:   "D de M de Y", month: "M de Y",
	},
	{
		Language: Language{"zh", "中文", "ltr"},
		forms:    []string{"other"},
		group:    ",", groupMin: 4, decimal: ".", percent: "%", comma: "、",
		months: [12]string{"1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"},
		days:   [7]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"},
		date:   "Y年MD日", month: "Y年M",
	},
	{
		Language: Language{"ru", "Русский", "ltr"},
		forms:    []string{"one", "few", "many", "other"},
		group:    nbsp, groupMin: 4, decimal: ",", percent: nbsp + "%", comma: ", ",
		months:   [12]string{"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"},
		monthsIn: [12]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"},
		days:     [7]string{"воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"},
		date:     "D M Y г.", month: "M Y г.",
	},
	{
		Language: Language{"pl", "Polski", "ltr"},
		forms:    []string{"one", "few", "many", "other"},
		group:    nbsp, groupMin: 5, decimal: ",", percent: "%", comma: ", ",
		months:   [12]string{"styczeń", "luty", "marzec", "kwiecień", "maj", "czerwiec", "lipiec", "sierpień", "wrzesień", "październik", "listopad", "grudzień"},
		monthsIn: [12]string{"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada", "grudnia"},
		days:     [7]string{"niedziela", "poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota"},
		date:     "D M Y", month: "M Y",
	},
	{
		Language: Language{"ar", "العربية", "rtl"},
		forms:    []string{"zero", "one", "two", "few", "many", "other"},
		group:    ",", groupMin: 4, decimal: ".", percent: "%", comma: "، ",
		months: [12]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
		days:   [7]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
		date:   "D M Y", month: "M Y",
	},
}

var (
	byCode  = map[string]*row{}
	matcher language.Matcher
)

func init() { //nolint:gochecknoinits // completes the table right above; it registers nothing
	tags := make([]language.Tag, len(rows))
	for i, r := range rows {
		r.tag = language.MustParse(r.Code)
		if r.monthsIn[0] == "" {
			r.monthsIn = r.months
		}
		byCode[r.Code], tags[i] = r, r.tag
	}
	matcher = language.NewMatcher(tags)
}

// Languages lists the languages in the order in which a picker shows them.
func Languages() []Language {
	out := make([]Language, len(rows))
	for i, r := range rows {
		out[i] = r.Language
	}
	return out
}

// Known says whether Clew speaks a language, by its exact code.
func Known(code string) bool { return byCode[code] != nil }

// Match picks the language for an Accept-Language header: English when it is
// empty, too long, broken or asks for none that we speak.
func Match(header string) string { return match(header, matcher, rows) }

// MatchOf is Match among some languages, by their codes. When it asks for none
// of them it gives the first. Codes that we do not speak are left out.
func MatchOf(header string, codes []string) string {
	var among []*row
	var tags []language.Tag
	for _, code := range codes {
		if r := byCode[code]; r != nil {
			among, tags = append(among, r), append(tags, r.tag)
		}
	}
	if len(among) == 0 {
		return English
	}
	return match(header, language.NewMatcher(tags), among)
}

func match(header string, m language.Matcher, among []*row) string {
	first := among[0].Code
	if len(header) > 1000 {
		return first
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(wanted) == 0 {
		return first
	}
	_, i, confidence := m.Match(wanted...)
	if confidence == language.No {
		return first
	}
	return among[i].Code
}

// OwnName is a language's name in its own script, also of one that Clew does
// not speak but an interpreter may: "Tagalog", "አማርኛ". The code itself when
// nobody knows it.
func OwnName(code string) string {
	if r := byCode[code]; r != nil {
		return r.Name
	}
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := display.Self.Name(tag); name != "" {
		return upperFirst(name)
	}
	return code
}

// LanguageName is a language's name in the reader's language.
func (p *Printer) LanguageName(code string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := display.Tags(p.row.tag).Name(tag); name != "" {
		return name
	}
	return code
}

// Country is the name of a country, by its ISO 3166 code, in the reader's
// language.
func (p *Printer) Country(code string) string { return geo.CountryName(code, p.row.Code) }

// Compare orders two names as the reader's language orders them.
func (p *Printer) Compare(a, b string) int {
	return collate.New(p.row.tag).CompareString(a, b)
}

func upperFirst(s string) string {
	for i := range s {
		if i > 0 {
			return strings.ToUpper(s[:i]) + s[i:]
		}
	}
	return strings.ToUpper(s)
}
