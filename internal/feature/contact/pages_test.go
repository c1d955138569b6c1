package contact

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// counter is the house with its console open and everybody signed in.
type counter struct {
	*house
	handler http.Handler
	cookies map[string]string
}

func console(t *testing.T, story func(t *testing.T, c *counter)) {
	each(t, func(t *testing.T, h *house) {
		c := &counter{house: h, cookies: map[string]string{}}
		words, err := i18n.Load(desk.Words, Words())
		h.ok(err)
		assets, err := web.NewAssets(desk.Assets, Assets())
		h.ok(err)
		s := &web.Server{Words: words, Assets: assets, Zone: time.UTC, Log: slog.New(slog.DiscardHandler), Guard: staff.Guard(h.DB, nil)}
		h.ok(h.UsePages(s))
		s.DeskError = desk.Errors(s, h.pages)
		c.handler, err = s.Handler(h.Reasoned(h.Routes()))
		h.ok(err)
		h.Place = func(country, place string) Whereabouts {
			if place == "Austin" {
				return Whereabouts{Country: "US", Region: "US-TX", Zone: time.FixedZone("there", -6*3600), Emergency: []string{"911"}}
			}
			return Whereabouts{Country: country}
		}
		h.Services = func(_ context.Context, _ string, q ServiceQuery) (ServiceResults, error) {
			return ServiceResults{Total: 40, List: []Service{
				{
					ID: "s1", Name: "Safe house of " + q.Place, Organization: "Good people", Phones: []string{"+1 217 555 0100"}, DistanceKm: 4.2,
					Fits: []string{"near " + q.Place}, Misses: []string{"ask about age"}, Open: true, OpenUntil: "Open until 22:00", Checked: "never checked",
					Told: toldTest,
				},
			}}, nil
		}
		for name, session := range map[string]*staff.Session{"advocate": h.advocate, "other": h.other, "supervisor": h.supervisor, "fresh": h.fresh} {
			c.signIn(name, session)
		}
		admin, err := staff.Prepare(t.Context(), agency, "Adm", staff.Administrator, "correct horse battery")
		h.ok(err)
		h.ok(h.DB.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error { return admin.Insert(ctx, tx, "") }))
		c.signIn("administrator", &staff.Session{Person: admin.Person, Pair: admin.Pair})
		c.signIn("locked", h.advocate)
		h.ok(h.DB.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			s, err := staff.Find(ctx, tx, c.cookies["locked"])
			if err != nil {
				return err
			}
			c.cookies["locked"], err = s.Lock(ctx, tx)
			return err
		}))
		story(t, c)
	})
}

// toldTest is a service whose place nobody is told of.
var toldTest = Told{Name: "Safe house", Organization: "Good people", Phones: []string{"217 555 0100"}, Hidden: true, Where: "Not told.", Languages: []string{"español"}}

func (c *counter) signIn(name string, s *staff.Session) {
	c.ok(c.DB.Update(c.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		c.cookies[name], err = staff.SignIn(ctx, tx, s.Person, s.Pair)
		return err
	}))
}

// ask sends a request as somebody; a path that begins with "hx " comes from a script.
func (c *counter) ask(who, method, path string, form ...string) *httptest.ResponseRecorder {
	path, script := strings.CutPrefix(path, "hx ")
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Add(form[i], form[i+1])
	}
	r := httptest.NewRequestWithContext(c.t.Context(), method, "https://desk.example"+path, strings.NewReader(values.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if script {
		r.Header.Set("HX-Request", "true")
	}
	r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: c.cookies[who]})
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

func (c *counter) want(w *httptest.ResponseRecorder, status int, has ...string) string {
	c.t.Helper()
	body := w.Body.String()
	if w.Code != status {
		c.t.Fatalf("status %d, want %d: %s", w.Code, status, body)
	}
	for _, part := range has {
		if !strings.Contains(body, part) && !strings.Contains(w.Header().Get("Location"), part) {
			c.t.Errorf("without %q: %s", part, body)
		}
	}
	return body
}

