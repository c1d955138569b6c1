package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/platform/web/desk/desktest"
)

// town is a directory of a few services in Austin, Texas: a shelter whose house
// nobody is told of, one that speaks Spanish, one of which that is not known, one
// that takes men alone, and one far away.
var town = fstest.MapFS{
	"organizations.csv": {Data: []byte("id,name,description\n1,Quiet Help,\n2,Open Door,\n3,Rio Aid,\n")},
	"services.csv": {Data: []byte("id,organization_id,name,description,status,fees_description,eligibility_description\n" +
		"1,1,Quiet house,A place to stay. Come to 17 Canary Lane.,active,free,Anyone regardless of immigration status\n" +
		"2,2,Open shelter,Beds for families.,active,free,Anyone regardless of immigration status\n" +
		"3,3,River rooms,Rooms for a month.,active,10 USD a night,Photo ID\n" +
		"4,3,Far rooms,Rooms.,active,free,\n")},
	"locations.csv": {Data: []byte("id,organization_id,name,latitude,longitude,address_visibility\n" +
		"1,1,Canary House,30.2849,-97.7341,hidden\n2,2,Door,30.2672,-97.7431,\n3,3,River,30.2500,-97.7500,\n4,3,Far,40.7128,-74.0060,\n")},
	"service_at_location.csv": {Data: []byte("id,service_id,location_id\n1,1,1\n2,2,2\n3,3,3\n4,4,4\n")},
	"addresses.csv": {Data: []byte("id,location_id,address_1,city,state_province,postal_code,country,address_type\n" +
		"1,1,17 Canary Lane,Austin,TX,78705,US,physical\n2,2,2 Main Street,Austin,TX,78701,US,physical\n" +
		"3,3,3 River Road,Austin,TX,78704,US,physical\n4,4,4 Far Street,New York,NY,10007,US,physical\n")},
	"phones.csv":    {Data: []byte("id,service_id,number\n1,1,512-555-0111\n2,2,512-555-0122\n3,3,512-555-0133\n4,4,212-555-0144\n")},
	"languages.csv": {Data: []byte("id,service_id,code\n1,1,es\n2,2,es\n3,4,es\n")},
	"attributes.csv": {Data: []byte("id,link_id,link_entity,link_type,value\n" +
		"1,1,service,need,shelter\n2,2,service,need,shelter\n3,3,service,need,shelter\n4,4,service,need,shelter\n")},
	"schedules.csv": {Data: []byte("id,service_id,freq,byday,opens_at,closes_at\n" +
		"1,1,WEEKLY,\"MO,TU,WE,TH,FR,SA,SU\",00:00,24:00\n2,2,WEEKLY,\"MO,TU,WE,TH,FR,SA,SU\",00:00,24:00\n3,3,WEEKLY,\"MO,TU,WE,TH,FR,SA,SU\",00:00,24:00\n4,4,WEEKLY,\"MO,TU,WE,TH,FR,SA,SU\",00:00,24:00\n")},
}

// settled fills the directory with the town, and with nothing else that is of use there.
func (g *gate) settled() {
	g.t.Helper()
	d, ctx := g.app.features.directory, g.t.Context()
	_, err := d.ImportHSDS(ctx, town, "town", directory.Options{Agency: homeAgency})
	g.ok(err)
	_, err = d.VetAll(ctx, homeAgency, "", "Kim", "known for years")
	g.ok(err)
}

// journey is somebody's way through the whole program in a browser, on each
// database; checked says whether somebody has made sure of the town's services.
func journey(t *testing.T, checked bool, walk func(t *testing.T, g *gate, s *desktest.Screen)) {
	t.Helper()
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			g := openedOn(t, url(t))
			g.settled()
			if checked {
				_, err := g.app.features.directory.VerifyAll(t.Context(), homeAgency, "town", "Kim", "by telephone")
				g.ok(err)
			}
			server := httptest.NewServer(g.handler)
			t.Cleanup(server.Close)
			walk(t, g, desktest.Open(t, server.URL))
		})
	}
}

// phone makes the screen one of the smallest, with scripts off.
func phone(s *desktest.Screen) {
	s.T.Helper()
	s.Do(chromedp.EmulateViewport(320, 568, chromedp.EmulateMobile), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// follow clicks, and waits for the next page.
func follow(s *desktest.Screen, selector, expression string) {
	s.T.Helper()
	s.Ask(`window.before = true`)
	s.Do(chromedp.Click(selector))
	s.Until(`!window.before && document.readyState === "complete" && ` + expression)
}

// has fails the test unless a text has each part.
func has(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s lacks %q: %s", what, p, text)
		}
	}
}

