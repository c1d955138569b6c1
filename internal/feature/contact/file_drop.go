package contact

import (
	"context"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// DropFiles takes all files of a contact away, in the transaction of whoever
// decided that: their keys at once, so that they open for nobody, and the
// files themselves within a minute of the commit (SweepFiles). Their lines
// stay and say that they are gone. It gives how many there were. It is for
// retention and for deletion; the caller checks who may and writes the log.
func (f *Feature) DropFiles(ctx context.Context, tx *db.Tx, agency, contactID string) (n int, err error) {
	defer errs.Wrap(&err, "contact.DropFiles")
	_, err = tx.Exec(ctx, `INSERT INTO contact_blobs (blob, agency, due) SELECT blob, agency, $3 FROM contact_files WHERE agency = $1 AND contact = $2`,
		agency, contactID, db.Micros(tx.Now))
	if err != nil {
		return 0, err
	}
	gone, err := tx.Exec(ctx, `DELETE FROM contact_files WHERE agency = $1 AND contact = $2`, agency, contactID)
	if err == nil && gone > 0 {
		f.hint(tx, Topic(agency, contactID))
	}
	return int(gone), err
}

// swept is how many files one sweep removes.
const swept = 1000

// SweepFiles removes from the store what is in no contact: what was dropped,
// and what came while the program was killed. The app calls it every minute.
// It may run twice for the same file, on two machines or after a crash.
func (f *Feature) SweepFiles(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "contact.SweepFiles")
	var names []string
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		names, err = db.Strings(ctx, tx, `SELECT blob FROM contact_blobs WHERE agency = $1 AND due <= $2 ORDER BY due LIMIT $3`, f.Agency, db.Micros(tx.Now), swept)
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := f.Blobs.Delete(ctx, name); err != nil {
			return err
		}
		if err := f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return spared(ctx, tx, name) }); err != nil {
			return err
		}
	}
	return nil
}
