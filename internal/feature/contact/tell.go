package contact

import (
	"strings"

	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// Told is a service as the person hears or reads of it: in the words of their
// language, and with no more of its place than the public may see.
type Told struct {
	Name, Organization string
	Phones             []string
	Site               string // its https address
	Where              string // as much of the place as may be told; nobody can go there if Hidden
	Hidden             bool
	Hours              []string
	Languages          []string
	Cost               string // as the source has it, in whatever language
	Immigration        string
	Checked            string // when somebody last made sure; "" if nobody did
}

// toldLine is one line of it.
type toldLine struct {
	Label, Value string
	Number       bool // or an address: written from left to right in every language
}

// lines is all but the name. What is read out and what is sent is the same.
func (t Told) lines(p *i18n.Printer) (out []toldLine) {
	add := func(key, value string) {
		if value != "" {
			out = append(out, toldLine{Label: p.T("contact.read." + key), Value: value})
		}
	}
	for _, number := range t.Phones {
		out = append(out, toldLine{Label: p.T("contact.read.phone"), Value: number, Number: true})
	}
	if t.Site != "" {
		out = append(out, toldLine{Value: t.Site, Number: true})
	}
	if len(t.Phones) == 0 && t.Site == "" && (t.Hidden || t.Where == "") { // then it is reached through us alone
		out = append(out, toldLine{Value: p.T("contact.read.through_us")})
	}
	add("where", t.Where)
	add("hours", p.List(t.Hours))
	add("languages", p.List(t.Languages))
	add("cost", t.Cost)
	add("immigration", t.Immigration)
	if t.Checked == "" {
		t.Checked = p.T("contact.read.unchecked")
	}
	return append(out, toldLine{Value: t.Checked})
}

// text is the service as a part of a reply.
func (t Told) text(p *i18n.Printer) string {
	line := text.Line // what is on lines of its own could pass for another service
	lines := []string{line(t.Name)}
	if t.Organization != "" && t.Organization != t.Name {
		lines = append(lines, line(t.Organization))
	}
	for _, l := range t.lines(p) {
		lines = append(lines, line(l.Label+" "+l.Value))
	}
	return strings.Join(lines, "\n")
}
