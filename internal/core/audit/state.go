package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// A State is a hash over all that is sealed of a record. An entry of a deed that
// changes a record says, inside, which state was there before and which after: so
// whoever opens the log sees whether what is there now is what was written last,
// and whether each deed began where the one before it ended. A row that was put
// back from an older copy opens, and is found by this.
type State string

// Gone is the state of a record that was deleted.
const Gone State = "gone"

// Summer makes a State. Its values are told apart by their lengths.
type Summer struct{ h hash.Hash }

// NewSummer begins the State of a record of a kind.
func NewSummer(kind string) Summer {
	s := Summer{sha256.New()}
	s.Text("clew state " + kind)
	return s
}

// Bytes adds a sealed value.
func (s Summer) Bytes(b []byte) {
	s.Number(int64(len(b)))
	s.h.Write(b)
}

// Text adds a value in clear.
func (s Summer) Text(t string) { s.Bytes([]byte(t)) }

// Number adds a number.
func (s Summer) Number(n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n)) //nolint:gosec // the same bits
	s.h.Write(b[:])
}

// State is that of all that was added.
func (s Summer) State() State { return State(s.h.Sum(nil)) }

// change is what one deed did to a record.
type change struct{ was, is State }

// History is what the log says of the states of records.
type History struct {
	steps map[string][]change
	first time.Time       // when the log begins
	made  map[string]bool // the actions that made a record with a state then
}

// statesAtOnce is how many entries are opened at a time.
const statesAtOnce = 2000

// History reads all entries. It fails where one does not open: then it says
// nothing that can be relied on.
func (r *Reader) History(ctx context.Context, tx *db.Tx) (h History, err error) {
	defer errs.Wrap(&err, "audit.History")
	h.steps = map[string][]change{}
	for before := Newest; ; {
		list, err := r.Page(ctx, tx, before, statesAtOnce)
		if err != nil || len(list) == 0 {
			return h, err
		}
		for _, e := range list {
			before = min(before, e.Seq)
			if e.Broken {
				return h, errs.New(errs.Conflict, "", errors.New("an entry does not open for this colleague"))
			}
			if h.made == nil || e.At.Before(h.first) {
				h.first, h.made = e.At, map[string]bool{}
			}
			if e.At.Equal(h.first) && e.Was == "" && e.Is != "" {
				h.made[e.Action] = true
			}
			if e.Is != "" && e.Was != e.Is {
				h.steps[e.Record] = append(h.steps[e.Record], change{e.Was, e.Is})
			}
		}
	}
}

// Records are those of which the log knows a state.
func (h History) Records() (list []string) {
	for record := range h.steps {
		list = append(list, record)
	}
	slices.Sort(list)
	return list
}

// Known says whether the log knows a state of a record.
func (h History) Known(record string) bool { return len(h.steps[record]) > 0 }

// Always says whether an action that makes records has left their states ever since
// the log began. Then a record that the log does not know is a stranger's.
func (h History) Always(action string) bool { return h.made[action] }

// Holds says whether what is there of a record, Gone for nothing, is what was
// written last, and each deed began where one before it ended. The order of
// entries and their times play no part in it.
func (h History) Holds(record string, now State) bool {
	_, holds := h.back(record, now)
	return holds
}

// HoldsWhole is Holds for a record whose making has left a state too.
func (h History) HoldsWhole(record string, now State) bool {
	begin, holds := h.back(record, now)
	return holds && (begin == "" || begin == Gone)
}

// back goes from what is there of a record to the state in which the log found it.
func (h History) back(record string, now State) (begin State, holds bool) {
	steps := h.steps[record]
	if slices.ContainsFunc(steps, func(s change) bool { return s.is == Gone }) {
		return Gone, now == Gone // what was before has no bearing any more
	}
	for left := slices.Clone(steps); len(left) > 0; {
		i := slices.IndexFunc(left, func(s change) bool { return s.is == now })
		if i < 0 {
			return now, false
		}
		now = left[i].was
		left = slices.Delete(left, i, i+1)
	}
	return now, true
}
