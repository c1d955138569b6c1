package contact

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// wordsView is the page of a search in what the colleague may open.
type wordsView struct {
	frame
	Words string // as typed
	By    string // the colleague who typed them
	Error string // a word key
	Asked bool
	Whole bool // whether colleagues' contacts are searched too
	Found Found
	Sum   int // in how many it looked, with the answers before
}

// Short names a contact where people speak of it.
func (h Hit) Short() string { return short(h.ID) }

// Monthly says that no more than the month of it is known without opening it.
func (h Hit) Monthly() bool { return h.Outside && h.State == Closed }

// Wrong is what is to be mended in the field, in words.
func (v wordsView) Wrong() string {
	if v.Error == "" {
		return ""
	}
	return v.W.T(v.Error)
}

func (f *Feature) wordsView(r *http.Request) wordsView {
	p := staff.From(r.Context()).Person
	colleagues := staff.Object{Agency: p.Agency, Held: true, With: "a colleague"}
	return wordsView{frame: f.frame(r), By: p.ID, Whole: staff.Can(p, staff.FindContact, colleagues) != staff.No}
}

// showFind is the empty form.
func (f *Feature) showFind(w http.ResponseWriter, r *http.Request) error {
	return f.pages.Render(w, r, http.StatusOK, "find", f.wordsView(r))
}

// postFind answers on the same page: words, and to search on from and sum. A
// browser keeps what was typed and sends it again for who goes back: whoever
// signed in after gets the empty form, and learns nothing of those words.
func (f *Feature) postFind(w http.ResponseWriter, r *http.Request) error {
	v := f.wordsView(r)
	form, err := web.Form(w, r)
	if err == nil && form.Has("by") && form.Get("by") != v.By {
		return f.pages.Render(w, r, http.StatusOK, "find", v)
	}
	if err == nil {
		v.Words = form.Get("words")
		v.Found, err = f.Find(r.Context(), staff.From(r.Context()), v.Words, form.Get("from"))
	}
	if about(err) {
		v.Error = errs.Of(err).Word
		return f.pages.Render(w, r, errs.Of(err).Kind.Status(), "find", v)
	}
	if err != nil {
		return err
	}
	v.Asked, v.Sum = true, v.Found.Looked+before(form)
	return f.pages.Render(w, r, http.StatusOK, "find", v)
}

// before is in how many contacts the answers before looked, as the page says.
func before(form url.Values) int {
	n, err := strconv.Atoi(form.Get("sum"))
	if err != nil || n < 0 || n > 1e9 {
		return 0
	}
	return n
}
