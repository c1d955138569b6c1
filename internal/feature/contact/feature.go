package contact

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/clew-hotline/clew/internal/core/blind"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/blob"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Hints tell open pages, after the commit, where to look again.
type Hints interface{ Publish(tx *db.Tx, topic string) }

// Feature is the hotline's contacts. Its fields are set by the app before the
// first request.
type Feature struct {
	DB     *db.DB
	Hub    Hints
	Web    *web.Server
	Agency string
	Clock  func() time.Time // nil is the real one
	Blobs  blob.Store       // where sealed files are kept; nil takes none
	Limits Limits           // of files; zero is DefaultLimits

	// Place looks up where somebody is: time there and whom to call there.
	Place func(country, place string) Whereabouts
	// Services finds services for the panel beside a conversation.
	Services func(ctx context.Context, agency string, q ServiceQuery) (ServiceResults, error)
	// Tell is one service as the person is told of it, in words of theirs;
	// NotFound if there is none.
	Tell func(ctx context.Context, agency string, words *i18n.Printer, service string) (Told, error)
	// Referrals lists what was referred from a contact.
	Referrals func(ctx context.Context, s *staff.Session, contactID string) ([]ReferralLine, error)
	// Keeping says what there is to know about whether a contact is to be
	// deleted, for its page; nil for nothing.
	Keeping func(ctx context.Context, s *staff.Session, contactID string) ([]KeepingLine, error)

	// Reseal seals anew what other features keep under a contact's keys, when
	// those changed; see Renew.
	Reseal func(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error

	// ShredAll deletes a contact with all that features keep of it; nil is Shred.
	ShredAll func(ctx context.Context, tx *db.Tx, agency, id string) error

	// Links recognises who has been in touch before; nil recognises nobody.
	Links *blind.Index

	pages *web.Pages
	codes *issuer
	group atomic.Pointer[cachedGroup]
	keys  keyring.Maker

	finds    chan struct{} // searches under way
	openKeys openedKeys
}

// Whereabouts is what an advocate needs to know of a place.
type Whereabouts struct {
	Country   string // ISO 3166-1
	Region    string // ISO 3166-2, if known
	Zone      *time.Location
	Emergency []string // numbers with a source, or none
}

// ServiceQuery asks for services near somebody.
type ServiceQuery struct {
	Words, Place, Country, Language, Need string
	AgeGroup                              string // adult or child; "" not asked
	OpenNow                               bool
	Limit                                 int
	Caller                                *i18n.Printer // for what is told to the person
}

// ServiceResults are the services found, and how many there are in all.
type ServiceResults struct {
	Total int
	List  []Service
}

// Service is one line of the services panel.
type Service struct {
	ID, Name, Organization string
	Phones                 []string
	Where                  string
	DistanceKm             float64  // below zero: unknown or not to be told
	Fits, Misses           []string // in the reader's words
	OpenUntil              string
	Open                   bool
	Languages              []string
	Cost                   string
	Checked                string // when it was last checked, in words
	Verified               bool
	Told                   Told
}

// KeepingLine is one thing to know about a contact's deletion, in the reader's
// words, and the page where something can be done; empty for none.
type KeepingLine struct{ Text, Href string }

// ReferralLine is one referral as the contact's page shows it.
type ReferralLine struct {
	ID, Service, State string
	At                 time.Time
}

// Start prepares the feature and keeps codes ready until ctx ends.
func (f *Feature) Start(ctx context.Context) {
	f.codes = newIssuer()
	f.finds = make(chan struct{}, findsAtOnce)
	if f.Links != nil {
		f.Links.Linked = f.linked
	}
	go f.codes.run(ctx)
	go f.openKeys.run(ctx, f.DB)
}

// Sweep forgets what has had its time. The app calls it every minute.
func (f *Feature) Sweep(ctx context.Context) error {
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := sweepRequests(ctx, tx); err != nil {
			return err
		}
		return sweepOutside(ctx, tx)
	})
}

func (f *Feature) now() time.Time {
	if f.Clock != nil {
		return f.Clock()
	}
	return time.Now()
}

// Topics of hints. They name what changed and never how.
func queueTopic(agency string) string { return "queue:" + agency }

// Topic is what is published when a contact changes.
func Topic(agency, id string) string { return "contact:" + agency + ":" + id }

func (f *Feature) hint(tx *db.Tx, topic string) { f.Hub.Publish(tx, topic) }

// hintOf is hint for what goes to the whole desk. Of a contact that a group of few
// has it goes with the id, and so to nobody who may not know of it.
func (f *Feature) hintOf(tx *db.Tx, topic string, r row) {
	if r.Group != "" {
		topic += ":" + r.ID
	}
	f.hint(tx, topic)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
