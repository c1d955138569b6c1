package admin

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// account is one line of the list of people.
func peopleTopic(agency string) string { return "people:" + agency }

type account struct {
	staff.Person
	Admission desk.Admission
	Self      bool
}

type peoplePage struct {
	Accounts   []account
	Roles      []desk.Option
	Name, Role string // as typed
	Wrong      map[string]string
	Notice     string
}

func (f *Feature) people(w http.ResponseWriter, r *http.Request) error {
	return f.showPeople(w, r, http.StatusOK, peoplePage{})
}

func (f *Feature) showPeople(w http.ResponseWriter, r *http.Request, status int, page peoplePage) error {
	if err := f.shown(r, staff.ManageStaff); err != nil {
		return err
	}
	self := staff.From(r.Context()).Person.ID
	err := f.db.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		people, err := staff.List(ctx, tx, f.agency)
		if err != nil {
			return err
		}
		holders, err := ReadHolders(ctx, tx, f.agency)
		for _, p := range people {
			page.Accounts = append(page.Accounts, account{p, holders.Admission(p), p.ID == self})
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, role := range staff.Roles {
		page.Roles = append(page.Roles, desk.Option{Value: string(role), Label: f.words(r).T("desk.role." + string(role))})
	}
	return f.pages.Render(w, r, status, "people", page)
}

// addPerson takes name, role and passphrase; without one it makes one and
// shows it on the page that answers, once.
func (f *Feature) addPerson(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	person, made, err := f.add(r.Context(), s.Person.ID, form)
	if err != nil {
		wrong, err := f.complaint(r, err)
		if err != nil {
			return err
		}
		return f.showPeople(w, r, http.StatusUnprocessableEntity,
			peoplePage{Name: form.Get("name"), Role: form.Get("role"), Wrong: wrong})
	}
	return f.pages.Render(w, r, http.StatusOK, "added", added{person, made, Needs(person.Role), false})
}

// added is the page with a pass phrase that is shown once.
type added struct {
	Person     staff.Person
	Passphrase string // empty when it was chosen by whoever knows it
	Waits      bool
	Lost       bool // the account was there, and its pass phrase was lost
}

func (f *Feature) add(ctx context.Context, by string, form url.Values) (p staff.Person, made string, err error) {
	passphrase := strings.TrimSpace(form.Get("passphrase"))
	if passphrase == "" {
		made = staff.NewPassphrase()
		passphrase = made
	}
	var known []string
	err = f.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		known, err = KnownWords(ctx, tx, f.agency, f.web.Words)
		return err
	})
	if err != nil {
		return p, "", err
	}
	account, err := staff.Prepare(ctx, f.agency, form.Get("name"), staff.Role(form.Get("role")), passphrase, known...)
	if err != nil {
		return p, "", err
	}
	err = f.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		f.hub.Publish(tx, peopleTopic(f.agency))
		return account.HandedOver().Insert(ctx, tx, by)
	})
	if errs.Is(err, errs.Conflict) {
		taken := errs.Of(err)
		return p, "", &errs.Error{Kind: taken.Kind, Word: taken.Word, Field: "name"}
	}
	return account.Person, made, err
}

func (f *Feature) disable(w http.ResponseWriter, r *http.Request) error {
	return f.setDisabled(w, r, true)
}

func (f *Feature) enable(w http.ResponseWriter, r *http.Request) error {
	return f.setDisabled(w, r, false)
}

func (f *Feature) setDisabled(w http.ResponseWriter, r *http.Request, disabled bool) error {
	s := staff.From(r.Context())
	err := f.db.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		f.hub.Publish(tx, peopleTopic(f.agency))
		return SetDisabled(ctx, tx, f.agency, s.Person.ID, r.PathValue("id"), disabled)
	})
	if errs.Is(err, errs.Conflict) {
		return f.showPeople(w, r, http.StatusConflict, peoplePage{Notice: f.words(r).T(errs.Of(err).Word)})
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/people")
}

// SetDisabled closes an account for by, or opens it again. Closing ends its
// sessions and takes its hold on the groups' keys, so it waits to be admitted
// when it is opened again. Nobody closes their own account, nor that of the
// last person who opens contacts: then only the printed key would.
func SetDisabled(ctx context.Context, tx *db.Tx, agency, by, id string, disabled bool) (err error) {
	defer errs.Wrap(&err, "admin.SetDisabled")
	if disabled && by == id {
		return errs.New(errs.Conflict, "admin.error.self", nil)
	}
	if disabled {
		group, err := keyring.Find(ctx, tx, agency, keyring.Intake)
		if err != nil {
			return err
		}
		members, err := group.Members(ctx, tx)
		if err != nil {
			return err
		}
		people, err := staff.List(ctx, tx, agency)
		if err != nil {
			return err
		}
		if lastReader(people, members, id) {
			return errs.New(errs.Conflict, "admin.error.last", nil)
		}
		// Any other group may be left without a reader, also the log, which is
		// written all the same: the recovery key opens it.
		if err := expelFromAll(ctx, tx, agency, id, by, people); err != nil {
			return err
		}
	}
	return staff.SetDisabled(ctx, tx, agency, id, by, disabled)
}

// lastReader says whether nobody would be left who opens contacts. A case
// manager holds the key, for referrals, and opens none.
func lastReader(people []staff.Person, members map[string]bool, id string) bool {
	reads, others := false, 0
	for _, p := range people {
		switch {
		case p.Disabled || !members[p.ID] || !p.Role.May(staff.ReadContact):
		case p.ID == id:
			reads = true
		default:
			others++
		}
	}
	return reads && others == 0
}
