package audit

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Reader opens entries for a member of the audit group. It is used within
// one transaction.
type Reader struct {
	agency string
	group  keyring.Group
	ring   *keyring.Ring
	books  map[string]*seal.Key // nil for one whose key does not open
}

// Open gives a reader to a member of the agency's audit group. Anybody else
// gets NotFound.
func Open(ctx context.Context, tx *db.Tx, agency, member string, pair *seal.Pair) (r *Reader, err error) {
	defer errs.Wrap(&err, "audit.Open")
	r = &Reader{agency: agency, books: map[string]*seal.Key{}}
	if r.group, err = keyring.Find(ctx, tx, agency, keyring.Audit); err != nil {
		return nil, err
	}
	r.ring, err = r.group.Open(ctx, tx, member, pair)
	return r, err
}

// Newest is where a list begins that begins with the latest entry.
const Newest = int64(1)<<62 - 1

// Page gives up to limit entries before a place in the log, the latest first.
func (r *Reader) Page(ctx context.Context, tx *db.Tx, before int64, limit int) (list []Entry, err error) {
	defer errs.Wrap(&err, "audit.Page")
	return r.read(ctx, tx, `SELECT seq, id, book, sealed FROM audit_entries WHERE agency = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`,
		r.agency, before, limit)
}

// daysAtOnce bounds one statement.
const daysAtOnce = 400

// About gives up to limit entries about one record, the latest first, from
// those written since a day and before a place in the log.
func (r *Reader) About(ctx context.Context, tx *db.Tx, record Tag, since time.Time, before int64, limit int) (list []Entry, err error) {
	defer errs.Wrap(&err, "audit.About")
	oldest := since.UTC().Truncate(24 * time.Hour)
	// A day later too: the clock of another machine may be ahead.
	for day := tx.Now.UTC().Add(24 * time.Hour); !day.Before(oldest) && len(list) < limit; {
		args := []any{r.agency, before, limit - len(list)}
		var marks []string
		for ; !day.Before(oldest) && len(marks) < daysAtOnce; day = day.Add(-24 * time.Hour) {
			args = append(args, record.on(day))
			marks = append(marks, "$"+strconv.Itoa(len(args)))
		}
		run, err := r.read(ctx, tx, `SELECT seq, id, book, sealed FROM audit_entries WHERE agency = $1 AND seq < $2
			AND tag IN (`+strings.Join(marks, ", ")+`) ORDER BY seq DESC LIMIT $3`, args...)
		if err != nil {
			return nil, err
		}
		list = append(list, run...)
	}
	return list, nil
}

func (r *Reader) read(ctx context.Context, tx *db.Tx, query string, args ...any) (list []Entry, err error) {
	type stored struct {
		seq      int64
		id, book string
		sealed   []byte
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var found []stored
	for rows.Next() {
		var s stored
		if err := rows.Scan(&s.seq, &s.id, &s.book, &s.sealed); err != nil {
			rows.Close() //nolint:sqlclosecheck // and below: the keys are asked for after it
			return nil, err
		}
		found = append(found, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close() //nolint:sqlclosecheck // see above
	for _, s := range found {
		key, err := r.book(ctx, tx, s.book)
		if err != nil {
			return nil, err
		}
		e := open(r.agency, s.book, s.id, key, s.sealed)
		e.Seq = s.seq
		list = append(list, e)
	}
	return list, nil
}

// open gives what is inside; what does not open is shown as such, so that it
// does not hide the others.
func open(agency, book, id string, key *seal.Key, sealed []byte) Entry {
	if key == nil {
		return Entry{Broken: true}
	}
	b, err := key.Open(place(agency, book, id), sealed)
	if err != nil {
		return Entry{Broken: true}
	}
	e, err := decode(b)
	e.Broken = err != nil
	return e
}

// book opens the key of a book, once.
func (r *Reader) book(ctx context.Context, tx *db.Tx, id string) (*seal.Key, error) {
	if k, known := r.books[id]; known {
		return k, nil
	}
	k, err := r.ring.Key(ctx, tx, bookRecord(r.agency, id))
	if errs.Is(err, errs.NotFound) {
		r.books[id] = nil
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.books[id] = &k
	return &k, nil
}

// ByTime puts entries into the order of their times, the oldest first. Within
// a second the log itself has none.
func ByTime(list []Entry) {
	slices.SortStableFunc(list, func(a, b Entry) int { return a.At.Compare(b.At) })
}
