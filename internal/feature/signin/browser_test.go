package signin

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

type step = chromedp.Action[chromedp.Void]

// screen is Chromium at a desk's screen, in front of a running house.
type screen struct {
	t      *testing.T
	ctx    context.Context
	url    string
	drafts atomic.Value // the last draft that was posted
	down   atomic.Bool  // the server refuses drafts
}

// trial is a page with what the pages of the desk have.
const trial = `{{define "title"}}Trial{{end}}{{define "main"}}<div class="page">
<form method="post" action="/staff/trial">{{template "area" (dict "Name" "text" "Label" "Reply" "Draft" "/staff/trial/draft" "Key" "/")}}
<input type="hidden" name="seq" value="7"><button data-key="Ctrl+Enter">Send</button></form>
<ul class="list" data-list>{{range .Data.Items}}<li data-item><a class="item" id="i{{.}}" href="/staff/me">{{.}}</a></li>{{end}}</ul>
<p id="count" data-live="queue" hx-get="/staff/trial" hx-trigger="live" hx-select="#count" hx-swap="outerHTML">{{.Data.Count}}</p>
<time data-since="{{.Now.UnixMilli}}">0:00</time></div>{{end}}`

func at(t *testing.T, h *house) *screen {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs Chromium: apt-get install chromium")
	}
	s := &screen{t: t}
	pages, err := h.feature.Web.NewPages(nil, desk.Pages, fstest.MapFS{"trial.html": {Data: []byte(trial)}})
	if err != nil {
		t.Fatal(err)
	}
	var count atomic.Int64
	handler, err := h.feature.Web.Handler(append(h.feature.Routes(),
		// what every page of the desk asks the recovery's pages, which are not here
		web.Route{Pattern: "GET /staff/recovery/told", Access: staff.Watch, Handle: here, Trace: web.Untraced},
		web.Route{Pattern: "GET /staff/trial", Access: staff.OpenDesk, Handle: func(w http.ResponseWriter, r *http.Request) error {
			return pages.Render(w, r, http.StatusOK, "trial", map[string]any{"Items": []int{1, 2, 3}, "Count": count.Add(1)})
		}},
		web.Route{Pattern: "POST /staff/trial/draft", Access: staff.OpenDesk, Handle: func(w http.ResponseWriter, r *http.Request) error {
			form, err := web.Form(w, r)
			if err != nil {
				return err
			}
			if s.down.Load() || r.Header.Get("X-Background") == "" {
				w.WriteHeader(http.StatusServiceUnavailable)
				return nil
			}
			s.drafts.Store(form.Get("text") + "/" + form.Get("seq"))
			w.WriteHeader(http.StatusNoContent)
			return nil
		}}))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s.url = server.URL

	ctx, cancel := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.Headless, chromedp.NoFirstRun, chromedp.WindowSize(1366, 768),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("ignore-certificate-errors", true))
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

func (s *screen) signIn(name string) {
	s.t.Helper()
	s.do(chromedp.Navigate(s.url+"/staff/signin"), chromedp.SendKeys("#name", name), chromedp.SendKeys("#passphrase", passphrase), chromedp.Submit("#name"))
	s.until(`location.pathname !== "/staff/signin" && document.readyState === "complete"`)
}