func TestEachRouteLetsInOnlyWhoMayOpenTheContact(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		id := c.write("a story").ID
		c.want(c.ask("advocate", "POST", "/staff/contacts/"+id+"/take"), http.StatusSeeOther, "/staff/contacts/"+id)
		at := "/staff/contacts/" + id
		// A colleague who holds the key is asked why: at once, or before a form goes on.
		const gone, away, why, held = http.StatusNotFound, http.StatusSeeOther, http.StatusSeeOther, http.StatusConflict
		for _, row := range []struct {
			method, path                               string
			member, other, admin, locked, unsupervised int
		}{
			{"GET", "/staff/queue", 200, 200, gone, away, 0},
			{"GET", "/staff/queue/list", 200, 200, gone, away, 0},
			{"GET", "/staff/contacts/new", 200, 200, gone, away, 0},
			{"POST", "/staff/contacts/new", 422, 422, gone, away, 0},
			{"GET", at, 200, why, gone, away, 200},
			{"GET", at + "?show=record", 200, why, gone, away, 200},
			{"GET", at + "?show=wrap", 200, why, gone, away, 200},
			{"GET", at + "/lines?after=0", 200, why, gone, away, 200},
			{"GET", at + "/lines?after=x", 422, 422, gone, away, 422},
			{"GET", at + "/help", 200, why, gone, away, 200},
			{"POST", at + "/services", 200, held, gone, away, 200},
			{"POST", at + "/tell", 422, held, gone, away, 422},
			{"POST", at + "/say", 422, 422, gone, away, 422},
			{"POST", at + "/draft", 422, 422, gone, away, 422},
			{"POST", at + "/record", away, held, gone, away, away},
			{"POST", at + "/close", 422, held, gone, away, 422},
			{"POST", at + "/assign", 409, held, gone, away, 409},
			{"POST", at + "/take", 409, 409, gone, away, 409},
			{"GET", "/staff/floor", gone, gone, gone, away, 200},
			{"GET", "/staff/floor/now", gone, gone, gone, away, 200},
			{"POST", at + "/return", away, held, gone, away, 0},
		} {
			// The other first: the member may change what there is.
			for _, who := range []struct {
				name string
				want int
			}{{"other", row.other}, {"administrator", row.admin}, {"locked", row.locked}, {"supervisor", row.unsupervised}, {"advocate", row.member}} {
				if who.want == 0 {
					continue
				}
				w := c.ask(who.name, row.method, row.path)
				if w.Code != who.want {
					t.Errorf("%s %s as %s: %d, want %d", row.method, row.path, who.name, w.Code, who.want)
				}
				if who.name == "locked" && !strings.Contains(w.Header().Get("Location"), "/staff/unlock") {
					t.Errorf("%s %s locked leads to %q", row.method, row.path, w.Header().Get("Location"))
				}
				if who.name != "advocate" && who.name != "supervisor" && strings.Contains(w.Body.String(), "a story") {
					t.Errorf("%s %s shows the story to %s", row.method, row.path, who.name)
				}
			}
		}
		missing := c.ask("fresh", "GET", "/staff/contacts/nosuchcontactatall").Body.String()
		others := c.ask("fresh", "GET", at).Body.String()
		now := regexp.MustCompile(`data-now="\d+"|` + id + `|nosuchcontactatall`)
		if now.ReplaceAllString(missing, "") != now.ReplaceAllString(others, "") {
			t.Error("a contact of somebody else is answered unlike none")
		}
	})
}

// eight are the facts in their fixed order.
var eight = []string{"f-danger", "f-safe", "f-language", "f-where", "f-who", "f-age", "f-seen", "f-wait"}

func TestTheEightFactsStandInTheirOrderInEveryLanguage(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		id := c.write("hello").ID
		c.ok(c.Take(t.Context(), c.advocate, id))
		rec := complete
		rec.Place, rec.Danger, rec.SafeText, rec.Safe = "Austin", Yes, No, SafeContact{Channel: "text", Address: "+1 217 555 0199", From: "18:00", To: "20:00"}
		c.ok(c.SaveRecord(t.Context(), c.advocate, id, rec))
		for _, l := range i18n.Languages() {
			c.ok(c.DB.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE staff SET language = $1`, l.Code)
				return err
			}))
			for _, show := range []string{"services", "record", "wrap"} {
				body := c.want(c.ask("advocate", "GET", "/staff/contacts/"+id+"?show="+show), http.StatusOK, `dir="`+l.Dir+`"`, "18:00–20:00", ">911<", `id="safety"`, "safety-danger")
				last := -1
				for _, class := range eight {
					i := strings.Index(body, `class="`+class)
					if i < last {
						t.Errorf("%s, %s: %s stands before the fact that goes before it", l.Code, show, class)
					}
					last = i
				}
				if strings.Contains(body, "555 0199") {
					t.Errorf("%s, %s: a number shows although that way is not safe", l.Code, show)
				}
			}
			for _, path := range []string{"/staff/queue", "/staff/queue?after=hard", "/staff/contacts/new"} {
				c.want(c.ask("advocate", "GET", path), http.StatusOK)
			}
			c.want(c.ask("supervisor", "GET", "/staff/floor"), http.StatusOK)
		}
	})
}

