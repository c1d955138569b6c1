package directory

import (
	"context"
	"database/sql"
	"io/fs"
	"maps"
	"regexp"
	"slices"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Options say how to import.
type Options struct {
	Agency   string
	DryRun   bool           // say what would happen, write nothing
	SkipBad  bool           // import the rest although some rows could not be read
	Replace  bool           // remove what this source gave before and has no longer
	Only     string         // read this file of the folder and no other
	Country  string         // ISO 3166 code, for rows that name none; "" to find it out
	Region   string         // state or province, likewise
	Map      *Mapping       // how the columns of tables that are no HSDS become HSDS
	Progress func(Progress) // called about once a second; may be nil
	By       string         // who imports, for the list of imports; "" for a command
}

var sourceForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// ImportHSDS reads the files at the top of a folder; see Import.
func (f *Feature) ImportHSDS(ctx context.Context, fsys fs.FS, source string, opt Options) (rep *Report, err error) {
	var only []string
	if opt.Only != "" {
		only = []string{opt.Only}
	}
	files, err := FolderFiles(fsys, only...)
	if err != nil {
		rep = newReport()
		rep.add("file.unreadable", ".", 0, 0, "")
		return rep, err
	}
	return f.Import(ctx, files, source, opt)
}

// Import reads files of services: CSV tables of HSDS 3, 2 or 1, JSON documents,
// lists, pages, tables in one document, newline-delimited JSON, workbooks whose
// sheets are such tables, and tables of any form that a mapping explains. The
// source names the set: ids that are no UUIDs are derived from it, and importing
// it again changes what differs and nothing else.
//
// Nothing is written unless everything is: an error, also one of a single row
// when SkipBad is not set, gives the report and an error of kind Invalid. Memory
// grows with the number of rows, not with what stands in them.
func (f *Feature) Import(ctx context.Context, files Files, source string, opt Options) (rep *Report, err error) {
	defer errs.Wrap(&err, "directory.Import")
	if !sourceForm.MatchString(source) || opt.Agency == "" {
		return newReport(), errs.In("source", "directory.import.source")
	}
	s, err := newSet(source, opt, f.Scratch)
	if err != nil {
		return newReport(), err
	}
	defer s.close()
	if err := s.read(files, defaultLimits); err != nil {
		return s.rep, err
	}
	return s.rep, f.store(ctx, s)
}

// store writes a set in one transaction.
func (f *Feature) store(ctx context.Context, s *set) error {
	rep := s.rep
	if rep.Errors() > 0 && !s.opt.SkipBad || len(s.list) == 0 {
		return errs.New(errs.Invalid, "directory.import.refused", nil)
	}
	in := &importing{f: f, opt: s.opt, src: s.src, rep: rep, set: s}
	if s.opt.DryRun {
		return f.DB.View(ctx, in.run)
	}
	err := f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := in.run(ctx, tx); err != nil {
			return err
		}
		return f.log(ctx, tx, s.opt.Agency, staff.EditDirectory, "")
	})
	if err != nil {
		return err
	}
	rep.Imported = true
	if in.veil.fresh {
		_ = f.DB.TrimLog(ctx) // as in SetVisibility
	}
	return nil
}

// importing is one run of the writing transaction.
type importing struct {
	f    *Feature
	opt  Options
	src  source
	set  *set
	recs []*record // instead of a set: few, that are there already
	rep  *Report
	veil *veil // over what is confidential

	id    string            // of the import, in the list of them
	gone  map[string]string // organizations that were merged into others
	heard int               // of other sources' records, of which this one says something else than before
	many  bool              // more than one source speaks of some record
}

// each gives what is imported.
func (in *importing) each(do func(*record) error) error {
	if in.set != nil {
		return in.set.each(do)
	}
	for _, r := range in.recs {
		if err := do(r); err != nil {
			return err
		}
	}
	return nil
}

// together is how many records are compared with one question to the database.
const together = 200

