package site

import (
	"html/template"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// Call is the main number to call, empty where there is none or nobody is on
// the line now.
func (p *page) Call() string {
	if len(p.Facts.Numbers) == 0 || p.Closed() {
		return ""
	}
	return p.Facts.Numbers[0]
}

// Text is the number to text, likewise.
func (p *page) Text() string {
	if p.Closed() {
		return ""
	}
	return p.Facts.Text
}

// Listed is the address at which a tap dials a number of the directory, empty
// where it must not.
func (p *page) Listed(number string) template.URL {
	if !i18n.Dialable(number) {
		return ""
	}
	return dial("tel:", number)
}

// Written is Listed for a number to write to.
func (p *page) Written(number string) template.URL {
	if !i18n.Dialable(number) {
		return ""
	}
	return dial("sms:", number)
}

// Tel and SMS are addresses that a telephone dials or writes to.
func (p *page) Tel(number string) template.URL { return dial("tel:", number) }
func (p *page) SMS(number string) template.URL { return dial("sms:", number) }

func dial(scheme, number string) template.URL {
	return template.URL(scheme + strings.ReplaceAll(i18n.Dial(number), "#", "%23")) //nolint:gosec // digits only
}

// Digits is a number for people to read, in its own order also where the text
// runs from right to left.
func (p *page) Digits(number string) template.HTML {
	return template.HTML(`<bdi dir="ltr">` + template.HTMLEscapeString(number) + `</bdi>`) //nolint:gosec // escaped
}
