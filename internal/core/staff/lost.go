package staff

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// PrepareLost makes another key for an account whose pass phrase is lost. The
// old one cannot be opened again, by nobody; so the account is in no group any
// more and waits to be admitted like a new one. It takes as long as a sign-in,
// and so runs before the transaction.
func PrepareLost(ctx context.Context, p Person, passphrase string, known ...string) (n New, err error) {
	defer errs.Wrap(&err, "staff.PrepareLost")
	n, err = withKey(ctx, p, passphrase, known)
	n.was = p.Public.Bytes()
	return n, err
}

// Replace puts a key of PrepareLost in the place of the account's own, and ends
// its sessions, its second step, its passkeys and its link to a provider. The caller takes the account out of its groups.
func (n New) Replace(ctx context.Context, tx *db.Tx, by string) (err error) {
	defer errs.Wrap(&err, "staff.Replace")
	p := n.Person
	rows, err := tx.Exec(ctx, `UPDATE staff SET public_key = $3, cost = $4, sealed_seed = $5, fresh = $6
		WHERE agency = $1 AND id = $2 AND public_key = $7`,
		p.Agency, p.ID, p.Public.Bytes(), n.cost.Encode(), n.sealed, p.Fresh, n.was)
	if err != nil {
		return err
	}
	if rows == 0 {
		return errs.New(errs.Conflict, "", nil) // twice at once: only one pass phrase can count
	}
	if err := dropSecond(ctx, tx, p.ID); err != nil {
		return err
	}
	if err := dropPasskeys(ctx, tx, p.ID); err != nil {
		return err
	}
	if err := dropIdentity(ctx, tx, p.ID); err != nil {
		return err
	}
	if err := forgetBrowsers(ctx, tx, p.ID, ""); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM staff_sessions WHERE staff = $1`, p.ID); err != nil {
		return err
	}
	return audit.Write(ctx, tx, p.Agency, audit.Entry{
		Staff: by, Action: string(ManageStaff) + " lost", Record: p.ID, Was: stateOf(n.was), Is: stateOf(p.Public.Bytes()),
	})
}
