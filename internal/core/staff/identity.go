package staff

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Identity is an account's link to one at the organisation's own provider. It
// proves a name and opens no key.
type Identity struct {
	Linked      bool
	Since, Used time.Time
}

// ReadIdentity tells whether an account has such a link.
func ReadIdentity(ctx context.Context, tx *db.Tx, p Person) (i Identity, err error) {
	defer errs.Wrap(&err, "staff.ReadIdentity")
	var created, used int64
	err = tx.QueryRow(ctx, `SELECT created, used FROM staff_identities WHERE agency = $1 AND staff = $2`, p.Agency, p.ID).Scan(&created, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return i, nil
	}
	return Identity{true, db.Time(created), db.Time(used)}, err
}

// LinkIdentity makes who the provider named the colleague's own, in place of who was
// before. marks are of oidc.Provider.Marks. One that is somebody else's is a
// Conflict. The caller has asked for the pass phrase again.
func (s *Session) LinkIdentity(ctx context.Context, tx *db.Tx, marks []string) (err error) {
	defer errs.Wrap(&err, "staff.LinkIdentity")
	if err := s.Person.still(ctx, tx, s.Pair); err != nil {
		return err
	}
	taken := errs.New(errs.Conflict, "staff.error.identity", nil)
	for _, mark := range marks {
		p, err := marked(ctx, tx, s.Person.Agency, mark)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		if err == nil && p.ID != s.Person.ID {
			return taken
		}
	}
	if err := dropIdentity(ctx, tx, s.Person.ID); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO staff_identities (staff, agency, mark, created, used) VALUES ($1, $2, $3, $4, $4) ON CONFLICT DO NOTHING`,
		s.Person.ID, s.Person.Agency, marks[0], db.Micros(tx.Now))
	if err != nil {
		return err
	}
	if n == 0 {
		return taken
	}
	return s.Log(ctx, tx, audit.Entry{Action: string(ChangePassphrase) + " identity-on", Record: s.Person.ID})
}

// EndIdentity takes the colleague's own link away.
func (s *Session) EndIdentity(ctx context.Context, tx *db.Tx) (err error) {
	defer errs.Wrap(&err, "staff.EndIdentity")
	if err := dropIdentity(ctx, tx, s.Person.ID); err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: string(ChangePassphrase) + " identity-off", Record: s.Person.ID})
}

func dropIdentity(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM staff_identities WHERE staff = $1`, id)
	return err
}

// Identified gives the account that is linked to who the provider named, and notes
// the use. A mark under an older secret of the client is made one under that of now.
// Nobody's, or that of a closed account, is errs.Unauthenticated.
func Identified(ctx context.Context, tx *db.Tx, agency string, marks []string) (p Person, err error) {
	defer errs.Wrap(&err, "staff.Identified")
	for _, mark := range marks {
		p, err = marked(ctx, tx, agency, mark)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return p, err
		}
		if p.Disabled {
			break
		}
		_, err = tx.Exec(ctx, `UPDATE staff_identities SET mark = $2, used = $3 WHERE staff = $1`, p.ID, marks[0], db.Micros(tx.Now))
		return p, err
	}
	return Person{}, errs.New(errs.Unauthenticated, "", nil)
}

// marked is the account with a mark.
func marked(ctx context.Context, tx *db.Tx, agency, mark string) (Person, error) {
	return scanPerson(tx.QueryRow(ctx, `SELECT `+personColumns+` FROM staff
		WHERE agency = $1 AND id = (SELECT staff FROM staff_identities WHERE agency = $1 AND mark = $2)`, agency, mark))
}
