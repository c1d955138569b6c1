package contact

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web/desk/desktest"
)

// screen is Chromium at an advocate's screen.
type screen struct {
	t   testing.TB
	ctx context.Context
	url string
}

func (c *counter) screen(who string) *screen {
	c.t.Helper()
	server := httptest.NewServer(c.handler)
	c.t.Cleanup(server.Close)
	s := desktest.Open(c.t, server.URL)
	s.SetCookie(staff.CookieName, c.cookies[who])
	return &screen{c.t, s.Context, server.URL}
}

func (s *screen) open(path string) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, chromedp.Navigate(s.url+path)); err != nil {
		s.t.Fatal(err)
	}
}

// until waits for an expression of the page to be true.
func (s *screen) until(expression string) {
	s.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		got, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && got {
			return
		}
		if time.Now().After(end) {
			seen, _ := chromedp.Run(s.ctx, chromedp.Evaluate[string](`location.pathname + " / " + document.activeElement.id + " / " + [...document.querySelectorAll("#alert, #safety, #facts, #record-state")].map((e) => e.id + ": " + e.innerText).join("; ")`))
			s.t.Fatalf("never came true: %s (%v); the page is %s", expression, err, seen)
		}
	}
}

// press presses keys, as desktest.Press says.
func (s *screen) press(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		if err := desktest.Press(s.ctx, k); err != nil {
			s.t.Fatal(err)
		}
	}
}

// An advocate's whole contact without a mouse: one key takes it and shows the
// eight facts without scrolling, five record danger and safe ways, six read
// three services out, and neither send key sends the other box.
func TestAContactByKeyboard(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		if c.DB.Engine() != db.SQLite {
			t.Skip("what a browser does is the same on every database")
		}
		three, _ := c.Services(t.Context(), agency, ServiceQuery{Place: "Austin"})
		for _, id := range []string{"s2", "s3"} {
			more := three.List[0]
			more.ID = id
			three.List = append(three.List, more)
		}
		c.Services = func(context.Context, string, ServiceQuery) (ServiceResults, error) { return three, nil }
		receipt := c.write("he keeps my papers")
		s := c.screen("advocate")
		s.open("/staff/queue")
		start := time.Now()
		s.press("t")
		s.until(`document.getElementById("facts")`)
		t.Logf("from the key to the eight facts: %v", time.Since(start))
		s.until(`document.querySelectorAll("#facts > div").length === 8 && document.documentElement.scrollHeight <= innerHeight
			&& [...document.querySelectorAll("#facts, #say-out, #say-note, .tabs")].every((e) => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; })`)

		s.until(`document.readyState === "complete" && document.querySelectorAll(".read").length >= 3 && !document.querySelector(".htmx-request")`) // from here on the page hears keys
		s.press("v", "1", "v", "2", "v", "3")
		s.until(`document.querySelectorAll(".read[open]").length === 3`)

		start = time.Now()
		s.press("d")
		s.until(`document.activeElement.name === "danger"`) // and from here on every key counts
		s.press("1", "2", "2", "1")
		s.until(`document.querySelector(".safety-danger")?.innerText.includes("Do not call") && document.activeElement.id === "safe_from"`)
		t.Logf("danger and safe ways in five keys: %v", time.Since(start))
		s.until(`document.getElementById("record-state").textContent === "Saved"`)

		s.press("Escape", "r", "h", "i", "Alt+Enter")
		s.until(`document.getElementById("text-out").value === "hi"`)
		s.press("Ctrl+Enter")
		s.until(`document.querySelector("#talk li.out .story")?.textContent === "hi" && document.activeElement.id === "text-out" && document.getElementById("text-out").value === ""`)
		s.press("Escape", "n", "s", "o", "Ctrl+Enter")
		s.until(`document.getElementById("text-note").value === "so"`)
		s.press("Alt+Enter")
		s.until(`document.querySelector("#talk li.note .story")?.textContent === "so" && document.activeElement.id === "text-note" && document.getElementById("text-note").value === ""`)
		s.press("Escape", "r", "l", "o", "s", "t", "?")
		s.until(`document.querySelector("#say-out [data-draft-state]").textContent === "Saved"`)

		got, err := c.Get(t.Context(), c.advocate, receipt.ID)
		c.ok(err)
		if r := got.Record; r.Danger != Yes || r.SafeSpeak != No || r.SafeVoicemail != No || r.SafeText != Yes {
			t.Errorf("the keys recorded %+v", r)
		}
		if draft, _ := c.Draft(t.Context(), c.advocate, receipt.ID, Out); draft != "lost?" {
			t.Errorf("the draft is %q", draft)
		}
		box, err := c.OpenMailbox(t.Context(), receipt.Code)
		c.ok(err)
		if len(box.Lines) != 2 || box.Lines[1].Text != "hi" {
			t.Errorf("the person can read %+v", box.Lines)
		}
	})
}

// A draft that was still on its way when its text was sent does not come back
// to be sent twice.
func TestASlowDraftIsNotSentTwice(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		if c.DB.Engine() != db.SQLite {
			t.Skip("what a browser does is the same on every database")
		}
		id := c.write("he keeps my papers").ID
		c.ok(c.Take(t.Context(), c.advocate, id))
		s := c.screen("advocate")
		s.open("/staff/contacts/" + id)
		s.until(`document.readyState === "complete" && document.getElementById("text-out") && (window.drafts ??= (() => {
			const real = window.fetch, drafts = [];
			window.fetch = async (to, how) => {
				if (!String(to).endsWith("/draft")) return real(to, how);
				drafts.push("on its way");
				if (drafts.length === 1) await new Promise((done) => { window.arrive = done; });
				const answer = await real(to, how);
				drafts.push(new URLSearchParams(how.body).get("text"));
				return answer;
			};
			return drafts;
		})())`)
		s.press("r", "h", "i")
		s.until(`window.arrive`)
		s.press("Ctrl+Enter")
		s.until(`document.querySelector("#talk li.out .story")?.textContent === "hi"`)
		s.until(`(arrive(), drafts.at(-1) === "")`)
		if draft, err := c.Draft(t.Context(), c.advocate, id, Out); err != nil || draft != "" {
			t.Errorf("what was sent stands in the box again: %q %v", draft, err)
		}
	})
}
