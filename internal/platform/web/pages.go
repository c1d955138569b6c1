package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// Pages are the HTML pages of one feature. A page is a file that defines
// "title" and "main"; files whose name begins with _ hold parts that pages
// share. The layout defines "layout".
//
// A page is parsed for a language when somebody first asks for it: all pages
// in all languages would take some fifty megabytes, most of it never used. In
// English all are parsed at the start, so that a broken page is found there.
type Pages struct {
	server *Server
	extra  template.FuncMap
	parts  []source
	pages  map[string]source
	parsed sync.Map // "es/home" → func() (*template.Template, error)
}

// source is a file that holds templates.
type source struct {
	fsys fs.FS
	name string
}

// View is what a template sees as its dot. A page finds its own data in .Data.
type View struct {
	Lang, Dir string
	Path      string // of this page, without the query
	Demo      bool
	Now       time.Time
	Viewer    Viewer
	Notices   []Notice // on the desk
	Data      any
}

// Notice is a sentence for everybody, and where to read more.
type Notice struct{ Text, Href, Link string }

// May says whether who looks may do something, to leave out what they cannot use.
func (v View) May(need string) bool { return v.Viewer != nil && v.Viewer.May(Access(need)) }

// NewPages takes the *.html of each file system; later ones may add parts and
// pages. extra may add template functions.
func (s *Server) NewPages(extra template.FuncMap, from ...fs.FS) (*Pages, error) {
	p := &Pages{server: s, extra: extra, pages: map[string]source{}}
	for _, fsys := range from {
		files, err := fs.Glob(fsys, "*.html")
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if strings.HasPrefix(path.Base(f), "_") {
				p.parts = append(p.parts, source{fsys, f})
			} else {
				p.pages[strings.TrimSuffix(f, ".html")] = source{fsys, f}
			}
		}
	}
	for name := range p.pages {
		if _, err := p.page(i18n.English, name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// page gives a page in a language.
func (p *Pages) page(lang, name string) (*template.Template, error) {
	file, ok := p.pages[name]
	if !ok {
		return nil, fmt.Errorf("web: no page is called %q", name)
	}
	parse, _ := p.parsed.LoadOrStore(lang+"/"+name, sync.OnceValues(func() (*template.Template, error) {
		return p.parse(lang, file)
	}))
	return parse.(func() (*template.Template, error))() //nolint:forcetypeassert // nothing else is stored
}

func (p *Pages) parse(lang string, page source) (*template.Template, error) {
	t := template.New("").Funcs(p.server.funcs(p.server.Words.For(lang))).Funcs(p.extra)
	for _, s := range append(slices.Clone(p.parts), page) {
		if _, err := t.ParseFS(s.fsys, s.name); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// funcs are what pages may call: the language's own functions, with times in
// the hotline's zone, and where to find assets.
func (s *Server) funcs(p *i18n.Printer) template.FuncMap {
	funcs := p.Funcs()
	funcs["date"] = func(t time.Time) string { return p.Date(t.In(s.Here())) }
	funcs["time"] = func(t time.Time) string { return p.Time(t.In(s.Here())) }
	funcs["datetime"] = func(t time.Time) string { return p.DateTime(t.In(s.Here())) }
	funcs["asset"] = s.Assets.URL
	funcs["dict"] = dict
	funcs["languages"] = i18n.Languages
	return funcs
}

// Render writes a whole page.
func (p *Pages) Render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	return p.execute(w, r, status, name, "layout", data)
}

// Part writes one block of a page, for a script that replaces part of it.
func (p *Pages) Part(w http.ResponseWriter, r *http.Request, name, block string, data any) error {
	return p.execute(w, r, http.StatusOK, name, block, data)
}

func (p *Pages) execute(w http.ResponseWriter, r *http.Request, status int, name, block string, data any) error {
	lang := p.server.Lang(r)
	page, err := p.page(lang, name)
	if err != nil {
		return err
	}
	view := View{
		Lang: lang, Dir: p.server.Words.For(lang).Dir(), Path: r.URL.Path, Demo: p.server.Demo,
		Now: time.Now(), Viewer: ViewerFrom(r.Context()), Data: data,
	}
	if p.server.Notices != nil && view.Viewer != nil {
		view.Notices, err = p.server.Notices(r)
		if err != nil && status < http.StatusInternalServerError { // a page that tells of a broken database needs none
			return err
		}
	}
	var out bytes.Buffer // a page that fails half way must not have been half sent
	if err := page.ExecuteTemplate(&out, block, view); err != nil {
		return err
	}
	return HTML(w, r, status, &out)
}

// dict hands several named values to a part of a page.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("web: dict needs pairs")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("web: dict key %d is no string", i)
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}