// T06: somebody finds help near them on a small phone without a script. No more
// than three questions, none of which has to be answered; each result says
// whether it is open, what it costs, its languages, whether papers matter and
// when it was checked; what was asked stands in no address; all of it can be kept
// as text under a name that says nothing.
func TestFindingHelpNearby(t *testing.T) {
	journey(t, true, func(t *testing.T, g *gate, s *desktest.Screen) {
		phone(s)
		s.Do(chromedp.Navigate(s.URL + "/en/"))
		s.Until(`document.querySelector("main a[href$='/services']")`)
		follow(s, `main a[href$="/services"]`, `document.querySelector("#place")`)
		if n := s.Ask(`[...document.querySelectorAll("main form :is(input:not([type=hidden]), select, textarea)")].length`); n != "3" {
			t.Errorf("%s questions are asked", n)
		}
		if n := s.Ask(`document.querySelectorAll("[required]").length`); n != "0" {
			t.Errorf("%s have to be answered", n)
		}
		follow(s, "main form .button", `document.querySelector(".found > li")`) // all three skipped

		s.Do(chromedp.SetValue("#place", "Austin"), chromedp.SetValue("#need", "shelter"), chromedp.SetValue("#group", "adult"))
		follow(s, "main form .button", `document.querySelector(".found > li") && document.querySelector("#place").value === "Austin"`)
		if at := s.Ask(`location.pathname + location.search`); at != "/en/services" {
			t.Errorf("what was asked stands in the address: %s", at)
		}
		names := s.Ask(`[...document.querySelectorAll(".found h3")].map((e) => e.innerText.replace(/^\d+\. /, "")).join()`)
		has(t, "the list", names, "Quiet house", "Open shelter", "River rooms")
		if strings.Contains(names, "Far rooms") {
			t.Errorf("a place in another city is near: %s", names)
		}
		has(t, "Open shelter", s.Ask(`[...document.querySelectorAll(".found > li")].find((e) => e.innerText.includes("Open shelter")).innerText`),
			"Open now", "Cost", "free", "Languages", "Español", "Papers as an immigrant", "no difference", "Last checked", "512-555-0122", "2 Main Street")
		// What is not known is said, and not left out.
		has(t, "River rooms", s.Ask(`[...document.querySelectorAll(".found > li")].find((e) => e.innerText.includes("River rooms")).innerText`),
			"Open now", "10 USD", "Not known. Ask first.", "Papers as an immigrant", "Last checked")
		if n, all := s.Ask(`document.querySelectorAll(".found a[href^='tel:']").length`), s.Ask(`document.querySelectorAll(".found > li").length`); n == "0" || all == "0" {
			t.Errorf("%s of %s can be called by a tap", n, all)
		}
		if page := s.Ask(`document.documentElement.outerHTML`); strings.Contains(page, "Canary") || strings.Contains(page, "78705") {
			t.Error("the page tells where the quiet house is")
		}
		s.Until(`document.documentElement.scrollWidth <= innerWidth`)

		folder := t.TempDir()
		s.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder})
			return err
		}), chromedp.Click(`[name=as][value=text]`))
		kept := filepath.Join(folder, "list.txt")
		for end := time.Now().Add(10 * time.Second); ; {
			if b, err := os.ReadFile(kept); err == nil && len(b) > 0 {
				has(t, "the text", string(b), "Quiet house", "Open shelter", "512-555-0122", "Cost: free", "Last checked")
				if strings.Contains(string(b), "Canary") {
					t.Error("the text tells where the quiet house is")
				}
				break
			}
			if time.Now().After(end) {
				t.Fatal("no file came")
			}
			s.Ask(`1`) // the browser has its turn
		}
	})
}

