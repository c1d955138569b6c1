package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Imported is one import of the list.
type Imported struct {
	ID, Source, By          string
	At                      time.Time
	Added, Changed, Removed int
	Found                   int // warnings and errors
	Undo                    bool
	Undone                  bool
}

// wasRecord is a record as it was before an import.
type wasRecord struct {
	Organization, Source, Original, Doc, Overlay string
	Created, Updated                             int64
}

func isNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// begin forgets how the import before this one could be undone: it cannot be
// any more.
func (in *importing) begin(ctx context.Context, tx *db.Tx) (err error) {
	in.id = ids.New()
	if in.gone, err = goneTo(ctx, tx, in.opt.Agency); err != nil {
		return err
	}
	list, err := several(ctx, tx, in.opt.Agency, "", "", 1)
	if in.many = len(list) > 0; err != nil || in.opt.DryRun {
		return err
	}
	return forgetBefore(ctx, tx, in.opt.Agency, in.src.Name)
}

// forgetBefore lets go of how records were, of one source or of all.
func forgetBefore(ctx context.Context, tx *db.Tx, agency, source string) error {
	_, err := tx.Exec(ctx, `DELETE FROM directory_before WHERE agency = $1 AND import IN
		(SELECT id FROM directory_import WHERE agency = $1 AND (source = $2 OR $2 = ''))`, agency, source)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE directory_import SET undo = 0 WHERE agency = $1 AND (source = $2 OR $2 = '')`, agency, source)
	return err
}

// before keeps a record as it is now. Where places are hidden nothing is kept:
// what was there could tell where they are.
func (in *importing) before(ctx context.Context, tx *db.Tx, kind, id string) error {
	if len(in.veil.hidden) > 0 {
		return nil
	}
	var w wasRecord
	var sealed []byte
	err := tx.QueryRow(ctx, `SELECT organization, source, original, doc, overlay, sealed, created, updated FROM directory_record WHERE agency = $1 AND kind = $2 AND id = $3`,
		in.opt.Agency, kind, id).Scan(&w.Organization, &w.Source, &w.Original, &w.Doc, &w.Overlay, &sealed, &w.Created, &w.Updated)
	if err != nil {
		return err
	}
	if sealed != nil { // of a hidden place; it is left as the import makes it
		return nil
	}
	_, err = tx.Exec(ctx, `INSERT INTO directory_before (agency, import, kind, id, was, sealed) VALUES ($1, $2, $3, $4, $5, NULL)`,
		in.opt.Agency, in.id, kind, id, string(canonical(w)))
	return err
}

// note puts the import into the list.
func (in *importing) note(ctx context.Context, tx *db.Tx) error {
	found := 0
	for code, n := range in.rep.Counts {
		if findings[code].level > Note {
			found += n
		}
	}
	undo := 1
	if len(in.veil.hidden) > 0 {
		undo = 0
	}
	_, err := tx.Exec(ctx, `INSERT INTO directory_import (agency, id, source, at, by_whom, added, changed, removed, found, undo, undone)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)`,
		in.opt.Agency, in.id, in.src.Name, db.Micros(tx.Now), in.opt.By, in.rep.Added, in.rep.Changed, in.rep.Removed, found, undo)
	return err
}

// maxImports bounds the list that a page shows.
const maxImports = 100

// Imports are the newest, newest first.
func (f *Feature) Imports(ctx context.Context, agency string) (list []Imported, err error) {
	defer errs.Wrap(&err, "directory.Imports")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = db.Collect(ctx, tx, func(rows *sql.Rows) (i Imported, err error) {
			var at, undo, undone int64
			err = rows.Scan(&i.ID, &i.Source, &at, &i.By, &i.Added, &i.Changed, &i.Removed, &i.Found, &undo, &undone)
			i.At, i.Undo, i.Undone = db.Time(at), undo != 0, undone != 0
			return i, err
		}, `SELECT id, source, at, by_whom, added, changed, removed, found, undo, undone
			FROM directory_import WHERE agency = $1 ORDER BY at DESC, id LIMIT $2`, agency, maxImports)
		return err
	})
	return list, err
}

// UndoImport takes the newest import of a source back: what it added goes, what
// it changed or removed is as it was. Services that it touches must be verified
// again.
func (f *Feature) UndoImport(ctx context.Context, agency, id string) (err error) {
	defer errs.Wrap(&err, "directory.UndoImport")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		var source string
		var at int64
		err := tx.QueryRow(ctx, `SELECT source, at FROM directory_import WHERE agency = $1 AND id = $2 AND undo = 1`, agency, id).Scan(&source, &at)
		if isNoRows(err) {
			return errs.New(errs.NotFound, "", nil)
		}
		if err != nil {
			return err
		}
		if err := f.undoImport(ctx, tx, agency, id, source, at); err != nil {
			return err
		}
		if err := f.log(ctx, tx, agency, staff.EditDirectory, ""); err != nil {
			return err
		}
		return f.touch(ctx, tx, agency)
	})
}

func (f *Feature) undoImport(ctx context.Context, tx *db.Tx, agency, id, source string, at int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM directory_check WHERE agency = $1 AND service IN
		(SELECT id FROM directory_record WHERE agency = $1 AND kind = $2 AND source = $3 AND created = $4)`, agency, entService, source, at); err != nil {
		return err
	}
	if err := noteImported(ctx, tx, agency, source, at); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM directory_record WHERE agency = $1 AND source = $2 AND created = $3`, agency, source, at); err != nil {
		return err
	}
	type was struct{ kind, id, text string }
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (w was, err error) {
		err = rows.Scan(&w.kind, &w.id, &w.text)
		return w, err
	}, `SELECT kind, id, was FROM directory_before WHERE agency = $1 AND import = $2 ORDER BY kind, id`, agency, id)
	if err != nil {
		return err
	}
	for _, one := range list {
		var w wasRecord
		if err := json.Unmarshal([]byte(one.text), &w); err != nil { //nolint:musttag // both ends are ours
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO directory_record (agency, kind, id, organization, source, original, doc, overlay, sealed, created, updated)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9, $10)
			ON CONFLICT (agency, kind, id) DO UPDATE SET organization = excluded.organization, original = excluded.original, doc = excluded.doc, updated = excluded.updated`,
			agency, one.kind, one.id, w.Organization, w.Source, w.Original, w.Doc, w.Overlay, w.Created, db.Micros(tx.Now))
		if err != nil {
			return err
		}
		if err := noteRestored(ctx, tx, agency, one.kind, one.id, w.Organization); err != nil {
			return err
		}
		if one.kind == entService {
			if _, err := f.resetCheck(ctx, tx, agency, one.id, source); err != nil {
				return err
			}
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM directory_said WHERE agency = $1 AND source = $2 AND at = $3`, agency, source, at); err != nil {
		return err // what it said before comes again with the next import
	}
	if err := f.weighAll(ctx, tx, agency); err != nil {
		return err
	}
	if err := forgetBefore(ctx, tx, agency, source); err != nil {
		return err
	}
	if err := noteChange(ctx, tx, agency, changedSource, source); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE directory_import SET undone = $3 WHERE agency = $1 AND id = $2`, agency, id, db.Micros(tx.Now))
	return err
}

// noteImported notes what an import added, before it is taken away, and whose
// it was.
func noteImported(ctx context.Context, tx *db.Tx, agency, source string, at int64) error {
	for _, query := range []string{
		`INSERT INTO directory_change (agency, revision, kind, id) SELECT agency, 0, kind, id FROM directory_record
			WHERE agency = $1 AND source = $2 AND created = $3 ON CONFLICT (agency, revision, kind, id) DO NOTHING`,
		`INSERT INTO directory_change (agency, revision, kind, id) SELECT DISTINCT agency, 0, 'organization', organization FROM directory_record
			WHERE agency = $1 AND source = $2 AND created = $3 AND kind = 'location' AND organization <> '' ON CONFLICT (agency, revision, kind, id) DO NOTHING`,
	} {
		if _, err := tx.Exec(ctx, query, agency, source, at); err != nil {
			return err
		}
	}
	return nil
}

// noteRestored notes a record that is as it was before an import.
func noteRestored(ctx context.Context, tx *db.Tx, agency, kind, id, organization string) error {
	if err := noteOwner(ctx, tx, agency, &stored{kind: kind, organization: organization}); err != nil {
		return err
	}
	return noteChange(ctx, tx, agency, kind, id)
}
