package site_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Those who run a service keep its listing true with three fields and one tap.
func TestListing(t *testing.T) {
	t.Parallel()
	h := start(t, allFacts)
	var told site.Told
	open := func(_ context.Context, secret string) (site.Listing, error) {
		if secret != "right" {
			return site.Listing{}, errs.New(errs.NotFound, "", nil)
		}
		return site.Listing{Name: "Open door", Organization: "Example aid", Number: "+1 555 0102", Free: "2", Expires: time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)}, nil
	}
	h.OpenListing = open
	h.Tell = func(ctx context.Context, secret string, t site.Told) (site.Listing, error) {
		told = t
		if t.Free == "many" {
			return site.Listing{}, errs.In("free", "directory.provider.free_bad")
		}
		l, err := open(ctx, secret)
		l.Waiting = t.Note != ""
		return l, err
	}
	page := h.get("/listing/right")
	for _, want := range []string{"Open door", `value="2"`, `value="&#43;1 555 0102"`, `action="/listing/right"`, "This link works until 24 December 2026.", `href="/ar/listing/right"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not there", want)
		}
	}
	if answer := h.do("GET", "/listing/wrong", nil); answer.Code != 404 {
		t.Errorf("a wrong link: %d", answer.Code)
	}
	answer := h.do("POST", "/es/listing/right", url.Values{"free": {"0"}, "number": {"+1 555 0102"}, "note": {""}})
	if told != (site.Told{Number: "+1 555 0102", Free: "0"}) || !strings.Contains(answer.Body.String(), "se ha comprobado hoy") {
		t.Errorf("%+v: %d", told, answer.Code)
	}
	checkPage(t, "POST /es/listing/right", answer)
	if page = h.do("POST", "/listing/right", url.Values{"note": {"New hours"}}).Body.String(); !strings.Contains(page, "Until then the old stays.") {
		t.Error("it is not said that somebody looks at it first")
	}
	answer = h.do("POST", "/listing/right", url.Values{"free": {"many"}, "note": {"kept"}})
	if page = answer.Body.String(); answer.Code != 422 || !strings.Contains(page, "Write a whole number.") || !strings.Contains(page, `value="many"`) || !strings.Contains(page, "kept</textarea>") {
		t.Errorf("what was typed is lost: %d", answer.Code)
	}
}
