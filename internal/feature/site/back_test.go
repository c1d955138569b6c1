package site_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const story = "he took my passport"

// With scripts off, Back never shows what was typed, whichever way somebody
// leaves. See formStatus.
func TestBackShowsNothingTyped(t *testing.T) {
	toExit := []step{chromedp.Click("#exit"), chromedp.WaitVisible("#weather")}
	toHome := []step{chromedp.Click("nav li:first-child a"), chromedp.WaitVisible(".doors")}
	for _, tt := range []struct {
		name, path, field string
		leave             []step
		backs             int
	}{
		{"contact, exit", "/en/contact", "#message", toExit, 1},
		{"contact, link", "/en/contact", "#message", toHome, 1},
		{"contact, sent", "/en/contact", "#message", []step{chromedp.Click("form .button"), chromedp.WaitVisible("#code")}, 1},
		{
			"contact, sent and left", "/en/contact", "#message",
			append([]step{chromedp.Click("form .button"), chromedp.WaitVisible("#code")}, toExit...), 2,
		},
		{
			"contact, refused and left", "/en/contact", "#place",
			append([]step{chromedp.Click("form .button"), chromedp.WaitVisible("#message-problem")}, toExit...), 2,
		},
		{"mailbox, exit", "/en/mailbox", "#code", toExit, 1},
		{"services, link", "/en/services", "#place", toHome, 1},
		{
			"services, asked and left", "/en/services", "#place",
			append([]step{chromedp.Click("form .button"), chromedp.WaitVisible(".found, .first")}, toExit...), 2,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url := open(t, start(t, allFacts))
			ctx := browser(t, false)
			do(t, ctx, chromedp.Navigate(url+"/en/"), chromedp.Navigate(url+tt.path))
			if tt.field == "#place" && strings.HasPrefix(tt.path, "/en/contact") {
				do(t, ctx, chromedp.Click("form details:nth-of-type(1) summary"))
			}
			do(t, ctx, chromedp.WaitVisible(tt.field), chromedp.SendKeys(tt.field, story))
			if !strings.Contains(look(t, ctx, everythingShown), story) {
				t.Fatal("the test typed nothing")
			}
			do(t, ctx, tt.leave...)
			time.Sleep(300 * time.Millisecond)
			for range tt.backs {
				back(t, ctx)
				if shown := look(t, ctx, everythingShown); strings.Contains(shown, story) || strings.Contains(shown, "1234 5678") {
					t.Errorf("Back shows it at %s: %s", look(t, ctx, "location.pathname"), shown)
				}
			}
		})
	}
}

// The browser of the test does keep pages: without our two measures it shows
// what was typed, so the test above can fail.
func TestBackWouldShowItOtherwise(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte(`<!doctype html><title>x</title><form><textarea id="message"></textarea></form><a id="next" href="/next">next</a>`))
	}))
	defer server.Close()
	ctx := browser(t, false)
	do(t, ctx, chromedp.Navigate(server.URL+"/start"), chromedp.Navigate(server.URL+"/form"),
		chromedp.SendKeys("#message", story), chromedp.Click("#next"))
	time.Sleep(time.Second)
	back(t, ctx)
	if shown := look(t, ctx, everythingShown); !strings.Contains(shown, story) {
		t.Errorf("this Chromium forgets by itself now (%q): formStatus may be needless", shown)
	}
}

// With scripts the page is blank at once, and is replaced in the history.
func TestShiftThreeTimesLeaves(t *testing.T) {
	url := open(t, start(t, allFacts))
	ctx := browser(t, true)
	do(t, ctx, chromedp.Navigate(url+"/en/"), chromedp.Navigate(url+"/en/contact"),
		chromedp.SendKeys("#message", story))
	for range 3 {
		do(t, ctx, chromedp.KeyEvent(kb.Shift))
	}
	do(t, ctx, chromedp.WaitVisible("#weather"))
	back(t, ctx)
	if path := look(t, ctx, "location.pathname"); path == "/en/contact" {
		t.Error("the page that was left is still in the history")
	}
	if shown := look(t, ctx, everythingShown); strings.Contains(shown, story) {
		t.Error("Back shows what was typed")
	}
}
