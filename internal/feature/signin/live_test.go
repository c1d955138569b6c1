package signin

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/live"
)

func TestNeutral(t *testing.T) {
	for topic, want := range map[string]string{
		"queue:" + agency: "queue", "new:" + agency: "new", "people:" + agency: "people",
		"contact:" + agency + ":c1": "contact:c1", live.Resync: "*",
		"queue:" + agency + ":c1": "queue", "new:" + agency + ":c1": "new", "outside:" + agency + ":c1": "outside",
	} {
		if got := neutral(topic, agency); got != want {
			t.Errorf("neutral(%q) = %q, want %q", topic, got, want)
		}
	}
}

// That a contact exists is told to nobody who may not read contacts.
func TestTopics(t *testing.T) {
	for _, role := range staff.Roles {
		pair, err := seal.NewPair()
		if err != nil {
			t.Fatal(err)
		}
		person := staff.Person{Agency: agency, Role: role}
		list := topics(&staff.Session{Person: person, Pair: pair})
		for why, silent := range map[string][]string{
			"is half set up": topics(&staff.Session{Person: person, Pair: pair, Bare: true}),
			"is locked":      topics(&staff.Session{Person: person}),
			"is fresh":       topics(&staff.Session{Person: staff.Person{Agency: agency, Role: role, Fresh: true}, Pair: pair}),
		} {
			if slices.ContainsFunc(silent, func(topic string) bool { return strings.HasPrefix(topic, "contact:") }) {
				t.Errorf("%s who %s hears of contacts", role, why)
			}
		}
		for _, topic := range list {
			if !strings.Contains(topic, ":"+agency) {
				t.Errorf("%s hears of other agencies: %s", role, topic)
			}
			if strings.HasPrefix(topic, "contact:") && !role.May(staff.ReadContact) || strings.HasPrefix(topic, "queue:") && !role.May(staff.ReadQueue) {
				t.Errorf("%s hears of %s", role, topic)
			}
		}
		if role == staff.Advocate && !slices.Contains(list, "new:"+agency) {
			t.Error("an advocate does not hear that something came")
		}
	}
}

// The stream goes on behind the locked screen, where it says that something came
// and not what, and ends with the session.
func TestLive(t *testing.T) {
	h := open(t)
	h.feature.recheck = 20 * time.Millisecond
	server := httptest.NewServer(h.handler)
	defer server.Close()
	b := h.signedIn(staff.Advocate)
	want(t, b.post("/staff/lock"), http.StatusSeeOther)

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/staff/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: b.cookie})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("stream is %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	hub := h.feature.Hub
	h.update(func(_ context.Context, tx *db.Tx) error {
		for _, topic := range []string{"queue:other", "new:other", "contact:other:c9", "people:" + agency, "queue:" + agency, "contact:" + agency + ":c1", "new:" + agency} {
			hub.Publish(tx, topic)
		}
		return nil
	})
	var got []string
	lines := bufio.NewScanner(res.Body)
	for len(got) < 2 && lines.Scan() {
		if hint, ok := strings.CutPrefix(lines.Text(), "data: "); ok && hint != "*" {
			got = append(got, hint)
		}
	}
	slices.Sort(got)
	if want := []string{"new", "queue"}; !slices.Equal(got, want) {
		t.Errorf("heard %v, want %v", got, want)
	}

	if w := b.post("/staff/signout"); w.Code != http.StatusSeeOther {
		t.Fatalf("signing out: %d", w.Code)
	}
	for lines.Scan() { // until the server ends it
		if strings.HasPrefix(lines.Text(), "data: contact") {
			t.Error("somebody who signed out hears of a contact")
		}
	}
	if ctx.Err() != nil {
		t.Error("the stream goes on after the session")
	}

	stranger := h.browser()
	want(t, stranger.get("/staff/live"), http.StatusSeeOther, "/staff/signin")
}

// Of a contact that a group of few opens, nobody else hears, not even its number.
func TestLiveIsSilentOfWhatOneMayNotKnow(t *testing.T) {
	h := open(t)
	h.feature.SeesContact = func(_ context.Context, _ *db.Tx, p staff.Person, id string) (bool, error) {
		return (id == "open" || id == "unopened") && p.Role == staff.Supervisor, nil
	}
	h.feature.OpensContact = func(_ context.Context, _ *db.Tx, p staff.Person, id string) (bool, error) {
		return id == "open" && p.Role == staff.Supervisor, nil
	}
	s := &staff.Session{Person: staff.Person{Agency: agency, Role: staff.Supervisor}}
	heard := map[string]bool{"queue:" + agency: true, "*": true}
	for _, kind := range []string{"contact", "queue", "new", "outside"} {
		heard[kind+":"+agency+":open"], heard[kind+":"+agency+":few"] = true, false
	}
	for topic, hears := range heard {
		if got := h.feature.hears(t.Context(), s, topic); got != hears {
			t.Errorf("%s: %v, want %v", topic, got, hears)
		}
	}
	// Who is on no contact's key sees the queue, and hears nothing of how a contact goes on.
	if !h.feature.hears(t.Context(), s, "queue:"+agency+":unopened") || h.feature.hears(t.Context(), s, "contact:"+agency+":unopened") {
		t.Error("who cannot open a contact hears of it, or does not hear of the queue")
	}
	auditor := &staff.Session{Person: staff.Person{Agency: agency, Role: staff.Auditor}}
	if !h.feature.hears(t.Context(), auditor, "outside:"+agency+":few") || h.feature.hears(t.Context(), auditor, "contact:"+agency+":few") {
		t.Error("who reads the log does not hear of what stands there, or of more")
	}
}
