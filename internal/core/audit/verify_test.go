package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// words are the problems that a report names.
func (r Report) words() (list []string) {
	for _, p := range r.Problems {
		list = append(list, fmt.Sprint(strings.TrimPrefix(p.Word, "log.problem."), " ", p.Entry, " ", p.Count))
	}
	return list
}

// The tree is the one of tlog: with its stored hashes, anybody's proofs hold.
func TestTheTreeIsTheOneOfTlog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 200).Draw(t, "size")
		var own tree
		var stored []tlog.Hash
		reader := tlog.HashReaderFunc(func(indexes []int64) (list []tlog.Hash, err error) {
			for _, i := range indexes {
				list = append(list, stored[i])
			}
			return list, nil
		})
		for i := range n {
			h := leaf{id: fmt.Sprint(i), sealed: rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "sealed")}.hash()
			want, err := tlog.StoredHashesForRecordHash(i, h, reader)
			if err != nil {
				t.Fatal(err)
			}
			if got := own.add(h); !slices.Equal(got, want) {
				t.Fatalf("leaf %d completes %v, tlog says %v", i, got, want)
			}
			stored = append(stored, want...)
		}
		root, err := tlog.TreeHash(n, reader)
		if err != nil {
			t.Fatal(err)
		}
		if own.root() != root {
			t.Fatalf("of %d leaves: root %v, tlog says %v", n, own.root(), root)
		}
	})
}

// No two entries have the same leaf, however their parts are cut.
func TestALeafIsUnambiguous(t *testing.T) {
	a := leaf{agency: "home", id: "ab", book: "c", tag: []byte("d"), sealed: []byte("e")}
	b := leaf{agency: "home", id: "a", book: "bc", tag: []byte("d"), sealed: []byte("e")}
	if a.hash() == b.hash() {
		t.Error("two entries, one hash")
	}
}

// fill writes n entries in runs, so that trees of many shapes come up, and
// keeps a checkpoint of each.
func (h *house) fill(runs ...int) (kept []string) {
	for _, n := range runs {
		for i := range n {
			h.write(Entry{Staff: "ada", Action: "contact.read", Record: fmt.Sprint("c", i)})
		}
		kept = append(kept, h.head())
	}
	return kept
}

func TestAnUntouchedLogIsWhole(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		if r := h.verify(); !r.Whole() || r.Size != 0 {
			t.Fatalf("the empty log: %+v", r)
		}
		kept := append([]string{h.head()}, h.fill(1, 2, 5, 3)...)
		if r := h.verify(kept...); !r.Whole() || r.Size != 11 || r.Agree != 5 {
			t.Fatalf("%+v", r)
		}
	})
}

// What was done to the log is named in such a way that somebody can act on it.
func TestWhatIsWrongIsNamed(t *testing.T) {
	swap := func(h *house, hashesStay bool) {
		x, y := h.row(2), h.row(6)
		x.seq, y.seq = 6, 2
		if hashesStay {
			x.hashes, y.hashes = y.hashes, x.hashes
		}
		h.put(6, nil)
		h.put(2, &y)
		h.put(6, &x)
	}
	for name, c := range map[string]struct {
		do   func(h *house)
		want []string // in this order; others may follow
	}{
		"an entry changed": {func(h *house) { h.exec(`UPDATE audit_entries SET book = 'other' WHERE seq = 4`) }, []string{"changed 5 1", "key 0 1"}},
		"an entry dropped": {func(h *house) { h.exec(`DELETE FROM audit_entries WHERE seq IN (4, 5)`) }, []string{"missing 5 2", "contradicted 2 8"}},
		"the end dropped":  {func(h *house) { h.exec(`DELETE FROM audit_entries WHERE seq >= 9`) }, []string{"short 11 2", "behind 3 11"}},
		"all dropped":      {func(h *house) { h.exec(`DELETE FROM audit_entries`) }, []string{"short 11 11", "behind 1 3", "behind 2 8", "behind 3 11"}},
		"two moved":        {func(h *house) { swap(h, false) }, []string{"order 4 0", "contradicted 1 3"}},
		"two swapped":      {func(h *house) { swap(h, true) }, []string{"changed 3 1", "changed 7 1"}},
		"the head changed": {func(h *house) { h.exec(`UPDATE audit_logs SET head = 'nothing'`) }, []string{"head 0 0"}},
		"the head dropped": {func(h *house) { h.exec(`DELETE FROM audit_logs`) }, []string{"head 0 0", "foreign 1 0", "foreign 2 0", "foreign 3 0"}},
		"another key": {func(h *house) {
			h.exec(`UPDATE audit_logs SET verifier = (SELECT verifier FROM audit_logs WHERE agency = 'other')`)
		}, []string{"head 0 0", "foreign 1 0"}},
		"a key of a book": {func(h *house) { h.exec(`DELETE FROM key_wraps WHERE owner = (SELECT MIN(book) FROM audit_entries)`) }, []string{"key 0 11"}},
		"an entry put in": {func(h *house) {
			h.exec(`INSERT INTO audit_entries SELECT agency, 11, 'new', book, tag, sealed, hashes FROM audit_entries WHERE seq = 3`)
		}, []string{"changed 12 1", "long 12 1"}},
		"rewritten anew": {rewrite, []string{"contradicted 2 8", "contradicted 3 11"}},
		"begun all over": {func(h *house) {
			h.exec(`DELETE FROM audit_entries`)
			h.exec(`DELETE FROM audit_logs WHERE agency = 'home'`)
			h.begin()
		}, []string{"foreign 1 0", "foreign 2 0", "foreign 3 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				kept := h.fill(3, 5, 3)
				h.update(func(ctx context.Context, tx *db.Tx) error { return Create(ctx, tx, "other") })
				c.do(h)
				got := h.verify(kept...).words()
				rest := got
				for _, w := range c.want {
					i := slices.Index(rest, w)
					if i < 0 {
						t.Fatalf("no %q in %q", w, got)
					}
					rest = rest[i+1:]
				}
			})
		})
	}
}