func TestAReplyANoteAndWhatGoesWrong(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		receipt := c.write(strings.Repeat("a long story\n", 30) + "<b>\u202e")
		id := receipt.ID
		c.want(c.ask("advocate", "POST", "/staff/contacts/next"), http.StatusSeeOther, id)
		at := "/staff/contacts/" + id
		body := c.want(c.ask("advocate", "GET", at), http.StatusOK, `<details class="fold unfold">`, `dir="auto"`, "&lt;b&gt;", `data-draft="`+at+`/draft"`)
		if out, note := strings.Index(body, `id="say-out"`), strings.Index(body, `id="say-note" class="say note-box"`); out < 0 || note < 0 {
			t.Fatal("the reply and the note are not two boxes")
		}
		c.want(c.ask("advocate", "POST", at+"/draft", "kind", "out", "text", "half a"), http.StatusNoContent)
		c.want(c.ask("advocate", "GET", at), http.StatusOK, ">half a</textarea>")
		c.want(c.ask("advocate", "POST", at+"/say", "kind", "out", "text", "we hear you"), http.StatusSeeOther, at)
		c.want(c.ask("advocate", "POST", "hx "+at+"/say", "kind", "note", "text", "sounds afraid"), http.StatusOK, `id="text-note"`)
		c.want(c.ask("advocate", "GET", at+"/lines?after=1"), http.StatusOK, "we hear you", "sounds afraid", `name="after" value="3"`, `hx-swap-oob="true"`)
		if body := c.want(c.ask("advocate", "GET", at+"/lines?after=3"), http.StatusOK); strings.Contains(body, "we hear you") {
			t.Error("lines were sent again")
		}
		long := strings.Repeat("x", MaxText+1)
		c.want(c.ask("advocate", "POST", at+"/say", "kind", "out", "text", long), http.StatusRequestEntityTooLarge, long, "too long")
		c.want(c.ask("advocate", "POST", "hx "+at+"/say", "kind", "note", "text", long), http.StatusOK, long, "too long")
		c.want(c.ask("fresh", "POST", at+"/say", "kind", "out", "text", "my words"), http.StatusNotFound, "my words")

		box, err := c.OpenMailbox(t.Context(), receipt.Code)
		c.ok(err)
		c.ok(c.Hide(t.Context(), box))
		c.want(c.ask("advocate", "GET", at), http.StatusOK, "Nobody can read a reply.")
		c.want(c.ask("advocate", "POST", at+"/say", "kind", "out", "text", "too late"), http.StatusConflict, "too late")
	})
}

func TestTheRecordSavesWithAndWithoutAScript(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		id := c.write("hello").ID
		c.ok(c.Take(t.Context(), c.advocate, id))
		at := "/staff/contacts/" + id
		c.want(c.ask("advocate", "POST", "hx "+at+"/record", "danger", "yes", "safe_speak", "no", "place", "Austin", "country", "", "region", ""),
			http.StatusOK, `id="record-state"`, `id="facts"`, "safety-danger", `value="US-TX"`)
		c.want(c.ask("advocate", "POST", at+"/record", "summary", "afraid of her boss"), http.StatusSeeOther, "show=record")
		got, err := c.Get(t.Context(), c.advocate, id)
		c.ok(err)
		if r := got.Record; r.Danger != Yes || r.SafeSpeak != No || r.Country != "US" || r.Region != "US-TX" || r.Summary != "afraid of her boss" || r.Contactor != "self" {
			t.Fatalf("the record is %+v", r)
		}
		c.want(c.ask("advocate", "POST", at+"/record", "danger", "maybe", "summary", "typed"), http.StatusUnprocessableEntity, `value="typed"`, `class="wrong"`)
		c.want(c.ask("advocate", "POST", at+"/record", "region", "XX-1", "summary", "typed"), http.StatusUnprocessableEntity, `value="typed"`, `id="region-wrong"`)
		c.want(c.ask("advocate", "POST", "hx "+at+"/record", "summary", strings.Repeat("y", maxLine+1)), http.StatusOK, strings.Repeat("y", maxLine+1), `id="summary-wrong"`)
		c.want(c.ask("advocate", "POST", at+"/record", "needs_asked", "1", "needs", "shelter", "needs", "food"), http.StatusSeeOther)
		c.want(c.ask("advocate", "POST", at+"/record", "summary", "x"), http.StatusSeeOther)
		if got, _ = c.Get(t.Context(), c.advocate, id); strings.Join(got.Record.Needs, " ") != "food shelter" {
			t.Errorf("needs are %v", got.Record.Needs)
		}
	})
}