func (in *importing) run(ctx context.Context, tx *db.Tx) error {
	rep := in.rep
	rep.again()
	rep.Added, rep.Changed, rep.Same, rep.Removed, in.heard = 0, 0, 0, 0, 0
	if err := in.hide(ctx, tx); err != nil {
		return err
	}
	if err := in.begin(ctx, tx); err != nil {
		return err
	}
	here := map[string]bool{}
	batches := map[string][]*record{}
	err := in.each(func(r *record) error {
		if in.opt.Replace {
			here[r.kind+"/"+r.id] = true
		}
		batches[r.kind] = append(batches[r.kind], r)
		if len(batches[r.kind]) < together {
			return nil
		}
		list := batches[r.kind]
		batches[r.kind] = nil
		return in.putAll(ctx, tx, r.kind, list)
	})
	for _, kind := range sortedKeys(batches) {
		if err == nil && len(batches[kind]) > 0 {
			err = in.putAll(ctx, tx, kind, batches[kind])
		}
	}
	if err != nil {
		return err
	}
	if in.veil.fresh && !in.opt.DryRun {
		if err := in.veil.everywhere(ctx, tx); err != nil {
			return err
		}
	}
	if in.opt.Replace {
		if err := in.remove(ctx, tx, here); err != nil {
			return err
		}
	}
	if in.opt.DryRun {
		return nil
	}
	if in.many && len(in.veil.hidden) > 0 { // what may be taken over what is near them is another now
		if err := in.f.weighAll(ctx, tx, in.opt.Agency); err != nil {
			return err
		}
	}
	if err := putSource(ctx, tx, in.opt.Agency, in.src); err != nil {
		return err
	}
	if rep.Added+rep.Changed+rep.Removed+in.heard == 0 {
		return nil
	}
	if rep.Added+rep.Changed+rep.Removed > 0 {
		if err := in.note(ctx, tx); err != nil {
			return err
		}
	}
	return in.f.touch(ctx, tx, in.opt.Agency)
}

