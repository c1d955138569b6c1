package signin

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// One's own pages are usable at a desk's screen, in both directions of writing and
// enlarged: nothing runs out at the side.
func TestOwnPagesFit(t *testing.T) {
	h := open(t)
	h.provider()
	s := at(t, h)
	s.signIn("administrator")
	fits := func(name string) {
		t.Helper()
		s.Until(`!/no such page/.test(document.body.textContent)`)
		s.Fits(name)
	}
	for _, lang := range []string{"en", "ar", "ru"} {
		h.update(func(ctx context.Context, tx *db.Tx) error {
			return staff.SetLanguage(ctx, tx, agency, h.people[staff.Administrator].ID, lang)
		})
		for name, path := range map[string]string{"me": "me", "second": "second", "devices": "devices", "rules": "settings/signin", "identity": "identity"} {
			s.Do(chromedp.Navigate(s.URL + "/staff/" + path))
			fits(lang + "-" + name)
		}
	}
	s.Do(chromedp.EmulateViewport(683, 384)) // 200 % of 1366 × 768
	for _, path := range []string{"second", "devices"} {
		s.Do(chromedp.Navigate(s.URL + "/staff/" + path))
		fits("large-" + path)
	}
}
