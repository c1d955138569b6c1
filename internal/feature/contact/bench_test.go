package contact

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// benchContacts is what a hotline of a region takes in some years.
const benchContacts = 10_000

func eachEngine(b *testing.B, bench func(b *testing.B, h *house)) {
	for name, cfg := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) { bench(b, newHouse(b, dbtest.Open(b, cfg(b), tables...))) })
	}
}

// fill makes contacts of 4 kB of text, each with a batch of keys of its own as on a
// usual day. "kestrel" is in one of them.
func (h *house) fill(n int) {
	ctx := h.t.Context()
	g, err := h.intakeGroup(ctx)
	h.ok(err)
	story := strings.Repeat("He keeps my papers, y no me deja salir después de las ocho; it is a farm near Łódź. ", 43)
	for done := 0; done < n; {
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			for range 500 {
				text := fmt.Sprintf("%d %s", done, story)
				if done == n/2 {
					text += " kestrel"
				}
				r := row{ID: ids.New(), Agency: agency, State: Waiting, Channel: Web, Language: "es", Epoch: 1}
				p, err := new(keyring.Maker).Prepare(g, r.ID)
				if err != nil {
					return err
				}
				r.public = p.Public.Bytes()
				in := Incoming{Channel: Web, RequestType: Tip, Language: "es", Text: text}
				r.intake = p.Keys().Seal(r.place("contacts", "intake"), encode(intake{Incoming: in, At: db.Micros(tx.Now)}))
				if err := h.insert(ctx, tx, prepared{row: r, keys: p}, "", ""); err != nil {
					return err
				}
				done++
			}
			return nil
		}))
	}
}

// BenchmarkFind looks for a word through 10,000 contacts, to the end: warm, with
// their keys open from a search before, and cold. "answers" is how often the
// person had to search on.
func BenchmarkFind(b *testing.B) {
	eachEngine(b, func(b *testing.B, h *house) {
		h.fill(benchContacts)
		s := h.signedIn(h.supervisor)
		for name, cold := range map[string]bool{"warm": false, "cold": true} {
			b.Run(name, func(b *testing.B) {
				h.findOn(b, s, "kestrel papers")
				answers := 0
				var first time.Duration
				for b.Loop() {
					if cold {
						b.StopTimer()
						h.openKeys.forget(openedMark(s))
						b.StartTimer()
					}
					n, took := h.findOn(b, s, "kestrel papers")
					answers, first = answers+n, first+took
				}
				b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/search")
				b.ReportMetric(float64(first.Milliseconds())/float64(b.N), "ms/first-answer")
				b.ReportMetric(float64(answers)/float64(b.N), "answers")
			})
		}
	})
}

func (h *house) findOn(b *testing.B, s *staff.Session, words string) (answers int, first time.Duration) {
	looked, hits := 0, 0
	for from := ""; from != "" || answers == 0; answers++ {
		began := time.Now()
		found, err := h.Find(b.Context(), s, words, from)
		h.ok(err)
		if answers == 0 {
			first = time.Since(began)
		}
		looked, hits, from = looked+found.Looked, hits+len(found.List), found.Next
	}
	if looked != benchContacts || hits != 1 {
		b.Fatalf("found %d in %d", hits, looked)
	}
	return answers, first
}

// BenchmarkIntake takes a contact of 4 kB as the public's form does, without a code.
// "µs/sealing" is what its keys and sealing take of that; each has a batch of its own.
func BenchmarkIntake(b *testing.B) {
	eachEngine(b, func(b *testing.B, h *house) {
		in := Incoming{Channel: Web, RequestType: Tip, Language: "es", Text: strings.Repeat("it is 40 characters of a story, isn't it", 100)}
		var sealing time.Duration
		for b.Loop() {
			b.StopTimer()
			f := &Feature{DB: h.DB, Hub: noHints{}, Agency: agency, Links: h.Links}
			_, err := f.intakeGroup(b.Context())
			h.ok(err)
			b.StartTimer()
			began := time.Now()
			p, err := f.prepare(b.Context(), in, false)
			sealing += time.Since(began)
			h.ok(err)
			h.ok(f.DB.Update(b.Context(), func(ctx context.Context, tx *db.Tx) error { return f.insert(ctx, tx, p, "", "") }))
		}
		b.ReportMetric(float64(sealing.Microseconds())/float64(b.N), "µs/sealing")
	})
}

// BenchmarkRenew seals anew what a colleague who left could open: 10,000 contacts,
// as many in a transaction as package renewal does.
func BenchmarkRenew(b *testing.B) {
	eachEngine(b, func(b *testing.B, h *house) {
		h.fill(benchContacts)
		h.leaves()
		for b.Loop() {
			if n := h.renewMany(); n != benchContacts {
				b.Fatalf("%d renewed", n)
			}
			b.StopTimer()
			h.turn()
			b.StartTimer()
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/benchContacts, "µs/contact")
	})
}

// turn gives the intake group its next key.
func (h *house) turn() {
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
		if err != nil {
			return err
		}
		_, err = g.Turn(ctx, tx, []keyring.Member{{ID: h.supervisor.Person.ID, Public: h.supervisor.Person.Public}})
		return err
	}))
}

func (h *house) renewMany() (renewed int) {
	ctx := h.t.Context()
	for after, more := "", true; more; {
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
			if err != nil {
				return err
			}
			ring, err := g.Open(ctx, tx, h.supervisor.Person.ID, h.supervisor.Pair)
			if err != nil {
				return err
			}
			list, err := h.RenewIDs(ctx, tx, g, after, 8)
			if more = len(list) > 0; err != nil {
				return err
			}
			for _, id := range list {
				if err := h.Renew(ctx, tx, ring, id); err != nil {
					return err
				}
				after = id
				renewed++
			}
			return nil
		}))
	}
	return renewed
}
