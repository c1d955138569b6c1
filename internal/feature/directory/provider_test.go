package directory

import (
	"context"
	"net/http"
	"net/url"
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
		for _, want := range []string{"48 22 111 11 11", "Closed in August.", "The provider says that something here is otherwise.", "by the provider&#39;s link"} {
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
