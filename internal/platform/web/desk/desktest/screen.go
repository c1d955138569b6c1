// Package desktest is Chromium in front of the desk's pages, for tests.
//
// A test that uses it is skipped where there is no Chromium.
package desktest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Step is something that the browser does.
type Step = chromedp.Action[chromedp.Void]

// Screen is a browser of the desk's size.
type Screen struct {
	T       testing.TB
	Context context.Context //nolint:containedctx // it is how the browser's tab is named
	URL     string          // of the server before it
	Keys    int             // pressed so far: "Ctrl+Enter" is one
}

// Open starts a browser with a tab of 1366 × 768 points.
func Open(t testing.TB, url string, options ...chromedp.ExecAllocatorOption) *Screen {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs Chromium: apt-get install chromium")
	}
	options = append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless, chromedp.NoFirstRun, chromedp.WindowSize(1366, 768),
		chromedp.Flag("disable-dev-shm-usage", true),
	}, options...)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1366, 768)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(cancel)
	return &Screen{T: t, Context: ctx, URL: url}
}

// Do does something.
func (s *Screen) Do(steps ...Step) {
	s.T.Helper()
	if err := chromedp.Do(s.Context, steps...); err != nil {
		s.T.Fatal(err)
	}
}

// Press presses keys as [Press] does, and counts them.
func (s *Screen) Press(keys ...string) {
	s.T.Helper()
	for _, key := range keys {
		s.Keys++
		if err := Press(s.Context, key); err != nil {
			s.T.Fatal(err)
		}
	}
}

// Press presses a key of a browser's tab as a keyboard does. "Ctrl+" and "Alt+"
// go before it.
func Press(tab context.Context, key string) error {
	p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key}
	for prefix, bit := range map[string]int64{"Alt+": 1, "Ctrl+": 2} {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			p.Key, p.Text, p.Modifiers = rest, "", bit
		}
	}
	switch {
	case key == "Escape":
		p.WindowsVirtualKeyCode, p.Text = 27, ""
	case key == "Enter":
		p.WindowsVirtualKeyCode, p.Text = 13, "\r"
	case p.Key == "Enter":
		p.WindowsVirtualKeyCode = 13
	}
	if _, err := chromedp.Call(tab, input.DispatchKeyEvent, p); err != nil {
		return err
	}
	p.Type, p.Text = input.DispatchKeyEventTypeKeyUp, ""
	_, err := chromedp.Call(tab, input.DispatchKeyEvent, p)
	return err
}

// Ask gives what an expression of the page is, as text. It works with the page's
// own scripts off too.
func (s *Screen) Ask(expression string) string {
	s.T.Helper()
	got, err := chromedp.Run(s.Context, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		s.T.Fatal(err)
	}
	return got
}

// SetCookie gives the browser a cookie that it holds for Secure.
func (s *Screen) SetCookie(name, value string) {
	s.T.Helper()
	_, err := chromedp.Call(s.Context, network.SetCookie, network.SetCookieParams{
		Name: name, Value: value, URL: "https" + s.URL[len("http"):], Secure: new(true), HTTPOnly: new(true), Path: "/",
	})
	if err != nil {
		s.T.Fatal(err)
	}
}

// Until waits for an expression of the page to be true.
func (s *Screen) Until(expression string) {
	s.T.Helper()
	for end := time.Now().Add(8 * time.Second); ; time.Sleep(40 * time.Millisecond) {
		got, err := chromedp.Run(s.Context, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && got {
			return
		}
		if time.Now().After(end) {
			seen, _ := chromedp.Run(s.Context, chromedp.Evaluate[string](`document.title + " / " + document.activeElement.id + " / " + document.querySelector("#alert")?.innerHTML`))
			s.T.Fatalf("never came true: %s (%v); the page is at %s", expression, err, seen)
		}
	}
}

// Photograph keeps pictures of the page, light and dark, in the folder that
// CLEW_SCREENSHOTS names, for somebody to look at.
func (s *Screen) Photograph(name string) {
	s.T.Helper()
	folder := os.Getenv("CLEW_SCREENSHOTS")
	if folder == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		s.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			return err
		}))
		png, err := chromedp.Run(s.Context, chromedp.CaptureScreenshot())
		if err != nil {
			s.T.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%s.png", name, scheme)), png, 0o600); err != nil { //nolint:gosec // the developer names the folder
			s.T.Fatal(err)
		}
	}
}

// Fits fails the test if something of the page runs out at the side, or is too small
// to be hit. It photographs the page.
func (s *Screen) Fits(name string) {
	s.T.Helper()
	s.Until(`document.readyState === "complete"`)
	s.Until(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
	small, err := chromedp.Run(s.Context, chromedp.Evaluate[string](`[...document.querySelectorAll("button, .top a, summary, select, input:not([type=hidden],[type=radio],[type=checkbox],.hidden)")]
		.filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 29.9).map((e) => e.outerHTML.slice(0, 80)).join("; ")`))
	if err != nil || small != "" {
		s.T.Errorf("%s: too small to hit: %s %v", name, small, err)
	}
	s.Photograph(name)
}
