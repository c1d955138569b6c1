package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Write puts an entry down with the deed that tx makes. It fails, and with it
// the deed, where nobody could ever read the entry.
func Write(ctx context.Context, tx *db.Tx, agency string, e Entry) (err error) {
	defer errs.Wrap(&err, "audit.Write")
	l := libraryOf(tx)
	b, err := l.book(ctx, tx, agency)
	if err != nil {
		return err
	}
	err = b.save(ctx, tx)
	if errors.Is(err, keyring.ErrTurned) { // somebody left, or a leaving came to nothing
		l.drop(agency, b)
		if b, err = l.book(ctx, tx, agency); err == nil {
			err = b.save(ctx, tx)
		}
	}
	if err != nil {
		return err
	}
	e.At = tx.Now
	plain, err := e.encode()
	if err != nil {
		return err
	}
	id := ids.New()
	_, err = tx.Exec(ctx, `INSERT INTO audit_pending (id, agency, book, tag, sealed) VALUES ($1, $2, $3, $4, $5)`,
		id, agency, b.id(), e.Tag.on(tx.Now), b.keys.Key.Seal(place(agency, b.id(), id), plain))
	tx.AfterCommit(l.wake)
	return err
}

// A book is in use this long, or for this many entries; then its key is
// forgotten. Whether the group still is the same is asked after look.
const (
	bookTime = 10 * time.Minute
	bookSize = 1000
	look     = time.Second
)

// book is a run of entries under one key.
type book struct {
	group  keyring.Group
	keys   keyring.Prepared
	opened time.Time
	looked time.Time
	used   int
	saved  atomic.Bool
}

func (b *book) id() string { return b.keys.Record.ID }

func (b *book) lasts(now time.Time) bool {
	return b != nil && b.used < bookSize && now.Sub(b.opened) < bookTime && !now.Before(b.opened)
}

// save keeps the book's key, wrapped, with the first of its entries that is durable.
func (b *book) save(ctx context.Context, tx *db.Tx) error {
	if b.saved.Load() {
		return nil
	}
	tx.AfterCommit(func() { b.saved.Store(true) })
	return b.keys.Save(ctx, tx)
}

// library holds the books in use of a database, one an agency, and wakes
// whoever puts entries in order.
type library struct {
	mu    sync.Mutex
	books map[string]*book
	maker keyring.Maker
	woken chan struct{} // holds one token when entries wait
}

type libraryKey struct{}

func newLibrary() any {
	return &library{books: map[string]*book{}, woken: make(chan struct{}, 1)}
}

func libraryOf(d interface {
	Keep(key any, first func() any) any
},
) *library {
	return d.Keep(libraryKey{}, newLibrary).(*library) //nolint:forcetypeassert // newLibrary made it
}

func (l *library) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// book gives the book to write into.
func (l *library) book(ctx context.Context, tx *db.Tx, agency string) (*book, error) {
	if b := l.current(agency, tx.Now); b != nil {
		return b, nil
	}
	group, err := keyring.Find(ctx, tx, agency, keyring.Audit)
	if errs.Is(err, errs.NotFound) {
		// Not "not found": what is missing is nothing that somebody asked for.
		return nil, errs.New(errs.Internal, "", errors.New("there is no group that could read the log"))
	}
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.books[agency]
	if !b.lasts(tx.Now) || !b.group.Same(group) {
		b = &book{group: group, opened: tx.Now}
		if b.keys, err = l.maker.Prepare(group, ids.New()); err != nil {
			return nil, fmt.Errorf("a new book: %w", err)
		}
		l.books[agency] = b
	}
	b.looked = tx.Now
	b.used++
	return b, nil
}

// drop takes a book out of use.
func (l *library) drop(agency string, b *book) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.books[agency] == b {
		delete(l.books, agency)
	}
}

// current is the book in use, nil if it is to be looked at first.
func (l *library) current(agency string, now time.Time) *book {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.books[agency]
	if !b.lasts(now) || now.Sub(b.looked) >= look {
		return nil
	}
	b.used++
	return b
}

// Forget drops the keys of books that have had their time. The app calls it
// every minute: on a quiet night no entry comes that would turn the page.
func Forget(d *db.DB, now time.Time) {
	l := libraryOf(d)
	l.mu.Lock()
	defer l.mu.Unlock()
	for agency, b := range l.books {
		if !b.lasts(now) {
			delete(l.books, agency)
		}
	}
}
