package directory

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// A provider keeps their listing true by a link: what is right counts as a
// check at once, what is otherwise waits for a curator.
func TestProvidersKeepTheirListingTrue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		ctx := context.Background()
		load(t, c.f, "lines", lines)
		id := idOf(t, c.f, "Warsaw line")
		status, page, _ := c.do(http.MethodPost, "/staff/directory/services/"+id+"/invite", url.Values{})
		_, after, ok := strings.Cut(page, "/listing/")
		if status != http.StatusOK || !ok {
			t.Fatalf("no link: %d", status)
		}
		secret := after[:26]
		opens := func(secret string) bool {
			t.Helper()
			_, err := c.f.Listing(ctx, testAgency, secret)
			if err != nil && !errs.Is(err, errs.NotFound) {
				t.Fatal(err)
			}
			return err == nil
		}
		if opens(ids.New()) || opens("x") || opens("") || !opens(secret) {
			t.Error("what is no link opens, or what is one does not")
		}

		l, err := c.f.Tell(ctx, testAgency, secret, Told{Number: "+48226289999", Free: "3"})
		if err != nil || l.Free != "3" || l.Waiting || l.Checked.IsZero() {
			t.Fatalf("%+v, %v", l, err)
		}
		detail, err := c.f.Service(ctx, testAgency, id)
		if err != nil || detail.Status != Verified || detail.Verification.How != ByProvider || detail.Free != "3" {
			t.Errorf("%+v, %v", detail.Verification, err)
		}

		if l, err = c.f.Tell(ctx, testAgency, secret, Told{Number: "+48 22 111 11 11", Note: "Closed in August."}); err != nil || !l.Waiting || l.Number != "+48226289999" {
			t.Errorf("the old number does not stay: %+v, %v", l, err)
		}
		if waiting, err := c.f.Waiting(ctx, testAgency); err != nil || len(waiting) != 1 || waiting[0] != id {
			t.Errorf("%v, %v", waiting, err)
		}
		_, page, _ = c.do(http.MethodGet, "/staff/directory/services/"+id, nil)
		for _, want := range []string{"48 22 111 11 11", "Closed in August.", "Somebody outside says that something here is otherwise.", "by the provider&#39;s link"} {
			if !strings.Contains(page, want) {
				t.Errorf("the curator does not see %q", want)
			}
		}
		if _, page, _ = c.do(http.MethodGet, "/staff/directory/waiting", nil); !strings.Contains(page, "Warsaw line") {
			t.Error("it is not in the list of what waits")
		}
		if detail, err = c.f.Service(ctx, testAgency, id); err != nil || len(detail.Proposals) != 2 {
			t.Fatalf("%+v, %v", detail.Proposals, err)
		}
		for _, p := range detail.Proposals {
			do := map[string]string{proposedPhone: "take", proposedNote: "decline"}[p.Field]
			for range 2 { // the second time it is settled already
				if status, _, _ = c.do(http.MethodPost, "/staff/directory/services/"+id+"/proposals", url.Values{"proposal": {p.ID}, "do": {do}}); status != http.StatusSeeOther {
					t.Errorf("%s: %d", do, status)
				}
			}
		}
		if detail, err = c.f.Service(ctx, testAgency, id); err != nil || detail.OwnPhones[0].Printed != "+48 22 111 11 11" || len(detail.Proposals) != 0 || detail.Status != Never || detail.Free != "3" {
			t.Errorf("%+v %s, %v", detail.OwnPhones, detail.Status, err)
		}

		for field, told := range map[string]Told{"free": {Free: "-1"}, "number": {Number: strings.Repeat("1", 61)}, "note": {Note: strings.Repeat("x", 601)}} {
			if _, err := c.f.Tell(ctx, testAgency, secret, told); errs.Of(err).Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := c.f.Invite(ctx, testAgency, id); err != nil || opens(secret) {
			t.Error("the older link still opens")
		}
	}, Migrations)
}

