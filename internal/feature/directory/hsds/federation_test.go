package hsds_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/httpsig"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

const there = "there"

// fingerprint is that of the key with which the tests' feeds sign.
func fingerprint(key ed25519.PrivateKey) string {
	return httpsig.Fingerprint(ed25519.PublicKey(key[ed25519.SeedSize:]))
}

// follow subscribes to a server.
func (c *client) follow(server *httptest.Server, key string) {
	c.t.Helper()
	c.dir.Plain, c.dir.Asks = true, server.Client()
	c.dir.Asks.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	err := c.dir.Subscribe(c.t.Context(), c.agency, directory.Subscription{Source: there, URL: server.URL + "/hsds/", Key: key, Every: 24 * time.Hour})
	if err != nil {
		c.t.Fatal(err)
	}
}

// following are two instances of which the first follows the second, that has
// checked all of a small town.
func following(t *testing.T, d *db.DB) (a, b *client, server *httptest.Server) {
	t.Helper()
	a, b = open(t, d, "a"), open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "b")
	b.load("town", town)
	b.verify()
	server = httptest.NewServer(b.handler)
	t.Cleanup(server.Close)
	a.follow(server, fingerprint(testKey))
	return a, b, server
}

func (c *client) fetch() *directory.Report {
	c.t.Helper()
	rep, err := c.dir.Fetch(c.t.Context(), c.agency, there, false)
	if err != nil {
		c.t.Fatalf("%v\n%s", err, rep.Summary())
	}
	return rep
}

func (c *client) subscription() directory.Subscription {
	c.t.Helper()
	list, err := c.dir.Subscriptions(c.t.Context(), c.agency)
	if err != nil || len(list) != 1 {
		c.t.Fatalf("%v %v", list, err)
	}
	return list[0]
}

// TestOneFollowsAnother lets one instance take over what another publishes: all of
// it once, then what changed, then what went away. Nothing of it is shown before
// it was checked here, and ending it leaves what is our own work.
func TestOneFollowsAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b, _ := following(t, d)

		dry, err := a.dir.Fetch(ctx, a.agency, there, true)
		if err != nil || dry.Imported || dry.Added == 0 || a.subscription().Records != 0 {
			t.Fatalf("a look: %v\n%s", err, dry.Summary())
		}
		first := a.fetch()
		services := b.list("/hsds/services").TotalItems
		if got := a.subscription(); first.Added != dry.Added || got.Services != services || got.Failed != "" || got.Since.IsZero() || got.Walked.IsZero() {
			t.Fatalf("%+v\n%s", got, first.Summary())
		}
		if n := a.list("/hsds/services").TotalItems; n != 0 {
			t.Errorf("%d services are published that nobody here checked", n)
		}
		if again := a.fetch(); again.Added+again.Changed+again.Removed != 0 {
			t.Errorf("a second time:\n%s", again.Summary())
		}
		a.verify()
		b.same("federation", a)

		// a check there is no news here; a change is
		id := idOf(t, b.list("/hsds/services").Contents[0])
		b.verify()
		a.fetch()
		if n := a.list("/hsds/services").TotalItems; n != services {
			t.Errorf("%d of %d still stand after a check there", n, services)
		}
		if err := b.dir.EditService(ctx, directory.Edit{Agency: "b", Service: id, Phones: []directory.PhoneEdit{{Number: "+1 312 555 0133"}}}); err != nil {
			t.Fatal(err)
		}
		b.verify()
		if rep := a.fetch(); rep.Changed == 0 || rep.Removed != 0 {
			t.Errorf("a change there:\n%s", rep.Summary())
		}
		if got, err := a.dir.Service(ctx, "a", id); err != nil || len(got.OwnPhones) != 1 || got.Verification != nil {
			t.Errorf("the changed service: %+v %v", got.OwnPhones, err)
		}
		if err := a.dir.FetchSoon(ctx, "a", there, true); err != nil {
			t.Fatal(err)
		}
		if rep := a.fetch(); rep.Added+rep.Changed+rep.Removed != 0 {
			t.Errorf("all of it after parts of it:\n%s", rep.Summary())
		}

		// what we edited or checked stays when that is wanted
		if err := a.dir.Verify(ctx, directory.Check{Agency: "a", Service: id, By: "Kim", How: "by telephone"}); err != nil {
			t.Fatal(err)
		}
		ours := a.subscription().Ours
		removed, err := a.dir.Unsubscribe(ctx, "a", there, true, "Kim")
		if err != nil || ours == 0 {
			t.Fatalf("%d of ours, %v", ours, err)
		}
		if n := a.list("/hsds/services").TotalItems; n != ours {
			t.Errorf("%d of %d of ours are left, %d records went", n, ours, removed)
		}
		if list, _ := a.dir.Subscriptions(ctx, "a"); len(list) != 0 {
			t.Errorf("it goes on: %v", list)
		}
	}, directory.Migrations)
}

