package contact

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// hand lists who a contact can be given to: those who could read it.
func (f *Feature) hand(ctx context.Context, s *staff.Session, c Contact, people colleagues, wrong string) (h handView, err error) {
	defer errs.Wrap(&err, "contact.hand")
	h = handView{ID: c.ID, Active: c.State == Active, Error: wrong}
	if c.State == Closed {
		return h, nil
	}
	here := map[string]staff.Presence{}
	for _, o := range people.duty {
		here[o.Staff] = o.Presence
	}
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err := staff.List(ctx, tx, s.Person.Agency)
		if err != nil {
			return err
		}
		now, others, err := f.groups(ctx, tx, s, c.ID)
		if err != nil {
			return err
		}
		members, err := now.Members(ctx, tx)
		if err != nil {
			return err
		}
		h.Group = groupName(f.Web.Words.For(s.Person.Language), now)
		for _, g := range others {
			h.Groups = append(h.Groups, desk.Option{Value: g.ID, Label: groupName(f.Web.Words.For(s.Person.Language), g)})
		}
		for _, p := range list {
			if p.ID != c.TakenBy && !p.Disabled && p.Role.May(staff.WriteContact) && members[p.ID] {
				h.To = append(h.To, desk.Option{Value: p.ID, Label: p.Name, On: here[p.ID] == staff.Ready})
			}
		}
		return nil
	})
	return h, err
}

// postReturn puts the contact back in the queue.
func (f *Feature) postReturn(w http.ResponseWriter, r *http.Request) error {
	err := f.PutBack(r.Context(), staff.From(r.Context()), r.PathValue("id"))
	return f.handed(w, r, err, "/staff/queue")
}

// postAssign gives the contact to a colleague: to=ID. A supervisor takes it
// over by giving it to themselves.
func (f *Feature) postAssign(w http.ResponseWriter, r *http.Request) error {
	s, id := staff.From(r.Context()), r.PathValue("id")
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	to := form.Get("to")
	if to == "me" {
		to = s.Person.ID
	}
	if _, err := f.Get(r.Context(), s, id); err != nil {
		return err // before anything is said about the colleague
	}
	err = f.Assign(r.Context(), s, id, to)
	if errs.Is(err, errs.NotFound) {
		err = errs.New(errs.Conflict, "contact.error.cannot_receive", err)
	}
	next := "/staff/queue"
	if to == s.Person.ID || f.frame(r).MayLook() {
		next = "/staff/contacts/" + id
	}
	return f.handed(w, r, err, next)
}

// postGroup gives the contact to another group: to=ID.
func (f *Feature) postGroup(w http.ResponseWriter, r *http.Request) error {
	s, id := staff.From(r.Context()), r.PathValue("id")
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if _, err := f.Get(r.Context(), s, id); err != nil {
		return err // before anything is said about the group
	}
	err = f.Move(r.Context(), s, id, form.Get("to"))
	if e := errs.Of(err); errs.Is(err, errs.NotFound) || errs.Is(err, errs.Conflict) && e.Word == "" {
		err = errs.New(errs.Conflict, "contact.error.group", err)
	}
	return f.handed(w, r, err, "/staff/contacts/"+id)
}

// groupName is what a group is called: those that every hotline has are known by
// other words than those that people made.
func groupName(p *i18n.Printer, g keyring.Group) string {
	if g.Name == keyring.Intake {
		return p.T("contact.group.intake")
	}
	return g.Name
}

func (f *Feature) handed(w http.ResponseWriter, r *http.Request, err error, next string) error {
	if errs.Is(err, errs.Conflict) {
		return f.contactPage(w, r, http.StatusConflict, pageChange{wrong: errs.Of(err).Word})
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, next)
}
