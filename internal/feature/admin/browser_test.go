package admin

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web/desk/desktest"
)

func at(t *testing.T, h *house) *desktest.Screen {
	t.Helper()
	server := httptest.NewServer(h.handler)
	t.Cleanup(server.Close)
	return desktest.Open(t, server.URL)
}

// Pages are usable at a desk's screen, in both directions of writing and
// enlarged: nothing runs out at the side.
func TestPagesFit(t *testing.T) {
	h := open(t)
	s := at(t, h)
	s.SetCookie(staff.CookieName, h.signedIn(staff.Administrator).cookie)
	for _, lang := range []string{"en", "ar", "ru"} {
		h.update(func(ctx context.Context, tx *db.Tx) error {
			return staff.SetLanguage(ctx, tx, agency, h.people[staff.Administrator].ID, lang)
		})
		for _, path := range []string{"people", "settings", "settings/general", "settings/in/ar"} {
			s.Do(chromedp.Navigate(s.URL + "/staff/" + path))
			s.Fits(lang + "-" + filepath.Base(path))
		}
	}
	s.Do(chromedp.EmulateViewport(683, 384)) // 200 % of 1366 × 768
	for _, path := range []string{"people", "settings", "settings/general"} {
		s.Do(chromedp.Navigate(s.URL + "/staff/" + path))
		s.Fits("large-" + filepath.Base(path))
	}
}
