package admin

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// publicLanguage is one line of the languages that can be turned on.
type publicLanguage struct {
	i18n.Language
	On         bool
	Unreviewed int      // safety texts that nobody has reviewed
	Missing    []string // facts in words
	Wrong      string
}

// change is a line of the history.
type change struct {
	Change
	Name string // of who made it
}

// fact is something that is set, in words.
type fact struct {
	Label string
	Lines []string
	Dir   string
}

type settingsPage struct {
	Facts     []fact // the same in all languages
	Missing   []string
	Languages []publicLanguage
	History   []change
	Recovery  struct{ Kind, Text string }
	Saved     bool
}

// historyLines is how many changes the page lists; all are kept.
const historyLines = 30

// settings shows what is set, what is missing, and who changed what.
func (f *Feature) settings(w http.ResponseWriter, r *http.Request) error {
	return f.showSettings(w, r, http.StatusOK, "", "")
}

// showSettings says under the language lang what is wrong.
func (f *Feature) showSettings(w http.ResponseWriter, r *http.Request, status int, lang, wrong string) error {
	if err := f.shown(r, staff.EditSettings); err != nil {
		return err
	}
	p := f.words(r)
	page := settingsPage{Saved: r.URL.Query().Has("saved")}
	err := f.db.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		gaps, err := Missing(ctx, tx, f.agency)
		if err != nil {
			return err
		}
		for _, g := range gaps {
			page.Missing = append(page.Missing, g.In(p))
		}
		general, _, err := readGeneral(ctx, tx, f.agency)
		if err != nil {
			return err
		}
		page.Facts = general.said(p)
		for _, l := range i18n.Languages() {
			facts, err := ReadFacts(ctx, tx, f.agency, l.Code)
			if err != nil {
				return err
			}
			line := publicLanguage{Language: l, On: facts.IsPublic(l.Code), Unreviewed: len(f.web.Words.Unreviewed(l.Code))}
			for _, fact := range facts.Missing() {
				line.Missing = append(line.Missing, p.T("admin.fact."+fact))
			}
			if l.Code == lang {
				line.Wrong = wrong
			}
			page.Languages = append(page.Languages, line)
		}
		if f.Recovery != nil {
			if page.Recovery.Kind, page.Recovery.Text, err = f.Recovery(ctx, tx, p); err != nil {
				return err
			}
		}
		names, err := staff.Names(ctx, tx, f.agency)
		if err != nil {
			return err
		}
		changes, err := history(ctx, tx, f.agency, historyLines)
		for _, c := range changes {
			page.History = append(page.History, change{c, names[c.Staff]})
		}
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, status, "settings", page)
}

// said are the facts that are set, as the settings list them.
func (g General) said(p *i18n.Printer) (list []fact) {
	add := func(name, dir string, lines ...string) {
		if lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" }); len(lines) > 0 {
			list = append(list, fact{p.T("admin.fact." + name), lines, dir})
		}
	}
	yes := func(on bool, key string) string {
		if !on {
			return ""
		}
		return p.T(key)
	}
	if g.Country != "" {
		add("country", "", p.Country(g.Country))
	}
	add("zone", "ltr", g.Zone)
	add("numbers", "ltr", slices.Clone(g.Numbers)...)
	add("text", "ltr", g.Text)
	if g.Always {
		add("hours", "", p.T("admin.fact.always"))
	} else {
		add("hours", "", g.Week.words(p)...)
	}
	var names []string
	for _, code := range g.Languages {
		names = append(names, p.LanguageName(code))
	}
	add("languages", "", p.List(names), yes(g.Interpret, "admin.fact.interpret"))
	for _, name := range (factsPage{}).Coded() {
		if code := *g.code(name); code != "" {
			add(name, "", p.T("admin.code."+name+"."+code))
		}
	}
	add("names", "", yes(g.NoName, "admin.fact.no_name"))
	return list
}

func (f *Feature) generalPage(w http.ResponseWriter, r *http.Request) error {
	var form url.Values
	err := f.db.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		g, version, err := readGeneral(ctx, tx, f.agency)
		form = generalForm(g, version)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "general", factsPage{Form: form, words: f.words(r)})
}

