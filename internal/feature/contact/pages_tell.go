package contact

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// postTell puts services into the reply, in the person's language, under what
// stands in it already: service=ID, as often as there are, and text. Nothing is
// sent: a colleague reads it, and sends it with the box's own key.
func (f *Feature) postTell(w http.ResponseWriter, r *http.Request) error {
	ctx, s, id := r.Context(), staff.From(r.Context()), r.PathValue("id")
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	c, err := f.look(ctx, s, id)
	if err != nil {
		return err
	}
	words, err := f.tell(ctx, s, c, form.Get("text"), form["service"])
	if err == nil {
		err = f.SaveDraft(ctx, s, id, Out, words)
	}
	say := sayView{ID: id, Kind: Out, Text: words}
	if err != nil {
		if errs.Is(err, errs.NotFound) {
			return f.kept(w, r, err, form.Get("text"))
		}
		say.Text, say.Error = form.Get("text"), errs.Of(err).Word
	}
	switch {
	case fromScript(r):
		if err == nil {
			w.Header().Set("HX-Trigger-After-Settle", "told") // the writer goes on in the box
		}
		return f.pages.Part(w, r, "contact", "say", say)
	case err != nil:
		return f.contactPage(w, r, errs.Of(err).Kind.Status(), pageChange{say: &say})
	}
	return web.Redirect(w, "/staff/contacts/"+id+"#text-out")
}

// tell is a reply with services under it.
func (f *Feature) tell(ctx context.Context, s *staff.Session, c Contact, words string, services []string) (string, error) {
	if len(services) == 0 || f.Tell == nil {
		return "", errs.In("service", "contact.error.no_service")
	}
	p := f.callerWords(c, f.Web.Words.For(s.Person.Language))
	parts := []string{strings.TrimRight(words, "\n ")}
	for _, service := range slices.Compact(services[:min(len(services), shownServices)]) {
		t, err := f.Tell(ctx, s.Person.Agency, p, service)
		if err != nil {
			return "", err
		}
		parts = append(parts, t.text(p))
	}
	return strings.TrimLeft(strings.Join(parts, "\n\n"), "\n"), nil
}

// callerWords are the words of who is on the line, or the reader's where we have
// none in their language.
func (f *Feature) callerWords(c Contact, reader *i18n.Printer) *i18n.Printer {
	if code := facts.LanguageOf(c.Record.Language); i18n.Known(code) {
		return f.Web.Words.For(code)
	}
	return reader
}