func (s *screen) press(keys string) {
	s.t.Helper()
	s.do(chromedp.KeyEvent(keys))
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

func TestScripts(t *testing.T) {
	h := open(t)
	s := at(t, h)
	s.signIn("supervisor")
	s.do(chromedp.Navigate(s.url + "/staff/trial"))

	t.Log("the hint of a topic loads what shows it, and a new one is told without words about it")
	s.until(`Number(document.querySelector("#count").textContent) >= 2`) // once when the line opens
	s.do(chromedp.Evaluate[chromedp.Void](`void (window.before = document.querySelector("#count").textContent)`))
	h.update(func(_ context.Context, tx *db.Tx) error {
		h.feature.Hub.Publish(tx, "queue:"+agency)
		h.feature.Hub.Publish(tx, "new:"+agency)
		return nil
	})
	s.until(`document.querySelector("#count").textContent !== before`)
	s.until(`document.title === "(1) Trial" && document.querySelector("#alert").textContent === "1 new"`)
	s.until(`document.querySelector("[data-since]").textContent !== "0:00"`)

	t.Log("j and k walk, ? lists, / focuses")
	s.press("j")
	s.press("j")
	s.until(`document.activeElement.id === "i2" && document.title === "Trial"`)
	s.press("k")
	s.until(`document.activeElement.id === "i1"`)
	s.press("?")
	s.until(`document.querySelector("#keysheet").open && /Reply.*\//s.test(document.querySelector("#keysheet-rows").textContent) && /Queue.*g q/s.test(document.querySelector("#keysheet-rows").textContent)`)
	s.press("\x1b")
	s.until(`!document.querySelector("#keysheet").open`)
	s.press("/")
	s.until(`document.activeElement.name === "text"`)
	// The tool sends the letter by itself after the key, which no keyboard does.
	s.do(chromedp.Evaluate[chromedp.Void](`void (document.activeElement.value = "")`))

	t.Log("typing is no command, and is saved within a second with the form's hidden fields")
	start := time.Now()
	s.press("jk?g m")
	s.until(`document.querySelector("[data-draft-state]").textContent === "Saved"`)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("saving the draft took %v", took)
	}
	if got := s.drafts.Load(); got != "jk?g m/7" {
		t.Errorf("the draft is %v", got)
	}
	s.down.Store(true)
	s.press("!")
	s.until(`document.querySelector("[data-draft-state].bad").textContent.startsWith("Not saved")`)
	s.down.Store(false)
	s.until(`document.querySelector("[data-draft-state]").textContent === "Saved"`)
	if got := s.drafts.Load(); got != "jk?g m!/7" {
		t.Errorf("the draft is %v", got)
	}

	t.Log("what somebody types into is not replaced; presence changes in place")
	s.press("\x1b")
	s.do(chromedp.Click("#presence summary"), chromedp.Click(`#presence [value="break"]`))
	s.until(`document.querySelector("#presence .dot-break") && location.pathname === "/staff/trial"`)

	t.Log("keys in sequence go to other pages; one key locks, one step unlocks and goes back")
	s.press("g")
	s.press("m")
	s.until(`location.pathname === "/staff/me"`)
	s.until(`document.readyState === "complete"`)
	s.press("g")
	s.press("l")
	s.until(`location.pathname === "/staff/unlock" && document.activeElement.name === "passphrase"`)
	s.photograph("unlock")
	s.press(passphrase + "\r")
	s.until(`location.pathname === "/staff/me" && document.readyState === "complete"`)

	t.Log("a screen left alone locks")
	s.do(chromedp.Evaluate[chromedp.Void](`void (() => { const now = Date.now; Date.now = () => now() + 16 * 60e3; document.dispatchEvent(new Event("visibilitychange")) })()`))
	s.until(`location.pathname === "/staff/unlock" && document.querySelector("[name=next]")?.value === "/staff/me" && document.activeElement.name === "passphrase"`)

	t.Log("one that the server locked first comes back to where it was")
	s.press(passphrase + "\r")
	s.until(`location.pathname === "/staff/me" && document.readyState === "complete"`)
	s.do(chromedp.Navigate(s.url + "/staff/trial"))
	s.until(`Number(document.querySelector("#count").textContent) >= 2`)
	h.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE staff_sessions SET sealed_seed = NULL`)
		h.feature.Hub.Publish(tx, "queue:"+agency)
		return err
	})
	s.until(`location.pathname === "/staff/unlock" && document.querySelector("[name=next]")?.value === "/staff/trial"`)
}

// Locking in one tab, or signing out there, takes the others along: no
// conversation stays in view behind the lock, and what was being typed is kept.
func TestNoTabStaysOpenBehindTheLock(t *testing.T) {
	h := open(t)
	s := at(t, h)
	s.signIn("supervisor")
	s.do(chromedp.Navigate(s.url + "/staff/trial"))
	ctx, cancel := chromedp.NewContext(s.ctx)
	t.Cleanup(cancel)
	other := &screen{t: t, ctx: ctx, url: s.url}
	other.do(chromedp.Navigate(s.url + "/staff/me"))
	s.until(`document.readyState === "complete"`)
	s.do(chromedp.SendKeys("[name=text]", "half a sen"))

	other.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/staff/lock'] button").click()`))
	other.until(`location.pathname === "/staff/unlock"`)
	s.until(`location.pathname === "/staff/unlock" && document.querySelector("[name=next]")?.value === "/staff/trial"`)
	if got := s.drafts.Load(); got != "half a sen/7" {
		t.Errorf("the draft is %v", got)
	}

	other.do(chromedp.SendKeys("[name=passphrase]", passphrase), chromedp.Submit("[name=passphrase]"))
	other.until(`location.pathname === "/staff/me" && document.readyState === "complete"`)
	s.do(chromedp.Navigate(s.url + "/staff/trial"))
	s.until(`document.readyState === "complete"`)
	other.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/staff/signout'] button").click()`))
	other.until(`location.pathname === "/staff/signin"`)
	s.until(`location.pathname === "/staff/signin"`)
}

// With scripts off nobody locks by themselves, but who presses Lock is behind
// it: Back shows the door and not the page that was open.
func TestBackBehindTheLockShowsNothing(t *testing.T) {
	h := open(t)
	s := at(t, h)
	s.signIn("supervisor")
	if _, err := chromedp.Call(s.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	s.do(chromedp.Navigate(s.url+"/staff/me"), chromedp.Click(`form[action="/staff/lock"] button`), chromedp.WaitVisible("#passphrase"), chromedp.NavigateBack())
	s.until(`location.pathname === "/staff/unlock"`)
}
