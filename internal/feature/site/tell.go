package site

import (
	"net/http"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Wrong is what somebody says is wrong with a service that we list; without one,
// that a service is missing.
type Wrong struct{ Key, Service, Kind, Text string }

// saidMost is the most that Wrong.Text has, in characters.
const saidMost = 1000

type tellPage struct {
	Wrong
	Name    string // of the service
	Kinds   []string
	Done    bool
	Kept    bool // the words too
	Closed  bool
	Field   string // that is to be mended
	Problem string
}

// openTell shows the form for a service that is missing:
//
//	GET /tell
func (f *Feature) openTell(w http.ResponseWriter, r *http.Request, p *page) error {
	p.Body = f.tellPage()
	return f.show(w, r, formStatus(r), p)
}

func (f *Feature) tellPage() *tellPage {
	return &tellPage{Wrong: Wrong{Key: ids.New()}, Kinds: f.Wrongs, Closed: f.Hear == nil}
}

// postTell shows the form for a service, or takes it with what was written. That
// somebody looked at a service stands in no address:
//
//	POST /tell  service=…&kind=…&text=…&key=…&send=1
func (f *Feature) postTell(w http.ResponseWriter, r *http.Request, p *page) error {
	values, err := web.Form(w, r)
	if err != nil && errs.Of(err).Kind != errs.TooLarge {
		return err
	}
	t := f.tellPage()
	p.Body = t
	if t.Closed {
		return f.show(w, r, http.StatusOK, p)
	}
	if t.Service = text.Cut(text.Line(values.Get("service")), 64); t.Service != "" {
		if t.Name, err = f.NameService(r.Context(), t.Service); err != nil {
			return err
		}
	}
	if values.Get("send") == "" {
		return f.show(w, r, http.StatusOK, p)
	}
	if key := values.Get("key"); ids.Valid(key) {
		t.Key = key
	}
	t.Kind, t.Text = values.Get("kind"), values.Get("text")
	t.Kept, err = f.Hear(r.Context(), t.Wrong)
	if e := errs.Of(err); err != nil && e.Kind == errs.Invalid {
		t.Field, t.Problem = e.Field, tellProblems[e.Field]
		return f.show(w, r, e.Kind.Status(), p)
	}
	if err != nil {
		return err
	}
	t.Done, t.Text = true, ""
	return f.show(w, r, http.StatusOK, p)
}

// Most is how many characters somebody may write.
func (*tellPage) Most() int { return saidMost }

// tellProblems say what is wrong with a field of the form.
var tellProblems = map[string]string{"text": "site.tell.text_problem", "kind": "site.tell.kind_problem"}
