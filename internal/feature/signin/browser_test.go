package signin

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
	"github.com/clew-hotline/clew/internal/platform/web/desk/desktest"
)

// screen is Chromium at a desk's screen, in front of a running house.
type screen struct {
	*desktest.Screen
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
	s := &screen{}
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
	s.Screen = desktest.Open(t, server.URL, chromedp.Flag("ignore-certificate-errors", true))
	return s
}

func (s *screen) signIn(name string) {
	s.T.Helper()
	s.Do(chromedp.Navigate(s.URL+"/staff/signin"), chromedp.SendKeys("#name", name), chromedp.SendKeys("#passphrase", passphrase), chromedp.Submit("#name"))
	s.Until(`location.pathname !== "/staff/signin" && document.readyState === "complete"`)
}

func (s *screen) press(keys string) {
	s.T.Helper()
	s.Do(chromedp.KeyEvent(keys))
}

func TestScripts(t *testing.T) {
	h := open(t)
	s := at(t, h)
	s.signIn("supervisor")
	s.Do(chromedp.Navigate(s.URL + "/staff/trial"))

	t.Log("the hint of a topic loads what shows it, and a new one is told without words about it")
	s.Until(`Number(document.querySelector("#count").textContent) >= 2`) // once when the line opens
	s.Do(chromedp.Evaluate[chromedp.Void](`void (window.before = document.querySelector("#count").textContent)`))
	h.update(func(_ context.Context, tx *db.Tx) error {
		h.feature.Hub.Publish(tx, "queue:"+agency)
		h.feature.Hub.Publish(tx, "new:"+agency)
		return nil
	})
	s.Until(`document.querySelector("#count").textContent !== before`)
	s.Until(`document.title === "(1) Trial" && document.querySelector("#alert").textContent === "1 new"`)
	s.Until(`document.querySelector("[data-since]").textContent !== "0:00"`)

	t.Log("j and k walk, ? lists, / focuses")
	s.press("j")
	s.press("j")
	s.Until(`document.activeElement.id === "i2" && document.title === "Trial"`)
	s.press("k")
	s.Until(`document.activeElement.id === "i1"`)
	s.press("?")
	s.Until(`document.querySelector("#keysheet").open && /Reply.*\//s.test(document.querySelector("#keysheet-rows").textContent) && /Queue.*g q/s.test(document.querySelector("#keysheet-rows").textContent)`)
	s.press("\x1b")
	s.Until(`!document.querySelector("#keysheet").open`)
	s.press("/")
	s.Until(`document.activeElement.name === "text"`)
	// The tool sends the letter by itself after the key, which no keyboard does.
	s.Do(chromedp.Evaluate[chromedp.Void](`void (document.activeElement.value = "")`))

	t.Log("typing is no command, and is saved within a second with the form's hidden fields")
	start := time.Now()
	s.press("jk?g m")
	s.Until(`document.querySelector("[data-draft-state]").textContent === "Saved"`)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("saving the draft took %v", took)
	}
	if got := s.drafts.Load(); got != "jk?g m/7" {
		t.Errorf("the draft is %v", got)
	}
	s.down.Store(true)
	s.press("!")
	s.Until(`document.querySelector("[data-draft-state].bad").textContent.startsWith("Not saved")`)
	s.down.Store(false)
	s.Until(`document.querySelector("[data-draft-state]").textContent === "Saved"`)
	if got := s.drafts.Load(); got != "jk?g m!/7" {
		t.Errorf("the draft is %v", got)
	}

	t.Log("what somebody types into is not replaced; presence changes in place")
	s.press("\x1b")
	s.Do(chromedp.Click("#presence summary"), chromedp.Click(`#presence [value="break"]`))
	s.Until(`document.querySelector("#presence .dot-break") && location.pathname === "/staff/trial"`)

	t.Log("keys in sequence go to other pages; one key locks, one step unlocks and goes back")
	s.press("g")
	s.press("m")
	s.Until(`location.pathname === "/staff/me"`)
	s.Until(`document.readyState === "complete"`)
	s.press("g")
	s.press("l")
	s.Until(`location.pathname === "/staff/unlock" && document.activeElement.name === "passphrase"`)
	s.Photograph("unlock")
	s.press(passphrase + "\r")
	s.Until(`location.pathname === "/staff/me" && document.readyState === "complete"`)

	t.Log("a screen left alone locks")
	s.Do(chromedp.Evaluate[chromedp.Void](`void (() => { const now = Date.now; Date.now = () => now() + 16 * 60e3; document.dispatchEvent(new Event("visibilitychange")) })()`))
	s.Until(`location.pathname === "/staff/unlock" && document.querySelector("[name=next]")?.value === "/staff/me" && document.activeElement.name === "passphrase"`)

	t.Log("one that the server locked first comes back to where it was")
	s.press(passphrase + "\r")
	s.Until(`location.pathname === "/staff/me" && document.readyState === "complete"`)
	s.Do(chromedp.Navigate(s.URL + "/staff/trial"))
	s.Until(`Number(document.querySelector("#count").textContent) >= 2`)
	h.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE staff_sessions SET sealed_seed = NULL`)
		h.feature.Hub.Publish(tx, "queue:"+agency)
		return err
	})
	s.Until(`location.pathname === "/staff/unlock" && document.querySelector("[name=next]")?.value === "/staff/trial"`)
}

// Locking in one tab, or signing out there, takes the others along: no
// conversation stays in view behind the lock, and what was being typed is kept.
func TestNoTabStaysOpenBehindTheLock(t *testing.T) {
	h := open(t)
	s := at(t, h)
	s.signIn("supervisor")
	s.Do(chromedp.Navigate(s.URL + "/staff/trial"))
	ctx, cancel := chromedp.NewContext(s.Context)
	t.Cleanup(cancel)
	other := &desktest.Screen{T: t, Context: ctx, URL: s.URL}
	other.Do(chromedp.Navigate(s.URL + "/staff/me"))
	s.Until(`document.readyState === "complete"`)
	s.Do(chromedp.SendKeys("[name=text]", "half a sen"))

	other.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/staff/lock'] button").click()`))
	other.Until(`location.pathname === "/staff/unlock"`)
	s.Until(`location.pathname === "/staff/unlock" && document.querySelector("[name=next]")?.value === "/staff/trial"`)
	if got := s.drafts.Load(); got != "half a sen/7" {
		t.Errorf("the draft is %v", got)
	}

	other.Do(chromedp.SendKeys("[name=passphrase]", passphrase), chromedp.Submit("[name=passphrase]"))
	other.Until(`location.pathname === "/staff/me" && document.readyState === "complete"`)
	s.Do(chromedp.Navigate(s.URL + "/staff/trial"))
	s.Until(`document.readyState === "complete"`)
	other.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/staff/signout'] button").click()`))
	other.Until(`location.pathname === "/staff/signin"`)
	s.Until(`location.pathname === "/staff/signin"`)
}

// With scripts off nobody locks by themselves, but who presses Lock is behind
// it: Back shows the door and not the page that was open.
func TestBackBehindTheLockShowsNothing(t *testing.T) {
	h := open(t)
	s := at(t, h)
	s.signIn("supervisor")
	if _, err := chromedp.Call(s.Context, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	s.Do(chromedp.Navigate(s.URL+"/staff/me"), chromedp.Click(`form[action="/staff/lock"] button`), chromedp.WaitVisible("#passphrase"), chromedp.NavigateBack())
	s.Until(`location.pathname === "/staff/unlock"`)
}
