package proofs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/db"
)

var claimLog = claim{
	"log tampering", "an entry's bytes are flipped, entries dropped, two put in each other's place; then `clew audit verify`",
	"always found",
}

// TestProofOfTheLog meddles with the log of a hotline that has worked, in the
// database, and asks the program whether it is whole. That it finds every change
// inside one entry is tried further in core/audit (TestEveryChangeIsFound).
func TestProofOfTheLog(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, e engine) {
		claimLog.prove(t, e.name, func(t *testing.T) string { return tampered(t, e, size(9, 400)) })
	})
}

func tampered(t *testing.T, e engine, times int) string {
	r, err := start(t, "clew-failpoint", e.env, e.args...)
	if err != nil {
		t.Fatal(err)
	}
	ada := signIn(t, r, "Ada")
	for n := range 20 {
		ada.open("/staff/queue")
		ada.open("/staff/contacts/new").send("", url.Values{"channel": {"phone"}, "text": {fmt.Sprint("call ", n)}}).is(http.StatusOK)
	}
	r.kill()
	if out, err := verified(e); err != nil {
		t.Fatalf("before anything was done: %v %s", err, out)
	}
	luck := chance(t, 0)
	found := 0
	for n := range times {
		d := e.open(t)
		what, undo := meddle(t, d, luck, n%3)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if out, err := verified(e); err == nil {
			t.Errorf("%s was not found: %s", what, out)
		} else {
			found++
		}
		d = e.open(t)
		undo(d)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := verified(e); err != nil {
		t.Fatalf("after all was put back: %v %s", err, out)
	}
	return fmt.Sprintf("%d of %d found", found, times)
}

func verified(e engine) (string, error) { return e.command("audit", "verify") }

// entry is a row of the log.
type entry struct {
	seq               int64
	id, book          string
	tag, sealed, hash []byte
}

// meddle does one thing to the log, and says what and how it is undone.
func meddle(t *testing.T, d *db.DB, luck *rand.Rand, how int) (what string, undo func(*db.DB)) {
	t.Helper()
	all := count(t, d, `SELECT COUNT(*) FROM audit_entries`)
	if all < 20 {
		t.Fatalf("the log has %d entries only", all)
	}
	a, b := entryAt(t, d, luck.IntN(all)), entryAt(t, d, luck.IntN(all))
	for b.seq == a.seq {
		b = entryAt(t, d, luck.IntN(all))
	}
	changed, other := a, b
	switch how {
	case 0:
		part := [][]byte{a.tag, a.sealed, a.hash}[luck.IntN(3)]
		if len(part) == 0 {
			part = a.sealed
		}
		flipped := slices.Clone(part)
		bit := luck.IntN(8 * len(part))
		flipped[bit/8] ^= 1 << (bit % 8)
		for _, p := range []*[]byte{&changed.tag, &changed.sealed, &changed.hash} {
			if slices.Equal(*p, part) {
				*p = flipped
			}
		}
		what = fmt.Sprintf("bit %d of entry %d", bit, a.seq)
	case 1:
		what = fmt.Sprintf("the loss of entry %d", a.seq)
		change(t, d, `DELETE FROM audit_entries WHERE seq = $1`, a.seq)
		return what, func(d *db.DB) { a.insert(t, d) }
	default:
		what = fmt.Sprintf("entries %d and %d in each other's place", a.seq, b.seq)
		changed.seq, other.seq = b.seq, a.seq
		if luck.IntN(2) == 0 { // with the hashes of the place, or with their own
			changed.hash, other.hash = b.hash, a.hash
		}
		change(t, d, `DELETE FROM audit_entries WHERE seq = $1`, b.seq)
		defer other.insert(t, d)
	}
	change(t, d, `DELETE FROM audit_entries WHERE seq = $1`, a.seq)
	changed.insert(t, d)
	return what, func(d *db.DB) {
		change(t, d, `DELETE FROM audit_entries WHERE seq IN ($1, $2)`, a.seq, b.seq)
		a.insert(t, d)
		b.insert(t, d)
	}
}

func entryAt(t *testing.T, d *db.DB, seq int) (e entry) {
	t.Helper()
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT seq, id, book, tag, sealed, hashes FROM audit_entries WHERE seq = $1`, seq).
			Scan(&e.seq, &e.id, &e.book, &e.tag, &e.sealed, &e.hash)
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e entry) insert(t *testing.T, d *db.DB) {
	t.Helper()
	change(t, d, `INSERT INTO audit_entries (agency, seq, id, book, tag, sealed, hashes) VALUES ('home', $1, $2, $3, $4, $5, $6)`, e.seq, e.id, e.book, e.tag, e.sealed, e.hash)
}
