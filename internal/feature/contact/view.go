package contact

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// frame is what every page of this feature shows: the queue at the side, and
// who is here. Pages embed it.
type frame struct {
	W     *i18n.Printer
	Me    staff.Person
	Now   time.Time
	Queue Queue
	At    string // the contact that is open
}

func (f *Feature) frame(r *http.Request) frame {
	return frame{W: f.Web.Words.For(f.Web.Lang(r)), Me: staff.From(r.Context()).Person, Now: f.now()}
}

// withQueue fills the side pane.
func (f *Feature) withQueue(ctx context.Context, fr frame) (_ frame, err error) {
	if fr.Queue, err = f.Queue(ctx, fr.Me.Agency, fr.Me.ID); err != nil {
		return fr, err
	}
	return fr, f.markSeen(ctx, staff.From(ctx), fr.Queue.Waiting)
}

// Clock is how long ago something was, as a list shows it.
func (fr frame) Clock(t time.Time) string { return i18n.Clock(fr.Now.Sub(t)) }

// Short names a contact where people speak of it. It is no secret and opens nothing.
func (fr frame) Short(id string) string { return short(id) }

func short(id string) string { return strings.ToUpper(id[:min(4, len(id))]) }

// Language is a language's name for the reader.
func (fr frame) Language(code string) string {
	if code == "" || code == "und" {
		return fr.W.T("contact.language.unknown")
	}
	return fr.W.LanguageName(code)
}

// colleagues are the names of an agency's staff, who of them is on duty, and
// who has been admitted to the contacts.
type colleagues struct {
	names    map[string]string
	duty     []staff.OnDuty
	admitted map[string]bool
}

func (f *Feature) colleagues(ctx context.Context, agency string) (c colleagues, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if c.names, err = staff.Names(ctx, tx, agency); err != nil {
			return err
		}
		if c.duty, err = staff.Floor(ctx, tx, agency); err != nil {
			return err
		}
		c.admitted, err = admitted(ctx, tx, agency)
		return err
	})
	return c, err
}

// admitted are the colleagues who hold the key to the contacts.
func admitted(ctx context.Context, tx *db.Tx, agency string) (map[string]bool, error) {
	g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
	if err != nil {
		return nil, err
	}
	return g.Members(ctx, tx)
}

// ready are the names of those who could take or help now, without one.
func (c colleagues) ready(without string) (names []string) {
	for _, o := range c.duty {
		if o.Presence == staff.Ready && o.Staff != without && o.Role.May(staff.WriteContact) && c.admitted[o.Staff] {
			names = append(names, o.Name)
		}
	}
	slices.Sort(names)
	return names
}

// fromScript says that a part of a page is asked for and not the whole.
func fromScript(r *http.Request) bool { return r.Header.Get("HX-Request") != "" }
