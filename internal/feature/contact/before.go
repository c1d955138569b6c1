package contact

import (
	"context"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/blind"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Before is what is known of other contacts that name the same number, address
// or vehicle as one.
type Before struct {
	Sealed bool      // nothing is compared yet: the index is still closed
	List   []Earlier // those that the colleague may open, the latest first
	Others bool      // there are some that they may not open

	tags map[string]audit.Tag
}

// Some says whether there is any.
func (b Before) Some() bool { return b.Others || len(b.List) > 0 }

// Earlier is another contact, for a colleague who may open it.
type Earlier struct {
	ID      string
	Same    []blind.Kind // what both name
	Sent    time.Time
	State   State
	TakenBy string // a colleague's id
	Summary string
}

// Before finds them for a colleague who may open the contact. Of one that they
// may not open but whose group they are in, they learn that there are some; of
// one that another group opens, nothing.
func (f *Feature) Before(ctx context.Context, s *staff.Session, id string) (b Before, err error) {
	defer errs.Wrap(&err, "contact.Before")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := f.may(ctx, tx, s, staff.ReadContact, id, false); err != nil {
			return err
		}
		b, err = f.before(ctx, tx, s, id)
		return err
	})
	return b, err
}

func (f *Feature) before(ctx context.Context, tx *db.Tx, s *staff.Session, id string) (b Before, err error) {
	b = Before{Sealed: f.Links != nil && !f.Links.Open(), tags: map[string]audit.Tag{}}
	groups, err := groupsOf(ctx, tx, s)
	if err != nil {
		return b, err
	}
	for _, m := range f.Links.Shared(id) {
		r, err := get(ctx, tx, s.Person.Agency, m.Record)
		if errs.Is(err, errs.NotFound) {
			continue // not restored, or gone a moment ago
		}
		if err != nil {
			return b, err
		}
		err = f.may(ctx, tx, s, staff.ReadContact, r.ID, false)
		if _, outside := staff.ReasonFor(err); outside || errs.Is(err, errs.NotFound) {
			b.Others = b.Others || groups[r.Group]
			continue
		}
		if err != nil {
			return b, err
		}
		keys, err := f.open(ctx, tx, r, s)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return b, err
		}
		c, err := f.openedRow(r, keys)
		if err != nil {
			return b, err
		}
		b.List = append(b.List, Earlier{ID: r.ID, Same: m.Kinds, Sent: c.Sent, State: r.State, TakenBy: r.TakenBy, Summary: c.Record.Summary})
		b.tags[r.ID] = c.tag
	}
	slices.SortFunc(b.List, func(x, y Earlier) int { return y.Sent.Compare(x.Sent) })
	return b, nil
}

// groupsOf are the groups whose contacts the colleague can open, as contacts name them.
func groupsOf(ctx context.Context, tx *db.Tx, s *staff.Session) (map[string]bool, error) {
	list, err := keyring.GroupsOf(ctx, tx, s.Person.Agency, s.Person.ID)
	groups := map[string]bool{}
	for _, g := range list {
		groups[columnOf(g)] = true
	}
	return groups, err
}

// showing writes into the log whose summaries the colleague is about to be shown.
func (f *Feature) showing(ctx context.Context, s *staff.Session, b Before, list []Earlier) error {
	for _, e := range list {
		err := s.ReadOn(ctx, f.DB, audit.Entry{Action: string(staff.ReadContact) + " before", Record: e.ID, Tag: b.tags[e.ID]})
		if err != nil {
			return err
		}
	}
	return nil
}

// markSeen marks who of a queue names what another contact names that the
// colleague could open, or take. Of more they learn nothing here.
func (f *Feature) markSeen(ctx context.Context, s *staff.Session, list []Waiter) error {
	matches := map[int][]blind.Match{}
	for n, w := range list {
		if m := f.Links.Shared(w.ID); len(m) > 0 {
			matches[n] = m
		}
	}
	if len(matches) == 0 {
		return nil
	}
	return f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		groups, err := groupsOf(ctx, tx, s)
		if err != nil {
			return err
		}
		for n, m := range matches {
			if list[n].Seen, err = anyIn(ctx, tx, groups, list[n].ID, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// anyIn says whether a contact, and one of its matches, belong to one of the groups.
func anyIn(ctx context.Context, tx *db.Tx, groups map[string]bool, id string, matches []blind.Match) (bool, error) {
	in := func(id string) (bool, error) {
		found, err := db.Strings(ctx, tx, `SELECT key_group FROM contacts WHERE id = $1`, id)
		return len(found) == 1 && groups[found[0]], err
	}
	if own, err := in(id); err != nil || !own {
		return false, err
	}
	for _, m := range matches {
		if there, err := in(m.Record); err != nil || there {
			return there, err
		}
	}
	return false, nil
}

// Apart notes that a contact is of somebody else than others that name the
// same: those named, or all if none is. From then on neither shows anything of the
// other. Why stays with the contact, as a note for colleagues.
func (f *Feature) Apart(ctx context.Context, s *staff.Session, id, other, reason string) (err error) {
	defer errs.Wrap(&err, "contact.Apart")
	reason = text.Line(reason)
	switch {
	case text.Blank(reason):
		return errs.In("reason", "contact.error.text_empty")
	case !text.Fits(reason, maxLine):
		return &errs.Error{Kind: errs.TooLarge, Word: "contact.error.line_long", Field: "reason"}
	}
	return f.change(ctx, s, id, "apart", func(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys) error {
		from, err := f.apartFrom(ctx, tx, s, id, other)
		if err != nil {
			return err
		}
		if len(from) > 0 { // else they share nothing any more, and why is kept all the same
			if err := f.Links.Apart(ctx, tx, id, from...); err != nil {
				return err
			}
		}
		f.hintOf(tx, queueTopic(r.Agency), *r)
		if err := f.append(ctx, tx, r, keys, Message{Kind: Log, At: tx.Now, Staff: s.Person.ID, Text: "apart"}); err != nil {
			return err
		}
		return f.append(ctx, tx, r, keys, Message{Kind: Note, At: tx.Now, Staff: s.Person.ID, Text: reason})
	})
}

// apartFrom are the contacts to tell a contact apart from. One that the
// colleague may not open is none that they can name.
func (f *Feature) apartFrom(ctx context.Context, tx *db.Tx, s *staff.Session, id, other string) (from []string, err error) {
	if !f.Links.Open() {
		return nil, errs.New(errs.Unavailable, "contact.before.sealed", nil)
	}
	if other == "" {
		for _, m := range f.Links.Shared(id) {
			from = append(from, m.Record)
		}
		return from, nil
	}
	b, err := f.before(ctx, tx, s, id)
	if err == nil && !slices.ContainsFunc(b.List, func(e Earlier) bool { return e.ID == other }) {
		err = errs.In("other", "contact.error.code")
	}
	return []string{other}, err
}
