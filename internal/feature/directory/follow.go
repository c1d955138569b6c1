package directory

import (
	"context"
	"database/sql"
	"slices"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/match"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Besides the kinds of records, what can change is the check of a service and
// what is known of a source.
const (
	changedCheck  = "check"
	changedSource = "source"
)

// change is one line of the table of changes: what became different at a revision.
type change struct {
	revision int64
	kind, id string
}

// mostFollowed is up to how many changes an index follows. Beyond that it is
// made anew.
const mostFollowed = 20_000

// noteChange writes down that something becomes different in this transaction.
// touch gives it its revision: until then it has none, and nobody else sees it.
func noteChange(ctx context.Context, tx *db.Tx, agency, kind, id string) error {
	_, err := tx.Exec(ctx, `INSERT INTO directory_change (agency, revision, kind, id) VALUES ($1, 0, $2, $3)
		ON CONFLICT (agency, revision, kind, id) DO NOTHING`, agency, kind, id)
	return err
}

// noteOwner notes that an organization becomes different with a location that
// it loses, or may lose.
func noteOwner(ctx context.Context, tx *db.Tx, agency string, s *stored) error {
	if s.kind != entLocation || s.organization == "" {
		return nil
	}
	return noteChange(ctx, tx, agency, entOrganization, s.organization)
}

// changesAfter gives what became different after a revision, in the order of
// commits, up to one.
func changesAfter(ctx context.Context, tx *db.Tx, agency string, after, upTo int64) ([]change, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (c change, err error) {
		err = rows.Scan(&c.revision, &c.kind, &c.id)
		return c, err
	}, `SELECT revision, kind, id FROM directory_change WHERE agency = $1 AND revision > $2 AND revision <= $3
		ORDER BY revision, kind, id LIMIT $4`, agency, after, upTo, mostFollowed+1)
}

// follow brings the index up to what is committed. It is false if it must be
// made anew: what happened is not all written down any more, a source became
// another, or too much changed.
func (ix *index) follow(ctx context.Context, tx *db.Tx, agency string) (followed bool, err error) {
	have := ix.revision.Load()
	now, err := revision(ctx, tx, agency)
	if err != nil {
		return false, err
	}
	list, err := changesAfter(ctx, tx, agency, have, now)
	if err != nil || len(list) > mostFollowed || !complete(list, have, now) {
		return false, err
	}
	b := ix.books
	again, rechecked := map[string]bool{}, map[string]bool{}
	done := map[change]bool{}
	for _, c := range list {
		c.revision = 0
		if done[c] { // what is read is how it is now, whenever it changed
			continue
		}
		done[c] = true
		switch c.kind {
		case changedSource, entTerm:
			return false, nil
		case changedCheck:
			if err := b.recheck(ctx, tx, agency, c.id); err != nil {
				return false, err
			}
			rechecked[c.id] = true
		default:
			if c.kind == entService { // it may be another agency's now
				if err := b.recheck(ctx, tx, agency, c.id); err != nil {
					return false, err
				}
			}
			if err := b.reread(ctx, tx, agency, c, again); err != nil {
				return false, err
			}
		}
	}
	if err := ix.apply(ctx, tx, agency, again, rechecked); err != nil {
		return false, err
	}
	ix.revision.Store(now)
	return true, nil
}

// complete says whether every revision after one has left a trace.
func complete(list []change, after, upTo int64) bool {
	for _, c := range list {
		switch {
		case c.revision == after+1:
			after++
		case c.revision != after:
			return false
		}
	}
	return after == upTo
}

// recheck reads the check of a service anew.
func (b *books) recheck(ctx context.Context, tx *db.Tx, agency, service string) error {
	v, err := checkOfService(ctx, tx, agency, service)
	if err != nil {
		return err
	}
	if v == nil {
		delete(b.checks, service)
	} else {
		b.checks[service] = v
	}
	return nil
}

// reread reads a record anew and adds to again which services it changes.
func (b *books) reread(ctx context.Context, tx *db.Tx, agency string, c change, again map[string]bool) error {
	if c.kind == entService {
		again[c.id] = true
		return nil
	}
	if c.kind != entOrganization && c.kind != entLocation {
		return nil // nothing that is searched
	}
	b.touched(c, again)
	s, err := oneRecord(ctx, tx, agency, c.kind, c.id)
	if errs.Is(err, errs.NotFound) {
		b.forget(c.kind, c.id)
		return nil
	}
	if err != nil {
		return err
	}
	o, err := s.object()
	if err != nil {
		return err
	}
	b.forget(c.kind, c.id)
	b.note(s, o, b.place(s, o))
	b.touched(c, again)
	return nil
}

// touched adds the services that a record other than a service has a part in.
func (b *books) touched(c change, again map[string]bool) {
	org := c.id
	if c.kind == entLocation {
		for id := range b.atPlace[c.id] {
			again[id] = true
		}
		org = b.placed[c.id].organization
	}
	for id := range b.ofOrg[org] {
		again[id] = true
	}
}

// apply makes the changed services anew, all of them at one moment.
func (ix *index) apply(ctx context.Context, tx *db.Tx, agency string, again, rechecked map[string]bool) error {
	b := ix.books
	var changes []match.Change[*entry]
	var w factWriter
	for _, id := range sortedKeys(again) {
		s, err := oneRecord(ctx, tx, agency, entService, id)
		if errs.Is(err, errs.NotFound) {
			b.forgetService(ix.entry(id))
			gone := matchID(id)
			changes = append(changes, match.Change[*entry]{Remove: &gone})
			continue
		}
		if err != nil {
			return err
		}
		o, err := s.object()
		if err != nil {
			return err
		}
		b.forgetService(ix.entry(id))
		e := b.entry(s, o)
		b.enter(e)
		changes = append(changes, match.Change[*entry]{Facts: ownFacts(w.of(e)), Payload: e.closed()})
	}
	for _, id := range sortedKeys(rechecked) {
		if e := ix.entry(id); e != nil && !again[id] {
			copied := *e.opened()
			copied.check = b.checks[id]
			changes = append(changes, match.Change[*entry]{Facts: ownFacts(w.of(&copied)), Payload: copied.closed()})
		}
	}
	ix.keepShapes()
	if len(changes) > 0 {
		ix.found.Apply(changes)
	}
	return nil
}

// ownFacts are facts that stay when the writer makes others.
func ownFacts(f *match.Facts) *match.Facts {
	c := *f
	c.Words, c.Tags, c.Spots = slices.Clone(f.Words), slices.Clone(f.Tags), slices.Clone(f.Spots)
	return &c
}
