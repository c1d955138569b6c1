package staff

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the staff's tables.
var Migrations = db.Embedded("staff", files)

// Person is a colleague's account.
type Person struct {
	ID       string
	Agency   string
	Name     string // with which they sign in
	Role     Role
	Language string
	Public   seal.Public
	Created  time.Time
	Disabled bool
	Fresh    bool // its pass phrase was made by somebody else; see Change

	opened []byte // the sealed key as it was when it was opened; see still
}

// maxName is the longest name of an account, in characters.
const maxName = 60

// New is an account that is about to be made, its key already sealed.
type New struct {
	Person Person
	Pair   *seal.Pair // for who makes it, to admit themselves to groups
	cost   seal.Cost
	sealed []byte
	was    []byte // the public half of the key that it replaces
}

// Prepare makes an account's key and seals it under the pass phrase, which
// must outlast guessing by who knows the words in known. It takes as long as a
// sign-in, so it runs before the transaction.
func Prepare(ctx context.Context, agency, name string, role Role, passphrase string, known ...string) (n New, err error) {
	defer errs.Wrap(&err, "staff.Prepare")
	name = text.Line(name)
	switch {
	case nameKey(name) == "" || !text.Fits(name, maxName):
		return n, errs.In("name", "staff.error.name")
	case !role.Valid():
		return n, errs.In("role", "staff.error.role")
	}
	return withKey(ctx, Person{ID: ids.New(), Agency: agency, Name: name, Role: role, Language: "en"}, passphrase, known)
}

// withKey gives an account a fresh key, sealed under the pass phrase.
func withKey(ctx context.Context, p Person, passphrase string, known []string) (n New, err error) {
	if err := checkPassphrase(passphrase, p.Name, known...); err != nil {
		return n, err
	}
	n.Pair, err = seal.NewPair()
	if err != nil {
		return n, err
	}
	n.Person, n.cost = p, seal.NewCost()
	n.Person.Public, n.Person.Fresh = n.Pair.Public(), false
	unlock, err := unlockKey(ctx, seal.Making, passphrase, n.cost)
	if err != nil {
		return n, err
	}
	n.sealed = unlock.Seal(n.Person.place(), n.Pair.Seed())
	return n, nil
}

// HandedOver marks an account whose pass phrase somebody else made: at the
// first sign-in its owner chooses another, and until then nobody admits them.
// Otherwise whoever makes accounts could read what their owners may.
func (n New) HandedOver() New {
	n.Person.Fresh = true
	return n
}

// Insert keeps a prepared account. A name that is taken is a Conflict.
func (n New) Insert(ctx context.Context, tx *db.Tx, by string) (err error) {
	defer errs.Wrap(&err, "staff.Insert")
	p := n.Person
	rows, err := tx.Exec(ctx, `INSERT INTO staff
		(id, agency, name, name_key, role, language, public_key, cost, sealed_seed, created, disabled, fresh)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11) ON CONFLICT (agency, name_key) DO NOTHING`,
		p.ID, p.Agency, p.Name, nameKey(p.Name), string(p.Role), p.Language, p.Public.Bytes(), n.cost.Encode(), n.sealed, db.Micros(tx.Now), p.Fresh)
	if err != nil {
		return err
	}
	if rows == 0 {
		return errs.New(errs.Conflict, "staff.error.taken", nil)
	}
	return audit.Write(ctx, tx, p.Agency, audit.Entry{Staff: by, Action: string(ManageStaff), Record: p.ID, Is: stateOf(p.Public.Bytes())})
}

const personColumns = `id, agency, name, role, language, public_key, created, disabled, fresh`

type scanner interface{ Scan(...any) error }

