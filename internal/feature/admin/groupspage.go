package admin

import (
	"context"
	"net/http"
	"slices"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/renewal"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// groupsPage shows who opens what.
type groupsPage struct {
	Groups []groupView
	Name   string // as typed
	Wrong  map[string]string
	May    bool // change groups
	Renews bool // the page shows progress, and asks again by itself
}

// groupView is one group on the page.
type groupView struct {
	ID, Name string
	Standing string // the word of one that every hotline has; empty for others
	Members  []staff.Person
	Nobody   bool // nobody here opens it: only the recovery key does
	Mine     bool // who looks is in it and may change it
	Others   []desk.Option
	Renewal  *renewalView
}

// renewalView is how far the contacts of a group that somebody left are sealed anew.
type renewalView struct {
	Done, Total, Left int64
	Works             bool     // somebody who can go on is signed in
	Needs             []string // who could
}

func (f *Feature) groups(w http.ResponseWriter, r *http.Request) error {
	return f.showGroups(w, r, http.StatusOK, groupsPage{})
}

func (f *Feature) showGroups(w http.ResponseWriter, r *http.Request, status int, page groupsPage) error {
	if err := f.shown(r, staff.ReadGroups); err != nil {
		return err
	}
	s := staff.From(r.Context())
	page.May = s.May(staff.EditGroups)
	err := f.db.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		people, err := staff.List(ctx, tx, f.agency)
		if err != nil {
			return err
		}
		duty, err := staff.Floor(ctx, tx, f.agency)
		if err != nil {
			return err
		}
		groups, err := keyring.Groups(ctx, tx, f.agency)
		if err != nil {
			return err
		}
		for _, g := range groups {
			v, err := f.groupView(ctx, tx, g, people, duty, s)
			if err != nil {
				return err
			}
			page.Groups = append(page.Groups, v)
			page.Renews = page.Renews || v.Renewal != nil
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(page.Groups, func(a, b groupView) int { return len(b.Standing) - len(a.Standing) })
	return f.pages.Render(w, r, status, "groups", page)
}

func (f *Feature) groupView(ctx context.Context, tx *db.Tx, g keyring.Group, people []staff.Person, duty []staff.OnDuty, s *staff.Session) (v groupView, err error) {
	v = groupView{ID: g.ID, Name: g.Name}
	if standing(g) {
		v.Standing = "admin.group." + g.Name
	}
	members, err := g.Members(ctx, tx)
	if err != nil {
		return v, err
	}
	v.Mine = v.Standing == "" && members[s.Person.ID] && s.May(staff.EditGroups)
	for _, p := range people {
		switch {
		case members[p.ID]:
			v.Members = append(v.Members, p)
		case v.Mine && canJoin(p):
			v.Others = append(v.Others, desk.Option{Value: p.ID, Label: p.Name})
		}
	}
	v.Nobody = len(v.Members) == 0
	progress, err := f.Progress(ctx, tx, g)
	if err != nil {
		return v, err
	}
	v.Renewal = renewalOf(progress, v.Members, duty)
	return v, nil
}

// renewalOf is nil where nothing is to be done.
func renewalOf(progress []renewal.Progress, members []staff.Person, duty []staff.OnDuty) *renewalView {
	v := &renewalView{}
	finished := true
	for _, p := range progress {
		v.Done, v.Total, v.Left = v.Done+p.Renewed-p.LeftOver, v.Total+max(p.Total, p.Renewed), v.Left+p.LeftOver
		finished = finished && p.Done()
	}
	if finished || v.Total == 0 { // also a group that opens nothing has nothing to be renewed
		return nil
	}
	for _, p := range members {
		v.Needs = append(v.Needs, p.Name)
		v.Works = v.Works || slices.ContainsFunc(duty, func(o staff.OnDuty) bool { return o.Staff == p.ID && o.Presence != staff.Away })
	}
	return v
}

// makeGroup takes name.
func (f *Feature) makeGroup(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	name := form.Get("name")
	err = f.changeGroups(r, func(ctx context.Context, tx *db.Tx, s *staff.Session) error {
		_, err := f.MakeGroup(ctx, tx, s, name)
		return err
	})
	return f.groupsChanged(w, r, err, http.StatusUnprocessableEntity, name)
}

// joinGroup takes who: an account's id.
func (f *Feature) joinGroup(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	err = f.changeGroups(r, func(ctx context.Context, tx *db.Tx, s *staff.Session) error {
		return f.JoinGroup(ctx, tx, s, r.PathValue("id"), form.Get("who"))
	})
	return f.groupsChanged(w, r, err, http.StatusConflict, "")
}

// leaveGroup takes who: an account's id.
func (f *Feature) leaveGroup(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	err = f.changeGroups(r, func(ctx context.Context, tx *db.Tx, s *staff.Session) error {
		return f.LeaveGroup(ctx, tx, s, r.PathValue("id"), form.Get("who"))
	})
	return f.groupsChanged(w, r, err, http.StatusConflict, "")
}

func (f *Feature) changeGroups(r *http.Request, change func(context.Context, *db.Tx, *staff.Session) error) error {
	return f.db.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		f.hub.Publish(tx, peopleTopic(f.agency))
		return change(ctx, tx, staff.From(r.Context()))
	})
}

func (f *Feature) groupsChanged(w http.ResponseWriter, r *http.Request, err error, status int, name string) error {
	if err == nil {
		return web.Redirect(w, "/staff/groups")
	}
	wrong, err := f.complaint(r, err)
	if err != nil {
		return err
	}
	return f.showGroups(w, r, status, groupsPage{Name: name, Wrong: wrong})
}
