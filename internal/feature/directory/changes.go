package directory

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Changed is a service of which something else is published than before, or
// nothing any more. Why it is gone is not told: nobody shall learn from it that
// a service had to hide.
type Changed struct {
	ID     string
	At     time.Time
	Gone   bool
	Cursor string // goes on behind this one
	Record []byte // the service with everything inside, if it was asked for
}

// Changes are some of them, in the order in which they were committed. Each
// service is there once, where it last changed.
type Changes struct {
	Items []Changed
	More  bool
	Next  string // goes on behind these
	tag   string
}

// ETag changes with everything that could change the answer.
func (c Changes) ETag() string { return c.tag }

// AskChanges is what somebody wants to know who keeps a copy.
type AskChanges struct {
	Agency string
	After  string // a cursor; "" begins with all that is published
	Limit  int
	Full   bool // with the services themselves
}

// cursor is a place in the feed.
type cursor struct {
	feed     string
	from     int64 // where who asks began: what was gone before is no news
	revision int64
	id       string
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s %x %x %s", c.feed, c.from, c.revision, c.id))
}

// maxCursor is far longer than any that we gave.
const maxCursor = 200

func readCursor(text string) (c cursor, err error) {
	bad := errs.In("after", "directory.hsds.cursor")
	if len(text) > maxCursor {
		return c, bad
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(b), " ")
	if err != nil || len(parts) != 4 {
		return c, bad
	}
	c.feed, c.id = parts[0], parts[3]
	var err1, err2 error
	c.from, err1 = strconv.ParseInt(parts[1], 16, 64)
	c.revision, err2 = strconv.ParseInt(parts[2], 16, 64)
	if err1 != nil || err2 != nil || c.revision < 0 || c.id != atEnd && c.id != "" && !uuidForm.MatchString(c.id) {
		return c, bad
	}
	return c, nil
}

// atEnd stands behind all ids.
const atEnd = "~"

// Changes tells what of the published services is another than before. It gives
// errs.Gone for a cursor from which one cannot go on: then everything has to be
// taken again.
func (f *Feature) Changes(ctx context.Context, a AskChanges) (list Changes, err error) {
	defer errs.Wrap(&err, "directory.Changes")
	var after *cursor
	if a.After != "" {
		c, err := readCursor(a.After)
		if err != nil {
			return list, err
		}
		after = &c
	}
	if err := f.readyFeed(ctx, a.Agency); err != nil {
		return list, err
	}
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = changesIn(ctx, tx, a, after)
		return err
	})
	if err != nil || !a.Full {
		return list, err
	}
	p, err := f.Published(ctx, a.Agency)
	if err != nil {
		return list, err
	}
	kept := list.Items[:0]
	for _, c := range list.Items {
		if s := p.serviceOf(c.ID); s != nil && !c.Gone {
			c.Record = p.service(nil, s, true)
		}
		if c.Gone || c.Record != nil { // else it is gone by now, which a later line says
			kept = append(kept, c)
		}
	}
	list.Items = kept
	return list, nil
}

// readyFeed begins the feed if nobody has asked for it yet, and writes down what
// time has done since somebody last did.
func (f *Feature) readyFeed(ctx context.Context, agency string) error {
	var name string
	due := false
	err := f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if name, _, err = feedOf(ctx, tx, agency); err != nil {
			return err
		}
		next := sql.NullInt64{}
		err = tx.QueryRow(ctx, `SELECT MIN(due) FROM directory_public WHERE agency = $1`, agency).Scan(&next)
		due = next.Valid && next.Int64 <= db.Micros(f.now())
		return err
	})
	if err != nil || name != "" && !due {
		return err
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if name == "" {
			return f.beginFeed(ctx, tx, agency)
		}
		return f.sweepFeed(ctx, tx, agency)
	})
}

// changesIn reads a page of the feed.
func changesIn(ctx context.Context, tx *db.Tx, a AskChanges, after *cursor) (list Changes, err error) {
	name, began, err := feedOf(ctx, tx, a.Agency)
	if err != nil {
		return list, err
	}
	now, err := revision(ctx, tx, a.Agency)
	if err != nil {
		return list, err
	}
	if after == nil {
		after = &cursor{feed: name, from: now, revision: 0}
	} else if after.feed != name || after.from > now || after.revision > now || after.revision < began && after.from < began {
		return list, errs.New(errs.Gone, "directory.hsds.again", errors.New("a cursor of another feed, or of what is forgotten"))
	}
	at := *after
	list.tag = fmt.Sprintf(`"%x-%s"`, now, name[:8])
	list.Items, err = db.Collect(ctx, tx, func(rows *sql.Rows) (c Changed, err error) {
		var micros, gone int64
		err = rows.Scan(&c.ID, &at.revision, &micros, &gone)
		at.id = c.ID
		c.At, c.Gone, c.Cursor = db.Time(micros), gone != 0, at.String()
		return c, err
	}, `SELECT service, revision, at, gone FROM directory_public
		WHERE agency = $1 AND (revision, service) > ($2, $3) AND (gone = 0 OR revision > $4) ORDER BY revision, service LIMIT $5`,
		a.Agency, after.revision, after.id, after.from, a.Limit+1)
	if err != nil {
		return list, err
	}
	if len(list.Items) > a.Limit {
		list.Items, list.More = list.Items[:a.Limit], true
		list.Next = list.Items[a.Limit-1].Cursor
		return list, nil
	}
	list.Next = cursor{feed: name, from: after.from, revision: now, id: atEnd}.String()
	return list, nil
}
