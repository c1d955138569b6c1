package directory

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Options say how to import.
type Options struct {
	Agency  string
	DryRun  bool   // say what would happen, write nothing
	SkipBad bool   // import the rest although some rows could not be read
	Replace bool   // remove what this source gave before and has no longer
	Only    string // read this file of the folder and no other
	Country string // ISO 3166 code, for rows that name none; "" to find it out
	Region  string // state or province, likewise
}

var sourceForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// ImportHSDS reads the HSDS files at the top of a folder: CSV tables of HSDS
// 3, 2 or 1, JSON documents, lists, pages, tables in one document, and
// newline-delimited JSON. The source names the set: ids that are no UUIDs are
// derived from it, and importing it again changes what differs and nothing else.
//
// Nothing is written unless everything is: an error, also one of a single row
// when SkipBad is not set, gives the report and an error of kind Invalid.
func (f *Feature) ImportHSDS(ctx context.Context, fsys fs.FS, source string, opt Options) (rep *Report, err error) {
	defer errs.Wrap(&err, "directory.ImportHSDS")
	if !sourceForm.MatchString(source) || opt.Agency == "" {
		return newReport(), errs.In("source", "directory.import.source")
	}
	rep = newReport()
	rep.DryRun = opt.DryRun
	rows := readAll(fsys, opt.Only, defaultLimits, rep)
	return rep, f.store(ctx, source, rows, opt, rep)
}

// store assembles rows and writes them in one transaction.
func (f *Feature) store(ctx context.Context, name string, rows []row, opt Options, rep *Report) error {
	recs := assemble(name, rows, rep)
	src := guessSource(name, opt, recs)
	checkValues(recs, src, rep)
	if len(recs) == 0 && rep.Errors() == 0 {
		rep.add("file.none", ".", 0, 0, "")
	}
	if rep.Errors() > 0 && !opt.SkipBad || len(recs) == 0 {
		return errs.New(errs.Invalid, "directory.import.refused", nil)
	}
	in := &importing{f: f, opt: opt, src: src, recs: recs, rep: rep}
	if opt.DryRun {
		return f.DB.View(ctx, in.run)
	}
	err := f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := in.run(ctx, tx); err != nil {
			return err
		}
		return f.log(ctx, tx, opt.Agency, staff.EditDirectory, "")
	})
	if err != nil {
		return err
	}
	rep.Imported = true
	return nil
}

// readAll reads each file it knows, in the order of their names, or only one.
func readAll(fsys fs.FS, only string, lim limits, rep *Report) []row {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		rep.add("file.unreadable", ".", 0, 0, "")
		return nil
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	var rows []row
	files := 0
	for _, e := range entries {
		ext := strings.ToLower(path.Ext(e.Name()))
		if only != "" && e.Name() != only {
			continue
		}
		if e.IsDir() || ext != ".csv" && ext != ".json" && ext != ".ndjson" && ext != ".jsonl" {
			continue
		}
		if files++; files > lim.files {
			rep.add("rows.too_many", e.Name(), 0, 0, "")
			break
		}
		got := readFile(fsys, e.Name(), ext, lim, rep)
		if lim.rows -= len(got); lim.rows < 0 {
			rep.add("rows.too_many", e.Name(), 0, 0, "")
			break
		}
		rows = append(rows, got...)
	}
	return rows
}

func readFile(fsys fs.FS, name, ext string, lim limits, rep *Report) []row {
	stem := strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
	if stem == "datapackage" {
		return nil
	}
	e := entityByFile[stem]
	if ext == ".csv" && e == nil {
		rep.add("file.unknown", name, 0, 0, "")
		return nil
	}
	file, err := fsys.Open(name)
	if err != nil {
		rep.add("file.unreadable", name, 0, 0, "")
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(file, lim.file+1))
	if closing := file.Close(); err == nil {
		err = closing
	}
	switch {
	case err != nil:
		rep.add("file.unreadable", name, 0, 0, "")
		return nil
	case int64(len(data)) > lim.file:
		rep.add("file.too_large", name, 0, 0, "")
		return nil
	}
	var rows []row
	if ext == ".csv" {
		rows = readCSV(name, stem, e, data, lim, rep)
	} else {
		rows = rowsOf(name, readJSON(name, data, lim, rep), rep)
	}
	rep.Files = append(rep.Files, name)
	rep.Rows[name] = len(rows)
	if len(rows) == 0 {
		rep.add("file.empty", name, 0, 0, "")
	}
	return rows
}

// importing is one run of the writing transaction.
type importing struct {
	f    *Feature
	opt  Options
	src  source
	recs []*record
	rep  *Report
}

func (in *importing) run(ctx context.Context, tx *db.Tx) error {
	rep := in.rep
	rep.Added, rep.Changed, rep.Same, rep.Removed = 0, 0, 0, 0
	known, err := allRecords(ctx, tx, in.opt.Agency)
	if err != nil {
		return err
	}
	had := make(map[string]*stored, len(known))
	for _, s := range known {
		had[s.kind+"/"+s.id] = s
	}
	if err := in.hide(ctx, tx, had); err != nil {
		return err
	}
	taken := 0
	for _, r := range in.recs {
		old := had[r.kind+"/"+r.id]
		delete(had, r.kind+"/"+r.id)
		if old != nil && old.source != in.src.Name {
			rep.add("id.taken", r.file, r.line, 0, "id")
			taken++
			continue
		}
		if err := in.put(ctx, tx, r, old); err != nil {
			return err
		}
	}
	if taken > 0 && !in.opt.SkipBad {
		return errs.New(errs.Invalid, "directory.import.refused", errors.New("ids of another source"))
	}
	if in.opt.Replace {
		if err := in.remove(ctx, tx, had); err != nil {
			return err
		}
	}
	if in.opt.DryRun {
		return nil
	}
	if err := putSource(ctx, tx, in.opt.Agency, in.src); err != nil {
		return err
	}
	if rep.Added+rep.Changed+rep.Removed == 0 {
		return nil
	}
	return in.f.touch(ctx, tx, in.opt.Agency)
}

func (in *importing) put(ctx context.Context, tx *db.Tx, r *record, old *stored) error {
	text := string(canonical(r.doc))
	switch {
	case old == nil:
		in.rep.Added++
		if in.opt.DryRun {
			return nil
		}
		return insertRecord(ctx, tx, in.opt.Agency, in.src.Name, r, text)
	case old.text == text:
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
	if err := updateRecord(ctx, tx, in.opt.Agency, r, text); err != nil {
		return err
	}
	if r.kind != entService {
		return nil
	}
	reset, err := in.f.resetCheck(ctx, tx, in.opt.Agency, r.id, in.src.Name)
	if reset {
		in.rep.add("verify.reset", r.file, r.line, 0, "")
	}
	return err
}

// remove takes away what the source no longer has.
func (in *importing) remove(ctx context.Context, tx *db.Tx, left map[string]*stored) error {
	for _, key := range sortedKeys(left) {
		s := left[key]
		if s.source != in.src.Name {
			continue
		}
		in.rep.Removed++
		if in.opt.DryRun {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM directory_record WHERE agency = $1 AND kind = $2 AND id = $3`, in.opt.Agency, s.kind, s.id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM directory_check WHERE agency = $1 AND service = $2`, in.opt.Agency, s.id); err != nil {
			return err
		}
	}
	return nil
}
