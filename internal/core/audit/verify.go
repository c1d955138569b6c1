package audit

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Report is what Verify found.
type Report struct {
	At       time.Time
	Size     int64 // entries in the log
	Agree    int   // outsiders' checkpoints that the log agrees with
	Problems []Problem
}

// Whole says that nothing is wrong.
func (r Report) Whole() bool { return len(r.Problems) == 0 }

// Problem is one thing that is wrong. Word is a key of the catalogs, whose
// sentence takes Entry and Count; entries and checkpoints are counted from 1.
type Problem struct {
	Word  string
	Entry int64
	Count int64
}

// The problems, as word keys.
const (
	wordChanged      = "log.problem.changed"      // entry Entry is not what it was
	wordMissing      = "log.problem.missing"      // from Entry on, Count are missing
	wordOrder        = "log.problem.order"        // at Entry or before it
	wordShort        = "log.problem.short"        // Count at the end are missing
	wordLong         = "log.problem.long"         // Count at the end are not of this program
	wordHead         = "log.problem.head"         // the signed head was changed
	wordKey          = "log.problem.key"          // Count entries have lost their key
	wordForeign      = "log.problem.foreign"      // checkpoint Entry is not of this log
	wordBehind       = "log.problem.behind"       // checkpoint Entry counts Count entries, the log has fewer
	wordContradicted = "log.problem.contradicted" // the first Count entries are not those of checkpoint Entry
	mostProblems     = 50
)

// Verify computes the log anew from its rows and compares: each entry with its
// hash, all hashes with the tree, the tree with the signed head, and both with
// the checkpoints that an outsider kept. It needs no key. Entries that still
// wait for their place are appended first.
func Verify(ctx context.Context, d *db.DB, agency string, kept []string) (r Report, err error) {
	defer errs.Wrap(&err, "audit.Verify")
	if err := Sequence(ctx, d, agency); err != nil && !errors.Is(err, ErrDamaged) {
		return r, err
	}
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		c := check{agency: agency, at: map[int64]tlog.Hash{}, books: map[string]int64{}}
		if err := c.all(ctx, tx, kept); err != nil {
			return err
		}
		r = Report{At: tx.Now, Size: c.rows, Agree: c.agree, Problems: c.problems}
		return nil
	})
	return r, err
}

// check is a verification as it runs.
type check struct {
	agency   string
	tree     tree
	rows     int64
	last     int64               // the last place that has a row, plus one
	gap      bool                // the tree cannot be computed from here on
	at       map[int64]tlog.Hash // the roots of the sizes to compare
	books    map[string]int64    // entries by the book that they are in
	problems []Problem
	agree    int
}

func (c *check) say(word string, entry, count int64) {
	if len(c.problems) < mostProblems {
		c.problems = append(c.problems, Problem{word, entry, count})
	}
}

// all runs the whole. kept are the notes of an outsider.
func (c *check) all(ctx context.Context, tx *db.Tx, kept []string) error {
	var verifier, head string
	err := tx.QueryRow(ctx, `SELECT verifier, head FROM audit_logs WHERE agency = $1`, c.agency).Scan(&verifier, &head)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	now, err := openCheckpoint(head, verifier)
	signed := err == nil
	if !signed {
		c.say(wordHead, 0, 0)
	} else {
		c.at[now.Size] = tlog.Hash{}
	}
	outside := make([]*Checkpoint, len(kept))
	for i, text := range kept {
		if k, err := openCheckpoint(text, verifier); err == nil {
			outside[i] = &k
			c.at[k.Size] = tlog.Hash{}
		}
	}
	if err := c.walk(ctx, tx); err != nil {
		return err
	}
	if signed {
		c.head(now)
	}
	for i, k := range outside {
		c.outside(int64(i+1), k)
	}
	return c.keys(ctx, tx)
}

// walk goes through the rows in their order.
func (c *check) walk(ctx context.Context, tx *db.Tx) error {
	c.mark()
	rows, err := tx.Query(ctx, `SELECT seq, id, book, tag, sealed, hashes FROM audit_entries WHERE agency = $1 ORDER BY seq`, c.agency)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		l := leaf{agency: c.agency}
		var seq int64
		var hashes []byte
		if err := rows.Scan(&seq, &l.id, &l.book, &l.tag, &l.sealed, &hashes); err != nil {
			return err
		}
		c.row(seq, l, hashes)
	}
	return rows.Err()
}

func (c *check) row(seq int64, l leaf, b []byte) {
	c.rows++
	c.books[l.book]++
	if seq != c.last {
		c.say(wordMissing, c.last+1, seq-c.last)
		c.gap = true
	}
	c.last = seq + 1
	stored, ok := splitHashes(b)
	own := l.hash()
	changed := !ok || stored[0] != own
	if changed {
		c.say(wordChanged, seq+1, 1)
	}
	if c.gap {
		return
	}
	if ok {
		own = stored[0] // so that one change is told once, and not for all that stands on it
	}
	made := c.tree.add(own)
	if !changed && !slices.Equal(made, stored) && !c.told(seq+1) {
		c.say(wordOrder, seq+1, 0)
	}
	c.mark()
}

// told says whether a problem was told of an entry on which the hashes of
// this one stand.
func (c *check) told(entry int64) bool {
	span := entry & -entry // what the highest hash of this entry covers
	return slices.ContainsFunc(c.problems, func(p Problem) bool {
		return (p.Word == wordChanged || p.Word == wordOrder) && p.Entry > entry-span
	})
}

// mark keeps the root where the tree has a size that is compared later.
func (c *check) mark() {
	if _, wanted := c.at[c.tree.size]; wanted {
		c.at[c.tree.size] = c.tree.root()
	}
}

func (c *check) head(now Checkpoint) {
	switch {
	case now.Size > c.last:
		c.say(wordShort, now.Size, now.Size-c.last)
	case now.Size < c.last:
		c.say(wordLong, now.Size+1, c.last-now.Size)
	}
	if len(c.problems) == 0 && c.at[now.Size] != now.Root {
		c.say(wordOrder, now.Size, 0)
	}
}

func (c *check) outside(number int64, k *Checkpoint) {
	switch {
	case k == nil:
		c.say(wordForeign, number, 0)
	case k.Size > c.last:
		c.say(wordBehind, number, k.Size)
	case c.at[k.Size] != k.Root:
		c.say(wordContradicted, number, k.Size)
	default:
		c.agree++
	}
}

// keys looks whether every book still has its key. Without it entries are
// whole, and nobody can read them.
func (c *check) keys(ctx context.Context, tx *db.Tx) error {
	var lost int64
	for book, n := range c.books {
		there, err := bookRecord(c.agency, book).Exists(ctx, tx)
		if err != nil {
			return err
		}
		if !there {
			lost += n
		}
	}
	if lost > 0 {
		c.say(wordKey, 0, lost)
	}
	return nil
}

func bookRecord(agency, book string) keyring.Record {
	return keyring.Record{Agency: agency, ID: book, Epoch: 1}
}
