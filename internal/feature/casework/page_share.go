package casework

import (
	"net/http"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
)

// sheetView is what is printed: the release's lines and nothing else. No name
// of ours, no number of the referral, nothing by which it could be matched.
type sheetView struct {
	ID      string // for the way back, which is not printed
	Release Release
	Lines   []said
}

// printPage shows the sheet to print: GET /staff/referrals/{id}/print. Its
// title, from which browsers make the name of a file, says nothing.
func (f *Feature) printPage(w http.ResponseWriter, r *http.Request) error {
	ref, err := f.Share(r.Context(), staff.From(r.Context()), r.PathValue("id"), usePrint)
	if err != nil {
		return f.notShared(w, r, err)
	}
	words := f.Web.Words.For(f.Web.Lang(r))
	return f.render(w, r, http.StatusOK, "sheet", sheetView{ref.ID, ref.Release, sayAll(words, ref.Release.Items)})
}

// readOutView is what is read over the telephone.
type readOutView struct {
	ID     string
	Phones []string
	// Toward the person, in their language.
	You        []string
	YouLines   []said
	YouEnd     []string
	Lang, Dir  string
	OtherWords string // their language, when we have no words in it
	// Toward the service, in the reader's language.
	Them      []string
	ThemLines []said
	ThemEnd   []string
}

// readOutPage shows what to read out: GET /staff/referrals/{id}/read.
func (f *Feature) readOutPage(w http.ResponseWriter, r *http.Request) error {
	ref, err := f.Share(r.Context(), staff.From(r.Context()), r.PathValue("id"), useReadOut)
	if err != nil {
		return f.notShared(w, r, err)
	}
	phones, err := f.phones(r, ref)
	if err != nil {
		return err
	}
	them := f.Web.Words.For(f.Web.Lang(r))
	you := printerFor(them, f.Web.Words, ref.Release.Language)
	rel, until := ref.Release, ref.Release.Until.In(f.Web.Here())
	v := readOutView{
		ID: ref.ID, Phones: phones, Lang: you.Lang(), Dir: you.Dir(),
		You: []string{
			you.T("casework.you.to", "service", rel.Name, "organization", rel.Organization),
			you.T("casework.you.why", "need", you.T("casework.need."+rel.Need)), you.T("casework.you.what"),
		},
		YouLines: sayAll(you, rel.Items),
		YouEnd:   []string{you.T("casework.you.until", "date", until), you.T("casework.you.back")},
		Them: []string{
			them.T("casework.them.hello"), them.T("casework.them.why", "need", them.T("casework.need."+rel.Need)), them.T("casework.them.what"),
		},
		ThemLines: sayAll(them, rel.Items),
		ThemEnd:   []string{them.T("casework.them.until", "date", until), them.T("casework.them.nobody"), them.T("casework.them.take")},
	}
	if rel.Language != "" && you == them && facts.LanguageOf(rel.Language) != facts.LanguageOf(them.Lang()) {
		v.OtherWords = them.LanguageName(rel.Language)
	}
	return f.render(w, r, http.StatusOK, "readout", v)
}

// notShared shows the referral's own page, which says why nothing is told.
func (f *Feature) notShared(w http.ResponseWriter, r *http.Request, err error) error {
	if e := errs.Of(err); e.Kind == errs.Conflict {
		return f.showReferral(w, r, e.Kind.Status(), Deed{}, e.Word)
	}
	return err
}
