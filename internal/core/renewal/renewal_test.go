package renewal

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

func TestMain(m *testing.M) {
	seal.UseCheapCosts()
	m.Run()
}

// house has Ann and Cem, who stay, and Ben, who leaves.
type house struct {
	*Renewals
	t             *testing.T
	ann, ben, cem *staff.Session
	renewed       []string
	records       int
	renew         func(id string) error
}

func each(t *testing.T, story func(t *testing.T, h *house)) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := &house{t: t, records: 3*step + 1, renew: func(string) error { return nil }}
		audittest.Make(t, d, "home")
		h.Renewals = New(d, func(err error) { t.Error(err) }, Kind{
			Name: "things",
			IDs: func(_ context.Context, _ *db.Tx, _ keyring.Group, after string, limit int) (list []string, err error) {
				for i := range h.records {
					if id := fmt.Sprintf("%03d", i); id > after && len(list) < limit {
						list = append(list, id)
					}
				}
				return list, nil
			},
			Count: func(context.Context, *db.Tx, keyring.Group) (int64, error) { return int64(h.records), nil },
			Renew: func(_ context.Context, _ *db.Tx, _ *keyring.Ring, id string) error {
				if err := h.renew(id); err != nil {
					return err
				}
				h.renewed = append(h.renewed, id)
				return nil
			},
		})
		var members []keyring.Member
		for _, one := range []struct {
			name string
			s    **staff.Session
		}{{"Ann", &h.ann}, {"Ben", &h.ben}, {"Cem", &h.cem}} {
			n, err := staff.Prepare(t.Context(), "home", one.name, staff.Advocate, "correct horse battery")
			h.ok(err)
			h.update(func(ctx context.Context, tx *db.Tx) error {
				if err := n.Insert(ctx, tx, ""); err != nil {
					return err
				}
				token, err := staff.SignIn(ctx, tx, n.Person, n.Pair)
				if err != nil {
					return err
				}
				*one.s, err = staff.Find(ctx, tx, token)
				return err
			})
			members = append(members, keyring.Member{ID: n.Person.ID, Public: n.Person.Public})
		}
		h.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := keyring.Create(ctx, tx, "home", keyring.Intake, members...)
			return err
		})
		story(t, h)
	}, staff.Migrations, keyring.Migrations, audit.Migrations, Migrations)
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) update(do func(context.Context, *db.Tx) error) {
	h.t.Helper()
	h.ok(h.db.Update(h.t.Context(), do))
}

func (h *house) benLeaves() {
	h.t.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) error {
		g, err := keyring.Find(ctx, tx, "home", keyring.Intake)
		if err != nil {
			return err
		}
		if err := g.Remove(ctx, tx, h.ben.Person.ID); err != nil {
			return err
		}
		_, err = g.Turn(ctx, tx, []keyring.Member{
			{ID: h.ann.Person.ID, Public: h.ann.Person.Public}, {ID: h.cem.Person.ID, Public: h.cem.Person.Public},
		})
		return err
	})
}

func (h *house) progress() (p Progress) {
	h.t.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) error {
		g, err := keyring.Find(ctx, tx, "home", keyring.Intake)
		if err != nil {
			return err
		}
		list, err := h.Of(ctx, tx, g)
		if len(list) == 1 {
			p = list[0]
		}
		return err
	})
	return p
}

func (h *house) works(s *staff.Session) (renewed int) {
	h.t.Helper()
	h.renewed = nil
	h.ok(h.work(h.t.Context(), s))
	return len(h.renewed)
}

func TestWhatALeaverKnewIsRenewedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		if n := h.works(h.ann); n != 0 {
			t.Fatalf("%d renewed, and nobody has left", n)
		}
		h.benLeaves()
		if p := h.progress(); p.Done() || p.Total != int64(h.records) || p.Renewed != 0 {
			t.Fatalf("before: %+v", p)
		}
		if n := h.works(h.ben); n != 0 {
			t.Fatalf("who left renewed %d", n)
		}
		if n := h.works(h.ann); n != h.records || !slices.IsSorted(h.renewed) {
			t.Fatalf("renewed %v", h.renewed)
		}
		if p := h.progress(); !p.Done() || p.Renewed != int64(h.records) {
			t.Fatalf("after: %+v", p)
		}
		if n := h.works(h.cem); n != 0 {
			t.Fatalf("%d renewed twice", n)
		}
	})
}

// The work stops when the colleague's screen is locked, and another goes on from
// where it was.
func TestALockedScreenStopsTheRenewal(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.benLeaves()
		h.renew = func(id string) error {
			if id == fmt.Sprintf("%03d", step) { // in the second transaction
				go h.db.Update(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *db.Tx) error { //nolint:errcheck // seen below
					_, err := h.ann.Lock(ctx, tx)
					return err
				})
			}
			return nil
		}
		first := h.works(h.ann)
		for unlocked := true; unlocked; {
			h.update(func(ctx context.Context, tx *db.Tx) (err error) {
				unlocked, err = h.ann.StillUnlocked(ctx, tx)
				return err
			})
		}
		if n := h.works(h.ann); n != 0 {
			t.Fatalf("behind a locked screen %d were renewed", n)
		}
		if second := h.works(h.cem); first+second != h.records || !h.progress().Done() {
			t.Fatalf("%d and then %d of %d", first, second, h.records)
		}
	})
}

// What a colleague cannot open waits for one who can. A failure of the machine
// takes the whole step back and is no reason to leave anything out.
func TestWhatOneCannotOpenWaitsForAnother(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.benLeaves()
		h.renew = func(id string) error {
			if id == "005" {
				return errs.New(errs.Conflict, "", nil)
			}
			return nil
		}
		if n := h.works(h.ann); n != h.records-1 {
			t.Fatalf("Ann renewed %d", n)
		}
		if p := h.progress(); p.Done() || p.LeftOver != 1 {
			t.Fatalf("%+v", p)
		}
		if n := h.works(h.ann); n != 0 {
			t.Fatalf("Ann tried %d again", n)
		}
		broken := true
		h.renew = func(id string) error {
			if broken && id == "010" {
				return errs.New(errs.Unavailable, "", nil)
			}
			return nil
		}
		if err := h.work(t.Context(), h.cem); !errs.Is(err, errs.Unavailable) {
			t.Fatalf("the failure was %v", err)
		}
		broken = false
		h.works(h.cem)
		if p := h.progress(); !p.Done() || p.LeftOver != 0 || p.Renewed != int64(h.records) {
			t.Fatalf("after Cem: %+v", p)
		}
	})
}
