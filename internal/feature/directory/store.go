package directory

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// stored is a record as the database has it.
type stored struct {
	kind, id, organization, source, original string
	text, overlay                            string
	updated                                  time.Time
}

// object is the record with our curators' changes laid over what the source says.
func (s *stored) object() (Object, error) {
	o, err := parse(s.text)
	if err != nil || s.overlay == "" {
		return o, err
	}
	over, err := s.overlaid()
	if err != nil {
		return nil, err
	}
	maps.Copy(o, over)
	return o, nil
}

// overlaid is what our curators laid over what the source says; empty if nothing.
func (s *stored) overlaid() (Object, error) {
	if s.overlay == "" {
		return Object{}, nil
	}
	return parse(s.overlay)
}

// parse reads a stored document. Numbers stay as they were written.
func parse(text string) (Object, error) {
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	o := Object{}
	if err := dec.Decode(&o); err != nil {
		return nil, errs.New(errs.Internal, "", errors.New("directory: a stored document is not JSON"))
	}
	return o, nil
}

const recordColumns = `kind, id, organization, source, original, doc, overlay, updated`

func scanRecords(rows *sql.Rows) ([]*stored, error) {
	defer rows.Close()
	var out []*stored
	for rows.Next() {
		s, at := &stored{}, int64(0)
		if err := rows.Scan(&s.kind, &s.id, &s.organization, &s.source, &s.original, &s.text, &s.overlay, &at); err != nil {
			return nil, err
		}
		s.updated = db.Time(at)
		out = append(out, s)
	}
	return out, rows.Err()
}

// allRecords reads everything of an agency, in an order that is always the same.
func allRecords(ctx context.Context, tx *db.Tx, agency string) ([]*stored, error) {
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record WHERE agency = $1 ORDER BY kind, id`, agency)
	if err != nil {
		return nil, err
	}
	return scanRecords(rows)
}

// oneRecord reads a record; NotFound if there is none.
func oneRecord(ctx context.Context, tx *db.Tx, agency, kind, id string) (*stored, error) {
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record WHERE agency = $1 AND kind = $2 AND id = $3`, agency, kind, id)
	if err != nil {
		return nil, err
	}
	found, err := scanRecords(rows)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errs.New(errs.NotFound, "", nil)
	}
	return found[0], nil
}

func insertRecord(ctx context.Context, tx *db.Tx, agency, source string, r *record, text string) error {
	_, err := tx.Exec(ctx, `INSERT INTO directory_record
		(agency, kind, id, organization, source, original, doc, overlay, sealed, created, updated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, $9)`,
		agency, r.kind, r.id, r.organization, source, r.original, text, r.sealed, db.Micros(tx.Now))
	if err != nil {
		return err
	}
	return noteChange(ctx, tx, agency, r.kind, r.id)
}

func updateRecord(ctx context.Context, tx *db.Tx, agency string, r *record, text string) error {
	_, err := tx.Exec(ctx, `UPDATE directory_record
		SET organization = $4, original = $5, doc = $6, sealed = COALESCE($7, sealed), updated = $8
		WHERE agency = $1 AND kind = $2 AND id = $3`,
		agency, r.kind, r.id, r.organization, r.original, text, r.sealed, db.Micros(tx.Now))
	if err != nil {
		return err
	}
	return noteChange(ctx, tx, agency, r.kind, r.id)
}

// setOverlay lays something over a record; nothing takes all of it off.
func setOverlay(ctx context.Context, tx *db.Tx, agency, kind, id string, overlay Object) error {
	text := ""
	if len(overlay) > 0 {
		text = string(canonical(overlay))
	}
	_, err := tx.Exec(ctx, `UPDATE directory_record SET overlay = $4, updated = $5
		WHERE agency = $1 AND kind = $2 AND id = $3`, agency, kind, id, text, db.Micros(tx.Now))
	if err != nil {
		return err
	}
	return noteChange(ctx, tx, agency, kind, id)
}

// source is what is known of a set as a whole.
type source struct {
	Name, Country, Region string
	Imported              time.Time
	Place                 int64 // in the order of sources, from 1; 0 is none yet
}

// putSource keeps what is known of a set; where it is decides where its places are.
func putSource(ctx context.Context, tx *db.Tx, agency string, s source) error {
	srcs, err := sources(ctx, tx, agency)
	if err != nil {
		return err
	}
	if was := srcs[s.Name]; was.Country != s.Country || was.Region != s.Region {
		if err := noteChange(ctx, tx, agency, changedSource, s.Name); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO directory_source (agency, source, country, region, imported) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (agency, source) DO UPDATE SET country = excluded.country, region = excluded.region, imported = excluded.imported`,
		agency, s.Name, s.Country, s.Region, db.Micros(tx.Now))
	return err
}

func sources(ctx context.Context, tx *db.Tx, agency string) (map[string]source, error) {
	rows, err := tx.Query(ctx, `SELECT source, country, region, imported, place FROM directory_source WHERE agency = $1`, agency)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]source{}
	for rows.Next() {
		var s source
		var at int64
		if err := rows.Scan(&s.Name, &s.Country, &s.Region, &at, &s.Place); err != nil {
			return nil, err
		}
		s.Imported = db.Time(at)
		out[s.Name] = s
	}
	return out, rows.Err()
}

// keptChanges is for how many revisions what changed stays written down. Who is
// further behind reads everything anew.
const keptChanges = 10_000

// touch ends a change of an agency's directory: it gets the next revision, and
// with it all that was noted. The row of the revision is held until the commit, so
// that revisions are in the order of commits. A transaction in which nothing
// became different gets none.
func (f *Feature) touch(ctx context.Context, tx *db.Tx, agency string) error {
	var noted int64
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM directory_change WHERE agency = $1 AND revision = 0 LIMIT 1) AS noted`, agency).Scan(&noted)
	if err != nil || noted == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO directory_revision (agency, revision) VALUES ($1, 1)
		ON CONFLICT (agency) DO UPDATE SET revision = directory_revision.revision + 1`, agency)
	if err != nil {
		return err
	}
	now, err := revision(ctx, tx, agency)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE directory_change SET revision = $2 WHERE agency = $1 AND revision = 0`, agency, now); err != nil {
		return err
	}
	if err := f.tellFollowers(ctx, tx, agency, now); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM directory_change WHERE agency = $1 AND revision > 0 AND revision <= $2`, agency, now-keptChanges)
	return err
}

func revision(ctx context.Context, tx *db.Tx, agency string) (int64, error) {
	var n int64
	err := tx.QueryRow(ctx, `SELECT revision FROM directory_revision WHERE agency = $1`, agency).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}
