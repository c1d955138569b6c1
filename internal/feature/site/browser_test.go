package site_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

type step = chromedp.Action[chromedp.Void]

// browser starts Chromium as small as an old telephone. Scripts of pages are
// off unless asked for.
func browser(t *testing.T, scripts bool) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs Chromium: apt-get install chromium")
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.Headless, chromedp.NoFirstRun, chromedp.WindowSize(320, 480),
		chromedp.Flag("disable-dev-shm-usage", true))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	off := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: !scripts})
		return err
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(320, 480, chromedp.EmulateMobile), off); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func do(t *testing.T, ctx context.Context, steps ...step) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// look evaluates an expression in the page from outside, which works with the
// page's own scripts off.
func look(t *testing.T, ctx context.Context, expression string) string {
	t.Helper()
	got, err := chromedp.Run(ctx, func(ctx context.Context, target *chromedp.Target) (string, error) {
		value := true
		result, err := cdp.Call(ctx, target, runtime.Evaluate,
			runtime.EvaluateParams{Expression: "String(" + expression + ")", ReturnByValue: &value})
		if err != nil || result.Result == nil {
			return "", err
		}
		s, err := strconv.Unquote(string(result.Result.Value))
		if err != nil {
			s = string(result.Result.Value)
		}
		return s, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// back goes back one step, however the browser shows what is there: loaded
// again or thawed. Only the first of the two fires a load event, so it waits
// until the address is the old one.
func back(t *testing.T, ctx context.Context) {
	t.Helper()
	do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		history, err := cdp.Call(ctx, target, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, target, page.NavigateToHistoryEntry,
			page.NavigateToHistoryEntryParams{EntryID: history.Entries[history.CurrentIndex-1].ID})
		return err
	}))
	time.Sleep(700 * time.Millisecond)
}

// everythingShown is all that a page holds for somebody to read: its text and
// what stands in its fields.
const everythingShown = `document.documentElement.innerText + " | " + ` +
	`Array.from(document.querySelectorAll("input:not([type=hidden]),textarea"), e => e.value).join(" | ")`

// neutral stands for the site to which the exit leads, and open serves ours.
func open(t *testing.T, h *hotline) (url string) {
	t.Helper()
	neutral := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<!doctype html><title>Weather</title><h1 id="weather">Sun</h1>`))
	}))
	t.Cleanup(neutral.Close)
	ours := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/exit") {
			w = &elsewhere{w, neutral.URL}
		}
		h.handler.ServeHTTP(w, r)
	}))
	t.Cleanup(ours.Close)
	return ours.URL
}

// elsewhere leads the exit to a server of the test: the browser of a test has
// no internet.
type elsewhere struct {
	http.ResponseWriter
	to string
}

func (e *elsewhere) WriteHeader(status int) {
	e.Header().Set("Location", e.to)
	e.ResponseWriter.WriteHeader(status)
}
