package retention

import (
	"context"
	"embed"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

//go:embed pages/*.html words/*.json migrations/*.sql
var files embed.FS

var (
	// Words are the catalogs of these pages.
	Words = web.Folder(files, "words")
	// Migrations are the tables of rules, holds, requests and certificates.
	Migrations = db.Embedded("retention", files)
)

// Feature is the retention of one agency. Its fields are set by the app before
// the first request.
type Feature struct {
	DB     *db.DB
	Web    *web.Server
	Agency string

	// Keys opens a contact's keys for a colleague who may open the contact.
	// For anybody else, and where there is none, it says NotFound.
	Keys func(ctx context.Context, tx *db.Tx, s *staff.Session, contactID string) (*keyring.Keys, error)
	// Freshen gives a contact its next key, before something is sealed, if
	// somebody who left could know the one that it has.
	Freshen func(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error
	// Closed gives contacts that were closed before a month, by their ids from
	// one on.
	Closed func(ctx context.Context, tx *db.Tx, agency string, before time.Time, after string, limit int) ([]Record, error)
	// Record gives one of them; NotFound if there is none or it is not closed.
	Record func(ctx context.Context, tx *db.Tx, agency, id string) (Record, error)
	// Date lets what was closed before its month was written down count from now on.
	Date func(ctx context.Context, tx *db.Tx, agency string) error
	// Shred are all that delete what belongs to a contact, in the transaction.
	// The last one deletes the contact itself, and says NotFound where there is none.
	Shred []func(ctx context.Context, tx *db.Tx, agency, id string) error
	// Strip deletes a part of a contact and gives what remains a new key, with
	// that of a colleague; it gives the keys. NotFound or a Conflict is that they
	// cannot open all of it, and that nothing was changed.
	Strip func(ctx context.Context, tx *db.Tx, s *staff.Session, id string, part Part) (*keyring.Keys, error)
	// Safe gives how the person can be reached, as Keys gives the keys. It runs
	// outside of any transaction.
	Safe func(ctx context.Context, s *staff.Session, contactID string) (Safe, error)
	// Changed, if set, tells open pages of a contact to look again, after the commit.
	Changed func(tx *db.Tx, contactID string)

	pages *web.Pages

	mu   sync.Mutex
	next time.Time // when the next run is due; zero: at once
	lent lending
}

// Prepare makes the feature ready to be lent keys. It is called once, before the
// first request.
func (f *Feature) Prepare() *Feature {
	f.lent.waits = make(chan *staff.Session)
	return f
}

// Start parses the pages. It is called once, before the first request.
func (f *Feature) Start(s *web.Server) (err error) {
	f.Web = s
	f.pages, err = s.NewPages(nil, desk.Pages, web.Folder(files, "pages"))
	return err
}

func (f *Feature) changed(tx *db.Tx, contactID string) {
	if f.Changed != nil {
		f.Changed(tx, contactID)
	}
}
