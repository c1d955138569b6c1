package app

import (
	"context"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/casework"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/feature/retention"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// makeRetention couples retention with all that belongs to a contact. What is
// new and sealed under a contact's key has its line in Shred; the contact
// itself comes last.
func (a *App) makeRetention() *retention.Feature {
	f := &retention.Feature{
		DB: a.DB, Agency: homeAgency,
		Keys: func(ctx context.Context, tx *db.Tx, s *staff.Session, id string) (*keyring.Keys, error) {
			return a.features.contact.RecordKeys(ctx, tx, s, staff.ReadContact, id, false)
		},
		Freshen: a.features.contact.Freshen, Closed: closedContacts, Record: closedContact, Date: contact.DateKept, Safe: a.safeWay,
		Shred: []func(ctx context.Context, tx *db.Tx, agency, id string) error{
			func(ctx context.Context, tx *db.Tx, _, id string) error { return a.links.Forget(ctx, tx, id) },
			a.features.casework.Shred,
			a.features.contact.Shred,
		},
		Changed: func(tx *db.Tx, id string) { a.Hub.Publish(tx, contact.Topic(homeAgency, id)) },
		Strip: func(ctx context.Context, tx *db.Tx, s *staff.Session, id string, part retention.Part) (*keyring.Keys, error) {
			for own, name := range partNames {
				if name == part {
					return a.features.contact.Strip(ctx, tx, s, id, own)
				}
			}
			return nil, errs.New(errs.Internal, "", errors.New("a part that a contact does not have"))
		},
	}
	return f.Prepare()
}

// shredAll deletes a contact with all that belongs to it.
func (a *App) shredAll(ctx context.Context, tx *db.Tx, agency, id string) error {
	for _, shred := range a.features.retention.Shred {
		if err := shred(ctx, tx, agency, id); err != nil {
			return err
		}
	}
	return nil
}

// reseal seals anew all that features keep under a contact's keys.
func (a *App) reseal(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error {
	return errs.First(a.features.casework.Reseal(ctx, tx, keys), a.features.retention.Reseal(ctx, tx, keys))
}

// partNames are retention's words for the parts of a contact.
var partNames = map[contact.Part]retention.Part{
	contact.Attachments: retention.Attachments, contact.Transcript: retention.Transcript, contact.Narrative: retention.Narrative,
}

// closedContacts are contacts as retention knows them, with what case work knows of each.
func closedContacts(ctx context.Context, tx *db.Tx, agency string, before time.Time, after string, limit int) (list []retention.Record, err error) {
	kept, err := contact.ListKept(ctx, tx, agency, before, after, limit)
	if err != nil {
		return nil, err
	}
	return withReferrals(ctx, tx, agency, kept...)
}

func closedContact(ctx context.Context, tx *db.Tx, agency, id string) (retention.Record, error) {
	kept, err := contact.GetKept(ctx, tx, agency, id)
	if err != nil {
		return retention.Record{}, err
	}
	list, err := withReferrals(ctx, tx, agency, kept)
	if err != nil {
		return retention.Record{}, err
	}
	return list[0], nil
}

func withReferrals(ctx context.Context, tx *db.Tx, agency string, kept ...contact.Kept) (list []retention.Record, err error) {
	var ids []string
	for _, k := range kept {
		ids = append(ids, k.ID)
	}
	standing, err := casework.Standings(ctx, tx, agency, ids...)
	if err != nil {
		return nil, err
	}
	for _, k := range kept {
		r := retention.Record{ID: k.ID, Month: k.Month, Noted: k.Noted, Referred: standing[k.ID].Referred, Busy: standing[k.ID].Open}
		for part, name := range partNames {
			if k.Gone&part != 0 {
				r.Gone = append(r.Gone, name)
			}
		}
		list = append(list, r)
	}
	return list, nil
}

// safeWay is how somebody can be asked whether they want to be deleted.
func (a *App) safeWay(ctx context.Context, s *staff.Session, id string) (retention.Safe, error) {
	c, err := a.features.contact.Get(ctx, s, id)
	r := c.Record
	return retention.Safe{
		Channel: r.Safe.Channel, Address: r.Safe.Address, From: r.Safe.From, To: r.Safe.To,
		Speak: string(r.SafeSpeak), Voicemail: string(r.SafeVoicemail), Text: string(r.SafeText),
		WhoAnswers: r.Safe.WhoAnswers, CoverStory: r.Safe.CoverStory, SafeWord: r.Safe.SafeWord, Note: r.Safe.Note,
	}, err
}

// keepingLines are what a contact's page says about its deletion.
func (a *App) keepingLines(ctx context.Context, s *staff.Session, id string) (list []contact.KeepingLine, err error) {
	words, here := a.Words.For(s.Person.Language), "/staff/contacts/"+id
	hold, task := "", ""
	if s.May(staff.HoldRecords) {
		hold = here + "/hold"
	}
	if s.May(staff.ConfirmDeletion) {
		task = here + "/deletion"
	}
	held, err := a.features.retention.Held(ctx, id)
	if err != nil {
		return nil, err
	}
	if held {
		list = append(list, contact.KeepingLine{Text: words.T("retention.banner.held"), Href: hold})
	}
	asked, err := a.features.retention.Asked(ctx, id)
	if err != nil || asked == nil || asked.State == retention.Declined {
		return list, err
	}
	return append(list, contact.KeepingLine{Text: words.T("retention.banner."+string(asked.State), "date", asked.Earliest().In(a.features.retention.Web.Here())), Href: task}), nil
}

// askToDelete and keepAll are what somebody with a code can do on the site. The
// code is tried first: who has none learns nothing and changes nothing.
func (a *App) askToDelete(ctx context.Context, code string) error {
	box, err := a.features.contact.OpenMailbox(ctx, code)
	if err != nil {
		return err
	}
	return a.features.retention.Ask(ctx, box.Contact())
}

func (a *App) keepAll(ctx context.Context, code string) error {
	box, err := a.features.contact.OpenMailbox(ctx, code)
	if err != nil {
		return err
	}
	return a.features.retention.TakeBack(ctx, box.Contact())
}
