package admin

import (
	"context"
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Admission says whether an account opens what the public sends.
const (
	NotNeeded = "not_needed" // the role reads no contact
	Waits     = "waits"
	Admitted  = "admitted"
	Fresh     = "fresh" // must first choose a pass phrase of their own
)

// Needs says whether a role's work is with what the intake group opens.
func Needs(r staff.Role) bool { return r.May(staff.ReadContact) || r.May(staff.ReadReferral) }

func admission(p staff.Person, members map[string]bool) string {
	switch {
	case members[p.ID]:
		return Admitted
	case Needs(p.Role) && !p.Disabled && p.Fresh:
		return Fresh
	case Needs(p.Role) && !p.Disabled:
		return Waits
	}
	return NotNeeded
}

// Waiting lists the accounts that wait to be admitted to the intake group.
func Waiting(ctx context.Context, tx *db.Tx, agency string) (list []staff.Person, err error) {
	defer errs.Wrap(&err, "admin.Waiting")
	group, err := keyring.Find(ctx, tx, agency, keyring.Intake)
	if err != nil {
		return nil, err
	}
	members, err := group.Members(ctx, tx)
	if err != nil {
		return nil, err
	}
	people, err := staff.List(ctx, tx, agency)
	for _, p := range people {
		if admission(p, members) == Waits {
			list = append(list, p)
		}
	}
	return list, err
}

// Admit lets the account by, whose key is pair, bring another into the intake
// group. Who is no member can admit nobody, whatever their role: they have
// nothing to hand on. An account that does not wait is NotFound.
func Admit(ctx context.Context, tx *db.Tx, agency, by string, pair *seal.Pair, id string) (err error) {
	defer errs.Wrap(&err, "admin.Admit")
	who, err := staff.Get(ctx, tx, agency, id)
	if err != nil {
		return err
	}
	if who.Disabled || !Needs(who.Role) {
		return errs.New(errs.NotFound, "", nil)
	}
	if who.Fresh {
		return errs.New(errs.Conflict, "admin.error.fresh", nil)
	}
	group, err := keyring.Find(ctx, tx, agency, keyring.Intake)
	if err != nil {
		return err
	}
	key, err := group.Open(ctx, tx, by, pair)
	if errs.Is(err, errs.NotFound) {
		return errs.New(errs.Conflict, "admin.error.not_member", err)
	}
	if err != nil {
		return err
	}
	if err := group.Admit(ctx, tx, key, keyring.Member{ID: who.ID, Public: who.Public}); err != nil {
		return err
	}
	return audit.Write(ctx, tx, agency, audit.Entry{Staff: by, Action: string(staff.AdmitStaff), Record: who.ID})
}

// waiting shows who waits, to a supervisor.
func (f *Feature) waiting(w http.ResponseWriter, r *http.Request) error {
	return f.waitingWith(w, r, http.StatusOK, r.URL.Query().Get("admitted"), "")
}

// waitingWith shows who waits. done is the id of an account; the page names it
// if it has been admitted.
func (f *Feature) waitingWith(w http.ResponseWriter, r *http.Request, status int, done, wrong string) error {
	s := staff.From(r.Context())
	data := struct {
		Waiting     []staff.Person
		Member      bool // whether who looks can admit
		Done, Wrong string
	}{Wrong: wrong}
	err := f.db.View(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		if data.Waiting, err = Waiting(ctx, tx, f.agency); err != nil {
			return err
		}
		group, err := keyring.Find(ctx, tx, f.agency, keyring.Intake)
		if err != nil {
			return err
		}
		members, err := group.Members(ctx, tx)
		if err != nil {
			return err
		}
		data.Member = members[s.Person.ID]
		if members[done] {
			names, err := staff.Names(ctx, tx, f.agency)
			data.Done = names[done]
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, status, "waiting", data)
}

// admit brings the account in the path into the intake group.
func (f *Feature) admit(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	id := r.PathValue("id")
	err := f.db.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		f.hub.Publish(tx, peopleTopic(f.agency))
		return Admit(ctx, tx, f.agency, s.Person.ID, s.Pair, id)
	})
	if errs.Is(err, errs.Conflict) {
		return f.waitingWith(w, r, http.StatusConflict, "", f.words(r).T(errs.Of(err).Word))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/waiting?admitted="+url.QueryEscape(id))
}