// Ending a feed takes all of it away, and can be taken back.
func TestUnsubscribedCleanly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b, server := following(t, d)
		added := a.fetch().Added
		if err := a.dir.Pause(ctx, "a", there); err != nil || !a.subscription().Paused {
			t.Error("it does not pause", err)
		}
		if n, err := a.dir.Unsubscribe(ctx, "a", there, false, "Kim"); err != nil || n != added {
			t.Fatalf("%d of %d went: %v", n, added, err)
		}
		list, err := a.dir.Imports(ctx, "a")
		if err != nil || len(list) != 2 || list[0].Removed != added || !list[0].Undo {
			t.Fatalf("%+v %v", list, err)
		}
		if err := a.dir.UndoImport(ctx, "a", list[0].ID); err != nil {
			t.Fatal(err)
		}
		a.verify()
		b.same("taken back", a)
		if err := a.dir.Subscribe(ctx, "a", directory.Subscription{Source: there, URL: server.URL + "/hsds", Every: time.Hour}); err == nil {
			t.Error("a feed takes the name of records that are there")
		}
	}, directory.Migrations)
}

// What is gone there is gone here with the next fetch, without reading all again; a
// feed that has forgotten where we were is read whole.
func TestWhatIsGoneIsGoneSoon(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b, _ := following(t, d)
		a.fetch()
		begun := a.subscription()
		if begun.Upto == "" {
			t.Fatal("it does not follow changes")
		}
		services := b.list("/hsds/services").TotalItems
		id := idOf(t, b.list("/hsds/services").Contents[0])
		other := idOf(t, b.list("/hsds/services").Contents[1])
		change := func(id, number string) {
			t.Helper()
			if err := b.dir.EditService(ctx, directory.Edit{Agency: "b", Service: id, Phones: []directory.PhoneEdit{{Number: number}}}); err != nil {
				t.Fatal(err)
			}
		}
		change(id, "+1 312 555 0133") // which nobody has checked, and so is not published
		change(other, "+1 312 555 0134")
		if err := b.dir.Verify(ctx, directory.Check{Agency: "b", Service: other, By: "Kim", How: "by telephone"}); err != nil {
			t.Fatal(err)
		}
		dry, err := a.dir.Fetch(ctx, a.agency, there, true)
		if err != nil || dry.Removed == 0 || dry.Changed == 0 || a.subscription().Upto != begun.Upto {
			t.Fatalf("a look: %v\n%s", err, dry.Summary())
		}
		rep := a.fetch()
		now := a.subscription()
		if rep.Removed != dry.Removed || rep.Changed != dry.Changed || now.Services != services-1 || !now.Walked.Equal(begun.Walked) || now.Upto == begun.Upto {
			t.Errorf("%+v\n%s", now, rep.Summary())
		}
		if _, err := a.dir.Service(ctx, "a", id); !errs.Is(err, errs.NotFound) {
			t.Errorf("it is still here: %v", err)
		}
		if again := a.fetch(); again.Added+again.Changed+again.Removed != 0 {
			t.Errorf("a second time:\n%s", again.Summary())
		}
		if err := b.dir.Verify(ctx, directory.Check{Agency: "b", Service: id, By: "Kim", How: "by telephone"}); err != nil {
			t.Fatal(err)
		}
		if back := a.fetch(); back.Added != rep.Removed || a.subscription().Services != services {
			t.Errorf("it came back:\n%s", back.Summary())
		}
		a.verify()
		b.same("after changes", a)

		err = d.Update(ctx, func(ctx context.Context, tx *db.Tx) error { // as one has it of a feed that was made anew
			_, err := tx.Exec(ctx, `UPDATE directory_subscription SET upto = 'AAAA'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		a.fetch()
		if got := a.subscription(); got.Upto == "AAAA" || !got.Walked.After(now.Walked) {
			t.Errorf("it was not read whole: %+v", got)
		}
		// when everything is gone at once somebody should look
		for i := range services {
			change(idOf(t, a.list("/hsds/services").Contents[i]), "+1 312 555 0199")
		}
		if _, err := a.dir.Fetch(ctx, a.agency, there, false); directory.FeedFailure(err) != "empty" || a.subscription().Services != services {
			t.Errorf("all of it is gone: %v, %+v", err, a.subscription())
		}
	}, directory.Migrations)
}

// TestHostileChanges is TestHostileFeeds for a feed that is followed: nothing is taken
// of what it should not say, and a circle ends.
func TestHostileChanges(t *testing.T) {
	t.Parallel()
	other := ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	const a, b = "5d0b7a2e-0000-4000-8000-00000000000a", "5d0b7a2e-0000-4000-8000-00000000000b"
	says := func(body string) answer {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
	}
	gone := `{"id":"` + a + `","gone":true}`
	page := func(contents string) answer { return says(`{"more":false,"next":"2","contents":[` + contents + `]}`) }
	for name, c := range map[string]struct {
		changes answer
		signs   ed25519.PrivateKey
		want    string // "": all is read again, and stays
	}{
		"signed by another": {page(gone), other, "forged"},
		"a circle": {func(w http.ResponseWriter, r *http.Request) {
			next := "1"
			if r.URL.Query().Get("after") == next {
				next = "2"
			}
			_, _ = io.WriteString(w, `{"more":true,"next":"`+next+`","contents":[]}`)
		}, testKey, "large"},
		"a huge page":          {func(w http.ResponseWriter, _ *http.Request) { flood(w) }, testKey, "large"},
		"all are gone":         {page(gone + `,{"id":"` + b + `","gone":true}`), testKey, "empty"},
		"no page":              {says("<html>"), testKey, ""},
		"a standing circle":    {says(`{"more":true,"next":"1","contents":[]}`), testKey, ""},
		"gone and there":       {page(`{"id":"` + a + `","gone":true,"service":` + service(a) + `}`), testKey, ""},
		"another's record":     {page(`{"id":"` + a + `","gone":false,"service":` + service(b) + `}`), testKey, ""},
		"an id that is none":   {page(`{"id":"%","gone":true}`), testKey, ""},
		"nobody's is gone":     {page(`{"id":"5d0b7a2e-0000-4000-8000-0000000000ff","gone":true}`), testKey, ""},
		"gone and there again": {page(gone + `,{"id":"` + a + `","gone":false,"service":` + service(a) + `}`), testKey, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "a")
			all := paged(2, 1, func(string) string { return service(a) + "," + service(b) })
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				feed, key := all, testKey
				switch {
				case strings.HasSuffix(r.URL.Path, "/changes") && r.URL.Query().Get("after") == "":
					feed = says(`{"more":false,"next":"1","contents":[]}`)
				case strings.HasSuffix(r.URL.Path, "/changes"):
					feed, key = c.changes, c.signs
				}
				signing(testKey, key, feed, nil)(w, r)
			}))
			t.Cleanup(server.Close)
			d.follow(server, fingerprint(testKey))
			d.fetch()
			if _, err := d.dir.Fetch(t.Context(), "a", there, false); directory.FeedFailure(err) != c.want || c.want == "" && err != nil {
				t.Errorf("%v", err)
			}
			if got := d.subscription(); got.Services != 2 || got.Failed != c.want || c.want != "" && got.Upto != "1" {
				t.Errorf("%+v", got)
			}
		})
	}
}

// answer is what a feed of the tests says to a request.
type answer func(w http.ResponseWriter, r *http.Request)

func paged(total, pages int, contents func(page string) string) answer {
	return func(w http.ResponseWriter, r *http.Request) {
		n := r.URL.Query().Get("page")
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"total_items":%d,"total_pages":%d,"page_number":%s,"contents":[%s]}`, total, pages, n, contents(n))
	}
}

func service(id string) string {
	return fmt.Sprintf(`{"id":%q,"name":"Line %s","status":"active","organization":{"id":"5d0b7a2e-0000-4000-8000-000000000001","name":"O","description":"o"}}`, id, id)
}

// TestHostileFeeds holds the server to this: whatever a feed sends, nothing of it is
// taken, what is there stays, and the page can say why.
func TestHostileFeeds(t *testing.T) {
	t.Parallel()
	other := ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	good := paged(1, 1, func(string) string { return service("a") })
	mine := fingerprint(testKey)
	for name, c := range map[string]struct {
		feed answer
		key  string
		want string
	}{
		"an error in the middle": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("page") == "2" {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			paged(2, 2, service)(w, r)
		}, "", "status"},
		"no page":         {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, "", "form"},
		"no records":      {paged(0, 0, func(string) string { return "" }), "", "empty"},
		"a huge number":   {paged(1<<40, 1<<40, func(string) string { return service("a") }), "", "large"},
		"a huge page":     {func(w http.ResponseWriter, _ *http.Request) { flood(w) }, "", "large"},
		"empty pages":     {paged(500, 500, func(string) string { return "" }), "", "form"},
		"a circle":        {paged(500, 500, func(string) string { return service("a") }), "", "changed"},
		"fewer than said": {paged(3, 1, func(string) string { return service("a") }), "", "changed"},
		"more than said":  {paged(1, 1, func(string) string { return service("a") + "," + service("b") }), "", "changed"},
		"another page": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"total_items":1,"total_pages":1,"page_number":7,"contents":[`+service("a")+`]}`)
		}, "", "form"},
		"no ids":   {paged(1, 1, func(string) string { return `{"name":"x"}` }), "", "form"},
		"a number": {paged(1, 1, func(string) string { return `7` }), "", "form"},
		"deep": {paged(1, 1, func(string) string {
			return `{"id":"a","name":"x","deep":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}"
		}), "", "refused"},
		"led elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/hsds/services", http.StatusFound)
		}, "", "status"},
		"no signature":       {keyed(testKey, good), mine, "unsigned"},
		"no key":             {good, mine, "key"},
		"another key":        {signing(other, other, good, nil), mine, "key"},
		"signed by another":  {signing(testKey, other, good, nil), mine, "forged"},
		"another body":       {signing(testKey, testKey, good, func(b []byte) []byte { return []byte(strings.Replace(string(b), "Line", "Fine", 1)) }), mine, "forged"},
		"the second page is": {signing(testKey, testKey, paged(2, 2, func(string) string { return service("1") }), nil), mine, "changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "a")
			server := httptest.NewServer(http.HandlerFunc(c.feed))
			t.Cleanup(server.Close)
			a.follow(server, c.key)
			if err := a.dir.FetchDue(t.Context(), "a"); err != nil && c.want != "refused" {
				t.Fatal(err)
			}
			if got := a.subscription(); got.Failed != c.want || got.Records != 0 || !got.Since.IsZero() || got.Due.Before(time.Now().Add(50*time.Minute)) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// Names with scripts and turning marks are taken as any import takes them, and a feed
// without signatures, where none was asked for.
func TestAFeedThatIsNotSigned(t *testing.T) {
	t.Parallel()
	a := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "a")
	server := httptest.NewServer(http.HandlerFunc(paged(1, 1, func(string) string {
		return `{"id":"x","name":"<script>alert(1)</script>\u202eenil\u0000","status":"active"}`
	})))
	t.Cleanup(server.Close)
	a.follow(server, "")
	a.fetch()
	a.verify()
	if names := a.list("/hsds/services").names(); len(names) != 1 || strings.ContainsAny(names[0], "\u202e\x00") {
		t.Errorf("%q", names)
	}
}