func (f *Feature) saveGeneral(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	g, wrong := parseGeneral(form)
	return f.saveForm(w, r, "general", factsPage{Form: form, words: f.words(r)}, wrong, func(ctx context.Context, tx *db.Tx, by string, version int) error {
		before, _, err := readGeneral(ctx, tx, f.agency)
		if err != nil {
			return err
		}
		g.Public = before.Public // which the other form sets
		tx.AfterCommit(func() { f.web.Move(g.Location()) })
		return SaveGeneral(ctx, tx, f.agency, by, version, g)
	})
}

func (f *Feature) localPage(w http.ResponseWriter, r *http.Request) error {
	lang := r.PathValue("lang")
	if !i18n.Known(lang) {
		return errs.New(errs.NotFound, "", nil)
	}
	var form url.Values
	err := f.db.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		l, version, err := readLocal(ctx, tx, f.agency, lang)
		form = localForm(l, version)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "local", factsPage{Lang: lang, Form: form, words: f.words(r)})
}

func (f *Feature) saveLocal(w http.ResponseWriter, r *http.Request) error {
	lang := r.PathValue("lang")
	if !i18n.Known(lang) {
		return errs.New(errs.NotFound, "", nil)
	}
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	l, wrong := parseLocal(form)
	return f.saveForm(w, r, "local", factsPage{Lang: lang, Form: form, words: f.words(r)}, wrong, func(ctx context.Context, tx *db.Tx, by string, version int) error {
		return SaveLocal(ctx, tx, f.agency, lang, by, version, l)
	})
}

// saveForm saves what a form holds, or shows it again with what is wrong.
func (f *Feature) saveForm(w http.ResponseWriter, r *http.Request, name string, page factsPage, wrong map[string]string,
	save func(ctx context.Context, tx *db.Tx, by string, version int) error,
) error {
	page.Wrong = map[string]string{}
	for field, word := range wrong {
		page.Wrong[field] = page.words.T(word)
	}
	version, err := strconv.Atoi(page.Form.Get("version"))
	if err != nil || version < 0 {
		page.Wrong[""] = page.words.T("error.form")
	}
	if len(page.Wrong) > 0 {
		return f.pages.Render(w, r, http.StatusUnprocessableEntity, name, page)
	}
	by := staff.From(r.Context()).Person.ID
	err = f.db.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error { return save(ctx, tx, by, version) })
	if errs.Is(err, errs.Conflict) {
		page.Wrong[""] = page.words.T("admin.error.changed")
		return f.pages.Render(w, r, http.StatusConflict, name, page)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/settings?saved")
}

// setPublic turns a public language on or off: on=1 or nothing, and sure=1
// where texts on which somebody's safety hangs are not reviewed.
func (f *Feature) setPublic(w http.ResponseWriter, r *http.Request) error {
	lang := r.PathValue("lang")
	if !i18n.Known(lang) {
		return errs.New(errs.NotFound, "", nil)
	}
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	on := form.Get("on") != ""
	if on && form.Get("sure") == "" && len(f.web.Words.Unreviewed(lang)) > 0 {
		return f.showSettings(w, r, http.StatusUnprocessableEntity, lang, f.words(r).T("admin.error.sure"))
	}
	by := staff.From(r.Context()).Person.ID
	err = f.db.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		return SetPublic(ctx, tx, f.agency, by, lang, on)
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/settings?saved")
}

// SetPublic turns a public language on or off, for the account by, which
// knows how many of its safety texts nobody has reviewed.
func SetPublic(ctx context.Context, tx *db.Tx, agency, by, lang string, on bool) (err error) {
	defer errs.Wrap(&err, "admin.SetPublic")
	g, version, err := readGeneral(ctx, tx, agency)
	if err != nil || g.IsPublic(lang) == on {
		return err
	}
	if on {
		g.Public = append(g.Public, lang)
	} else {
		g.Public = slices.DeleteFunc(g.Public, func(l string) bool { return l == lang })
	}
	return SaveGeneral(ctx, tx, agency, by, version, g)
}
