package signin

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/oidc"
	"github.com/clew-hotline/clew/internal/platform/oidc/oidctest"
)

// provider gives the house a provider of its own.
func (h *house) provider() *oidctest.Provider {
	h.t.Helper()
	p := oidctest.Start(h.t)
	ours, err := oidc.New("Example ID", p.URL, oidctest.Client, []string{oidctest.Secret}, p.Roots(), h.db.Now)
	if err != nil {
		h.t.Fatal(err)
	}
	h.feature.Provider = ours
	return p
}

// goTo presses what leads to the provider, and gives what it sends the browser back with.
func (b *browser) goTo(p *oidctest.Provider, path string) url.Values {
	b.h.t.Helper()
	w := b.get(path)
	want(b.h.t, w, http.StatusSeeOther, p.URL+"/authorize?")
	return p.Visit(w.Header().Get("Location"))
}

// comeBack is the provider sending the browser back: from another site, with none of
// the desk's strict cookies.
func (b *browser) comeBack(answer url.Values) *httptest.ResponseRecorder {
	kept, others, site := b.cookie, b.others, b.site
	b.cookie, b.site, b.others = "", "cross-site", map[string]string{}
	if token := others["__Host-desk-asked"]; token != "" {
		b.others["__Host-desk-asked"] = token
	}
	w := b.get("/staff/signin/identity/back?" + answer.Encode())
	b.site = site
	if b.cookie == "" {
		b.cookie = kept
	}
	delete(others, "__Host-desk-asked")
	maps.Copy(others, b.others)
	b.others = others
	return w
}

func (b *browser) link(p *oidctest.Provider) {
	b.h.t.Helper()
	want(b.h.t, b.comeBack(b.goTo(p, "/staff/identity/ask")), http.StatusOK, "With your pass phrase")
	want(b.h.t, b.post("/staff/identity", "passphrase", passphrase), http.StatusSeeOther, "/staff/identity")
}

// The provider says who somebody is, once they have linked it themselves; it opens
// nothing, and the disk does not tell who they are there.
func TestTheProviderTellsWhoAndNothingOpens(t *testing.T) {
	h := open(t)
	p := h.provider()
	stranger := h.browser()
	want(t, stranger.get("/staff/signin"), http.StatusOK, "Sign in with Example ID")
	want(t, stranger.comeBack(stranger.goTo(p, "/staff/signin/identity")), http.StatusUnauthorized, "not linked to one here")

	inside := h.signedIn(staff.Supervisor)
	want(t, inside.get("/staff/me"), http.StatusOK, "Account at Example ID")
	want(t, inside.comeBack(inside.goTo(p, "/staff/identity/ask")), http.StatusOK, "With your pass phrase")
	want(t, inside.post("/staff/identity", "passphrase", "wrong horse battery"), http.StatusUnprocessableEntity, "not right")
	want(t, inside.get("/staff/identity"), http.StatusOK, "Link an account at Example ID")
	want(t, inside.post("/staff/identity", "passphrase", passphrase), http.StatusSeeOther)
	want(t, inside.post("/staff/identity", "passphrase", passphrase), http.StatusUnprocessableEntity, "Begin again")
	want(t, inside.get("/staff/identity"), http.StatusOK, "Linked since")

	b := h.browser()
	want(t, b.comeBack(b.goTo(p, "/staff/signin/identity?next=/staff/me")), http.StatusOK, "Hello supervisor, now your pass phrase")
	if b.cookie != "" {
		t.Fatal("the provider's word began a session")
	}
	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/signin")
	want(t, b.post("/staff/signin/identity", "passphrase", "wrong horse battery"), http.StatusUnauthorized, "not right")
	proof := b.others["__Host-desk-proof"]
	want(t, b.post("/staff/signin/identity", "passphrase", passphrase), http.StatusSeeOther, "/staff/me")
	want(t, b.get("/staff/me"), http.StatusOK, "supervisor")
	replay := h.browser()
	replay.others = map[string]string{"__Host-desk-proof": proof}
	want(t, replay.post("/staff/signin/identity", "passphrase", passphrase), http.StatusUnauthorized, "Begin again")

	var deeds []string
	for _, e := range h.log.All() {
		deeds = append(deeds, e.Action)
	}
	if all := strings.Join(deeds, "; "); !strings.Contains(all, "passphrase.change identity-on") || !strings.Contains(all, "sign-in identity") {
		t.Errorf("the log has %s", all)
	}
	h.diskLacks(p.Subject, p.URL)

	for _, wrong := range [][]string{nil, {"passphrase", "wrong horse battery"}} {
		want(t, b.post("/staff/identity/end", wrong...), http.StatusUnprocessableEntity, "not right", "Linked since")
	}
	want(t, stranger.comeBack(stranger.goTo(p, "/staff/signin/identity")), http.StatusOK, "Hello supervisor")
	want(t, b.post("/staff/identity/end", "passphrase", passphrase), http.StatusSeeOther)
	want(t, stranger.comeBack(stranger.goTo(p, "/staff/signin/identity")), http.StatusUnauthorized, "not linked to one here")
}

