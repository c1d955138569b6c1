package contact

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Take gives a waiting contact to the colleague. Whoever comes second gets a
// Conflict. Only a member of the intake group can take: a contact must not
// leave the queue to somebody who cannot read it.
func (f *Feature) Take(ctx context.Context, s *staff.Session, id string) (err error) {
	defer errs.Wrap(&err, "contact.Take")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return f.take(ctx, tx, s, id)
	})
}

// TakeNext takes whoever is next in the queue and gives their contact's id,
// or nothing when nobody waits.
func (f *Feature) TakeNext(ctx context.Context, s *staff.Session) (id string, err error) {
	defer errs.Wrap(&err, "contact.TakeNext")
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		next, err := list(ctx, tx, inOrderQuery, s.Person.Agency, string(Waiting), 1, s.Person.ID)
		if err != nil || len(next) == 0 {
			id = ""
			return err
		}
		id = next[0].ID
		return f.take(ctx, tx, s, id)
	})
	return id, err
}

func (f *Feature) take(ctx context.Context, tx *db.Tx, s *staff.Session, id string) error {
	if err := mayTake(ctx, tx, s, id); err != nil {
		return err
	}
	r, err := get(ctx, tx, s.Person.Agency, id)
	if err != nil {
		return err
	}
	keys, err := f.open(ctx, tx, r, s)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE contacts SET state = $3, taken_by = $4, taken = $5, unread = 0 WHERE id = $1 AND state = $2`,
		id, string(Waiting), string(Active), s.Person.ID, db.Micros(tx.Now))
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.New(errs.Conflict, "contact.error.taken", nil)
	}
	if err := r.witness(ctx, tx); err != nil {
		return err
	}
	if err := f.freshen(ctx, tx, &r, keys); err != nil {
		return err
	}
	return f.note(ctx, tx, &r, keys, s, staff.TakeContact, "taken")
}

// mayTake says why a contact cannot be taken, as far as who asks can know of
// it: the queue shows them who waits, and their group's key what others have.
func mayTake(ctx context.Context, tx *db.Tx, s *staff.Session, id string) error {
	o, group, err := object(ctx, tx, s, id)
	if err != nil {
		return err
	}
	switch {
	case staff.Can(s.Person, staff.TakeContact, o) == staff.Yes:
		return nil
	case o.Agency == "", !o.Held && (!o.Waiting || group != ""):
		return errs.New(errs.NotFound, "", nil)
	case !o.Held:
		return errs.New(errs.Conflict, "contact.error.not_admitted", nil)
	}
	return errs.New(errs.Conflict, "contact.error.taken", nil)
}

// PutBack returns a contact to the queue with the time it has waited.
func (f *Feature) PutBack(ctx context.Context, s *staff.Session, id string) (err error) {
	defer errs.Wrap(&err, "contact.PutBack")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.accessToWrite(ctx, tx, s, id)
		if err != nil {
			return err
		}
		if r.State != Active {
			return errs.New(errs.Conflict, "", nil)
		}
		if _, err := tx.Exec(ctx, `UPDATE contacts SET state = $2, taken_by = '', taken = 0 WHERE id = $1`, id, string(Waiting)); err != nil {
			return err
		}
		return f.note(ctx, tx, &r, keys, s, staff.WriteContact, "put_back")
	})
}

// Assign gives an open contact to another colleague, as a supervisor or as
// who has it. The other must be able to read it.
func (f *Feature) Assign(ctx context.Context, s *staff.Session, id, to string) (err error) {
	defer errs.Wrap(&err, "contact.Assign")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.accessToWrite(ctx, tx, s, id)
		if err != nil {
			return err
		}
		if err := mayReceive(ctx, tx, r, to); err != nil {
			return err
		}
		if r.State == Closed {
			return errs.New(errs.Conflict, "", nil)
		}
		if _, err := tx.Exec(ctx, `UPDATE contacts SET state = $2, taken_by = $3, taken = $4 WHERE id = $1`,
			id, string(Active), to, db.Micros(tx.Now)); err != nil {
			return err
		}
		return f.note(ctx, tx, &r, keys, s, staff.WriteContact, "assigned")
	})
}

func mayReceive(ctx context.Context, tx *db.Tx, r row, id string) error {
	p, err := staff.Get(ctx, tx, r.Agency, id)
	if err != nil {
		return err
	}
	g, err := r.group(ctx, tx)
	if err != nil {
		return err
	}
	members, err := g.Members(ctx, tx)
	if err != nil {
		return err
	}
	if p.Disabled || !p.Role.May(staff.WriteContact) || !members[id] {
		return errs.New(errs.Conflict, "contact.error.cannot_receive", nil)
	}
	return nil
}

// note writes what happened into the conversation and the audit log, and
// tells the other screens.
func (f *Feature) note(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys, s *staff.Session, did web.Access, what string) error {
	if err := f.append(ctx, tx, r, keys, Message{Kind: Log, At: tx.Now, Staff: s.Person.ID, Text: what}); err != nil {
		return err
	}
	f.hintOf(tx, queueTopic(r.Agency), *r)
	f.hint(tx, Topic(r.Agency, r.ID))
	e, err := r.entry(ctx, tx, string(did)+" "+what, keys)
	if err != nil {
		return err
	}
	return s.Log(ctx, tx, e)
}
