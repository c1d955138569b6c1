package casework

import (
	"net/http"
	"time"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
)

// sheetView is what is printed: the release's lines, for whom, from whom and
// of what day. No number of the referral and no name of a colleague is on it.
type sheetView struct {
	ID      string // for the way back, which is not printed
	Release Release
	Phones  []string // of the service
	From    House    // empty on a sheet without our name
	Unnamed bool
	Today   time.Time
	Lines   []said
}

// printPage shows the sheet to print: GET /staff/referrals/{id}/print. Its
// title, from which browsers make the name of a file, says nothing. With
// ?unnamed it does not say from whom it is: somebody may find it who must not
// learn whom the person has called.
func (f *Feature) printPage(w http.ResponseWriter, r *http.Request) error {
	ref, err := f.Share(r.Context(), staff.From(r.Context()), r.PathValue("id"), usePrint)
	if err != nil {
		return f.notShared(w, r, err)
	}
	service, err := f.listed(r, ref)
	if err != nil {
		return err
	}
	words := f.Web.Words.For(f.Web.Lang(r))
	v := sheetView{
		ID: ref.ID, Release: ref.Release, Phones: service.Phones, Lines: sayAll(words, ref.Release.Items),
		Today: f.now().In(f.Web.Here()), Unnamed: r.URL.Query().Has("unnamed"),
	}
	if f.House != nil && !v.Unnamed {
		if v.From, err = f.House(r.Context(), words.Lang()); err != nil {
			return err
		}
	}
	return f.render(w, r, http.StatusOK, "sheet", v)
}

// readOutView is what is read over the telephone.
type readOutView struct {
	ID     string
	Phones []string
	// Toward the person, in their language.
	YouTo      string
	Listing    spoken
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
	service, err := f.listed(r, ref)
	if err != nil {
		return err
	}
	them := f.Web.Words.For(f.Web.Lang(r))
	you := printerFor(them, f.Web.Words, ref.Release.Language)
	rel, until := ref.Release, ref.Release.Until.In(f.Web.Here())
	v := readOutView{
		ID: ref.ID, Phones: service.Phones, Lang: you.Lang(), Dir: you.Dir(),
		YouTo:   you.T("casework.you.to", "service", rel.Name, "organization", rel.Organization),
		Listing: service.spoken(you),
		You: []string{
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
