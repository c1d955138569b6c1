package casework

import (
	"context"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Feature is the hotline's case work. Its fields are set by the app before
// the first request.
type Feature struct {
	DB  *db.DB
	Web *web.Server

	// Keys opens the keys of a contact for a colleague who may do the action to it.
	// For anybody else, and where there is no such contact, it says NotFound.
	Keys func(ctx context.Context, tx *db.Tx, s *staff.Session, action web.Access, contactID string, follows bool) (*keyring.Keys, error)
	// Freshen comes before anything is sealed with such keys.
	Freshen func(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error
	// Contact gives what a contact's record knows that could be shared. It
	// says NotFound as Keys does, and runs outside of any transaction.
	Contact func(ctx context.Context, s *staff.Session, contactID string) (Person, error)
	// Service finds a service of the directory; NotFound if there is none. It
	// runs outside of any transaction.
	Service func(ctx context.Context, agency, id string) (ServiceLine, error)
	// House, if set, is the hotline as it names itself in a language. It runs
	// outside of any transaction.
	House func(ctx context.Context, lang string) (House, error)
	// Changed, if set, tells open pages of a contact that its referrals
	// changed. What it publishes goes out after the commit.
	Changed func(tx *db.Tx, agency, contactID string)
	// Clock is nil for the real one.
	Clock func() time.Time

	pages *web.Pages
}

// Person is what a contact's record knows of the person, as far as it could
// be shared. All of it may be empty.
type Person struct {
	Contactor   string // "self" when the person made contact themself
	Language    string // BCP 47
	Interpreter bool   // one is needed
	AgeGroup    string // "adult", "child", or anything else for unknown
	Needs       []string
	Place       string
	Region      string // ISO 3166-2
	Country     string // ISO 3166-1
	Safe        Safe
	Summary     string
}

// Safe is how the person can be reached safely. Answers are "yes", "no" or
// anything else for not known. A safe word is not among it: it is between the
// person and the hotline.
type Safe struct {
	Channel    string // phone, text, email; empty or none
	Address    string
	From, To   string // local time, "18:00"
	Speak      string
	Voicemail  string
	Text       string
	WhoAnswers string
	CoverStory string
	Note       string
}

// ServiceLine is a service, as far as a referral needs it.
type ServiceLine struct {
	ID, Name, Organization string
	Phones                 []string
	Verified               bool
	Needs                  []string // what it helps with, as facts name needs
	// Listed, if set, puts the rest of its entry into the words of a language.
	Listed func(*i18n.Printer) Listing
}

// House is the hotline itself, as a service knows it.
type House struct {
	Name   string
	Phones []string
}

func (f *Feature) now() time.Time {
	if f.Clock != nil {
		return f.Clock()
	}
	return time.Now()
}

func (f *Feature) changed(tx *db.Tx, r *row) {
	if f.Changed != nil {
		f.Changed(tx, r.Agency, r.Contact)
	}
}
