package contact

import (
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// postSay sends a reply (kind=out) or keeps a note (kind=note). Whatever goes
// wrong, the text comes back in its box.
func (f *Feature) postSay(w http.ResponseWriter, r *http.Request) error {
	ctx, s, id := r.Context(), staff.From(r.Context()), r.PathValue("id")
	form, err := web.Form(w, r)
	words, kind := form.Get("text"), Kind(form.Get("kind"))
	once := Once("")
	if err == nil {
		once, err = ParseOnce(form.Get("once"))
	}
	if err == nil {
		err = f.Say(ctx, s, id, kind, words, once)
	}
	say := sayView{ID: id, Kind: kind}
	if err != nil {
		if errs.Is(err, errs.NotFound) || kind != Out && kind != Note {
			return f.kept(w, r, err, words)
		}
		say.Text, say.Error = words, errs.Of(err).Word
	}
	switch {
	case fromScript(r):
		if err == nil {
			w.Header().Set("HX-Trigger", "said") // the conversation fetches what is new
		}
		return f.pages.Part(w, r, "contact", "say", say)
	case err != nil:
		return f.contactPage(w, r, errs.Of(err).Kind.Status(), pageChange{say: &say})
	}
	return web.Redirect(w, "/staff/contacts/"+id+"#end")
}

// postDraft keeps what is being written: kind and text.
func (f *Feature) postDraft(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if err := f.SaveDraft(r.Context(), staff.From(r.Context()), r.PathValue("id"), Kind(form.Get("kind")), form.Get("text")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// kept answers a form whose contact is not there any more for its writer:
// somebody else may have taken it over meanwhile. A script leaves the form as
// it is; without one, the page gives the text back.
func (f *Feature) kept(w http.ResponseWriter, r *http.Request, err error, words string) error {
	if _, asked := staff.ReasonFor(err); asked || fromScript(r) || words == "" {
		return err
	}
	e := errs.Of(err)
	return f.pages.Render(w, r, e.Kind.Status(), "kept", keptView{e.Word, words})
}

type keptView struct{ Error, Text string }