// What a provider says at once is in the history in the order in which it happened:
// the check, which came last, can be taken back, and then the number of places.
// Settling leaves one line in the log. The same number again is of now.
func TestWhatAProviderSaidIsTakenBackInOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		ctx := context.Background()
		load(t, c.f, "lines", lines)
		id := idOf(t, c.f, "Warsaw line")
		secret, err := c.f.Invite(ctx, testAgency, id)
		if err != nil {
			t.Fatal(err)
		}
		for round := range 8 { // ids are random, so an order by them would be wrong soon
			if _, err := c.f.Tell(ctx, testAgency, secret, Told{Free: strconv.Itoa(round)}); err != nil {
				t.Fatal(err)
			}
			detail, err := c.f.Service(ctx, testAgency, id)
			if err != nil || len(detail.History) < 2 || detail.History[0].Action != verified || detail.History[1].Action != "capacity" {
				t.Fatalf("round %d: %+v, %v", round, detail.History, err)
			}
			if round%2 == 0 {
				continue
			}
			for _, e := range detail.History[:2] {
				if err := c.f.Undo(ctx, testAgency, id, e.ID); err != nil {
					t.Fatalf("round %d, %s: %v", round, e.Action, err)
				}
			}
			if detail, err = c.f.Service(ctx, testAgency, id); err != nil || detail.Free != strconv.Itoa(round-1) {
				t.Errorf("taken back there are %q free places: %v", detail.Free, err)
			}
		}

		told := func() string {
			t.Helper()
			s, err := storedService(ctx, d, id)
			if err != nil {
				t.Fatal(err)
			}
			return str(objects(s, "capacities")[0], "updated")
		}
		if _, err := c.f.Tell(ctx, testAgency, secret, Told{Free: "6"}); err != nil {
			t.Fatal(err)
		}
		err = d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE directory_record SET overlay = REPLACE(overlay, $1, $2) WHERE id = $3`, told(), "2020-01-01T00:00:00Z", id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.f.Tell(ctx, testAgency, secret, Told{Free: "6"}); err != nil || told() == "2020-01-01T00:00:00Z" {
			t.Errorf("the same number again is of %s: %v", told(), err)
		}

		if _, err := c.f.Tell(ctx, testAgency, secret, Told{Number: "+48 22 111 11 11"}); err != nil {
			t.Fatal(err)
		}
		logged := 0
		c.f.Log = func(context.Context, *db.Tx, string, string, string, string) error {
			logged++
			return nil
		}
		detail, err := c.f.Service(ctx, testAgency, id)
		if err != nil || len(detail.Proposals) != 1 {
			t.Fatal(detail.Proposals, err)
		}
		if status, _, _ := c.do(http.MethodPost, "/staff/directory/services/"+id+"/proposals", url.Values{"proposal": {detail.Proposals[0].ID}, "do": {"take"}}); status != http.StatusSeeOther || logged != 1 {
			t.Errorf("%d, %d lines in the log", status, logged)
		}
	}, Migrations)
}

func storedService(ctx context.Context, d *db.DB, id string) (o Object, err error) {
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		s, err := oneRecord(ctx, tx, testAgency, entService, id)
		if err == nil {
			o, err = s.object()
		}
		return err
	})
	return o, err
}

// One rule says how many places are free: the sum of the figures that say of when
// they are.
func TestFreePlacesAreOneFigure(t *testing.T) {
	t.Parallel()
	at := func(free any, when string) Object { return Object{"available": free, "updated": when} }
	for want, list := range map[string][]any{
		"":  {at("3", ""), at("many", "2026-11-23T12:00:00Z"), at("-1", "2026-11-23T12:00:00Z")},
		"0": {at("0", "2026-11-23T12:00:00Z")},
		"5": {at("3", "2026-11-23T12:00:00Z"), at("2", "2026-11-22T12:00:00Z"), at("9", "")},
	} {
		v := vacancyOf(Object{"capacities": list})
		if v.String() != want {
			t.Errorf("%q free, want %q", v, want)
		}
		if want == "5" && !v.until.Equal(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)) {
			t.Errorf("believed until %s", v.until)
		}
	}
}

// A link ends, and what waits for curators has a limit.
func TestALinkEnds(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	ctx := context.Background()
	load(t, f, "lines", lines)
	secret, err := f.Invite(ctx, testAgency, idOf(t, f, "Warsaw line"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range maxProposals + 1 {
		_, err = f.Tell(ctx, testAgency, secret, Told{Note: strings.Repeat("x", n+1)})
		if (n < maxProposals) != (err == nil) {
			t.Fatalf("proposal %d: %v", n+1, err)
		}
	}
	if !errs.Is(err, errs.Busy) {
		t.Error(err)
	}
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE directory_invitation SET expires = $1`, db.Micros(tx.Now.Add(-time.Second)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Listing(ctx, testAgency, secret); !errs.Is(err, errs.NotFound) {
		t.Errorf("an old link opens: %v", err)
	}
}

func idOf(t *testing.T, f *Feature, name string) string {
	t.Helper()
	for _, r := range search(t, f, Query{Unsure: true, Limit: maxLimit}).Items {
		if r.Name == name {
			return r.ID
		}
	}
	t.Fatalf("no service %q", name)
	return ""
}
