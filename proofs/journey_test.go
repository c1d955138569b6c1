package proofs

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

const (
	plea     = "No puedo salir de la casa. Trabajo desde las cinco y no me pagan."
	consoles = "Está a salvo al escribirnos. Podemos buscarle un lugar esta noche."
)

// settled says that nothing on the page is about to be replaced.
const settled = `!document.querySelector(".htmx-swapping, .htmx-settling, .htmx-request")`

// TestTheWholeStoryInABrowser walks what the first version is for: somebody
// asks for help with scripts off, an advocate at the desk answers and refers,
// the person reads the answer, the month counts it.
func TestTheWholeStoryInABrowser(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, e engine) {
		browser := chromium(t)
		r := startDemo(t, e.args...)

		person := open(t, browser, r.Public, 360, 640, false)
		person.do(chromedp.Navigate(r.Public + "/"))
		person.until(`document.querySelector(".doors")`)
		desk := open(t, browser, r.Public, 1366, 768, true)
		desk.signIn("Ada", r.phrase("Ada"))
		desk.ask(`window.stays = true`)
		desk.wait("the line of hints", func() bool { return desk.answered("GET /staff/live 200") })

		code := person.writes(r)
		desk.takes()
		desk.answers()
		desk.refers()
		desk.wrapsUp()
		person.reads(code)
		person.clean()
		desk.clean()
		counted(t, r)
		desk.complains()
	})
}

// complains proves that the tab would have told of a style that the page's
// policy forbids, and of another site that is asked.
func (b *tab) complains() {
	b.t.Helper()
	b.problems = nil
	b.ask(`document.body.setAttribute("style", "color: red")`)
	b.ask(`document.body.append(Object.assign(new Image(), {src: "https://elsewhere.example/x.png"}))`)
	b.wait("the browser complains of both", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		said := strings.Join(b.problems, " ")
		return strings.Contains(said, "inline style") && strings.Contains(said, "elsewhere.example")
	})
}

// front brings the tab before the others, as somebody does who uses it.
func (b *tab) front() {
	b.t.Helper()
	call(b, page.BringToFront, cdp.Empty{})
}

func (b *tab) signIn(name, phrase string) {
	b.t.Helper()
	if n := len(call(b, storage.GetCookies, storage.GetCookiesParams{}).Cookies); n > 0 {
		b.t.Errorf("the public page left %d cookies", n)
	}
	b.do(chromedp.Navigate(b.home+"/staff/"), chromedp.SendKeys("#name", name), chromedp.SendKeys("#passphrase", phrase))
	b.follow("main form button", `location.pathname === "/staff/queue"`)
}

// writes goes from the first page to the code, in Spanish, without scripts.
func (b *tab) writes(r *running) (code string) {
	b.t.Helper()
	b.front()
	b.do(chromedp.Navigate(r.Public+"/"), chromedp.Click(".langs summary"))
	b.follow(`a[hreflang="es"]`, `document.documentElement.lang === "es"`)
	b.follow(`.ways a[href$="/contact"]`, `document.querySelector("#message")`)
	b.do(chromedp.SendKeys("#message", plea))
	b.follow("main form .button", `document.querySelector("#code")`)
	code = b.ask(`document.querySelector("#code").innerText`)
	if !regexp.MustCompile(`^(\d{4} ){4}\d{4}$`).MatchString(code) {
		b.t.Fatalf("this is no code: %q", code)
	}
	if held := b.ask(`document.documentElement.outerHTML`); regexp.MustCompile("salir de la casa").MatchString(held) {
		b.t.Error("the page with the code holds the message")
	}
	return code
}

// takes sees the contact arrive by itself and takes it with one key; what has
// to be known stands on the first screen.
func (b *tab) takes() {
	b.t.Helper()
	b.until(`document.title.startsWith("(1) ")`)
	b.until(`document.querySelectorAll(".queue-waiting .waiter").length === 1`)
	if b.ask(`window.stays`) != "true" {
		b.t.Error("the page was loaded again")
	}
	b.front()
	b.press("t")
	b.until(`location.pathname.startsWith("/staff/contacts/") && document.readyState === "complete" && document.querySelector("#talk")`)
	b.until(`document.querySelector("#talk").innerText.includes("` + plea + `")`)
	facts := b.ask(`[...document.querySelectorAll("#facts > div")].filter((e) => {
		const r = e.getBoundingClientRect();
		return r.width > 0 && r.height > 0 && r.top >= 0 && r.left >= 0 && r.bottom <= 768 && r.right <= 1366 &&
			e.contains(document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2));
	}).length`)
	if facts != "8" {
		b.t.Errorf("%s of the eight facts are in view", facts)
	}
}

