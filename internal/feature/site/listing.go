package site

import (
	"net/http"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Listing is what those who run a service see of it by their link.
type Listing struct {
	Name, Organization string
	Number, Free       string
	Checked, Expires   time.Time
	Waiting            bool // something that they said is being looked at
}

// Told is what they say; empty fields say nothing.
type Told struct{ Number, Free, Note string }

type listingPage struct {
	Listing
	Form    Told
	Done    bool
	Field   string // that Problem is about
	Problem string
}

// openListing shows it:
//
//	GET /listing/{id}
func (f *Feature) openListing(w http.ResponseWriter, r *http.Request, p *page) error {
	l, err := f.listing(r, p)
	if err != nil {
		return err
	}
	l.Form = Told{Number: l.Number}
	return f.show(w, r, http.StatusOK, p)
}

// postListing takes what they say. The link is the only key, and it stands in
// the address that the form is sent to:
//
//	POST /listing/{id}  free=…&number=…&note=…
func (f *Feature) postListing(w http.ResponseWriter, r *http.Request, p *page) error {
	values, err := web.Form(w, r)
	if err != nil {
		return err
	}
	l, err := f.listing(r, p)
	if err != nil {
		return err
	}
	l.Form = Told{Number: text.Line(values.Get("number")), Free: text.Line(values.Get("free")), Note: values.Get("note")}
	after, err := f.Tell(r.Context(), r.PathValue("id"), l.Form)
	if e := errs.Of(err); err != nil && e.Kind == errs.Invalid {
		l.Field, l.Problem = e.Field, e.Word
		return f.show(w, r, e.Kind.Status(), p)
	}
	if err != nil {
		return err
	}
	l.Listing, l.Done, l.Form = after, true, Told{Number: after.Number}
	return f.show(w, r, http.StatusOK, p)
}

func (f *Feature) listing(r *http.Request, p *page) (*listingPage, error) {
	l := &listingPage{}
	p.Body, p.path = l, "/listing/"+r.PathValue("id")
	if f.OpenListing == nil {
		return nil, errs.New(errs.NotFound, "", nil)
	}
	var err error
	l.Listing, err = f.OpenListing(r.Context(), r.PathValue("id"))
	return l, err
}
