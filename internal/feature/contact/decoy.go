package contact

import (
	"context"
	"database/sql"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Decoy is a closed contact of nobody. Only the supervisor who planted it seems
// to have had it, so that no advocate finds it among their own and opens it in good faith:
// whoever opens it was looking around, and supervisors are told at once. On the disk and in every
// list it is like any other: what it is stands in the sealed part, and for
// supervisors in a list of their own. It is in no figures and no index.
//
// Rules delete it at its time as they do others: one that outlived them would be
// known for a decoy.
type Decoy struct {
	ID      string // of the planting, not of the contact
	Contact string
	Gone    bool // deleted meanwhile
}

// Story is what a decoy says to whoever opens it.
type Story struct{ Text, Summary string }

// mostDecoys bounds the list of one supervisor.
const mostDecoys = 200

// Plant makes a decoy, for a supervisor who holds the intake key. It is as if
// they had entered it by hand and closed it in this month.
func (f *Feature) Plant(ctx context.Context, s *staff.Session, story Story) (err error) {
	defer errs.Wrap(&err, "contact.Plant")
	story.Summary = text.Line(story.Summary)
	if !text.Fits(story.Summary, maxLine) {
		return &errs.Error{Kind: errs.TooLarge, Word: "contact.error.line_long", Field: "summary"}
	}
	in := Incoming{Channel: Phone, Language: s.Person.Language, Text: story.Text, Safe: SafeContact{Channel: "none"}}
	if err := in.clean(); err != nil {
		return err
	}
	p, err := f.prepare(ctx, in, false)
	if err != nil {
		return err
	}
	keys := p.keys.Keys()
	p.row.intake = keys.Seal(p.row.place("contacts", "intake"), encode(intake{Incoming: in, At: db.Micros(f.now()), Decoy: true}))
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := f.mayPlant(ctx, tx, s); err != nil {
			return err
		}
		r := p.row // a transaction can run twice
		if err := f.insert(ctx, tx, p, "", ""); err != nil {
			return err
		}
		if err := f.closeDecoy(ctx, tx, s, &r, keys, story); err != nil {
			return err
		}
		if err := tellSupervisors(ctx, tx, r); err != nil {
			return err
		}
		// Without the contact: who reads the log is not who may know which they are.
		return s.Log(ctx, tx, audit.Entry{Action: string(staff.PlantDecoys) + " planted"})
	})
}

func (f *Feature) mayPlant(ctx context.Context, tx *db.Tx, s *staff.Session) error {
	inside, err := admitted(ctx, tx, s.Person.Agency)
	if err == nil && (!s.May(staff.PlantDecoys) || !inside[s.Person.ID]) {
		err = errs.New(errs.NotFound, "", nil)
	}
	return err
}

// closeDecoy gives it what a contact has that somebody worked with and closed.
func (f *Feature) closeDecoy(ctx context.Context, tx *db.Tx, s *staff.Session, r *row, keys *keyring.Keys, story Story) error {
	for _, did := range []string{"taken", "closed"} {
		if err := f.append(ctx, tx, r, keys, Message{Kind: Log, At: tx.Now, Staff: s.Person.ID, Text: did}); err != nil {
			return err
		}
	}
	rec := firstRecord(Incoming{Language: s.Person.Language, Safe: SafeContact{Channel: "none"}})
	rec.RequestType, rec.Substantive, rec.Contactor, rec.Proximity = Crisis, Substantives[0], "self", Proximities[0]
	rec.Country, rec.Disposition, rec.Summary = NoCountry, Dispositions[0], story.Summary
	_, err := tx.Exec(ctx, `UPDATE contacts SET state = $2, severity = $3, arrived = $4, taken_by = $5, channel = '', language = '', closed = $4, sealed_record = $6 WHERE id = $1`,
		r.ID, string(Closed), SeverityUsual, db.Micros(month(tx.Now)), s.Person.ID, keys.Seal(r.place("contacts", "record"), encode(rec)))
	return err
}

