// Package keyring holds who can open what: the key pairs of groups, and the
// key of each record wrapped to those entitled to it.
//
// It promises that the server can make a record and seal to it while nobody
// is signed in, and can open none: every private half is on disk only wrapped
// to somebody. Adding somebody is one more wrap.
//
// When somebody leaves, the group turns to a new key, and what is made from then
// on opens with that one only: who left could have kept the old key.
//
// A record from before gets its next key too, before anything is added to it
// (see Keys.Stale); what was in it is sealed anew while a member of the group is
// signed in (see Maker.Renew, and package renewal).
//
// Limits: whoever opened a record could have kept what it said, and knows its
// lineage, with which entries about it are found in the log.
package keyring

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the keyring's tables.
var Migrations = db.Embedded("keyring", files)

// The groups that set-up makes in every agency.
const (
	// Intake opens what the public sends.
	Intake = "intake"
	// Audit opens the log of who did what. Who runs the system is not in it.
	Audit = "audit"
	// Recovery is nobody's: its private half was printed once and is on no machine.
	Recovery = "recovery"
)

// Group is a set of people who share a key pair.
type Group struct {
	ID     string
	Agency string
	Name   string
	Epoch  int
	Public seal.Public
}

// Same says whether two are one group with one key. The number of a key is not
// enough: a transaction that turned the group may have come to nothing, and the
// next one gives the same number to another key.
func (g Group) Same(other Group) bool {
	return g.ID == other.ID && g.Epoch == other.Epoch && bytes.Equal(g.Public.Bytes(), other.Public.Bytes())
}

// Member is somebody to wrap a group's key to.
type Member struct {
	ID     string
	Public seal.Public
}

// Create makes a group whose key the given members hold from the start.
func Create(ctx context.Context, tx *db.Tx, agency, name string, members ...Member) (g Group, err error) {
	defer errs.Wrap(&err, "keyring.Create")
	pair, err := seal.NewPair()
	if err != nil {
		return g, err
	}
	g, err = insertGroup(ctx, tx, agency, name, pair.Public())
	if err != nil {
		return g, err
	}
	for _, m := range members {
		if err := wrap(ctx, tx, g.place(), m.ID, m.Public, pair.Seed()); err != nil {
			return g, err
		}
	}
	return g, nil
}

// CreateRecovery makes the recovery group from the public half of the key
// that is about to be printed.
func CreateRecovery(ctx context.Context, tx *db.Tx, agency string, public seal.Public) (Group, error) {
	return insertGroup(ctx, tx, agency, Recovery, public)
}

func insertGroup(ctx context.Context, tx *db.Tx, agency, name string, public seal.Public) (Group, error) {
	g := Group{ID: ids.New(), Agency: agency, Name: name, Epoch: 1, Public: public}
	_, err := tx.Exec(ctx, `INSERT INTO key_groups (id, agency, name, epoch, public_key) VALUES ($1, $2, $3, $4, $5)`,
		g.ID, g.Agency, g.Name, g.Epoch, public.Bytes())
	if err != nil {
		return g, err
	}
	return g, g.keepPublic(ctx, tx)
}

// keepPublic remembers the public half of the group's key of now.
func (g Group) keepPublic(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO key_epochs (agency, owner, epoch, public_key) VALUES ($1, $2, $3, $4)`,
		g.Agency, g.ID, g.Epoch, g.Public.Bytes())
	return err
}

const groupColumns = `id, agency, name, epoch, public_key`

func scanGroup(row interface{ Scan(...any) error }) (g Group, err error) {
	var public []byte
	err = row.Scan(&g.ID, &g.Agency, &g.Name, &g.Epoch, &public)
	if errors.Is(err, sql.ErrNoRows) {
		return g, errs.New(errs.NotFound, "", nil)
	}
	if err != nil {
		return g, err
	}
	g.Public, err = seal.ParsePublic(public)
	return g, err
}

// Find gives a group by its name.
func Find(ctx context.Context, tx *db.Tx, agency, name string) (g Group, err error) {
	defer errs.Wrap(&err, "keyring.Find")
	return scanGroup(tx.QueryRow(ctx, `SELECT `+groupColumns+` FROM key_groups WHERE agency = $1 AND name = $2`, agency, name))
}

// Get gives a group by its id.
func Get(ctx context.Context, tx *db.Tx, agency, id string) (g Group, err error) {
	defer errs.Wrap(&err, "keyring.Get")
	return scanGroup(tx.QueryRow(ctx, `SELECT `+groupColumns+` FROM key_groups WHERE agency = $1 AND id = $2`, agency, id))
}

// Groups gives an agency's groups by name, without that of the recovery key.
func Groups(ctx context.Context, tx *db.Tx, agency string) ([]Group, error) {
	return groups(ctx, tx, `SELECT `+groupColumns+` FROM key_groups WHERE agency = $1 AND name <> $2 ORDER BY name, id LIMIT 1000`, agency, Recovery)
}

// GroupsOf gives the groups whose key of now somebody holds.
func GroupsOf(ctx context.Context, tx *db.Tx, agency, member string) ([]Group, error) {
	return groups(ctx, tx, `SELECT g.id, g.agency, g.name, g.epoch, g.public_key FROM key_groups g
		JOIN key_wraps w ON w.owner = g.id AND w.epoch = g.epoch AND w.recipient = $2
		WHERE g.agency = $1 ORDER BY g.name, g.id LIMIT 1000`, agency, member)
}

func groups(ctx context.Context, tx *db.Tx, query string, args ...any) (list []Group, err error) {
	defer errs.Wrap(&err, "keyring.groups")
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Group, error) { return scanGroup(rows) }, query, args...)
}

// Remove takes all of somebody's wraps of the group's keys away. Whoever kept a
// copy of one still holds that key: see Turn.
func (g Group) Remove(ctx context.Context, tx *db.Tx, member string) error {
	_, err := tx.Exec(ctx, `DELETE FROM key_wraps WHERE owner = $1 AND recipient = $2`, g.ID, member)
	return err
}

// Members tells who holds the group's key.
func (g Group) Members(ctx context.Context, tx *db.Tx) (_ map[string]bool, err error) {
	defer errs.Wrap(&err, "keyring.Members")
	rows, err := tx.Query(ctx, `SELECT recipient FROM key_wraps WHERE owner = $1 AND epoch = $2`, g.ID, g.Epoch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	who := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		who[id] = true
	}
	return who, rows.Err()
}

func (g Group) place() seal.Place {
	return seal.Place{Agency: g.Agency, Record: g.ID, Table: "key_groups", Epoch: g.Epoch}
}
