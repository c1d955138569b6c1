package directory

import (
	"net/http"
	"strings"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
)

func (f *Feature) conflictRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/directory/conflicts", Access: staff.EditDirectory, Handle: f.showConflicts},
		{Pattern: "POST /staff/directory/conflicts", Access: staff.EditDirectory, Handle: f.postChoose, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/conflicts/undo", Access: staff.EditDirectory, Handle: f.postUnchoose, Trace: web.ByDeed},
	}
}

const conflictsPage = "/staff/directory/conflicts"

// conflictsList is what sources do not agree on, and what was decided of it.
type conflictsList struct {
	All     int
	Waiting []conflictLine
	Decided []decidedLine
	Error   string
}

type conflictLine struct {
	Conflict

	Lines []differenceLine
}

type differenceLine struct {
	Difference

	Label string
	Lines []choiceLine
	Key   string // takes all of them, of the first on the page
}

type choiceLine struct {
	Choice

	Texts []string
	Name  string // of them together
	Key   string // takes it, of the first on the page
}

type decidedLine struct {
	Chosen

	Label string
	Texts []string
}

func (f *Feature) showConflicts(w http.ResponseWriter, r *http.Request) error {
	return f.conflicts(w, r, "", http.StatusOK)
}

func (f *Feature) conflicts(w http.ResponseWriter, r *http.Request, wrong string, status int) error {
	agency, p := staff.From(r.Context()).Person.Agency, f.words(r)
	list, all, err := f.Conflicts(r.Context(), agency)
	if err != nil {
		return err
	}
	page := conflictsList{All: all, Error: wrong}
	key := 0
	next := func() string { // the digits are for the first difference, which is another after each choice
		if key++; len(page.Waiting) > 0 || key > 9 {
			return ""
		}
		return string(rune('0' + key))
	}
	for _, c := range list {
		line := conflictLine{Conflict: c}
		for _, d := range c.Fields {
			diff := differenceLine{Difference: d, Label: p.T(fieldWord(d.Field))}
			for _, choice := range d.Choices {
				l := choiceLine{Choice: choice, Texts: sayValue(p, d.Field, choice.Value, choice.Where)}
				l.Name = p.List(l.Texts)
				for i := range l.From {
					l.From[i].Source = saySource(p, l.From[i].Source)
				}
				if len(line.Lines) == 0 {
					l.Key = next()
				}
				diff.Lines = append(diff.Lines, l)
			}
			if d.All != "" && len(line.Lines) == 0 {
				diff.Key = next()
			}
			line.Lines = append(line.Lines, diff)
		}
		page.Waiting = append(page.Waiting, line)
	}
	done, err := f.Choices(r.Context(), agency)
	if err != nil {
		return err
	}
	for _, c := range done {
		c.From = saySource(p, c.From)
		page.Decided = append(page.Decided, decidedLine{c, p.T(fieldWord(c.Field)), sayValue(p, c.Field, c.Value, c.Where)})
	}
	return f.pages.Render(w, r, status, "conflicts", page)
}

func (f *Feature) postChoose(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	err = f.Choose(r.Context(), Pick{
		Agency: staff.From(r.Context()).Person.Agency, Kind: form.Get("kind"), ID: form.Get("id"), Field: form.Get("field"), Voice: form.Get("voice"), Seen: form.Get("seen"),
	})
	return f.afterChoice(w, r, err)
}

func (f *Feature) postUnchoose(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	return f.afterChoice(w, r, f.Undo(r.Context(), staff.From(r.Context()).Person.Agency, form.Get("id"), form.Get("event")))
}

func (f *Feature) afterChoice(w http.ResponseWriter, r *http.Request, err error) error {
	if e := errs.Of(err); err != nil && e.Kind == errs.Conflict {
		return f.conflicts(w, r, f.words(r).T(e.Word), e.Kind.Status())
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, conflictsPage)
}

// saySource is the name of a source; what came with the program has none.
func saySource(p *i18n.Printer, name string) string {
	if name == StarterSource {
		return p.T("directory.source.starter_name")
	}
	return name
}

// fieldWords are the words for fields that have others than their own.
var fieldWords = map[string]string{
	"phones": "directory.phones", "email": "directory.email", "url": "directory.web", "website": "directory.web", "schedules": "directory.hours",
	"eligibility_description": "directory.eligibility", "fees_description": "directory.cost",
}

func fieldWord(field string) string { return first(fieldWords[field], "directory.field."+field) }

// sayValue puts a value of a field into words; where are the addresses of places.
func sayValue(p *i18n.Printer, field string, value any, where []string) (texts []string) {
	items, _ := value.([]any)
	doc := Object{field: items}
	switch field {
	case "phones":
		for _, ph := range objects(doc, field) {
			texts = append(texts, strings.TrimSpace(readPhone(ph, "", entService).Number+" "+str(ph, "extension")+" "+str(ph, "description")))
		}
	case "languages":
		for _, l := range objects(doc, field) {
			name := first(str(l, "name"), str(l, "code"))
			if code := languageCode(first(str(l, "code"), name)); code != "" {
				name = p.LanguageName(code)
			}
			texts = append(texts, name)
		}
	case "schedules":
		for _, l := range linesOf(objects(doc, field)) {
			texts = append(texts, sayHours(p, l))
		}
	case "service_at_locations":
		return where
	case "status":
		switch code := strings.ReplaceAll(plain(value), " ", "_"); code {
		case "active", "inactive", "defunct", "temporarily_closed":
			return []string{p.T("directory.state." + code)}
		}
		return []string{plain(value)}
	default:
		if items == nil && !empty(value) {
			texts = []string{plain(value)}
		}
	}
	return texts
}