// diskLacks looks for words in all that the database has written.
func (h *house) diskLacks(words ...string) {
	h.t.Helper()
	var text bytes.Buffer
	h.update(func(ctx context.Context, tx *db.Tx) error {
		for _, query := range []string{`SELECT staff || agency || mark FROM staff_identities`, `SELECT session FROM staff_challenges`} {
			rows, err := tx.Query(ctx, query)
			if err != nil {
				return err
			}
			for rows.Next() {
				var s string
				if err := rows.Scan(&s); err != nil {
					return err
				}
				text.WriteString(s + "\n")
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	if text.Len() == 0 {
		h.t.Fatal("this looks at nothing")
	}
	for _, word := range words {
		if strings.Contains(text.String(), word) {
			h.t.Errorf("the database tells %q", word)
		}
	}
}

// An answer counts once, in the browser that asked, within minutes. Everything else is
// refused in words, and leaves neither session nor proof.
func TestAnswersOfTheProviderCountOnceAndHere(t *testing.T) {
	for name, c := range map[string]struct {
		provider func(*oidctest.Provider)
		do       func(h *house, b *browser, answer url.Values)
		say      string
	}{
		"another state":   {do: func(_ *house, _ *browser, a url.Values) { a.Set("state", "x") }, say: "cannot rely"},
		"another browser": {do: func(_ *house, b *browser, _ url.Values) { b.others = map[string]string{} }, say: "another browser"},
		"too late":        {do: func(h *house, _ *browser, _ url.Values) { *h.clock += 6 * time.Minute }, say: "too long"},
		"twice":           {do: func(_ *house, b *browser, a url.Values) { b.comeBack(a); delete(b.others, "__Host-desk-proof") }, say: "too long"},
		"denied":          {provider: func(p *oidctest.Provider) { p.Denies = true }, say: "did not let you through"},
		"unsigned":        {provider: func(p *oidctest.Provider) { p.Alg = "none" }, say: "cannot rely"},
		"another's":       {provider: func(p *oidctest.Provider) { p.Lie = func(c map[string]any) { c["aud"] = "x" } }, say: "cannot rely"},
		"expired": {provider: func(p *oidctest.Provider) {
			p.Lie = func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() }
		}, say: "cannot rely"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			p := h.provider()
			h.signedIn(staff.Supervisor).link(p)
			if c.provider != nil {
				c.provider(p)
			}
			b := h.browser()
			answer := b.goTo(p, "/staff/signin/identity")
			if c.do != nil {
				c.do(h, b, answer)
			}
			want(t, b.comeBack(answer), http.StatusUnauthorized, c.say, "name=\"passphrase\"")
			if b.cookie != "" || b.others["__Host-desk-proof"] != "" {
				t.Errorf("it left %v", b.others)
			}
		})
	}
}

// What one asked for at the door makes no link, what was asked for a link opens no
// door, and what one account asked for is no other's.
func TestAProofIsForWhatWasAsked(t *testing.T) {
	h := open(t)
	p := h.provider()
	sue, ada := h.signedIn(staff.Supervisor), h.signedIn(staff.Advocate)
	sue.link(p)
	want(t, ada.comeBack(ada.goTo(p, "/staff/signin/identity")), http.StatusOK, "Hello supervisor")
	want(t, ada.post("/staff/identity", "passphrase", passphrase), http.StatusUnprocessableEntity, "Begin again")

	p.Subject = "subject of Bea"
	want(t, sue.comeBack(sue.goTo(p, "/staff/identity/ask")), http.StatusOK)
	want(t, sue.post("/staff/signin/identity", "passphrase", passphrase), http.StatusUnauthorized, "Begin again")
	ada.others = sue.others
	want(t, ada.post("/staff/identity", "passphrase", passphrase), http.StatusUnprocessableEntity, "Begin again")

	t.Log("what is linked to one is nobody else's")
	p.Subject = "subject of Ada"
	want(t, ada.comeBack(ada.goTo(p, "/staff/identity/ask")), http.StatusOK)
	want(t, ada.post("/staff/identity", "passphrase", passphrase), http.StatusUnprocessableEntity, "linked to somebody else")

	elsewhere := h.browser()
	want(t, elsewhere.comeBack(elsewhere.goTo(p, "/staff/signin/identity")), http.StatusOK, "Hello supervisor")
	elsewhere.site = "cross-site"
	want(t, elsewhere.post("/staff/signin/identity", "passphrase", passphrase), http.StatusSeeOther, "/staff/signin")
}

// The provider takes the place of the code where the administrator says so, and of
// nothing else: who must have a second step still sets one up, and without the
// provider the code is asked for.
func TestTheProviderInPlaceOfTheCode(t *testing.T) {
	h := open(t)
	p := h.provider()
	inside := h.signedIn(staff.Supervisor)
	inside.link(p)
	h.enrol(inside)
	identified := func() *browser {
		b := h.browser()
		want(t, b.comeBack(b.goTo(p, "/staff/signin/identity")), http.StatusOK, "Hello supervisor")
		return b
	}
	want(t, identified().post("/staff/signin/identity", "passphrase", passphrase), http.StatusSeeOther, "/staff/signin/code")

	admin := h.signedIn(staff.Administrator)
	want(t, admin.get("/staff/settings/signin"), http.StatusOK, "Roles for which Example ID takes the place of the code")
	want(t, admin.post("/staff/settings/signin", "roles", "advocate", "identity", "supervisor", "identity", "advocate"), http.StatusSeeOther)
	b := identified()
	want(t, b.post("/staff/signin/identity", "passphrase", passphrase), http.StatusSeeOther, "/staff/")
	want(t, b.get("/staff/me"), http.StatusOK, "supervisor")
	want(t, h.browser().post("/staff/signin", "name", "supervisor", "passphrase", passphrase), http.StatusSeeOther, "/staff/signin/code")

	p.Subject = "subject of Bea"
	want(t, admin.post("/staff/settings/signin", "identity", "advocate"), http.StatusSeeOther)
	h.signedIn(staff.Advocate).link(p)
	want(t, admin.post("/staff/settings/signin", "roles", "advocate", "identity", "advocate"), http.StatusSeeOther)
	bare := h.browser()
	want(t, bare.comeBack(bare.goTo(p, "/staff/signin/identity")), http.StatusOK, "Hello advocate")
	want(t, bare.post("/staff/signin/identity", "passphrase", passphrase), http.StatusSeeOther)
	want(t, bare.get("/staff/me"), http.StatusSeeOther, "/staff/second")
}

// While the provider is down, its button says so and everything else goes on; without
// one there is no button and no page.
func TestAProviderThatIsDownKeepsNobodyOut(t *testing.T) {
	h := open(t)
	b := h.browser()
	for _, path := range []string{"/staff/signin/identity", "/staff/signin/identity/back?code=x&state=y"} {
		want(t, b.get(path), http.StatusNotFound)
	}
	if strings.Contains(b.get("/staff/signin").Body.String(), "/staff/signin/identity") {
		t.Error("a button leads nowhere")
	}
	p := h.provider()
	p.Down = true
	want(t, b.get("/staff/signin/identity"), http.StatusServiceUnavailable, "Example ID does not answer", `name="passphrase"`)
	inside := h.signedIn(staff.Supervisor)
	want(t, inside.get("/staff/identity/ask"), http.StatusServiceUnavailable, "Example ID does not answer")
	want(t, inside.get("/staff/me"), http.StatusOK)
}

// In a real browser, between two sites: the cookies come along where they should, and
// the policy of our pages lets nobody be led elsewhere than to the provider.
func TestTheProviderInABrowser(t *testing.T) {
	h := open(t)
	h.provider()
	s := at(t, h)
	onName(s) // the provider is at a number, which is another site
	s.signIn("supervisor")
	s.Do(chromedp.Navigate(s.URL+"/staff/identity"), chromedp.Click(`a[href="/staff/identity/ask"]`))
	s.Until(`location.pathname === "/staff/signin/identity/back" && document.readyState === "complete"`)
	s.Photograph("identity-link")
	s.Do(chromedp.SendKeys("#passphrase", passphrase), chromedp.Submit("#passphrase"))
	s.Until(`location.pathname === "/staff/identity" && document.querySelector("form[action='/staff/identity/end']") && document.readyState === "complete"`)
	s.Photograph("identity")
	s.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/staff/signout'] button").click()`))
	s.Until(`location.pathname === "/staff/signin" && document.readyState === "complete"`)
	s.Photograph("signin-identity")
	s.Do(chromedp.Click(`a[href^="/staff/signin/identity"]`))
	s.Until(`document.body.textContent.includes("Hello supervisor, now your pass phrase") && document.readyState === "complete"`)
	s.Photograph("hello")
	s.Do(chromedp.SendKeys("#passphrase", passphrase), chromedp.Submit("#passphrase"))
	s.Until(`location.pathname !== "/staff/signin/identity/back" && document.readyState === "complete"`)
	s.Do(chromedp.Navigate(s.URL + "/staff/me"))
	s.Until(`location.pathname === "/staff/me" && document.body.textContent.includes("supervisor")`)
}
