package proofs

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/platform/web/desk/desktest"
)

// chromium starts a browser that calls nobody by itself. Where none is
// installed the test is skipped, except where everything has to run.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		path, err = exec.LookPath("google-chrome")
	}
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("needs Chromium: apt-get install chromium")
	} else if err != nil {
		t.Skip("needs Chromium: apt-get install chromium")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless, chromedp.NoFirstRun, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
	}
	for _, flag := range []string{
		"disable-dev-shm-usage", "disable-quic", "disable-background-networking", "disable-component-update", "disable-sync",
		"disable-background-timer-throttling", "disable-renderer-backgrounding", "disable-backgrounding-occluded-windows",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// tab is one page of a browser, watched: whom it asks and what it complains of.
type tab struct {
	t    *testing.T
	ctx  context.Context
	home string

	mu       sync.Mutex
	asked    map[string]int // "GET /staff/live 200" and "GET https://elsewhere/"
	methods  map[network.RequestID]string
	problems []string
}

// open opens a tab of width × height.
func open(t *testing.T, browser context.Context, home string, width, height int64, scripts bool) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx, home: home, asked: map[string]int{}, methods: map[network.RequestID]string{}}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(width, height))
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
	return b
}

func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	r, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.methods[e.RequestID] = e.Request.Method
		if !strings.HasPrefix(e.Request.URL, b.home+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			b.problems = append(b.problems, "asks another: "+e.Request.URL)
		}
	case *network.EventResponseReceived:
		if u, err := url.Parse(e.Response.URL); err == nil {
			b.asked[b.methods[e.RequestID]+" "+u.Path+" "+strconv.FormatInt(e.Response.Status, 10)]++
		}
	case *log.EventEntryAdded:
		b.problems = append(b.problems, e.Entry.Text+" "+e.Entry.URL)
	case *cdpruntime.EventExceptionThrown:
		b.problems = append(b.problems, "script: "+e.ExceptionDetails.Text)
	case *page.EventJavascriptDialogOpening:
		b.problems = append(b.problems, "a dialog stands in the way: "+e.Message)
	}
}

// clean says that the tab asked nobody else and complained of nothing.
func (b *tab) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.asked) < 3 {
		b.t.Errorf("only %v was noted, so nothing is proved", b.asked)
	}
	for _, p := range b.problems {
		b.t.Errorf("the browser says: %s", p)
	}
}

// answered says that a request was answered: "GET /staff/live 200".
func (b *tab) answered(request string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked[request] > 0
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("%v; the page is %s", err, b.where())
	}
}

func (b *tab) where() string {
	s, _ := b.eval(`location.pathname + ": " + document.title + ": " + (document.querySelector("main") ?? document.body).innerText.replace(/\s+/g, " ").slice(0, 1500)`)
	return s
}

// eval asks the page from outside, which works with its own scripts off too.
func (b *tab) eval(expression string) (string, error) {
	byValue := true
	r, err := chromedp.Call(b.ctx, cdpruntime.Evaluate, cdpruntime.EvaluateParams{Expression: "String(" + expression + ")", ReturnByValue: &byValue})
	if err != nil || r.Result == nil {
		return "", err
	}
	var s string
	if err := json.Unmarshal(r.Result.Value, &s); err != nil {
		return "", err
	}
	return s, nil
}

// ask gives what an expression is.
func (b *tab) ask(expression string) string {
	b.t.Helper()
	s, err := b.eval(expression)
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// until waits for an expression to be true.
func (b *tab) until(expression string) {
	b.t.Helper()
	b.wait(expression, func() bool {
		got, err := b.eval("!!(" + expression + ")")
		return err == nil && got == "true" // a page that is just being loaded has no answer
	})
}

func (b *tab) wait(what string, ready func() bool) {
	b.t.Helper()
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); !ready(); <-tick.C {
		if time.Now().After(end) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.t.Fatalf("never came true: %s; asked %v; said %v", what, b.asked, b.problems)
		}
	}
}

// follow clicks and waits until the next page is there.
func (b *tab) follow(selector, expression string) {
	b.t.Helper()
	b.do(chromedp.Click(selector))
	b.until(expression + ` && document.readyState === "complete"`)
}

// press presses one key, as desktest.Press says.
func (b *tab) press(key string) {
	b.t.Helper()
	if err := desktest.Press(b.ctx, key); err != nil {
		b.t.Fatal(err)
	}
}
