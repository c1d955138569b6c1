package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

const agency = "home"

// house is a log with one who may read it.
type house struct {
	t      testing.TB
	d      *db.DB
	member *seal.Pair
}

func build(t testing.TB, d *db.DB) *house {
	t.Helper()
	pair, err := seal.NewPair()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t, d, pair}
	h.update(func(ctx context.Context, tx *db.Tx) error {
		if _, err := keyring.Create(ctx, tx, agency, keyring.Audit, keyring.Member{ID: "odd", Public: pair.Public()}); err != nil {
			return err
		}
		return Create(ctx, tx, agency)
	})
	return h
}

func each(t *testing.T, story func(t *testing.T, h *house)) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { story(t, build(t, d)) }, keyring.Migrations, Migrations)
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) update(fn func(ctx context.Context, tx *db.Tx) error) {
	h.t.Helper()
	h.ok(h.d.Update(context.Background(), fn))
}

func (h *house) write(list ...Entry) {
	h.t.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) error {
		for _, e := range list {
			if err := Write(ctx, tx, agency, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *house) sequence() {
	h.t.Helper()
	h.ok(Sequence(context.Background(), h.d, agency))
}

func (h *house) verify(kept ...string) Report {
	h.t.Helper()
	r, err := Verify(context.Background(), h.d, agency, kept)
	h.ok(err)
	return r
}

func (h *house) head() string {
	h.t.Helper()
	c, err := Head(context.Background(), h.d, agency)
	h.ok(err)
	return c.Note
}

func (h *house) exec(query string, args ...any) (n int64) {
	h.t.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = tx.Exec(ctx, query, args...)
		return err
	})
	return n
}

func (h *house) read(fn func(ctx context.Context, tx *db.Tx, r *Reader) error) {
	h.t.Helper()
	h.ok(h.d.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		r, err := Open(ctx, tx, agency, "odd", h.member)
		if err != nil {
			return err
		}
		return fn(ctx, tx, r)
	}))
}

func (h *house) page(before int64, limit int) (list []Entry) {
	h.t.Helper()
	h.read(func(ctx context.Context, tx *db.Tx, r *Reader) (err error) {
		list, err = r.Page(ctx, tx, before, limit)
		return err
	})
	return list
}

func (h *house) about(tag Tag, since time.Time, before int64, limit int) (list []Entry) {
	h.t.Helper()
	h.read(func(ctx context.Context, tx *db.Tx, r *Reader) (err error) {
		list, err = r.About(ctx, tx, tag, since, before, limit)
		return err
	})
	return list
}

func TestWhoIsInTheGroupReadsWhatWasDone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.write(Entry{Staff: "ada", Action: "contact.read", Record: "c1"})
		h.write(Entry{Staff: "ben", Action: "contact.write", Record: "c2", Reason: "asked by a supervisor"})
		if got := h.page(Newest, 10); len(got) != 0 {
			t.Fatalf("in the log before their place is known: %+v", got)
		}
		h.sequence()
		got := h.page(Newest, 10)
		ByTime(got)
		if len(got) != 2 || got[0].Staff != "ada" || got[1].Record != "c2" || got[1].Reason != "asked by a supervisor" ||
			time.Since(got[1].At) > time.Minute || got[0].Broken {
			t.Fatalf("read: %+v", got)
		}
		stranger, err := seal.NewPair()
		h.ok(err)
		err = h.d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := Open(ctx, tx, agency, "max", stranger)
			return err
		})
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("who is not in the group got %v", err)
		}
	})
}

func TestAnEntryIsFoundByItsRecord(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, two := TagOf(seal.NewKey()), TagOf(seal.NewKey())
		for i := range 5 {
			h.write(Entry{Action: fmt.Sprint("one ", i), Tag: one}, Entry{Action: "two", Tag: two}, Entry{Action: "none"})
			h.sequence()
		}
		since := time.Now().Add(-1000 * 24 * time.Hour) // more days than one statement takes
		var got []string
		before := Newest
		for {
			page := h.about(one, since, before, 2)
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				got = append(got, e.Action)
			}
			before = page[len(page)-1].Seq
		}
		if want := []string{"one 4", "one 3", "one 2", "one 1", "one 0"}; !slices.Equal(got, want) {
			t.Errorf("found %q", got)
		}
		if got := h.about(TagOf(seal.NewKey()), since, Newest, 10); len(got) != 0 {
			t.Errorf("a tag of no record finds %+v", got)
		}
	})
}

// Two entries of one record on two days share nothing in clear.
func TestATagChangesWithTheDay(t *testing.T) {
	tag := TagOf(seal.NewKey())
	day := time.Date(2026, 11, 3, 23, 59, 0, 0, time.UTC)
	if string(tag.on(day)) != string(tag.on(day.Add(-20*time.Hour))) {
		t.Error("not findable within the day")
	}
	if string(tag.on(day)) == string(tag.on(day.Add(2*time.Minute))) {
		t.Error("the same on the next day")
	}
	one, two := Tag{}, Tag{}
	if string(one.on(day)) == string(two.on(day)) {
		t.Error("entries of no record share a tag")
	}
}