// T17: an advocate whose contact is open has three fitting services in front of
// them without a key, filled in from the record, with what does not fit; six keys
// read them out in the person's language, or two write them there.
func TestFindingServicesOnShift(t *testing.T) {
	journey(t, true, func(t *testing.T, g *gate, s *desktest.Screen) {
		ada, f := g.as(string(staff.Advocate)), g.app.features.contact
		made, err := f.Open(t.Context(), contact.Incoming{Channel: contact.Web, RequestType: contact.Referral, Language: "es", Text: "Necesito una cama.", Place: "Austin", Country: "US"}, "", true)
		g.ok(err)
		g.ok(f.Take(t.Context(), ada.session, made.ID))
		c, err := f.Get(t.Context(), ada.session, made.ID)
		g.ok(err)
		c.Record.Needs = []string{"shelter"}
		g.ok(f.SaveRecord(t.Context(), ada.session, made.ID, c.Record))
		s.SetCookie(staff.CookieName, ada.token)
		s.Do(chromedp.Navigate(s.URL + "/staff/contacts/" + made.ID))
		s.Until(`document.readyState === "complete" && document.querySelectorAll(".service").length >= 3 && !document.querySelector(".htmx-request")`)

		has(t, "what is asked for", s.Ask(`document.querySelector("#find-more summary").innerText`), "Shelter", "Austin", "United States", "Spanish")
		three := s.Ask(`[...document.querySelectorAll(".service h3")].slice(0, 3).map((e) => e.innerText).sort().join()`)
		if three != "Open shelter,Quiet house,River rooms" {
			t.Errorf("the first three are %s", three)
		}
		has(t, "what does not fit", s.Ask(`[...document.querySelectorAll(".service")].find((e) => e.innerText.includes("River rooms")).querySelector(".misses").innerText`), "Spanish")

		s.Press("v", "1", "v", "2", "v", "3")
		s.Until(`document.querySelectorAll(".read[open]").length === 3`)
		if s.Keys > 6 {
			t.Errorf("%d keys read three services out", s.Keys)
		}
		aloud := s.Ask(`[...document.querySelectorAll(".readout")].slice(0, 3).map((e) => e.lang + " " + e.innerText).join("\n")`)
		has(t, "what is read out", aloud, "es ", "Está abierto ahora", "Teléfono: +1 512-555-0111", "Horario:", "Idiomas: español", "2 Main Street")

		s.Keys = 0
		s.Press("p")
		s.Until(`document.activeElement.id === "text-out" && document.activeElement.value.includes("River rooms")`)
		s.Press("Ctrl+Enter")
		s.Until(`document.querySelector("#talk li.out .story")?.textContent.includes("River rooms")`)
		if s.Keys > 6 {
			t.Errorf("%d keys send three services", s.Keys)
		}
		box, err := f.OpenMailbox(t.Context(), made.Code)
		g.ok(err)
		reply := box.Lines[len(box.Lines)-1].Text
		has(t, "the reply", reply, "Quiet house", "Open shelter", "River rooms", "Teléfono: +1 512-555-0111", "Dónde: El lugar no se revela. Estados Unidos", "Dónde: Door, 2 Main Street", "Idiomas: español", "Precio: 10 USD a night", "Revisado:")
		for _, place := range []string{"Canary", "17 ", "78705", "30.28"} {
			if strings.Contains(reply+aloud, place) {
				t.Errorf("%q tells where the quiet house is: %s", place, reply)
			}
		}
		// One alone: the mark of the others is taken off.
		s.Press("Escape", "x", "1", "x", "2", "p")
		s.Until(`document.activeElement.id === "text-out" && document.activeElement.value.split("\n\n").length === 1 && document.activeElement.value !== ""`)
	})
}

// T25: somebody at a shelter opens their link on a phone, without an account or a
// script, and says in one of three fields what changed: the check is of today, and
// a curator sees what was and what is.
func TestAProviderKeepsTheirListing(t *testing.T) {
	journey(t, true, func(t *testing.T, g *gate, s *desktest.Screen) {
		d, kit := g.app.features.directory, g.as(string(staff.Curator))
		id := g.called("Open shelter")
		_, err := d.VerifyAll(t.Context(), homeAgency, "town", "Somebody else", "by post")
		g.ok(err)
		secret, err := d.Invite(t.Context(), homeAgency, id)
		g.ok(err)
		phone(s)
		s.Do(chromedp.Navigate(s.URL + "/en/listing/" + secret))
		s.Until(`document.querySelector("#free")`)
		if n := s.Ask(`[...document.querySelectorAll("main form :is(input:not([type=hidden]), select, textarea)")].length`); n != "3" {
			t.Errorf("%s fields", n)
		}
		if n := s.Ask(`document.cookie.length + document.querySelectorAll("[type=password]").length`); n != "0" {
			t.Error("it wants more than the link")
		}
		s.Do(chromedp.SendKeys("#free", "4"))
		follow(s, "main form .button", `document.querySelector("main [role=status]") && document.querySelector("#free").value === "4"`)
		after, err := d.Service(t.Context(), homeAgency, id)
		g.ok(err)
		if v := after.Verification; after.Status != directory.Verified || v.By != "Open Door" || v.How != directory.ByProvider {
			t.Errorf("the check is %+v", v)
		}
		s.Do(chromedp.SetValue("#number", "512-555-0199"))
		follow(s, "main form .button", `document.querySelector("main [role=status]")`)
		page := g.ask(kit, http.MethodGet, "/staff/directory/services/"+id, "")
		has(t, "what the curator sees", page.body, `<del><bdi dir="ltr">512-555-0122</bdi></del>`, `<ins><bdi dir="ltr">512-555-0199</bdi></ins>`, "Take the new number", "<ins><bdi>4")
		if now, err := d.Service(t.Context(), homeAgency, id); err != nil || now.Phones[0].Printed != "512-555-0122" {
			t.Errorf("the old number does not stay: %+v %v", now.Phones, err)
		}
	})
}

