package directory

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// importRoutes are the pages where sets are taken in and doubles are merged.
func (f *Feature) importRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/directory/imports", Access: staff.EditDirectory, Handle: f.showImports},
		{Pattern: "POST /staff/directory/imports", Access: staff.EditDirectory, Handle: f.postUpload},
		{Pattern: "POST /staff/directory/imports/go", Access: staff.EditDirectory, Handle: f.postImport, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/imports/undo", Access: staff.EditDirectory, Handle: f.postUndoImport, Trace: web.ByDeed},
		{Pattern: "GET /staff/directory/doubles", Access: staff.EditDirectory, Handle: f.showDoubles},
		{Pattern: "POST /staff/directory/doubles/merge", Access: staff.EditDirectory, Handle: f.postMerge, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/doubles/undo", Access: staff.EditDirectory, Handle: f.postUnmerge, Trace: web.ByDeed},
	}
}

// Limits of what is uploaded at the desk. More goes by the command line.
const (
	uploadLimit = 64 << 20
	maxWaiting  = 4
	waitingTime = 30 * time.Minute
)

// waiting are sets that somebody has uploaded and not yet imported. They are
// sealed, in the memory of this server or beside it; who answers elsewhere, or
// later, uploads again.
type waiting struct {
	mu   sync.Mutex
	sets map[string]*waitingSet
}

type waitingSet struct {
	*set

	person, agency string
	until          time.Time
}

// put keeps a set, and lets go of that person's last one and of old ones.
func (w *waiting) put(s *waitingSet, now time.Time) (id string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop(func(old *waitingSet) bool { return old.person == s.person || now.After(old.until) })
	if len(w.sets) >= maxWaiting {
		return "", errs.New(errs.Unavailable, "directory.imports.busy", nil)
	}
	if w.sets == nil {
		w.sets = map[string]*waitingSet{}
	}
	id = ids.New()
	w.sets[id] = s
	return id, nil
}

// take gives a set to who uploaded it, once, and lets go of old ones.
func (w *waiting) take(id, person, agency string, now time.Time) *waitingSet {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop(func(old *waitingSet) bool { return now.After(old.until) })
	s := w.sets[id]
	if s == nil || s.person != person || s.agency != agency {
		return nil
	}
	delete(w.sets, id)
	return s
}

// drop closes some sets; the lock is held.
func (w *waiting) drop(which func(*waitingSet) bool) {
	for id, s := range w.sets {
		if which(s) {
			s.close()
			delete(w.sets, id)
		}
	}
}

// Sweep lets go of what was uploaded and never imported. The app calls it every minute.
func (f *Feature) Sweep(context.Context) error {
	f.uploads.mu.Lock()
	defer f.uploads.mu.Unlock()
	now := f.now()
	f.uploads.drop(func(old *waitingSet) bool { return now.After(old.until) })
	return nil
}

// importsPage is the list of imports with the form for one more, or with what
// an upload would do.
type importsPage struct {
	Error   string
	Field   string
	Source  string
	Maps    []desk.Option
	List    []Imported
	Report  *Report
	Lines   []findingLine
	More    int // findings that are not listed
	Waiting string
}

type findingLine struct {
	Kind, Level, Where, Field, Text string
}

// maxLines bounds the findings on a page.
const maxLines = 500

func (f *Feature) showImports(w http.ResponseWriter, r *http.Request) error {
	return f.imports(w, r, importsPage{}, nil)
}

func (f *Feature) imports(w http.ResponseWriter, r *http.Request, page importsPage, failed error) (err error) {
	p := f.words(r)
	status := http.StatusOK
	if failed != nil {
		e := errs.Of(failed)
		if e.Kind != errs.Invalid && e.Kind != errs.TooLarge && e.Kind != errs.Unavailable || e.Word == "" {
			return failed
		}
		page.Error, page.Field, status = p.T(e.Word), e.Field, e.Kind.Status()
	}
	if page.List, err = f.Imports(r.Context(), staff.From(r.Context()).Person.Agency); err != nil {
		return err
	}
	page.Maps = options(Maps(), nil, func(name string) string { return mapNames[name] })
	return f.pages.Render(w, r, status, "imports", page)
}

// mapNames are the names of the programs whose tables we know.
var mapNames = map[string]string{"icarol": "iCarol", "visionlink": "VisionLink", "wellsky": "WellSky", "illinois": "Illinois Legal Aid Online"}

// postUpload reads what is uploaded and says what importing it would do.
func (f *Feature) postUpload(w http.ResponseWriter, r *http.Request) error {
	u, err := web.ReadUpload(w, r, uploadLimit)
	if err != nil {
		return f.imports(w, r, importsPage{}, err)
	}
	page := importsPage{Source: strings.TrimSpace(u.Values.Get("source"))}
	s, err := f.uploaded(r.Context(), u)
	if s == nil {
		return f.imports(w, r, page, err)
	}
	page.Report = s.rep
	page.Lines, page.More = sayFindings(f.words(r), s.rep)
	if err != nil {
		s.close()
		return f.imports(w, r, page, err)
	}
	if page.Waiting, err = f.uploads.put(s, f.now()); err != nil {
		s.close()
	}
	return f.imports(w, r, page, err)
}