func TestADeedAndItsEntryAreKeptTogether(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		failed := fmt.Errorf("the deed failed")
		err := h.d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := Write(ctx, tx, agency, Entry{Action: "lost"}); err != nil {
				return err
			}
			return failed
		})
		if err == nil {
			t.Fatal("it did not fail")
		}
		h.write(Entry{Action: "kept"}) // in the book whose key was not kept with the first
		h.sequence()
		if got := h.page(Newest, 10); len(got) != 1 || got[0].Action != "kept" {
			t.Fatalf("the log has %+v", got)
		}
		// And where nobody could read the entry, the deed does not happen.
		err = h.d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return Write(ctx, tx, "nowhere", Entry{Action: "unread"})
		})
		if !errs.Is(err, errs.Internal) {
			t.Errorf("without a group: %v", err)
		}
	})
}

// The key of a book is in memory no longer than the book is in use.
func TestABookIsClosedAfterItsTimeOrSize(t *testing.T) {
	at := time.Date(2026, 11, 3, 10, 0, 0, 0, time.UTC)
	cfg := dbtest.SQLite(t)
	cfg.Clock = func() time.Time { return at }
	h := build(t, dbtest.Open(t, cfg, keyring.Migrations, Migrations))
	books := func() (n int) {
		h.sequence()
		h.ok(h.d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return tx.QueryRow(ctx, `SELECT COUNT(DISTINCT book) FROM audit_entries`).Scan(&n)
		}))
		return n
	}
	h.write(Entry{Action: "a"})
	at = at.Add(bookTime - time.Second)
	h.write(Entry{Action: "b"})
	if n := books(); n != 1 {
		t.Fatalf("%d books within ten minutes", n)
	}
	at = at.Add(2 * time.Second)
	Forget(h.d, at)
	if n := len(libraryOf(h.d).books); n != 0 {
		t.Errorf("%d keys are still in memory", n)
	}
	for range bookSize + 1 {
		h.write(Entry{Action: "c"})
	}
	if n := books(); n != 3 {
		t.Errorf("%d books, want 3", n)
	}
	for _, e := range h.page(Newest, 2000) {
		if e.Broken {
			t.Fatal("an entry does not open")
		}
	}
}

// What is in clear tells neither who nor what nor when.
func TestNothingInClearTellsOfADeed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		who, which := ids.New(), ids.New()
		h.write(Entry{Staff: who, Action: "contact.read", Record: which, Tag: TagOf(seal.NewKey())}, Entry{Staff: who, Action: "sign-in"})
		h.sequence()
		var sizes []int
		h.ok(h.d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT id, book, tag, sealed FROM audit_entries`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id, book string
				var tag, sealed []byte
				if err := rows.Scan(&id, &book, &tag, &sealed); err != nil {
					return err
				}
				sizes = append(sizes, len(tag), len(sealed))
				for _, s := range []string{who, which, "contact", "sign"} {
					if strings.Contains(id+book+string(tag)+string(sealed), s) {
						t.Errorf("%q is in clear", s)
					}
				}
			}
			return rows.Err()
		}))
		if len(sizes) != 4 || sizes[0] != sizes[2] || sizes[1] != sizes[3] {
			t.Errorf("entries differ in size: %v", sizes)
		}
	})
}

// Writers on many connections wait for no order, and each entry gets one place.
func TestManyWriteAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const writers, entries = 8, 20
		done := make(chan error, writers+2)
		for w := range writers {
			go func() {
				for i := range entries {
					err := h.d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
						return Write(ctx, tx, agency, Entry{Action: fmt.Sprint(w, " ", i)})
					})
					if err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range 2 { // as two nodes would
			go func() {
				for range 10 {
					if err := Sequence(context.Background(), h.d, agency); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range writers + 2 {
			h.ok(<-done)
		}
		if r := h.verify(); !r.Whole() || r.Size != writers*entries {
			t.Fatalf("%+v", r)
		}
		seen := map[string]bool{}
		for _, e := range h.page(Newest, 1000) {
			seen[e.Action] = true
		}
		if len(seen) != writers*entries {
			t.Errorf("%d different entries", len(seen))
		}
	})
}

// What was written is put in order by itself, also what a crash left.
func TestRunPutsInOrder(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.write(Entry{Action: "before the start"})
		<-libraryOf(h.d).woken // as in a program that has just started
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			run(ctx, h.d, 0, func(err error) { t.Error(err) })
		}()
		arrived := func(n int) {
			for len(h.page(Newest, 10)) < n {
				h.ok(t.Context().Err())
			}
		}
		arrived(1)
		h.write(Entry{Action: "after it"})
		arrived(2)
		cancel()
		<-done
	})
}
