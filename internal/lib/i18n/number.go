package i18n

import (
	"fmt"
	"html/template"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Number writes a whole number of any integer type: "12,345", "12.345",
// "12 345". It takes any, because that is what a page has at hand.
func (p *Printer) Number(v any) string {
	n, ok := whole(v)
	if !ok {
		return fmt.Sprint(v)
	}
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "−", s[1:]
	}
	if len(s) < p.row.groupMin {
		return sign + s
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(p.row.group)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Decimal writes a number with so many places after the point.
func (p *Printer) Decimal(f float64, places int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	whole, part, found := strings.Cut(strconv.FormatFloat(math.Abs(f), 'f', places, 64), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return "–"
	}
	s := p.Number(n)
	if found {
		s += p.row.decimal + part
	}
	if f < 0 {
		s = "−" + s
	}
	return s
}

// Percent writes a share of one, 0.123, as whole percent: "12%".
func (p *Printer) Percent(share float64) string {
	return p.Decimal(share*100, 0) + p.row.percent
}

// extension stands between a number and its extension, where people read them.
const extension = "×"

// Dial is what a telephone dials for a number as people read it: digits, and
// after a pause (a comma) those of an extension.
func Dial(number string) string {
	number, more, _ := strings.Cut(number, extension)
	dialled := digits(number)
	if more = digits(more); more != "" {
		dialled += "," + more
	}
	return dialled
}

func digits(s string) string {
	var b strings.Builder
	for i, c := range s {
		if c >= '0' && c <= '9' || c == '*' || c == '#' || c == '+' && i == 0 {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// numbers finds what may be a telephone number, or another number in groups,
// in what somebody wrote: digits with single separators between them.
var numbers = regexp.MustCompile(`\+?\(?\d(?:[ \x{00a0}\x{202f}().\-‐-―/]{0,2}\d)+`)

// grouped says that a number has separators, and would be shown in another
// order where the text runs from right to left.
func grouped(number string) bool {
	return strings.IndexFunc(number, func(r rune) bool { return r < '0' || r > '9' }) >= 0
}

// Said is what somebody wrote, for a page: each number with separators is kept
// left to right. Bare in Arabic text, "312-555" is shown as "555-312", and
// somebody would dial that.
func Said(words string) template.HTML {
	var b strings.Builder
	rest := 0
	for _, at := range numbers.FindAllStringIndex(words, -1) {
		number := words[at[0]:at[1]]
		if !grouped(number) {
			continue
		}
		b.WriteString(template.HTMLEscapeString(words[rest:at[0]]))
		b.WriteString(`<bdi dir="ltr">` + template.HTMLEscapeString(number) + `</bdi>`)
		rest = at[1]
	}
	b.WriteString(template.HTMLEscapeString(words[rest:]))
	return template.HTML(b.String()) //nolint:gosec // all that was written is escaped above
}

// Plain is [Said] where there is no markup.
func Plain(words string) string {
	if strings.IndexFunc(words, rightToLeft) < 0 {
		return words // a mark that nobody sees is one more thing to stumble over
	}
	return numbers.ReplaceAllStringFunc(words, func(number string) string {
		if !grouped(number) {
			return number
		}
		return "\u2066" + number + "\u2069"
	})
}

func rightToLeft(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam)
}

// Dialable says whether a tap may dial a number that came from elsewhere. One
// with * or # is a command to the network, such as to send all calls to somebody.
// Where there are words or several numbers, a telephone would dial all their
// digits in one: "112 / 911" is read, and typed by who knows which.
func Dialable(number string) bool {
	number = remark.ReplaceAllString(number, "")
	if strings.ContainsAny(number, "*#/,;|") || strings.IndexFunc(number, unicode.IsLetter) >= 0 {
		return false
	}
	return digits(number) != ""
}

// remark is what people write behind a number: "116 123 (free)".
var remark = regexp.MustCompile(`\s*\([^()0-9]*\)\s*$`)

// Phone is a telephone number that a tap calls, kept left to right: set bare
// into Arabic text, its groups would be shown in reverse order.
func Phone(number string) template.HTML {
	shown := template.HTMLEscapeString(number)
	if !Dialable(number) {
		return template.HTML(`<bdi dir="ltr">` + shown + `</bdi>`) //nolint:gosec // escaped above
	}
	href := strings.ReplaceAll(Dial(number), "#", "%23")
	//nolint:gosec // escaped above; the address is digits only
	return template.HTML(`<bdi dir="ltr"><a href="tel:` + href + `">` + shown + `</a></bdi>`)
}