func (h *house) begin() {
	h.update(func(ctx context.Context, tx *db.Tx) error { return Create(ctx, tx, agency) })
}

// rewrite is what somebody does who holds the whole database: they change an
// entry, compute every hash anew and sign the head. Only an outsider can tell.
func rewrite(h *house) {
	h.update(func(ctx context.Context, tx *db.Tx) error {
		l, err := loadLog(ctx, tx, agency)
		if err != nil {
			return err
		}
		var t tree
		for seq := range l.head.Size {
			e := leaf{agency: agency}
			err := tx.QueryRow(ctx, `SELECT id, book, tag, sealed FROM audit_entries WHERE seq = $1`, seq).Scan(&e.id, &e.book, &e.tag, &e.sealed)
			if err != nil {
				return err
			}
			if seq == 5 {
				e.tag = []byte("another")
			}
			_, err = tx.Exec(ctx, `UPDATE audit_entries SET tag = $2, hashes = $3 WHERE seq = $1`, seq, e.tag, joinHashes(t.add(e.hash())))
			if err != nil {
				return err
			}
		}
		head, err := sign(l.signer, &t)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE audit_logs SET head = $1`, head)
		return err
	})
	if r := h.verify(); !r.Whole() {
		h.t.Fatalf("the forger was careless: %q", r.words())
	}
}

// Whatever byte of whatever entry or hash is changed, whichever entry dropped,
// whichever two swapped: it is found.
func TestEveryChangeIsFound(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		kept := h.fill(4, 9, 6)
		const size = 19
		rapid.Check(t, func(rt *rapid.T) {
			undo := h.tamper(rt, size)
			r := h.verify(kept...)
			undo()
			if r.Whole() {
				rt.Fatal("not found")
			}
		})
		if r := h.verify(kept...); !r.Whole() {
			t.Fatalf("the test left it changed: %q", r.words())
		}
	})
}

// row is an entry as it is stored.
type row struct {
	agency, id, book    string
	seq                 int64
	tag, sealed, hashes []byte
}

func (h *house) row(seq int64) (r row) {
	h.ok(h.d.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT agency, seq, id, book, tag, sealed, hashes FROM audit_entries WHERE seq = $1`, seq).
			Scan(&r.agency, &r.seq, &r.id, &r.book, &r.tag, &r.sealed, &r.hashes)
	}))
	return r
}

