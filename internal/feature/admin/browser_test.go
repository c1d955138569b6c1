package admin

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

type step = chromedp.Action[chromedp.Void]

// screen is Chromium at a desk's screen, in front of a running house.
type screen struct {
	t   *testing.T
	ctx context.Context
	url string
}

func at(t *testing.T, h *house) *screen {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs Chromium: apt-get install chromium")
	}
	server := httptest.NewServer(h.handler)
	t.Cleanup(server.Close)
	s := &screen{t: t, url: server.URL}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.Headless, chromedp.NoFirstRun, chromedp.WindowSize(1366, 768),
		chromedp.Flag("disable-dev-shm-usage", true))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1366, 768)); err != nil {
		t.Fatal(err)
	}
	s.ctx, cancel = context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(cancel)
	return s
}

func (s *screen) do(steps ...step) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, steps...); err != nil {
		s.t.Fatal(err)
	}
}

// until waits for an expression of the page to be true.
func (s *screen) until(expression string) {
	s.t.Helper()
	for end := time.Now().Add(8 * time.Second); ; time.Sleep(40 * time.Millisecond) {
		got, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && got {
			return
		}
		if time.Now().After(end) {
			seen, _ := chromedp.Run(s.ctx, chromedp.Evaluate[string](`document.title + " / " + document.activeElement.id + " / " + document.querySelector("#alert")?.innerHTML`))
			s.t.Fatalf("never came true: %s (%v); the page is at %s", expression, err, seen)
		}
	}
}

// signIn gives the browser the cookie of somebody who is signed in.
func (s *screen) signIn(b *browser) {
	s.t.Helper()
	_, err := chromedp.Call(s.ctx, network.SetCookie, network.SetCookieParams{
		Name: staff.CookieName, Value: b.cookie, URL: "https" + s.url[len("http"):], Secure: new(true), HTTPOnly: new(true), Path: "/",
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// photograph keeps pictures of the pages in the folder that CLEW_SCREENSHOTS
// names, for somebody to look at.
func (s *screen) photograph(name string) {
	folder := os.Getenv("CLEW_SCREENSHOTS")
	if folder == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		s.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			return err
		}))
		png, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%s.png", name, scheme)), png, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// Pages are usable at a desk's screen, in both directions of writing and
// enlarged: nothing runs out at the side.
func TestPagesFit(t *testing.T) {
	h := open(t)
	s := at(t, h)
	fits := func(name string) {
		t.Helper()
		s.until(`document.readyState === "complete"`)
		s.until(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
		small, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](`[...document.querySelectorAll("button, .top a, summary, select, input:not([type=hidden],[type=radio],[type=checkbox],.hidden)")]
			.filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 29.9).map((e) => e.outerHTML.slice(0, 80)).join("; ")`))
		if err != nil || small != "" {
			t.Errorf("%s: too small to hit: %s %v", name, small, err)
		}
		s.photograph(name)
	}
	s.signIn(h.signedIn(staff.Administrator))
	for _, lang := range []string{"en", "ar", "ru"} {
		h.update(func(ctx context.Context, tx *db.Tx) error {
			return staff.SetLanguage(ctx, tx, agency, h.people[staff.Administrator].ID, lang)
		})
		for _, path := range []string{"people", "settings", "settings/general", "settings/in/ar"} {
			s.do(chromedp.Navigate(s.url + "/staff/" + path))
			fits(lang + "-" + filepath.Base(path))
		}
	}
	s.do(chromedp.EmulateViewport(683, 384)) // 200 % of 1366 × 768
	for _, path := range []string{"people", "settings", "settings/general"} {
		s.do(chromedp.Navigate(s.url + "/staff/" + path))
		fits("large-" + filepath.Base(path))
	}
}
