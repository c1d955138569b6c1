package casework

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Refer records a person's consent and begins their referral. Nothing leaves
// us by it. The same Asked.ID makes one referral, however often it comes.
func (f *Feature) Refer(ctx context.Context, s *staff.Session, contactID string, a Asked) (id string, err error) {
	defer errs.Wrap(&err, "casework.Refer")
	if err := a.clean(); err != nil {
		return "", err
	}
	person, err := f.Contact(ctx, s, contactID)
	if err != nil {
		return "", err
	}
	service, err := f.Service(ctx, s.Person.Agency, a.Service)
	if err != nil {
		return "", err
	}
	return f.begin(ctx, s, contactID, a.ID, Offered, func(tx *db.Tx) (Release, Event) {
		here := tx.Now.In(f.Web.Here())
		rel := Release{
			Service: service.ID, Name: service.Name, Organization: service.Organization,
			Items: a.Items, Need: a.Need, Until: endOf(here, a.Days), How: a.How, By: a.By, Language: person.Language,
		}
		return rel, Event{Step: Offered, Counted: made(here, a.Need, person)}
	})
}

// Give records that the details of a service were given. It needs no consent,
// because nothing of the person is in it and nothing leaves us.
func (f *Feature) Give(ctx context.Context, s *staff.Session, contactID, formID, serviceID string) (id string, err error) {
	defer errs.Wrap(&err, "casework.Give")
	if _, err := f.Contact(ctx, s, contactID); err != nil {
		return "", err
	}
	service, err := f.Service(ctx, s.Person.Agency, serviceID)
	if err != nil {
		return "", err
	}
	return f.begin(ctx, s, contactID, formID, Given, func(*db.Tx) (Release, Event) {
		return Release{Service: service.ID, Name: service.Name, Organization: service.Organization}, Event{Step: Given}
	})
}

// begin keeps a new referral with its first event.
func (f *Feature) begin(ctx context.Context, s *staff.Session, contactID, id string, first Step, with func(*db.Tx) (Release, Event)) (string, error) {
	if !ids.Valid(id) {
		return "", errs.New(errs.Invalid, "error.form", nil)
	}
	return id, f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		keys, err := f.Keys(ctx, tx, s, staff.WriteReferral, contactID, false)
		if err != nil {
			return err
		}
		if err := f.Freshen(ctx, tx, keys); err != nil {
			return err
		}
		rel, e := with(tx)
		e.At, e.Staff = tx.Now, s.Person.ID
		r := row{
			ID: id, Agency: s.Person.Agency, Contact: contactID, Staff: s.Person.ID, State: first,
			Due: due(first, tx.Now.In(f.Web.Here())), LastSeq: 1,
		}
		r.sealRelease(keys, rel)
		fresh, err := r.insert(ctx, tx)
		if err != nil {
			return err
		}
		if !fresh {
			return f.repeated(ctx, tx, s, r, first)
		}
		if err := r.insertEvent(ctx, tx, keys, e); err != nil {
			return err
		}
		if err := count(ctx, tx, r.Agency, e); err != nil {
			return err
		}
		f.changed(tx, &r)
		return note(ctx, tx, s, r, keys, staff.WriteReferral, string(first))
	})
}

// repeated says whether a form that came again made the referral that is
// there. One of another contact looks like one that cannot be made.
func (f *Feature) repeated(ctx context.Context, tx *db.Tx, s *staff.Session, r row, first Step) error {
	had, keys, err := f.access(ctx, tx, s, staff.WriteReferral, r.ID)
	if err != nil || had.Contact != r.Contact {
		return errs.New(errs.Conflict, "", nil)
	}
	c, err := had.course(ctx, tx, keys)
	if err != nil {
		return err
	}
	if c[0].Step != first {
		return errs.New(errs.Conflict, "", nil)
	}
	return nil
}

// note writes a deed into the audit log: "referral.write sent".
// A contact's entries and those of its referrals are found by one tag, as they
// are sealed under one key.
func note(ctx context.Context, tx *db.Tx, s *staff.Session, r row, keys *keyring.Keys, deed web.Access, what string) error {
	action := string(deed)
	if what != "" {
		action += " " + what
	}
	e := audit.Entry{Action: action, Record: r.ID, Tag: audit.TagOf(keys.Lineage()), Was: r.was}
	if deed == staff.WriteReferral {
		var err error
		if e.Is, err = StateOf(ctx, tx, r.Agency, r.ID); err != nil {
			return err
		}
	}
	return s.Log(ctx, tx, e)
}
