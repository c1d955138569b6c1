package admin

import (
	"context"
	"strings"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// A group that people make opens the contacts that are moved to it, and nobody
// else does. Every hotline has two besides: the one that opens what comes in, and
// the one that opens the log; colleagues are admitted to those by their role.

// maxGroupName is in characters.
const maxGroupName = 60

// standing are the groups that every hotline has.
func standing(g keyring.Group) bool {
	return g.Name == keyring.Intake || g.Name == keyring.Audit || g.Name == keyring.Recovery
}

// MakeGroup makes a group with who makes it in it. The recovery key opens it too.
func (f *Feature) MakeGroup(ctx context.Context, tx *db.Tx, s *staff.Session, name string) (g keyring.Group, err error) {
	defer errs.Wrap(&err, "admin.MakeGroup")
	name = text.Line(name)
	if name == "" || !text.Fits(name, maxGroupName) || standing(keyring.Group{Name: strings.ToLower(name)}) {
		return g, errs.In("name", "admin.group.error.name")
	}
	if _, err := keyring.Find(ctx, tx, s.Person.Agency, name); err == nil {
		return g, errs.In("name", "admin.group.error.taken")
	}
	members, err := recoveryOf(ctx, tx, s.Person.Agency)
	if err != nil {
		return g, err
	}
	members = append(members, keyring.Member{ID: s.Person.ID, Public: s.Person.Public})
	if g, err = keyring.Create(ctx, tx, s.Person.Agency, name, members...); err != nil {
		return g, err
	}
	is, err := audit.GroupStateOf(ctx, tx, g.Agency, g.ID)
	if err != nil {
		return g, err
	}
	return g, s.Log(ctx, tx, audit.Entry{Action: string(staff.EditGroups) + " made", Record: g.ID, Is: is})
}

// JoinGroup brings a colleague into a group that people made. Who brings them is
// in it: they hand on what they hold.
func (f *Feature) JoinGroup(ctx context.Context, tx *db.Tx, s *staff.Session, group, id string) (err error) {
	defer errs.Wrap(&err, "admin.JoinGroup")
	g, ring, err := f.mine(ctx, tx, s, group)
	if err != nil {
		return err
	}
	who, err := staff.Get(ctx, tx, g.Agency, id)
	if err != nil {
		return err
	}
	if !canJoin(who) {
		return errs.New(errs.Conflict, "admin.group.error.join", nil)
	}
	if err := ring.Admit(ctx, tx, keyring.Member{ID: who.ID, Public: who.Public}); err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: string(staff.EditGroups) + " joined", Record: who.ID})
}

// canJoin says whether somebody's work is with contacts, and their key their own.
func canJoin(p staff.Person) bool {
	return !p.Disabled && !p.Fresh && (p.Role.May(staff.ReadContact) || p.Role.May(staff.ReadReferral))
}

// LeaveGroup takes a colleague, or oneself, out of a group that people made. It
// turns to a new key, and what it could open is sealed anew; see package renewal.
// The last who is in it stays: nobody here would open its contacts.
func (f *Feature) LeaveGroup(ctx context.Context, tx *db.Tx, s *staff.Session, group, id string) (err error) {
	defer errs.Wrap(&err, "admin.LeaveGroup")
	g, _, err := f.mine(ctx, tx, s, group)
	if err != nil {
		return err
	}
	people, err := staff.List(ctx, tx, g.Agency)
	if err != nil {
		return err
	}
	members, err := g.Members(ctx, tx)
	if err != nil {
		return err
	}
	if !members[id] {
		return errs.New(errs.NotFound, "", nil)
	}
	if lastReader(people, members, id) {
		return errs.New(errs.Conflict, "admin.group.error.last", nil)
	}
	if err := expel(ctx, tx, g, id, s.Person.ID, people); err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: string(staff.EditGroups) + " left", Record: id})
}

// mine is a group that people made, which the colleague is in. Any other is NotFound.
func (f *Feature) mine(ctx context.Context, tx *db.Tx, s *staff.Session, id string) (g keyring.Group, ring *keyring.Ring, err error) {
	if g, err = keyring.Get(ctx, tx, s.Person.Agency, id); err != nil {
		return g, nil, err
	}
	if standing(g) {
		return g, nil, errs.New(errs.NotFound, "", nil)
	}
	ring, err = g.Open(ctx, tx, s.Person.ID, s.Pair)
	return g, ring, err
}
