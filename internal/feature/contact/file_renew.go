package contact

import (
	"context"
	"database/sql"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// resealFiles seals the keys of a contact's files under the keys of now. The
// files stay as they are: docs/decisions/0019 says what that gives and what not.
func (r *row) resealFiles(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error {
	public, err := seal.ParsePublic(r.public)
	if err != nil {
		return err
	}
	type fileKey struct {
		n, byKey int64
		blob     string
		sealed   []byte
	}
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (k fileKey, err error) {
		err = rows.Scan(&k.n, &k.byKey, &k.blob, &k.sealed)
		return k, err
	}, `SELECT n, by_key, blob, sealed FROM contact_files WHERE contact = $1`, r.ID)
	if err != nil {
		return err
	}
	for _, k := range list {
		if k.sealed, err = again(keys, public, r.place(fileTable, k.blob), k.byKey, k.sealed); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE contact_files SET sealed = $3 WHERE contact = $1 AND n = $2`, r.ID, k.n, k.sealed); err != nil {
			return err
		}
	}
	return nil
}
