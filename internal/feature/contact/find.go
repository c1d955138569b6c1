package contact

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Bounds of one answer to a search. Who wants more asks on from where it ended.
const (
	foundShown = 25
	findFor    = 600 * time.Millisecond // then the answer says how far it came
)

// findsAtOnce is how many searches a program does at a time. Each uses all
// processors, and somebody who writes to us must not wait for them.
const findsAtOnce = 2

// Found is an answer to a search: what was found in the contacts that it looked at.
type Found struct {
	List     []Hit // the newest first
	Looked   int   // in how many
	Unopened int   // of these, how many do not open in part
	Next     string
}

// Hit is a contact in which all the words stand.
type Hit struct {
	ID      string
	At      time.Time // when the person wrote; of one outside own work that is closed, the month of its closing
	State   State
	Outside bool    // it opens with a reason: that it is there is all that is said
	Line    []Piece // where the words stand

	tag audit.Tag
}

// Find looks for words in what the colleague may open: in what people wrote, in
// our replies and notes, in records. All must stand in the contact, in any order;
// case and accents do not count. from is the Next of an answer before, or empty.
//
// A supervisor learns of a closed contact outside their own work that it has
// the words, and nothing of what it says; see staff.FindContact. What they looked
// for is written nowhere. That they looked, and what they are shown, is in the log.
func (f *Feature) Find(ctx context.Context, s *staff.Session, words, from string) (found Found, err error) {
	defer errs.Wrap(&err, "contact.Find")
	look, err := lookFor(words)
	if err != nil {
		return found, err
	}
	at, err := parseFindAt(from)
	if err != nil {
		return found, err
	}
	select {
	case f.finds <- struct{}{}:
		defer func() { <-f.finds }()
	case <-ctx.Done():
		return found, ctx.Err()
	}
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, err = f.findWords(ctx, tx, s, look, at)
		return err
	})
	if err != nil {
		return Found{}, err
	}
	return found, f.finding(ctx, s, found)
}

// finding writes into the log that the colleague searched, and which contacts
// they are about to be shown something of.
func (f *Feature) finding(ctx context.Context, s *staff.Session, found Found) error {
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.Log(ctx, tx, audit.Entry{Action: string(staff.FindContact)}); err != nil {
			return err
		}
		for _, h := range found.List {
			e := audit.Entry{Action: string(staff.ReadContact) + " found", Record: h.ID, Tag: h.tag}
			if h.Outside {
				e.Action = string(staff.FindContact) + " outside"
			}
			if err := s.Log(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// findWords reads the next part while the one before is looked through.
func (f *Feature) findWords(ctx context.Context, tx *db.Tx, s *staff.Session, look look, at findAt) (found Found, err error) {
	sc, err := f.newScan(ctx, tx, s, look)
	if err != nil {
		return found, err
	}
	defer sc.end()
	until := time.Now().Add(findFor)
	var before []*candidate
	for {
		part, more, err := sc.read(ctx, tx, at)
		if err != nil {
			return found, err
		}
		full, err := sc.gather(ctx, tx, before, &found)
		if err != nil || full {
			return found, err
		}
		if len(part) == 0 {
			found.Next = ""
			return found, nil
		}
		before, at = part, part[len(part)-1].at()
		if !more || time.Now().After(until) {
			full, err := sc.gather(ctx, tx, part, &found)
			if !full && !more {
				found.Next = ""
			}
			return found, err
		}
	}
}

// gather waits until a part is looked through, and adds what was found there. It
// says whether the answer is full.
func (sc *scan) gather(ctx context.Context, tx *db.Tx, part []*candidate, found *Found) (full bool, err error) {
	for _, c := range part {
		c.work.Wait()
	}
	if err := ctx.Err(); err != nil {
		return true, err
	}
	defer func() {
		slices.SortStableFunc(found.List, func(a, b Hit) int { return b.At.Compare(a.At) })
	}()
	for _, c := range part {
		found.Looked++
		found.Next = c.at().String()
		all := sc.found(c)
		if c.broken {
			found.Unopened++
			sc.f.openKeys.drop(c.ID)
		}
		if !all {
			continue
		}
		h, err := sc.hit(ctx, tx, c)
		if err != nil {
			return true, err
		}
		found.List = append(found.List, h)
		if len(found.List) == foundShown {
			return true, nil
		}
	}
	return false, nil
}

// hit is what the colleague may be shown of a contact that has the words.
func (sc *scan) hit(ctx context.Context, tx *db.Tx, c *candidate) (h Hit, err error) {
	h = Hit{ID: c.ID, At: c.Arrived, State: c.State, tag: audit.TagOf(c.keys.Lineage())}
	if c.answer == staff.Reason {
		err = sc.f.saidWhy(ctx, tx, sc.s, c.ID)
		if _, h.Outside = staff.ReasonFor(err); h.Outside {
			return h, nil
		}
		if err != nil {
			return h, err
		}
	}
	h.Line = sc.look.mark(c.best.text)
	first, err := openIntake(c.row, c.keys)
	if err == nil {
		h.At = db.Time(first.At)
	}
	return h, nil //nolint:nilerr // then it is among those that do not open
}

// findAt is a place in the order of a search, which is that of the index
// contacts_by_time, backwards.
type findAt struct {
	arrived int64
	id      string
}

var findStart = findAt{1<<63 - 1, ""}

// String is what the page hands back to search on. It names a contact that its
// reader may know of.
func (a findAt) String() string { return itoa(a.arrived) + "." + a.id }

func parseFindAt(s string) (a findAt, err error) {
	if s == "" {
		return findStart, nil
	}
	arrived, id, _ := strings.Cut(s, ".")
	a.id = id
	a.arrived, err = strconv.ParseInt(arrived, 10, 64)
	if err != nil || len(id) > 64 || !onlyPlain(id) {
		return a, errs.In("from", "contact.error.code")
	}
	return a, nil
}