func TestServicesAreAskedForWhatTheRecordSays(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		id := c.write("hello").ID
		c.ok(c.Take(t.Context(), c.advocate, id))
		rec := complete
		rec.Place, rec.Language = "Austin", "es"
		c.ok(c.SaveRecord(t.Context(), c.advocate, id, rec))
		at := "/staff/contacts/" + id
		c.want(c.ask("advocate", "GET", at), http.StatusOK, "Safe house of Austin", "Never verified", "near Austin", "ask about age", "4 km",
			`href="`+at+`/refer?service=s1"`, `class="readout" lang="es"`, "Teléfono:", `tel:+12175550100`)
		body := c.want(c.ask("advocate", "POST", "hx "+at+"/services", "place", "Dallas", "words", "beds"), http.StatusOK, "Safe house of Dallas", `value="beds"`)
		if strings.Contains(body, "<html") {
			t.Error("a script got a whole page")
		}
		c.want(c.ask("advocate", "POST", at+"/services", "place", "Dallas"), http.StatusOK, "Safe house of Dallas", "<html")
		c.Services = nil
		c.want(c.ask("advocate", "GET", at), http.StatusOK, "no directory yet")
	})
}

// What is marked goes under what was typed, in the person's language, and is
// sent by nobody but the writer. Who may not write in the contact puts nothing in.
func TestServicesArePutIntoTheReply(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		receipt := c.write("hello")
		id := receipt.ID
		c.ok(c.Take(t.Context(), c.advocate, id))
		rec := complete
		rec.Language = "es"
		c.ok(c.SaveRecord(t.Context(), c.advocate, id, rec))
		at := "/staff/contacts/" + id
		if strings.Contains(c.want(c.ask("advocate", "GET", at), http.StatusOK), at+"/tell") {
			t.Error("there is a button that can do nothing")
		}
		c.Tell = func(_ context.Context, _ string, words *i18n.Printer, service string) (Told, error) {
			if service != "s1" || words.Lang() != "es" {
				return Told{}, errs.New(errs.NotFound, "", nil)
			}
			return toldTest, nil
		}
		c.want(c.ask("advocate", "GET", at), http.StatusOK, `value="s1" checked`, `hx-post="`+at+`/tell"`)
		told := "Safe house\nGood people\nTeléfono: 217 555 0100\nDónde: Not told.\nIdiomas: español\nAún no lo hemos verificado. Llame antes."
		c.want(c.ask("advocate", "POST", "hx "+at+"/tell", "text", "Hola.\n", "service", "s1"), http.StatusOK, `id="say-out"`, "Hola.\n\n"+told)
		if draft, err := c.Draft(t.Context(), c.advocate, id, Out); err != nil || draft != "Hola.\n\n"+told {
			t.Errorf("the draft is %q %v", draft, err)
		}
		c.want(c.ask("advocate", "POST", at+"/tell", "service", "s1"), http.StatusSeeOther, at+"#text-out")
		c.want(c.ask("advocate", "GET", at), http.StatusOK, told)
		c.want(c.ask("advocate", "POST", at+"/tell", "text", "my words"), http.StatusUnprocessableEntity, "my words", "Mark at least one service.")
		c.want(c.ask("advocate", "POST", at+"/tell", "text", "my words", "service", "gone"), http.StatusNotFound, "my words")
		c.want(c.ask("advocate", "POST", at+"/tell", "text", strings.Repeat("x", MaxText), "service", "s1"), http.StatusRequestEntityTooLarge, "too long")
		c.want(c.ask("fresh", "POST", at+"/tell", "service", "s1"), http.StatusNotFound)
		box, err := c.OpenMailbox(t.Context(), receipt.Code)
		c.ok(err)
		for _, l := range box.Lines {
			if l.Reply {
				t.Errorf("%q was sent by itself", l.Text)
			}
		}
		if two := (Told{Name: "Quiet\n\nLoud", Cost: "free\n\nCall 900", Site: "https://quiet.example/"}).text(c.Web.Words.For("en")); strings.Contains(two, "\n\n") {
			t.Errorf("one service passes for two: %q", two)
		}
		if none := (Told{Name: "Quiet", Hidden: true}).text(c.Web.Words.For("en")); !strings.Contains(none, "We can bring you together.") {
			t.Errorf("a service without a number: %q", none)
		}
	})
}

