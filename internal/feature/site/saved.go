package site

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// saveServices gives what was found as plain text: to keep, to print, to send
// on. The file's name says nothing of what is in it.
func (f *Feature) saveServices(w http.ResponseWriter, s *servicesPage) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="list.txt"`)
	_, err := w.Write([]byte(s.asText())) //nolint:gosec // plain text, and nosniff
	return err
}

// asText has one block for each service, in the order of the page and with all
// that stands there.
func (s *servicesPage) asText() string {
	var out strings.Builder
	for _, one := range s.Found.Services {
		s.block(&out, one)
		out.WriteString("\n")
	}
	return out.String()
}

func (s *servicesPage) block(out *strings.Builder, one Service) {
	line := func(label, said string) {
		said = text.Line(said) // what is on lines of its own could pass for another service
		switch {
		case said == "":
		case label == "":
			fmt.Fprintln(out, i18n.Plain(said))
		default:
			fmt.Fprintln(out, i18n.Plain(s.page.W.T(label)+": "+said))
		}
	}
	line("", one.Name)
	if one.Organization != one.Name {
		line("", one.Organization)
	}
	for _, number := range one.Phones {
		line("", number)
	}
	line("", one.Address)
	line("", one.About)
	line("site.services.hours", one.Hours)
	line("site.services.languages", s.page.Names(one.Languages))
	line("site.services.cost", s.page.OrAsk(one.Cost))
	line("site.services.immigration", s.page.OrAsk(one.Immigration))
	line("site.services.papers", one.Papers)
	line("site.services.for", one.For)
	line("", one.Site)
	if !one.Checked.IsZero() {
		line("", s.page.W.T("site.services.checked", "date", s.page.Day(one.Checked)))
	}
}