// T27: a curator goes through the queue by keyboard: each check is a name and two
// keys, the next one stands there by itself, and a wrong one is taken back.
func TestCheckingByKeyboard(t *testing.T) {
	journey(t, false, func(t *testing.T, g *gate, s *desktest.Screen) {
		kit, d := g.as(string(staff.Curator)), g.app.features.directory
		s.SetCookie(staff.CookieName, kit.token)
		s.Do(chromedp.Navigate(s.URL + "/staff/directory?status=never"))
		s.Until(`document.readyState === "complete" && document.querySelectorAll("tbody [data-item]").length === 4`)
		s.Press("j", "Enter")
		s.Until(`document.readyState === "complete" && document.querySelector("#check")`)
		var done []string
		for range 3 {
			at := s.Ask(`location.pathname`)
			done = append(done, at[strings.LastIndex(at, "/")+1:])
			s.Keys = 0
			s.Press("v")
			s.Until(`document.activeElement.id === "by"`)
			s.Press("K", "i", "t")
			s.Press("Ctrl+Enter")
			s.Until(`location.pathname !== "` + at + `" && document.readyState === "complete" && document.querySelector("#check")`)
			if s.Keys > 5 {
				t.Errorf("%d keys check one", s.Keys)
			}
		}
		for _, id := range done {
			one, err := d.Service(t.Context(), homeAgency, id)
			g.ok(err)
			if one.Status != directory.Verified || one.Verification.By != "Kit" {
				t.Errorf("%s was checked: %s %+v", one.Name, one.Status, one.Verification)
			}
		}
		last := done[len(done)-1]
		s.Do(chromedp.Navigate(s.URL+"/staff/directory/services/"+last), chromedp.Click(`#history form[action$="/undo"] button`))
		s.Until(`document.readyState === "complete" && document.querySelector("#verified").innerText === "Never checked"`)
	})
}

// called is the id of a service in the directory.
func (g *gate) called(name string) string {
	g.t.Helper()
	found, err := g.app.features.directory.Search(g.t.Context(), directory.Query{Agency: homeAgency, Words: name, Unsure: true})
	g.ok(err)
	for _, one := range found.Items {
		if one.Name == name {
			return one.ID
		}
	}
	g.t.Fatalf("there is no %q", name)
	return ""
}

// A curator makes the link to a list; whoever opens it, without a cookie, sees
// checked services alone, and nothing of where the quiet house is.
func TestAListForPartners(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			g := openedOn(t, url(t))
			g.settled()
			for _, service := range []string{"Quiet house", "River rooms"} {
				g.ok(g.app.features.directory.Verify(t.Context(), directory.Check{Agency: homeAgency, Service: g.called(service), By: "Kim", How: "by telephone"}))
			}
			kit, nobody := g.as(string(staff.Curator)), &viewer{}
			made := g.ask(kit, http.MethodPost, "/staff/directory/lists", "need=shelter&place=Austin&c=US&in=es&written=ar")
			has(t, "the page with the link", made.body, "/ar/list?c=US&amp;in=es&amp;need=shelter&amp;place=Austin", `<svg class="qr"`, "&lt;a href=", `dir="rtl"`, " services are on it now.")
			for _, wrong := range []string{"place=Nowhereville", "need=made-up", "in=%21"} {
				if got := g.ask(kit, http.MethodPost, "/staff/directory/lists", wrong); got.status != http.StatusUnprocessableEntity || strings.Contains(got.body, `<svg class="qr"`) {
					t.Errorf("%s makes a link: %d", wrong, got.status)
				}
			}
			list := g.ask(nobody, http.MethodGet, "/en/list?c=US&in=es&need=shelter&place=Austin", "")
			has(t, "the list", list.body, "Quiet house", "River rooms", "A place to stay", "Last checked")
			for _, never := range []string{"Open shelter", "Canary", "78705", "30.28", "<input", "Set-Cookie"} {
				if strings.Contains(list.body+strings.Join(list.header.Values("Set-Cookie"), "Set-Cookie"), never) {
					t.Errorf("the list has %q", never)
				}
			}
			if got := g.ask(nobody, http.MethodGet, "/en/list?in=%21", ""); got.status != http.StatusNotFound {
				t.Errorf("a language that there is not: %d", got.status)
			}
		})
	}
}