func TestWrappingUpAsksSixThingsAndGivesTime(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		id := c.write("hello").ID
		c.ok(c.Take(t.Context(), c.advocate, id))
		at := "/staff/contacts/" + id
		body := c.want(c.ask("advocate", "GET", at+"?show=wrap"), http.StatusOK)
		if n := strings.Count(body, " required"); n != 6 {
			t.Errorf("%d fields are required", n)
		}
		c.want(c.ask("advocate", "GET", at+"?show=wrap"), http.StatusOK, `value="crisis" selected`, `value="own_experience" selected`)
		body = c.want(c.ask("advocate", "POST", at+"/close", "request_type", "crisis", "substantive", "yes", "contactor", "self", "summary", "kept words"),
			http.StatusUnprocessableEntity, `id="proximity-wrong"`, `id="country-wrong"`, `id="disposition-wrong"`, `value="kept words"`)
		if strings.Contains(body, `id="contactor-wrong"`) {
			t.Error("a field that was answered is marked")
		}
		c.want(c.ask("advocate", "POST", at+"/close", "request_type", "crisis", "substantive", "yes", "contactor", "self",
			"proximity", "own_experience", "country", "US", "region", "US-IL", "disposition", "referred"), http.StatusSeeOther, "/staff/queue?after=hard")
		c.want(c.ask("advocate", "GET", "/staff/queue?after=hard"), http.StatusOK, "That was a hard one.", `name="presence" value="ready"`)
		if f := c.want(c.ask("supervisor", "GET", "/staff/floor"), http.StatusOK); !strings.Contains(f, "Wrap-up") {
			t.Error("the floor does not show who is wrapping up")
		}
		c.want(c.ask("advocate", "POST", at+"/close", "request_type", "crisis", "substantive", "yes", "contactor", "self",
			"proximity", "own_experience", "country", "US", "region", "US-IL", "disposition", "referred"), http.StatusUnprocessableEntity, "not open any more")
	})
}

func TestPassingOnAContact(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		id := c.write("hello").ID
		c.ok(c.Take(t.Context(), c.advocate, id))
		at := "/staff/contacts/" + id
		body := c.want(c.ask("advocate", "GET", at), http.StatusOK, `value="`+c.other.Person.ID+`"`)
		if strings.Contains(body, `value="`+c.fresh.Person.ID+`"`) {
			t.Error("a colleague who cannot read contacts is offered")
		}
		c.want(c.ask("advocate", "POST", at+"/assign", "to", c.fresh.Person.ID), http.StatusConflict, "cannot take contacts")
		c.want(c.ask("advocate", "GET", at), http.StatusOK, "Ready (2):", c.other.Person.Name)
		c.want(c.ask("advocate", "POST", at+"/assign", "to", c.other.Person.ID), http.StatusSeeOther, "/staff/queue")
		left := c.ask("advocate", "GET", "hx "+at+"/lines?after=0")
		if body := c.want(left, http.StatusOK, "Somebody else has taken this contact.", `<div id="safety" hx-swap-oob="true"></div>`); left.Header().Get("HX-Retarget") != "#talk" || strings.Contains(body, `class="story`) {
			t.Errorf("a page left open shows a contact that somebody else has: %s", body)
		}
		c.want(c.ask("advocate", "GET", at), http.StatusSeeOther, at+"/outside")
		c.want(c.ask("supervisor", "GET", at), http.StatusOK, "Take over")
		c.want(c.ask("supervisor", "POST", at+"/assign", "to", "me"), http.StatusSeeOther, at)
		c.want(c.ask("supervisor", "POST", at+"/return"), http.StatusSeeOther, "/staff/queue")
		c.want(c.ask("supervisor", "GET", at), http.StatusOK, `action="`+at+`/take"`)
		c.want(c.ask("other", "POST", at+"/take"), http.StatusSeeOther, at)
		c.want(c.ask("advocate", "POST", at+"/take"), http.StatusConflict, "Somebody else has taken")
		c.want(c.ask("fresh", "POST", at+"/take"), http.StatusNotFound)
	})
}

