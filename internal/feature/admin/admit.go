package admin

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// Groups are those whose keys a role's work needs: the one that opens what the
// public sends, and the one that opens the log of who did what.
func Groups(r staff.Role) (names []string) {
	if r.May(staff.ReadContact) || r.May(staff.ReadReferral) {
		names = append(names, keyring.Intake)
	}
	if r.May(staff.ReadAudit) || r.May(staff.SeeReaders) {
		names = append(names, keyring.Audit)
	}
	return names
}

// Needs says whether a role's work needs a group's key.
func Needs(r staff.Role) bool { return len(Groups(r)) > 0 }

// Holders are the accounts that hold the key of each group.
type Holders map[string]map[string]bool

// ReadHolders tells who holds what of the groups that somebody is admitted to.
func ReadHolders(ctx context.Context, tx *db.Tx, agency string) (h Holders, err error) {
	defer errs.Wrap(&err, "admin.ReadHolders")
	h = Holders{}
	for _, name := range []string{keyring.Intake, keyring.Audit} {
		group, err := keyring.Find(ctx, tx, agency, name)
		if err != nil {
			return nil, err
		}
		if h[name], err = group.Members(ctx, tx); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// Lacks says whether an account does not hold a key that its role works with.
func (h Holders) Lacks(p staff.Person) bool {
	return slices.ContainsFunc(Groups(p.Role), func(name string) bool { return !h[name][p.ID] })
}

// Admission says how far an account is admitted.
func (h Holders) Admission(p staff.Person) desk.Admission {
	switch {
	case Needs(p.Role) && !h.Lacks(p):
		return desk.Admitted
	case !Needs(p.Role) || p.Disabled:
		return desk.NotNeeded
	case p.Fresh:
		return desk.Fresh
	}
	return desk.Waits
}

// Waiting lists the accounts that wait to be admitted.
func Waiting(ctx context.Context, tx *db.Tx, agency string) (list []staff.Person, err error) {
	defer errs.Wrap(&err, "admin.Waiting")
	holders, err := ReadHolders(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	people, err := staff.List(ctx, tx, agency)
	for _, p := range people {
		if holders.Admission(p) == desk.Waits {
			list = append(list, p)
		}
	}
	return list, err
}

// Admit lets the account by, whose key is pair, bring another into the groups
// that its role needs and by is in. Who is in none of them can admit nobody,
// whatever their role: they have nothing to hand on. An account that needs no
// group is NotFound. by is no colleague where a reason says what it is instead.
func Admit(ctx context.Context, tx *db.Tx, agency, by string, pair *seal.Pair, id, reason string) (err error) {
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
	opened := 0
	for _, name := range Groups(who.Role) {
		err := admitTo(ctx, tx, agency, name, by, pair, who)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		opened++
	}
	if opened == 0 {
		return errs.New(errs.Conflict, "admin.error.not_member", nil)
	}
	if reason != "" {
		by = ""
	}
	return audit.Write(ctx, tx, agency, audit.Entry{Staff: by, Action: string(staff.AdmitStaff), Record: who.ID, Reason: reason})
}

func admitTo(ctx context.Context, tx *db.Tx, agency, name, by string, pair *seal.Pair, who staff.Person) error {
	group, err := keyring.Find(ctx, tx, agency, name)
	if err != nil {
		return err
	}
	ring, err := group.Open(ctx, tx, by, pair)
	if err != nil {
		return err
	}
	return ring.Admit(ctx, tx, keyring.Member{ID: who.ID, Public: who.Public})
}

// waiting shows who waits, to a supervisor.
func (f *Feature) waiting(w http.ResponseWriter, r *http.Request) error {
	return f.waitingWith(w, r, http.StatusOK, r.URL.Query().Get("admitted"), "")
}

// waitingWith shows who waits. done is the id of an account; the page names it
// if it has been admitted.
func (f *Feature) waitingWith(w http.ResponseWriter, r *http.Request, status int, done, wrong string) error {
	if err := f.shown(r, staff.AdmitStaff); err != nil {
		return err
	}
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
		holders, err := ReadHolders(ctx, tx, f.agency)
		for _, members := range holders {
			data.Member = data.Member || members[s.Person.ID]
		}
		if err != nil {
			return err
		}
		for _, members := range holders {
			if members[done] {
				names, err := staff.Names(ctx, tx, f.agency)
				data.Done = names[done]
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, status, "waiting", data)
}

// admit brings the account in the path into its groups.
func (f *Feature) admit(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	id := r.PathValue("id")
	err := f.db.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		f.hub.Publish(tx, peopleTopic(f.agency))
		return Admit(ctx, tx, f.agency, s.Person.ID, s.Pair, id, "")
	})
	if errs.Is(err, errs.Conflict) {
		return f.waitingWith(w, r, http.StatusConflict, "", f.words(r).T(errs.Of(err).Word))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/waiting?admitted="+url.QueryEscape(id))
}
