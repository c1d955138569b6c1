package site_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// On the smallest telephone, in every language and with the banner of a
// demonstration, calling, writing and texting can be seen on every page without
// scrolling, nothing is wider than the screen, and the exit stays in view to the
// end of a page.
func TestSmallestScreen(t *testing.T) {
	h := start(t, allFacts)
	h.server.Demo = true
	url := open(t, h)
	ctx := browser(t, false)
	for _, l := range i18n.Languages() {
		for _, path := range append(append([]string{}, still...), forms...) {
			do(t, ctx, chromedp.Navigate(url+"/"+l.Code+path))
			const seen = `[...document.querySelectorAll("[href^='tel:']:not(.danger *), [href^='sms:'], [href*='/contact'], #message")]` +
				`.filter(e => e.getBoundingClientRect().bottom <= innerHeight).map(e => (e.id || e.href).replace(/.*\/contact.*|message/, "write").split(":")[0])`
			for _, way := range []string{"tel", "sms", "write"} {
				if look(t, ctx, seen+`.includes("`+way+`")`) != "true" {
					t.Errorf("%s%s: no %s in the first view, only %s", l.Code, path, way, look(t, ctx, seen))
				}
			}
			if look(t, ctx, "document.documentElement.scrollWidth <= innerWidth") != "true" {
				t.Errorf("%s%s is wider than the screen: %s", l.Code, path, look(t, ctx, "document.documentElement.scrollWidth"))
			}
			const exitInView = `(scrollTo(0, 1e6), (r => r.top >= 0 && r.bottom <= innerHeight)(document.getElementById("exit").getBoundingClientRect()))`
			if look(t, ctx, exitInView) != "true" {
				t.Errorf("%s%s: the exit scrolls away", l.Code, path)
			}
			const small = `Array.from(document.querySelectorAll("a,button,summary,input:not([type=hidden]):not([type=radio]),select,textarea"))` +
				`.filter(e => e.offsetParent && !e.closest("p") && e.getBoundingClientRect().height < 47).map(e => e.outerHTML.slice(0, 60)).join(" ")`
			if s := look(t, ctx, small); s != "" {
				t.Errorf("%s%s: too small to tap: %s", l.Code, path, s)
			}
		}
	}
}

// English text in an Arabic page keeps its own order and stands where the
// page's text stands, at the right.
func TestForeignTextStandsWithThePage(t *testing.T) {
	url := open(t, start(t, allFacts))
	ctx := browser(t, false)
	do(t, ctx, chromedp.Navigate(url+"/ar/services"), chromedp.Click("form .button"), chromedp.WaitVisible(".found"))
	if at := look(t, ctx, `getComputedStyle(document.querySelector(".found h3")).textAlign`); at != "right" {
		t.Errorf("an English name in an Arabic list stands at the %s", at)
	}
	if dir := look(t, ctx, `getComputedStyle(document.querySelector(".found h3")).direction`); dir != "ltr" {
		t.Errorf("an English name runs %s", dir)
	}
}