func scanPerson(row scanner, more ...any) (p Person, err error) {
	var public []byte
	var created int64
	var role string
	err = row.Scan(append([]any{&p.ID, &p.Agency, &p.Name, &role, &p.Language, &public, &created, &p.Disabled, &p.Fresh}, more...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return p, errs.New(errs.NotFound, "", nil)
	}
	if err != nil {
		return p, err
	}
	p.Role, p.Created = Role(role), db.Time(created)
	p.Public, err = seal.ParsePublic(public)
	return p, err
}

// Get gives an account.
func Get(ctx context.Context, tx *db.Tx, agency, id string) (Person, error) {
	return scanPerson(tx.QueryRow(ctx, `SELECT `+personColumns+` FROM staff WHERE agency = $1 AND id = $2`, agency, id))
}

// Named gives the account with a name.
func Named(ctx context.Context, tx *db.Tx, agency, name string) (Person, error) {
	return scanPerson(tx.QueryRow(ctx, `SELECT `+personColumns+` FROM staff WHERE agency = $1 AND name_key = $2`, agency, nameKey(name)))
}

// List gives all accounts of an agency, by name.
func List(ctx context.Context, tx *db.Tx, agency string) (list []Person, err error) {
	defer errs.Wrap(&err, "staff.List")
	rows, err := tx.Query(ctx, `SELECT `+personColumns+` FROM staff WHERE agency = $1 ORDER BY name LIMIT 10000`, agency)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		p, err := scanPerson(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// Names maps the ids of an agency's accounts to their names.
func Names(ctx context.Context, tx *db.Tx, agency string) (map[string]string, error) {
	list, err := List(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(list))
	for _, p := range list {
		names[p.ID] = p.Name
	}
	return names, nil
}

// SetDisabled closes an account, with all its sessions, or opens it again.
func SetDisabled(ctx context.Context, tx *db.Tx, agency, id, by string, disabled bool) (err error) {
	defer errs.Wrap(&err, "staff.SetDisabled")
	n, err := tx.Exec(ctx, `UPDATE staff SET disabled = $3 WHERE agency = $1 AND id = $2`, agency, id, disabled)
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.New(errs.NotFound, "", nil)
	}
	if disabled {
		for _, table := range []string{"staff_sessions", "staff_halfway", "staff_browsers"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE staff = $1`, id); err != nil {
				return err
			}
		}
	}
	return audit.Write(ctx, tx, agency, audit.Entry{Staff: by, Action: string(ManageStaff), Record: id})
}

// Unlock opens an account's key with its pass phrase. Nothing, neither words
// nor time, tells a wrong name from a wrong pass phrase.
func Unlock(ctx context.Context, d *db.DB, agency, name, passphrase string) (Person, *seal.Pair, error) {
	return unlock(ctx, d, seal.Door, agency, name, passphrase)
}

// trying holds the accounts of which a pass phrase is being tried from inside: one
// at a time, or a single colleague could keep everybody's screen locked.
var trying sync.Map

// Unlock opens the key of who is signed in, with their pass phrase. It does
// not wait behind those who sign in: whoever floods the door locks nobody who
// is inside out of their screen.
func (s *Session) Unlock(ctx context.Context, d *db.DB, passphrase string) (*seal.Pair, error) {
	if _, busy := trying.LoadOrStore(s.Person.ID, true); busy {
		return nil, errs.New(errs.Busy, "", errors.New("another pass phrase of this account is being tried"))
	}
	defer trying.Delete(s.Person.ID)
	p, pair, err := unlock(ctx, d, seal.Inside, s.Person.Agency, s.Person.Name, passphrase)
	s.Person.opened = p.opened
	return pair, err
}

// still says whether the account is open and has the key that was opened a
// moment ago. Stretching a pass phrase takes that moment: meanwhile it may have
// been changed, given another key or closed, and what was opened before must not
// begin anything after.
func (p Person) still(ctx context.Context, tx *db.Tx, pair *seal.Pair) error {
	var public, sealed []byte
	err := tx.QueryRow(ctx, `SELECT public_key, sealed_seed FROM staff WHERE agency = $1 AND id = $2 AND disabled = 0`, p.Agency, p.ID).
		Scan(&public, &sealed)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err != nil || !bytes.Equal(public, pair.Public().Bytes()) || p.opened != nil && !bytes.Equal(sealed, p.opened) {
		return errs.New(errs.Unauthenticated, "staff.error.signin", nil)
	}
	return nil
}

func unlock(ctx context.Context, d *db.DB, lane seal.Lane, agency, name, passphrase string) (p Person, pair *seal.Pair, err error) {
	defer errs.Wrap(&err, "staff.Unlock")
	refused := errs.New(errs.Unauthenticated, "staff.error.signin", nil)
	if len(passphrase) > 4*maxPassphrase || len(name) > 4*maxName {
		return p, nil, refused
	}
	cost, sealed := seal.NewCost(), []byte(nil)
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		var stored string
		p, err = scanPerson(tx.QueryRow(ctx, `SELECT `+personColumns+`, cost, sealed_seed FROM staff
			WHERE agency = $1 AND name_key = $2`, agency, nameKey(name)), &stored, &sealed)
		if errs.Is(err, errs.NotFound) {
			return nil // guess on with a cost of our own
		}
		if err != nil {
			return err
		}
		cost, err = seal.ParseCost(stored)
		return err
	})
	if err != nil {
		return p, nil, err
	}
	key, err := unlockKey(ctx, lane, passphrase, cost)
	if err != nil {
		return p, nil, err
	}
	seed, err := key.Open(p.place(), sealed)
	if err != nil || p.Disabled {
		return p, nil, refused
	}
	p.opened = sealed
	pair, err = seal.PairFromSeed(seed)
	if err == nil && !bytes.Equal(pair.Public().Bytes(), p.Public.Bytes()) {
		// Whoever put a key of theirs here would be wrapped what is meant for p.
		return p, nil, errs.New(errs.Internal, "", errors.New("the public half of an account is not of its key"))
	}
	return p, pair, err
}

// unlockKey stretches a pass phrase. Spaces at its ends are not part of it:
// they come from copying.
func unlockKey(ctx context.Context, lane seal.Lane, passphrase string, cost seal.Cost) (seal.Key, error) {
	b, err := seal.Stretch(ctx, lane, strings.TrimSpace(passphrase), cost)
	if err != nil {
		return seal.Key{}, err
	}
	return seal.Derive(b, "staff unlock"), nil
}

func (p Person) place() seal.Place {
	return seal.Place{Agency: p.Agency, Record: p.ID, Table: "staff", Row: p.ID}
}