// What another source has is not taken from it, nor does it stop the rest.
func TestAFeedTakesNothingFromOthers(t *testing.T) {
	t.Parallel()
	b := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "b")
	b.load("town", town)
	b.verify()
	server := httptest.NewServer(b.handler)
	t.Cleanup(server.Close)
	a := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "a")
	a.load("town", town)
	a.verify()
	a.follow(server, fingerprint(testKey))
	if rep := a.fetch(); rep.Added+rep.Changed+rep.Removed != 0 || rep.Counts["id.shared"] == 0 {
		t.Errorf("%s", rep.Summary())
	}
	if _, err := a.dir.Unsubscribe(t.Context(), "a", there, false, ""); err != nil {
		t.Fatal(err)
	}
	b.same("ours", a)
}

func flood(w io.Writer) {
	piece := []byte(strings.Repeat(" ", 1<<20))
	for range 40 {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

// keyed publishes a key beside what a feed answers.
func keyed(key ed25519.PrivateKey, feed answer) answer {
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/keys") {
			feed(w, r)
			return
		}
		signing(key, key, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(httpsig.Publish(ed25519.PublicKey(key[ed25519.SeedSize:])))
		}, nil)(w, r)
	}
}

// signing publishes one key and signs a feed's answers with another under its name;
// what is then sent may be changed.
func signing(published, signs ed25519.PrivateKey, feed answer, change func([]byte) []byte) answer {
	return func(w http.ResponseWriter, r *http.Request) {
		by := signs
		got := httptest.NewRecorder()
		if strings.HasSuffix(r.URL.Path, "/keys") {
			by = published
			got.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(got).Encode(httpsig.Publish(ed25519.PublicKey(published[ed25519.SeedSize:])))
		} else {
			feed(got, r)
		}
		m := httpsig.Asked(r.Method, r.URL)
		m.Status, m.Header = got.Code, w.Header()
		w.Header().Set("Content-Type", got.Header().Get("Content-Type"))
		body := got.Body.Bytes()
		w.Header().Set("Content-Digest", httpsig.Digest(sha256.Sum256(body)))
		httpsig.Sign(w.Header(), m, by, fingerprint(published), time.Now())
		if change != nil && !strings.HasSuffix(r.URL.Path, "/keys") {
			body = change(body)
		}
		_, _ = w.Write(body)
	}
}
