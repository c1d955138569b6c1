package contact

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// queueView is the page between two contacts.
type queueView struct {
	frame
	Presence staff.Presence
	After    string // hard or usual, when one has just closed a contact
	Error    string // a word key: why one could not be taken
	Nobody   bool   // "next" was asked and nobody waits
	Admitted bool   // whether they can open what waits
}

// showQueue is who waits, one's own contacts, and whether one is ready.
func (f *Feature) showQueue(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return f.queuePage(w, r, http.StatusOK, queueView{After: q.Get("after"), Nobody: q.Has("nobody")})
}

func (f *Feature) queuePage(w http.ResponseWriter, r *http.Request, status int, v queueView) (err error) {
	if r.Method != http.MethodGet { // a form that failed shows the queue too
		err := staff.From(r.Context()).ReadOn(r.Context(), f.DB, audit.Entry{Action: string(staff.ReadQueue)})
		if err != nil {
			return err
		}
	}
	if v.frame, err = f.withQueue(r.Context(), f.frame(r)); err != nil {
		return err
	}
	s := staff.From(r.Context())
	v.Presence = s.Presence
	err = f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		members, err := admitted(ctx, tx, s.Person.Agency)
		v.Admitted = members[s.Person.ID]
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, status, "queue", v)
}

// showQueueList is the left pane alone: ?at= is the contact that is open.
func (f *Feature) showQueueList(w http.ResponseWriter, r *http.Request) error {
	fr, err := f.withQueue(r.Context(), f.frame(r))
	if err != nil {
		return err
	}
	fr.At = r.URL.Query().Get("at")
	return f.pages.Part(w, r, "queue", "queuelist", queueView{frame: fr})
}

// postNext takes whoever is next.
func (f *Feature) postNext(w http.ResponseWriter, r *http.Request) error {
	id, err := f.TakeNext(r.Context(), staff.From(r.Context()))
	switch {
	case errs.Is(err, errs.Conflict):
		return f.queuePage(w, r, http.StatusConflict, queueView{Error: errs.Of(err).Word})
	case err != nil:
		return err
	case id == "":
		return web.Redirect(w, "/staff/queue?nobody")
	}
	return web.Redirect(w, "/staff/contacts/"+id)
}

// postTake takes one contact.
func (f *Feature) postTake(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	err := f.Take(r.Context(), staff.From(r.Context()), id)
	if errs.Is(err, errs.Conflict) {
		return f.queuePage(w, r, http.StatusConflict, queueView{Error: errs.Of(err).Word})
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/contacts/"+id)
}