// put stands r in place of the entry at seq, or takes that one out.
func (h *house) put(seq int64, r *row) {
	h.exec(`DELETE FROM audit_entries WHERE seq = $1`, seq)
	if r != nil {
		h.exec(`INSERT INTO audit_entries (agency, seq, id, book, tag, sealed, hashes) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			r.agency, r.seq, r.id, r.book, r.tag, r.sealed, r.hashes)
	}
}

func (h *house) tamper(t *rapid.T, size int64) (undo func()) {
	a := rapid.Int64Range(0, size-1).Draw(t, "entry")
	was := h.row(a)
	switch what := rapid.IntRange(0, 7).Draw(t, "what"); what {
	case 0: // dropped
		h.put(a, nil)
		return func() { h.put(a, &was) }
	case 1: // swapped with another
		b := (a + rapid.Int64Range(1, size-1).Draw(t, "distance")) % size
		other := h.row(b)
		x, y := was, other
		x.seq, y.seq = b, a
		if rapid.Bool().Draw(t, "hashes stay") {
			x.hashes, y.hashes = other.hashes, was.hashes
		}
		h.put(a, nil)
		h.put(b, nil)
		h.put(a, &y)
		h.put(b, &x)
		return func() { h.put(a, &was); h.put(b, &other) }
	default:
		now := was
		now.tag, now.sealed, now.hashes = slices.Clone(was.tag), slices.Clone(was.sealed), slices.Clone(was.hashes)
		flip := func(b []byte) {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
		}
		letter := func(s string) string {
			b := []byte(s)
			b[rapid.IntRange(0, len(b)-1).Draw(t, "letter")] ^= 1
			return string(b)
		}
		switch what {
		case 2:
			flip(now.tag)
		case 3:
			flip(now.sealed)
		case 4:
			flip(now.hashes)
		case 5:
			now.id = letter(was.id)
		case 6:
			now.book = letter(was.book)
		case 7:
			now.agency = letter(was.agency)
		}
		h.put(a, &now)
		return func() { h.put(a, &was) }
	}
}

// A log that does not go on from its head takes nothing more: a new signed
// head would cover up what is wrong. The deeds go on, and their entries wait.
func TestNothingIsAppendedToADamagedLog(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.fill(7)
		h.exec(`DELETE FROM audit_entries WHERE seq >= 5`)
		h.write(Entry{Action: "afterwards"})
		if err := Sequence(t.Context(), h.d, agency); err == nil {
			t.Error("it went on from another head")
		}
		if got := h.verify().words(); !slices.Equal(got, []string{"short 7 2"}) {
			t.Errorf("found %q", got)
		}
	})
}

// A checkpoint can be checked by anybody who has the note library and the key.
func TestACheckpointIsASignedNote(t *testing.T) {
	h := build(t, dbtest.Open(t, dbtest.SQLite(t), keyring.Migrations, Migrations))
	h.fill(3)
	key, err := Verifier(t.Context(), h.d, agency)
	h.ok(err)
	v, err := note.NewVerifier(key)
	h.ok(err)
	n, err := note.Open([]byte(h.head()), note.VerifierList(v))
	h.ok(err)
	if lines := strings.Split(n.Text, "\n"); len(lines) != 4 || lines[0] != v.Name() || lines[1] != "3" {
		t.Errorf("it says %q", n.Text)
	}
}

func TestCheckpointsAreFoundInAFile(t *testing.T) {
	h := build(t, dbtest.Open(t, dbtest.SQLite(t), keyring.Migrations, Migrations))
	kept := h.fill(1, 2, 1)
	for name, file := range map[string]string{
		"one after another": strings.Join(kept, ""),
		"with empty lines":  strings.Join(kept, "\n\n"),
		"as mail leaves it": strings.ReplaceAll("\ufeffFrom the hotline, Monday:\n\n"+strings.Join(kept, "  \nTuesday:\n\n"), "\n", "\r\n"),
	} {
		got, err := SplitCheckpoints(file)
		h.ok(err)
		if r := h.verify(got...); len(got) != 3 || r.Agree != 3 {
			t.Errorf("%s: %d found, %d agree: %q", name, len(got), r.Agree, r.words())
		}
	}
	for _, file := range []string{"", "hello\n", "— not at all", kept[0][:40]} {
		if got, err := SplitCheckpoints(file); err == nil {
			t.Errorf("in %q there are %q", file, got)
		}
	}
}

func FuzzCheckpoints(f *testing.F) {
	signer, verifier, err := newSigner()
	if err != nil {
		f.Fatal(err)
	}
	good, err := sign(signer, &tree{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good + "\r\n" + good)
	f.Add("a\n1\nb\n\n— \n— \n")
	f.Fuzz(func(t *testing.T, file string) {
		notes, err := SplitCheckpoints(file)
		if err != nil {
			return
		}
		for _, n := range notes {
			if c, err := openCheckpoint(n, verifier); err == nil && (c.Size != 0 || c.Root != emptyRoot) {
				t.Errorf("a checkpoint that nobody signed: %+v", c)
			}
		}
	})
}