// putAll writes some records of a kind.
func (in *importing) putAll(ctx context.Context, tx *db.Tx, kind string, list []*record) error {
	had, err := someRecords(ctx, tx, in.opt.Agency, kind, list)
	if err != nil {
		return err
	}
	var fresh []*record
	for _, r := range list {
		in.veil.over(r)
		old := had[r.id]
		switch {
		case old == nil:
			in.rep.Added++
			fresh = append(fresh, r)
		case old.source != in.src.Name: // ids that are no UUID never meet: they are derived from the source
			in.rep.add("id.shared", r.file, r.line, 0, "id")
			if err := in.hear(ctx, tx, r); err != nil {
				return err
			}
		default:
			if err := in.put(ctx, tx, r, old); err != nil {
				return err
			}
		}
	}
	if in.set != nil {
		in.set.now.Written += len(list)
		in.set.tell()
	}
	if in.opt.DryRun {
		return nil
	}
	if err := insertRecords(ctx, tx, in.opt.Agency, in.src.Name, fresh); err != nil {
		return err
	}
	for _, r := range fresh {
		if to := in.gone[r.organization]; to != "" && (r.kind == entService || r.kind == entLocation) {
			if err := moveOne(ctx, tx, in.opt.Agency, &stored{kind: r.kind, id: r.id}, to); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *importing) put(ctx context.Context, tx *db.Tx, r *record, old *stored) error {
	text := string(canonical(r.doc))
	if old.text == text {
		in.rep.Same++
		if r.sealed == nil || in.opt.DryRun {
			return nil
		}
		return updateRecord(ctx, tx, in.opt.Agency, r, text) // the sealed part may differ
	}
	in.rep.Changed++
	if in.opt.DryRun {
		return nil
	}
	if err := in.veil.falls(r, old); err != nil {
		return err
	}
	if err := in.before(ctx, tx, old.kind, old.id); err != nil {
		return err
	}
	if to := in.gone[r.organization]; to != "" {
		r.organization = to
	}
	if err := updateRecord(ctx, tx, in.opt.Agency, r, text); err != nil {
		return err
	}
	if err := noteOwner(ctx, tx, in.opt.Agency, old); err != nil {
		return err
	}
	if r.kind == entService && !sameButChecked(old.text, r.doc) {
		reset, err := in.f.resetCheck(ctx, tx, in.opt.Agency, r.id, in.src.Name)
		if reset {
			in.rep.add("verify.reset", r.file, r.line, 0, "")
		}
		if err != nil {
			return err
		}
	}
	if !in.many {
		return nil
	}
	return in.f.weigh(ctx, tx, in.opt.Agency, r.kind, r.id)
}

// hear keeps what this source says of a record that another gave.
func (in *importing) hear(ctx context.Context, tx *db.Tx, r *record) error {
	if comparedFields[r.kind] == nil || in.opt.DryRun {
		return nil
	}
	n, err := tx.Exec(ctx, `INSERT INTO directory_said (agency, kind, id, source, at, doc) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (agency, kind, id, source) DO UPDATE SET at = excluded.at, doc = excluded.doc WHERE directory_said.doc <> excluded.doc`,
		in.opt.Agency, r.kind, r.id, in.src.Name, db.Micros(tx.Now), string(canonical(spoken(r.kind, r.doc))))
	if err != nil || n == 0 {
		return err
	}
	in.heard++
	in.many = true
	return in.f.weigh(ctx, tx, in.opt.Agency, r.kind, r.id)
}

// hush lets go of what this source said of some of others' records.
func (in *importing) hush(ctx context.Context, tx *db.Tx, which func(stored) bool) error {
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (s stored, err error) {
		err = rows.Scan(&s.kind, &s.id)
		return s, err
	}, `SELECT kind, id FROM directory_said WHERE agency = $1 AND source = $2 ORDER BY kind, id`, in.opt.Agency, in.src.Name)
	if err != nil || in.opt.DryRun {
		return err
	}
	for _, s := range list {
		if !which(s) {
			continue
		}
		in.heard++
		if _, err := tx.Exec(ctx, `DELETE FROM directory_said WHERE agency = $1 AND kind = $2 AND id = $3 AND source = $4`, in.opt.Agency, s.kind, s.id, in.src.Name); err != nil {
			return err
		}
		if err := in.f.weigh(ctx, tx, in.opt.Agency, s.kind, s.id); err != nil {
			return err
		}
	}
	return nil
}

// sameButChecked says whether a source says nothing new of a service but that it was
// checked there: then our own check still stands.
func sameButChecked(text string, doc Object) bool {
	was, err := parse(text)
	if err != nil {
		return false
	}
	now := maps.Clone(doc)
	for _, field := range []string{"assured_date", "last_modified", "metadata"} {
		delete(was, field)
		delete(now, field)
	}
	return string(canonical(was)) == string(canonical(now))
}

// remove takes away what the source no longer has.
func (in *importing) remove(ctx context.Context, tx *db.Tx, here map[string]bool) error {
	had, err := namesOf(ctx, tx, in.opt.Agency, in.src.Name)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(had, func(s stored) bool { return here[s.kind+"/"+s.id] })
	if err := in.take(ctx, tx, left); err != nil {
		return err
	}
	return in.hush(ctx, tx, func(s stored) bool { return !here[s.kind+"/"+s.id] })
}

// take takes records of this source away.
func (in *importing) take(ctx context.Context, tx *db.Tx, list []stored) error {
	for _, s := range list {
		in.rep.Removed++
		if in.opt.DryRun {
			continue
		}
		if err := in.before(ctx, tx, s.kind, s.id); err != nil {
			return err
		}
		if err := noteOwner(ctx, tx, in.opt.Agency, &s); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM directory_record WHERE agency = $1 AND kind = $2 AND id = $3`, in.opt.Agency, s.kind, s.id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM directory_check WHERE agency = $1 AND service = $2`, in.opt.Agency, s.id); err != nil {
			return err
		}
		if err := noteChange(ctx, tx, in.opt.Agency, s.kind, s.id); err != nil {
			return err
		}
	}
	for _, s := range list { // when all have left, so that nothing is taken of who leaves, too
		if !in.many || in.opt.DryRun {
			break
		}
		if err := in.f.weigh(ctx, tx, in.opt.Agency, s.kind, s.id); err != nil {
			return err
		}
	}
	return nil
}
