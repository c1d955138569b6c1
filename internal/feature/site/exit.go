package site

import (
	"net/http"
	"strings"
)

// exit leaves the site:
//
//	GET /es/exit → 303 to a neutral site
//
// Clear-Site-Data takes what the browser still holds of our pages, so that
// Back finds none of them whole. It does not touch the list of pages visited;
// nothing can. Where the hotline has named no neutral site the answer is an
// empty page: still nothing to see.
func (f *Feature) exit(w http.ResponseWriter, r *http.Request, p *page) error {
	if key := r.URL.Query().Get("k"); isKey(key) {
		f.ended.add(key)
		if f.EndAnswer != nil {
			if err := f.EndAnswer(r.Context(), key); err != nil {
				// Leaving must not wait for anything: the answer runs
				// out by itself a few minutes later.
				f.server.Log.ErrorContext(r.Context(), "an answer was not ended", "error", err)
			}
		}
	}
	// Not the cookies: the public site sets none, and any page of the web could
	// sign a colleague out by leading here.
	w.Header().Set("Clear-Site-Data", `"cache"`)
	if to := p.Facts.ExitURL; strings.HasPrefix(to, "https://") {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := w.Write([]byte("<!doctype html><title>-</title>"))
	return err
}