// tellSupervisors seals to each who leads now which contact it is. Who comes
// later learns of a decoy when somebody opens it.
func tellSupervisors(ctx context.Context, tx *db.Tx, r row) error {
	people, err := staff.List(ctx, tx, r.Agency)
	if err != nil {
		return err
	}
	id := ids.New()
	for _, p := range people {
		if p.Disabled || !p.Role.May(staff.PlantDecoys) {
			continue
		}
		sealed, err := seal.To(p.Public, decoyPlace(r.Agency, id, p.ID), []byte(r.ID))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO contact_decoys (id, staff, agency, sealed) VALUES ($1, $2, $3, $4)`, id, p.ID, r.Agency, sealed); err != nil {
			return err
		}
	}
	return nil
}

func decoyPlace(agency, id, person string) seal.Place {
	return seal.Place{Agency: agency, Record: id, Table: "contact_decoys", Row: person, Schema: 1}
}

// Decoys are those that a supervisor knows of.
func (f *Feature) Decoys(ctx context.Context, s *staff.Session) (list []Decoy, err error) {
	defer errs.Wrap(&err, "contact.Decoys")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = decoys(ctx, tx, s, "")
		return err
	})
	return list, err
}

// decoys gives one, or with an empty id all. What was sealed to a key that the
// supervisor had before is left out.
func decoys(ctx context.Context, tx *db.Tx, s *staff.Session, id string) (list []Decoy, err error) {
	type sealedDecoy struct {
		id     string
		sealed []byte
	}
	rows, err := db.Collect(ctx, tx, func(rows *sql.Rows) (d sealedDecoy, err error) {
		err = rows.Scan(&d.id, &d.sealed)
		return d, err
	}, `SELECT id, sealed FROM contact_decoys WHERE agency = $1 AND staff = $2 AND ($3 = '' OR id = $3) ORDER BY id LIMIT $4`,
		s.Person.Agency, s.Person.ID, id, mostDecoys)
	if err != nil {
		return nil, err
	}
	for _, d := range rows {
		plain, err := s.Pair.Open(decoyPlace(s.Person.Agency, d.id, s.Person.ID), d.sealed)
		if err != nil {
			continue
		}
		_, err = get(ctx, tx, s.Person.Agency, string(plain))
		if err != nil && !errs.Is(err, errs.NotFound) {
			return nil, err
		}
		list = append(list, Decoy{ID: d.id, Contact: string(plain), Gone: err != nil})
	}
	return list, nil
}

// RemoveDecoy deletes a decoy and all that hangs on it, for a supervisor who
// knows of it.
func (f *Feature) RemoveDecoy(ctx context.Context, s *staff.Session, id string) (err error) {
	defer errs.Wrap(&err, "contact.RemoveDecoy")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err := decoys(ctx, tx, s, id)
		if err != nil {
			return err
		}
		if len(list) != 1 || !s.May(staff.PlantDecoys) {
			return errs.New(errs.NotFound, "", nil)
		}
		e := audit.Entry{Action: string(staff.PlantDecoys) + " removed"}
		if !list[0].Gone {
			if e, err = f.shredDecoy(ctx, tx, s, list[0].Contact, e.Action); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM contact_decoys WHERE agency = $1 AND id = $2`, s.Person.Agency, id); err != nil {
			return err
		}
		return s.Log(ctx, tx, e)
	})
}

// shredDecoy looks first whether it is one: no list, whoever wrote it, deletes
// what a person told us.
func (f *Feature) shredDecoy(ctx context.Context, tx *db.Tx, s *staff.Session, id, action string) (e audit.Entry, err error) {
	r, err := get(ctx, tx, s.Person.Agency, id)
	if err != nil {
		return e, err
	}
	keys, err := f.open(ctx, tx, r, s)
	if err != nil {
		return e, err
	}
	first, err := openIntake(r, keys)
	if err != nil {
		return e, err
	}
	if !first.Decoy {
		return e, seal.ErrSealed
	}
	if err := r.witness(ctx, tx); err != nil {
		return e, err
	}
	shred := f.Shred
	if f.ShredAll != nil {
		shred = f.ShredAll
	}
	if err := shred(ctx, tx, r.Agency, id); err != nil {
		return e, err
	}
	return r.entry(ctx, tx, action, nil)
}

// alarm tells supervisors that a decoy is being opened, once for a session and
// hour. It is written before anything of it is shown.
func (f *Feature) alarm(ctx context.Context, tx *db.Tx, s *staff.Session, id string, tag audit.Tag, reason string) error {
	mark := s.Mark("decoy", id)
	var n int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM contact_outside WHERE mark = $1 AND agency = $2 AND until > $3`,
		mark, s.Person.Agency, db.Micros(tx.Now)).Scan(&n); err != nil || n > 0 {
		return err
	}
	if err := holdMark(ctx, tx, s.Person.Agency, mark); err != nil {
		return err
	}
	f.hint(tx, outsideTopic(s.Person.Agency, id))
	return s.Log(ctx, tx, audit.Entry{Action: string(staff.OpenOutside) + " decoy", Record: id, Reason: reason, Tag: tag})
}

// guarded gives the alarm for a contact that was opened, if it is a decoy.
func (f *Feature) guarded(ctx context.Context, s *staff.Session, c Contact) error {
	if !c.decoy {
		return nil
	}
	return f.DB.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		return f.alarm(ctx, tx, s, c.ID, c.tag, "")
	})
}
