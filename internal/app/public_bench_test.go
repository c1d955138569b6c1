package app

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
)

var stylesheet = regexp.MustCompile(`/s/site\.[0-9a-f]+\.css`)

// BenchmarkPublicPages reports what a telephone has to fetch: the page as it
// goes over the line, and the first view, which is that and the style sheet.
func BenchmarkPublicPages(b *testing.B) {
	h := benchHouse(b)
	for _, path := range []string{"/", "/contact", "/questions", "/checklist", "/safety", "/someone", "/work", "/services", "/mailbox", "/now", "/ar/", "/zh/contact"} {
		b.Run(path, func(b *testing.B) {
			var page *httptest.ResponseRecorder
			for b.Loop() {
				page = h.fetch(path)
			}
			plain := httptest.NewRecorder()
			h.handler.ServeHTTP(plain, httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil))
			style := h.fetch(stylesheet.FindString(plain.Body.String()))
			b.ReportMetric(float64(page.Body.Len())/1000, "kB")
			b.ReportMetric(float64(page.Body.Len()+style.Body.Len())/1000, "kB-first-view")
		})
	}
}

func (h *house) fetch(path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(h.b.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code >= http.StatusBadRequest {
		h.b.Fatalf("%s: %d", path, w.Code)
	}
	return w
}