// answers writes a draft, loses the page, and sends what is still there.
func (b *tab) answers() {
	b.t.Helper()
	b.press("r")
	b.until(`document.activeElement?.id === "text-out"`)
	b.do(chromedp.SendKeys("#text-out", consoles))
	b.wait("the draft is kept", func() bool { return b.answered("POST " + b.ask(`location.pathname`) + "/draft 204") })
	b.until(`document.querySelector("#say-out [data-draft-state]").innerText === document.getElementById("says").dataset.saved`)
	b.do(chromedp.Reload())
	b.until(`document.readyState === "complete" && document.querySelector("#text-out").value === "` + consoles + `"`)
	b.ask(`document.querySelector("#text-out").style.height = "90px"`) // as dragging its corner does
	b.do(chromedp.Focus("#text-out"))
	b.press("Ctrl+Enter")
	b.until(`document.querySelector("#talk .out")?.innerText.includes("` + consoles + `")`)
	b.until(`document.querySelector("#text-out").value === "" && ` + settled)
}

// refers finds a service and records that the person agrees.
func (b *tab) refers() {
	b.t.Helper()
	b.press("Escape") // out of the box in which one went on writing
	b.until(`!document.activeElement?.matches("textarea")`)
	b.press("/")
	b.until(`document.activeElement?.id === "find-words"`)
	b.do(chromedp.SendKeys("#find-words", "shelter"))
	b.press("Enter")
	b.until(`document.querySelector("#find-words").value === "shelter" && document.querySelector("#found .service a[href*='/refer?service=']")`)
	b.wait("the search is answered", func() bool { return b.answered("POST " + b.ask(`location.pathname`) + "/services 200") })
	b.until(settled)
	b.press("Escape")
	b.until(`!document.activeElement?.matches("input")`)
	b.press("f")
	b.press("1")
	b.until(`location.pathname.endsWith("/refer") && document.readyState === "complete"`)
	b.do(chromedp.SetValue("#need", "shelter"), chromedp.Click(`input[name=by][value=person]`), chromedp.Click(`input[name=how][value=spoken]`),
		chromedp.Click(`input[name=share][value=language]`), chromedp.Click(`input[name=share][value=summary]`),
		chromedp.SetValue("#value-summary", "Needs a bed for tonight."))
	b.press("Ctrl+Enter")
	b.until(`location.pathname.startsWith("/staff/referrals/") && document.readyState === "complete"`)
	b.until(`document.querySelector("main").innerText.includes("Needs a bed for tonight.")`)
	b.press("b")
	b.until(`location.pathname.startsWith("/staff/contacts/") && document.readyState === "complete"`)
}

// wrapsUp answers the six questions and closes.
func (b *tab) wrapsUp() {
	b.t.Helper()
	b.press("w")
	b.until(`document.querySelector("#wrap") && ` + settled)
	for name, value := range map[string]string{
		"request_type": "referral", "substantive": "yes", "contactor": "self", "proximity": "own_experience", "country": "US", "disposition": "referred",
	} {
		b.do(chromedp.SetValue(`#wrap [name=`+name+`]`, value))
	}
	b.press("Alt+w")
	b.until(`location.pathname === "/staff/queue" && document.readyState === "complete" && !document.querySelector(".waiter")`)
}

// reads opens the mailbox with the code, still without scripts.
func (b *tab) reads(code string) {
	b.t.Helper()
	b.front()
	b.follow(`main a[href$="/mailbox"]`, `document.querySelector("#code")?.localName === "input"`)
	b.do(chromedp.SendKeys("#code", code))
	b.follow("main form .button", `document.querySelector(".lines")`)
	if said := b.ask(`document.querySelector(".ours .said").innerText`); said != consoles {
		b.t.Errorf("the mailbox says %q", said)
	}
	if held := b.ask(`document.documentElement.outerHTML`); regexp.MustCompile("salir de la casa").MatchString(held) {
		b.t.Error("the mailbox gives the story back")
	}
}

// counted says that the month's figures have the contact and its referral.
func counted(t *testing.T, r *running) {
	t.Helper()
	ana := signIn(t, r, "Ana")
	month := ana.open("/staff/figures").path
	month = month[len("/staff/figures/"):]
	if _, err := time.Parse("2006-01", month); err != nil {
		t.Fatal(err)
	}
	file := ana.ask(http.MethodGet, "/staff/figures/"+month+"/exact.json", "", "").is(http.StatusOK)
	var figures struct {
		Sections []struct {
			ID     string
			Total  int
			Tables []struct {
				ID     string
				Values []struct {
					Value string
					Count int
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(file.body), &figures); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, s := range figures.Sections {
		got[s.ID] = s.Total
		for _, table := range s.Tables {
			for _, v := range table.Values {
				got[s.ID+" "+table.ID+" "+v.Value] = v.Count
			}
		}
	}
	for what, n := range map[string]int{
		"contacts": 1, "contacts channel web": 1, "contacts request_type referral": 1, "contacts language es": 1, "contacts disposition referred": 1,
		"referrals": 1, "referrals need shelter": 1, "contacts channel phone": 0,
	} {
		if got[what] != n {
			t.Errorf("the figures count %s of %q, not %d: %v", strconv.Itoa(got[what]), what, n, got)
		}
	}
}
