package admin

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// Limits of what the hotline says of itself.
const (
	maxNumbers   = 6
	maxLanguages = 60
	maxShort     = 80
	maxAnswer    = 600
	maxURL       = 300
)

// number is a telephone number as it is printed, or a short code.
var number = regexp.MustCompile(`^\+?[0-9][0-9 ().\-/]{1,28}$`)

// generalForm fills the form with what is set.
func generalForm(g General, version int) url.Values {
	form := url.Values{"version": {strconv.Itoa(version)}}
	form.Set("country", g.Country)
	form.Set("zone", g.Zone)
	form.Set("numbers", strings.Join(g.Numbers, "\n"))
	form.Set("text", g.Text)
	form["languages"] = g.Languages
	for name, on := range map[string]bool{"always": g.Always, "interpret": g.Interpret, "no_name": g.NoName} {
		if on {
			form.Set(name, "1")
		}
	}
	for i, s := range g.Week {
		if s.Open() {
			form.Set("from"+strconv.Itoa(i), clock(s.From))
			form.Set("to"+strconv.Itoa(i), clock(s.To))
		}
	}
	for name := range Codes {
		form.Set(name, *g.code(name))
	}
	return form
}

// parseGeneral reads the form. wrong holds a word key for each field that
// cannot be taken.
func parseGeneral(form url.Values) (g General, wrong map[string]string) {
	wrong = map[string]string{}
	g.Country = strings.ToUpper(text.Line(form.Get("country")))
	if g.Country != "" && !geo.IsCountry(g.Country) {
		wrong["country"] = "admin.error.country"
	}
	g.Zone = text.Line(form.Get("zone"))
	if _, err := time.LoadLocation(g.Zone); err != nil || g.Zone == "Local" {
		wrong["zone"] = "admin.error.zone"
	}
	for line := range strings.SplitSeq(text.Clean(form.Get("numbers")), "\n") {
		if n := text.Line(line); n != "" && !slices.Contains(g.Numbers, n) {
			g.Numbers = append(g.Numbers, n)
			if !number.MatchString(n) {
				wrong["numbers"] = "admin.error.number"
			}
		}
	}
	if len(g.Numbers) > maxNumbers {
		wrong["numbers"] = "admin.error.too_many"
	}
	if g.Text = text.Line(form.Get("text")); g.Text != "" && !number.MatchString(g.Text) {
		wrong["text"] = "admin.error.number"
	}
	g.Always, g.Interpret, g.NoName = form.Get("always") != "", form.Get("interpret") != "", form.Get("no_name") != ""
	for i := range g.Week {
		s, ok := span(text.Line(form.Get("from"+strconv.Itoa(i))), text.Line(form.Get("to"+strconv.Itoa(i))))
		if g.Week[i] = s; !ok {
			wrong["week"] = "admin.error.hours"
		}
	}
	codes := strings.Join(append(slices.Clone(form["languages"]), form.Get("more")), " ")
	for _, code := range strings.FieldsFunc(text.Line(codes), func(r rune) bool { return strings.ContainsRune(" ,;、،", r) }) {
		tag, err := language.Parse(code)
		if err != nil {
			wrong["languages"] = "admin.error.language"
		} else if !slices.Contains(g.Languages, tag.String()) {
			g.Languages = append(g.Languages, tag.String())
		}
	}
	if len(g.Languages) > maxLanguages {
		wrong["languages"] = "admin.error.too_many"
	}
	for name, codes := range Codes {
		code := form.Get(name)
		if code != "" && !slices.Contains(codes, code) {
			wrong[name] = "error.invalid"
		}
		*g.code(name) = code
	}
	return g, wrong
}

// localForm fills the form of one language with what is set.
func localForm(l Local, version int) url.Values {
	form := url.Values{"version": {strconv.Itoa(version)}}
	form.Set("name", l.Name)
	form.Set("title", l.Title)
	form.Set("who_calls", l.WhoCalls)
	form.Set("exit_url", l.ExitURL)
	form.Set("duties", l.Duties)
	for _, q := range Questions {
		form.Set("own_"+q, l.Own[q])
	}
	return form
}

func parseLocal(form url.Values) (l Local, wrong map[string]string) {
	wrong = map[string]string{}
	short := func(field string, limit int) string {
		s := text.Line(form.Get(field))
		if !text.Fits(s, limit) {
			wrong[field] = "admin.error.long"
		}
		return s
	}
	l.Name, l.Title = short("name", maxShort), short("title", maxShort/2)
	l.WhoCalls, l.Duties = short("who_calls", maxAnswer), short("duties", maxAnswer)
	l.ExitURL = short("exit_url", maxURL)
	if u, err := url.Parse(l.ExitURL); l.ExitURL != "" && (err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || !strings.Contains(u.Host, ".")) {
		wrong["exit_url"] = "admin.error.url"
	}
	l.Own = map[string]string{}
	for _, q := range Questions {
		if s := short("own_"+q, maxAnswer); s != "" {
			l.Own[q] = s
		}
	}
	return l, wrong
}