// uploaded reads an upload and compares it with what is there. With an error
// there may be a set all the same, whose report says what is wrong.
func (f *Feature) uploaded(ctx context.Context, u *web.Upload) (*waitingSet, error) {
	person := staff.From(ctx).Person
	opt := Options{
		Agency: person.Agency, DryRun: true, By: person.Name, Country: u.Values.Get("country"),
		Replace: u.Values.Get("replace") != "", SkipBad: u.Values.Get("skip") != "",
	}
	source := strings.TrimSpace(u.Values.Get("source"))
	if !sourceForm.MatchString(source) {
		return nil, errs.In("source", "directory.import.source")
	}
	if name := u.Values.Get("map"); name != "" {
		var err error
		if opt.Map, err = NamedMapping(name); err != nil {
			return nil, errs.In("map", "directory.imports.map_bad")
		}
	}
	s, err := newSet(source, opt, f.Scratch)
	if err != nil {
		return nil, err
	}
	w := &waitingSet{set: s, person: person.ID, agency: person.Agency, until: f.now().Add(waitingTime)}
	seen := 0
	err = s.read(func() (string, io.Reader, error) {
		name, file, err := u.Next()
		if err == nil && seen == 0 && isMapping(name) { // their own mapping comes before the tables
			if s.opt.Map, err = readMapping(file); err == nil {
				name, file, err = u.Next()
			}
		}
		seen++
		return path.Base(strings.ReplaceAll(name, `\`, "/")), file, err
	}, defaultLimits)
	switch {
	case err != nil:
		s.close()
		return nil, err
	case seen <= 1:
		s.close()
		return nil, errs.In("file", "directory.imports.no_file")
	}
	return w, f.store(ctx, s)
}

func isMapping(name string) bool {
	return slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(path.Ext(name)))
}

func readMapping(r io.Reader) (*Mapping, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxMapping+1))
	if err != nil {
		return nil, err
	}
	m, err := ParseMapping(text)
	if err != nil {
		return nil, errs.New(errs.Invalid, "directory.imports.map_bad", errors.New("an uploaded mapping cannot be read"))
	}
	return m, nil
}

// sayFindings puts a report's findings into words, what is worst first.
func sayFindings(p *i18n.Printer, rep *Report) (list []findingLine, more int) {
	all := rep.Sorted()
	for _, g := range all[:min(len(all), maxLines)] {
		group, _, _ := strings.Cut(g.Code, ".")
		where, _, _ := strings.Cut(Finding{File: g.File, Line: g.Line, Column: g.Column, Code: g.Code, Level: g.Level}.String(), ": "+findings[g.Code].what)
		_, where, _ = strings.Cut(where, ": ")
		list = append(list, findingLine{
			Kind: g.Level.String(), Level: p.T("directory.imports.level." + g.Level.String()), Where: where, Field: g.Field, Text: p.T("directory.found_in." + group),
		})
	}
	total := 0
	for _, n := range rep.Counts {
		total += n
	}
	return list, total - len(list)
}

// postImport imports what was uploaded.
func (f *Feature) postImport(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	person := staff.From(r.Context()).Person
	s := f.uploads.take(form.Get("waiting"), person.ID, person.Agency, f.now())
	if s == nil {
		return f.imports(w, r, importsPage{}, errs.New(errs.Invalid, "directory.imports.again", nil))
	}
	defer s.close()
	s.opt.DryRun, s.rep.DryRun = false, false
	if err := f.store(r.Context(), s.set); err != nil {
		return f.imports(w, r, importsPage{Source: s.src.Name}, err)
	}
	return web.Redirect(w, "/staff/directory/imports#list")
}

func (f *Feature) postUndoImport(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if err := f.UndoImport(r.Context(), staff.From(r.Context()).Person.Agency, form.Get("import")); err != nil {
		return err
	}
	return web.Redirect(w, "/staff/directory/imports#list")
}

// doublesPage is the list of what is probably twice, and of what was merged.
type doublesPage struct {
	Pairs  []pairLine
	Merges []Merge
}

type pairLine struct {
	Pair
	Text string // what they share
}

func (f *Feature) showDoubles(w http.ResponseWriter, r *http.Request) error {
	agency := staff.From(r.Context()).Person.Agency
	pairs, err := f.Duplicates(r.Context(), agency)
	if err != nil {
		return err
	}
	p := f.words(r)
	var page doublesPage
	for _, one := range pairs {
		var why []string
		for _, code := range one.Why {
			why = append(why, p.T("directory.doubles.why."+code))
		}
		page.Pairs = append(page.Pairs, pairLine{one, p.List(why)})
	}
	if page.Merges, err = f.Merges(r.Context(), agency); err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "doubles", page)
}

func (f *Feature) postMerge(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	person := staff.From(r.Context()).Person
	if err := f.Merge(r.Context(), person.Agency, form.Get("kind"), form.Get("kept"), form.Get("gone"), person.Name); err != nil {
		return err
	}
	return web.Redirect(w, "/staff/directory/doubles#merged")
}

func (f *Feature) postUnmerge(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	person := staff.From(r.Context()).Person
	if err := f.Unmerge(r.Context(), person.Agency, form.Get("merge"), person.Name); err != nil {
		return err
	}
	return web.Redirect(w, "/staff/directory/doubles#merged")
}
