package i18n

import (
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"time"
)

// Printer says things in one language.
type Printer struct {
	words *Words
	row   *row
}

// Lang is the BCP 47 code of the language.
func (p *Printer) Lang() string { return p.row.Code }

// Dir is "ltr" or "rtl".
func (p *Printer) Dir() string { return p.row.Dir }

// Name is the language's name in its own script.
func (p *Printer) Name() string { return p.row.Name }

// Has says whether a key exists.
func (p *Printer) Has(key string) bool { return p.words.Has(key) }

// T is the text of a key. Values for its placeholders follow in pairs of name
// and value; "count" picks the plural. Whole numbers are written the way the
// language writes them (pass a year or a code as a string), and in a
// right-to-left language strings are isolated so that they keep their order.
func (p *Printer) T(key string, pairs ...any) string {
	return p.print(key, pairs, func(v any) string {
		s := p.value(v)
		if _, isString := v.(string); isString && p.row.Dir == "rtl" && s != "" {
			return "\u2068" + s + "\u2069"
		}
		return s
	}, func(s string) string { return s })
}

// HTML is T for a page whose values may hold markup: what is already
// [template.HTML] goes in as it is, everything else is escaped.
func (p *Printer) HTML(key string, pairs ...any) template.HTML {
	s := p.print(key, pairs, func(v any) string {
		if h, ok := v.(template.HTML); ok {
			return string(h)
		}
		s := template.HTMLEscapeString(p.value(v))
		if _, isString := v.(string); isString {
			return "<bdi>" + s + "</bdi>"
		}
		return s
	}, template.HTMLEscapeString)
	return template.HTML(s) //nolint:gosec // every part was escaped above
}

func (p *Printer) value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case time.Time:
		return p.Date(v)
	case time.Duration:
		return p.Duration(v)
	case fmt.Stringer:
		return v.String()
	}
	if n, ok := whole(v); ok {
		return p.Number(n)
	}
	return fmt.Sprint(v)
}

func whole(v any) (int64, bool) {
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return r.Int(), true
	case r.CanUint():
		return int64(min(r.Uint(), 1<<62)), true
	}
	return 0, false
}

func (p *Printer) print(key string, pairs []any, value func(any) string, literal func(string) string) string {
	t, r := p.words.find(p.row, key)
	if t == nil {
		return "[" + literal(key) + "]"
	}
	form := "other"
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "count" {
			if n, ok := whole(pairs[i+1]); ok {
				form = r.form(n)
			}
		}
	}
	pieces := t.cut[form]
	if pieces == nil {
		pieces = t.cut["other"]
	}
	var b strings.Builder
	for _, piece := range pieces {
		if piece.name == "" {
			b.WriteString(literal(piece.literal))
			continue
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == piece.name {
				b.WriteString(value(pairs[i+1]))
				break
			}
		}
	}
	return b.String()
}

// List joins what is already in words: "a, b, c".
func (p *Printer) List(items []string) string {
	return strings.Join(items, p.row.comma)
}

// Funcs are the functions that pages of this language use.
func (p *Printer) Funcs() template.FuncMap {
	return template.FuncMap{
		"t": p.T, "th": p.HTML, "list": p.List,
		"number": p.Number, "percent": p.Percent,
		"date": p.Date, "time": p.Time, "datetime": p.DateTime, "month": p.Month,
		"duration": p.Duration, "phone": Phone, "said": Said, "lang": p.Lang, "dir": p.Dir,
		"country": p.Country, "language": p.LanguageName, "ownname": OwnName,
	}
}