func TestEnteringAContactByHand(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		const path = "/staff/contacts/new"
		once := regexp.MustCompile(`name="once" value="([a-z0-9]+)"`).FindStringSubmatch(c.want(c.ask("advocate", "GET", path), http.StatusOK))[1]
		fields := []string{"once", once, "channel", "phone", "text", "she called from a shop", "language", "pl", "request_type", "referral", "safe_channel", "phone", "safe_address", "555"}
		w := c.ask("advocate", "POST", path, fields...)
		c.want(w, http.StatusSeeOther, "?show=record")
		to := w.Header().Get("Location")
		c.want(c.ask("advocate", "GET", to), http.StatusOK, "she called from a shop", "They told us", "ask which country", "Nobody can read a reply.")
		if again := c.ask("advocate", "POST", path, fields...).Header().Get("Location"); again != to {
			t.Errorf("the form sent twice made another contact: %q", again)
		}
		c.want(c.ask("advocate", "POST", path, "once", once+"x", "channel", "web", "text", "kept"), http.StatusUnprocessableEntity, ">kept</textarea>")
		c.want(c.ask("advocate", "POST", path, "once", once+"x", "channel", "phone", "text", " ", "place", "a kept place"), http.StatusUnprocessableEntity, "a kept place", `id="text-wrong"`)
		body := c.want(c.ask("advocate", "POST", path, "once", once+"y", "channel", "walk_in", "text", "came in", "language", "en", "code", "1"), http.StatusOK)
		code := regexp.MustCompile(`id="code">([0-9 -]+)<`).FindStringSubmatch(body)
		if code == nil {
			t.Fatalf("no code is shown: %s", body)
		}
		_, err := c.OpenMailbox(t.Context(), code[1])
		c.ok(err)
	})
}

func TestTheQueueSaysWhoWaitsAndWhatItLeavesOut(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		c.want(c.ask("advocate", "GET", "/staff/queue"), http.StatusOK, "Nobody is waiting.", "You have none open.")
		c.want(c.ask("advocate", "POST", "/staff/contacts/next"), http.StatusSeeOther, "/staff/queue?nobody")
		_, err := c.Open(t.Context(), Incoming{Channel: Web, Language: "ru", Text: "later"}, "", false)
		c.ok(err)
		for range queueShown + 1 {
			_, err := c.Open(t.Context(), Incoming{Channel: Web, RequestType: Crisis, Language: "es", Text: "now"}, "", false)
			c.ok(err)
		}
		body := c.want(c.ask("advocate", "GET", "/staff/queue/list"), http.StatusOK, "Only the first 50 are shown.", `data-live="queue`)
		if n := strings.Count(body, "data-item"); n != queueShown {
			t.Errorf("%d lines are shown", n)
		}
		if strings.Contains(body, "Russian") {
			t.Error("somebody who is not in a crisis stands before those who are")
		}
		c.want(c.ask("supervisor", "GET", "/staff/floor/now"), http.StatusOK, "<dd>52</dd>", "Spanish", "Russian", `"X-Background"`)
	})
}

func TestConsoleWords(t *testing.T) {
	for _, problem := range i18n.Check(Words()) {
		t.Error(problem)
	}
	words, err := i18n.Load(desk.Words, Words())
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range i18n.CheckPages(words, web.Folder(consoleFiles, "pages")) {
		t.Error(problem)
	}
	family := func(prefix string, codes ...string) {
		for _, code := range codes {
			if !words.Has("contact." + prefix + "." + code) {
				t.Errorf("no word for contact.%s.%s", prefix, code)
			}
		}
	}
	family("channel", strs(Channels)...)
	family("request_type", append(strs(Recorded), strs(Asked)...)...)
	family("answer", strs(Answers)...)
	family("contactor", Contactors...)
	family("proximity", Proximities...)
	family("age_group", AgeGroups...)
	family("substantive", Substantives...)
	family("disposition", Dispositions...)
	family("need", needCodes...)
	family("state", strs([]State{Waiting, Active, Closed})...)

	// Every key that the code of this package names has its words.
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`"(contact\.[a-z_]+\.[a-z_]+)"`)
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllSubmatch(source, -1) {
			if !words.Has(string(m[1])) {
				t.Errorf("%s: no text %s", file.Name(), m[1])
			}
		}
	}
}

func strs[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
