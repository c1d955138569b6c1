package directory

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Files gives the files of a set one after the other, and io.EOF behind the last.
// A reader is worth nothing once the next is asked for.
type Files func() (name string, r io.Reader, err error)

// FolderFiles gives the files at the top of a folder, in the order of their
// names: all that an import can read, or those that are named.
func FolderFiles(fsys fs.FS, only ...string) (Files, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, errs.New(errs.Invalid, "directory.import.refused", err)
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	var open fs.File
	return func() (string, io.Reader, error) {
		if open != nil {
			_ = open.Close() // it was only read
			open = nil
		}
		for len(entries) > 0 {
			e := entries[0]
			entries = entries[1:]
			if e.IsDir() || only != nil && !slices.Contains(only, e.Name()) || !Readable(e.Name()) {
				continue
			}
			open, err = fsys.Open(e.Name())
			if err != nil {
				return e.Name(), broken{err}, nil //nolint:nilerr // whoever reads it gets the error, and the report names the file
			}
			return e.Name(), open, nil
		}
		return "", nil, io.EOF
	}, nil
}

// broken is a file that cannot be read at all.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// Readable says whether a file's name ends as those that an import reads.
func Readable(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".tsv", ".txt", ".json", ".ndjson", ".jsonl", ".xlsx":
		return true
	}
	return false
}

// Progress is how far an import is.
type Progress struct {
	File    string
	Bytes   int64 // read of that file
	Rows    int   // read of all files
	Joined  int   // records made
	Checked int   // records whose values were looked at
	Written int   // records compared and written
}

// set is what an import has read and joined, waiting to be written.
type set struct {
	opt    Options
	src    source
	rep    *Report
	pieces *scratch
	made   *scratch
	list   []span
	places []*record // what the country and region are guessed from
	now    Progress
	told   time.Time
}

// onlySoMany bounds the addresses from which a set's country is guessed.
const onlySoMany = 20000

func newSet(name string, opt Options, dir string) (*set, error) {
	s := &set{opt: opt, src: source{Name: name}, rep: newReport(), told: time.Now()}
	s.rep.DryRun = opt.DryRun
	var err error
	if s.pieces, err = newScratch(dir); err == nil {
		s.made, err = newScratch(dir)
	}
	return s, err
}

func (s *set) close() {
	s.pieces.close()
	s.made.close()
}

// tell says how far it is, a few times a second at most.
func (s *set) tell() {
	if s.opt.Progress != nil && time.Since(s.told) > time.Second {
		s.told = time.Now()
		s.opt.Progress(s.now)
	}
}

// errRows ends a set that has more rows than the limit.
var errRows = errors.New("more rows than the limit")

// read takes every file, and joins what it says to records.
func (s *set) read(files Files, lim limits) error {
	a := newAssembly(s.src.Name, lim, s.pieces, s.rep)
	for n := 1; ; n++ {
		name, r, err := files()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if n > lim.files {
			s.rep.add("rows.too_many", name, 0, 0, "")
			break
		}
		err = s.readFile(a, path.Base(name), r, lim)
		if errors.Is(err, errRows) {
			s.rep.add("rows.too_many", name, 0, 0, "")
			break
		}
		if err != nil {
			return err
		}
	}
	if err := a.finish(s.put); err != nil {
		return err
	}
	s.pieces.close()
	s.src = guessSource(s.src.Name, s.opt, s.places)
	if len(s.list) == 0 && s.rep.Errors() == 0 {
		s.rep.add("file.none", ".", 0, 0, "")
	}
	return s.each(func(r *record) error { // what is wrong in a record, once it is known where the set is about
		checkValues([]*record{r}, s.src, s.rep)
		s.now.Checked++
		s.tell()
		return nil
	})
}

// readFile reads a file as its name and the mapping say.
func (s *set) readFile(a *assembly, name string, r io.Reader, lim limits) error {
	ext := strings.ToLower(path.Ext(name))
	stem := strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
	if stem == "datapackage" {
		return nil
	}
	before := s.now.Rows
	counted := &countingReader{from: r, n: &s.now.Bytes}
	s.now.File, s.now.Bytes = name, 0
	to := func(r row) error {
		if s.now.Rows++; s.now.Rows > lim.rows {
			return errRows
		}
		if s.now.Rows%1000 == 0 {
			s.tell()
		}
		return a.read(r)
	}
	var err error
	known := true
	switch ext {
	case ".json", ".ndjson", ".jsonl":
		err = (&jsonReader{file: name, stem: stem, lim: lim, rep: s.rep, to: to}).readJSON(counted)
	case ".xlsx":
		err = s.readXLSX(name, counted, lim, to)
	default:
		if t := s.table(name, stem, lim, to); t != nil {
			err = t.readCSV(counted)
		} else {
			s.rep.add("file.unknown", name, 0, 0, "")
			known = false
		}
	}
	if err != nil || !known {
		return err
	}
	s.rep.Files = append(s.rep.Files, name)
	s.rep.Rows[name] = s.now.Rows - before
	if s.now.Rows == before {
		s.rep.add("file.empty", name, 0, 0, "")
	}
	return nil
}

// table says how a table is read; nil if nobody knows.
func (s *set) table(name, stem string, lim limits, to sink) *tableReader {
	t := &tableReader{file: name, stem: stem, entity: entityByFile[stem], lim: lim, rep: s.rep, to: to}
	if s.opt.Map != nil {
		t.maps = s.opt.Map.of(name)
	}
	if t.maps == nil && t.entity == nil {
		return nil
	}
	return t
}

type countingReader struct {
	from io.Reader
	n    *int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	*c.n += int64(n)
	return n, err
}

// made is a record as it lies in the scratch.
type madeRecord struct {
	K, I, G, O, F string
	L             int
	D             json.RawMessage
}

// put keeps a joined record.
func (s *set) put(r *record) error {
	if r.kind == entLocation && len(s.places) < onlySoMany {
		var list []any
		for _, a := range objects(r.doc, "addresses") {
			list = append(list, Object{"state_province": str(a, "state_province"), "country": str(a, "country"), "postal_code": str(a, "postal_code")})
		}
		if list != nil {
			s.places = append(s.places, &record{kind: r.kind, doc: Object{"addresses": list}})
		}
	}
	where, err := s.made.add(canonical(madeRecord{r.kind, r.id, r.organization, r.original, r.file, r.line, canonical(r.doc)}))
	if err != nil {
		return err
	}
	s.list = append(s.list, where)
	s.now.Joined++
	s.tell()
	return nil
}

// each gives the records in the order in which they were made.
func (s *set) each(do func(*record) error) error {
	for _, where := range s.list {
		raw, err := s.made.get(where)
		if err != nil {
			return err
		}
		var m madeRecord
		if err := json.Unmarshal(raw, &m); err != nil { //nolint:musttag // both ends are ours
			return errScratch
		}
		doc, err := parse(string(m.D))
		if err != nil {
			return err
		}
		if err := do(&record{kind: m.K, id: m.I, organization: m.G, original: m.O, file: m.F, line: m.L, doc: doc}); err != nil {
			return err
		}
	}
	return nil
}
