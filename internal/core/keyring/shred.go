package keyring

import (
	"context"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// Shred deletes all of a record's keys, of every epoch: from the commit on
// nobody opens it here, and from backups nobody once the keys of those are
// gone. It goes into the transaction that deletes what they opened. The batch
// under which they were wrapped may be other records' too, and opens nothing
// without them.
func Shred(ctx context.Context, tx *db.Tx, agency, record string) error {
	_, err := tx.Exec(ctx, `DELETE FROM key_wraps WHERE agency = $1 AND owner = $2`, agency, record)
	return err
}
