package stats

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Routes are the feature's addresses.
func (f *Feature) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/figures", Access: staff.ReadStats, Handle: f.current, Trace: web.Untraced},
		{Pattern: "GET /staff/figures/{month}", Access: staff.ReadStats, Handle: f.show},
		{Pattern: "GET /staff/figures/{month}/{file}", Access: staff.ReadStats, Handle: f.save, Trace: web.ByDeed},
		{Pattern: "POST /staff/figures/{month}/publish", Access: staff.PublishStats, Handle: f.publish, Trace: web.ByDeed},
		{Pattern: "GET /figures/{file}", Access: web.Public, Handle: f.public},
	}
}

// current leads to the month that is running.
func (f *Feature) current(w http.ResponseWriter, _ *http.Request) error {
	return web.Redirect(w, "/staff/figures/"+facts.MonthOf(time.Now().In(f.Web.Here())))
}

// view is what the month's page shows.
type view struct {
	ID, Before, After string
	Month, Over, At   time.Time
	State             State
	Threshold         int
	Corrections       int
	Revision          int
	Nothing           bool
	Sections          []sectionView
	Week              []dayView
	Months            []monthLink // that have figures, the latest first
}

type monthLink struct {
	ID   string
	Name time.Time
}

type sectionView struct {
	ID, Label, Definition string
	Total                 int
	Public                Number
	Tables                []tableView
}

type tableView struct {
	ID, Label, Definition string
	Rows                  []rowView
	Together              bool
	Rest                  int
}

type rowView struct {
	Label  string
	N      int
	Public Number
	Bar    int // 0 to 100, of the largest in the table
}

// show answers GET /staff/figures/2026-11.
func (f *Feature) show(w http.ResponseWriter, r *http.Request) error {
	month := r.PathValue("month")
	if !facts.ValidMonth(month) {
		return errs.New(errs.NotFound, "", nil)
	}
	first, err := time.ParseInLocation("2006-01", month, f.Web.Here())
	if err != nil {
		return errs.New(errs.NotFound, "", err)
	}
	v := view{ID: month, Month: first, Over: first.AddDate(0, 1, 0), Before: facts.MonthOf(first.AddDate(0, -1, 0)), Threshold: f.Threshold}
	err = f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		now, before, state, err := f.month(ctx, tx, month)
		if err != nil {
			return err
		}
		if before != nil {
			v.At, v.Revision = before.At.In(f.Web.Here()), before.Public.Revision
		}
		if v.Over.Before(tx.Now) {
			v.After = facts.MonthOf(v.Over)
		}
		v.State, v.Corrections = state, now.Revision
		p := f.Web.Words.For(f.Web.Lang(r))
		v.fill(p, now, f.Threshold)
		if v.Week, err = hours(ctx, tx, f.Agency, month, p); err != nil {
			return err
		}
		v.Months, err = monthLinks(ctx, tx, f.Agency)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "month", v)
}

func monthLinks(ctx context.Context, tx *db.Tx, agency string) (links []monthLink, err error) {
	months, err := facts.Months(ctx, tx, agency, facts.Contact)
	if err != nil {
		return nil, err
	}
	for _, m := range months {
		first, err := time.Parse("2006-01", m)
		if err != nil {
			return nil, err
		}
		links = append(links, monthLink{m, first})
	}
	return links, nil
}

func (v *view) fill(p *i18n.Printer, now Report, threshold int) {
	public := now.publishable(threshold)
	v.Nothing = true
	for i, s := range now.Sections {
		sv := sectionView{ID: s.ID, Label: name(p, s.ID), Definition: definition(p, s.ID), Total: s.Total.N, Public: public.Sections[i].Total}
		v.Nothing = v.Nothing && s.Total.N == 0
		for j, t := range s.Tables {
			sv.Tables = append(sv.Tables, t.view(p, public.Sections[i], public.Sections[i].Tables[j]))
		}
		v.Sections = append(v.Sections, sv)
	}
}

func (t Table) view(p *i18n.Printer, section Section, public Table) tableView {
	tv := tableView{ID: t.ID, Label: name(p, t.ID), Definition: definition(p, t.ID)}
	if public.Rest != nil {
		tv.Together, tv.Rest = true, *public.Rest
	}
	shown := index(section, t.ID)
	most := 0
	for _, c := range t.Cells {
		most = max(most, c.N)
	}
	for _, c := range t.Cells {
		row := rowView{Label: label(p, t.ID, c.Value), N: c.N}
		var listed bool
		if row.Public, listed = shown[c.Value]; !listed {
			row.Public.Withheld = true // an open table does not name what it withholds
		}
		if most > 0 && c.N > 0 {
			row.Bar = max(1, c.N*100/most)
		}
		tv.Rows = append(tv.Rows, row)
	}
	return tv
}

// save answers GET /staff/figures/2026-11/exact.csv, exact.json,
// publishable.csv and publishable.json.
func (f *Feature) save(w http.ResponseWriter, r *http.Request) error {
	month := r.PathValue("month")
	kind, form, _ := strings.Cut(r.PathValue("file"), ".")
	if !facts.ValidMonth(month) || kind != "exact" && kind != "publishable" {
		return errs.New(errs.NotFound, "", nil)
	}
	var report Report
	err := f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		report, err = exact(ctx, tx, f.Agency, month)
		return err
	})
	if err != nil {
		return err
	}
	if kind == "publishable" {
		report = report.publishable(f.Threshold)
	}
	err = staff.From(r.Context()).Read(r.Context(), f.DB, audit.Entry{Action: string(staff.ReadStats) + " export", Record: month})
	if err != nil {
		return err
	}
	return f.write(w, r, report, kind+"-"+month, form)
}

// public answers GET /figures/2026-11.csv and /figures/2026-11.json to
// everybody, with the month as it was published, and GET /figures/months.json
// with what there is:
//
//	{"months":[{"month":"2026-11","csv":"/figures/2026-11.csv","json":"/figures/2026-11.json"}]}
func (f *Feature) public(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("file") == "months.json" {
		return f.list(w, r)
	}
	month, form, _ := strings.Cut(r.PathValue("file"), ".")
	if !facts.ValidMonth(month) {
		return errs.New(errs.NotFound, "", nil)
	}
	report, err := f.released(r.Context(), month)
	if err != nil {
		return err
	}
	return f.write(w, r, report, month, form)
}

func (f *Feature) list(w http.ResponseWriter, r *http.Request) error {
	months, err := f.releasedMonths(r.Context())
	if err != nil {
		return err
	}
	type entry struct {
		Month string `json:"month"`
		CSV   string `json:"csv"`
		JSON  string `json:"json"`
	}
	entries := make([]entry, 0, len(months))
	for _, m := range months {
		entries = append(entries, entry{m, "/figures/" + m + ".csv", "/figures/" + m + ".json"})
	}
	return web.JSON(w, http.StatusOK, map[string]any{"months": entries})
}

func (f *Feature) write(w http.ResponseWriter, r *http.Request, report Report, file, form string) error {
	// By the address alone, and not by who asks: the same month gives the same bytes.
	lang := r.URL.Query().Get("lang")
	if !i18n.Known(lang) {
		lang = i18n.English
	}
	p := f.Web.Words.For(lang)
	var body []byte
	var err error
	kind := "text/csv; charset=utf-8"
	switch form {
	case "csv":
		body, err = report.CSV(p)
	case "json":
		kind = "application/json"
		body, err = report.JSON(p)
	default:
		return errs.New(errs.NotFound, "", nil)
	}
	if err != nil {
		return err
	}
	web.Attach(w, file+"."+form, kind)
	_, err = w.Write(body)
	return err
}

// publish answers POST /staff/figures/2026-11/publish; the form has no field.
func (f *Feature) publish(w http.ResponseWriter, r *http.Request) error {
	month := r.PathValue("month")
	if !facts.ValidMonth(month) {
		return errs.New(errs.NotFound, "", nil)
	}
	if err := f.Release(r.Context(), staff.From(r.Context()), month); err != nil {
		return err
	}
	return web.Redirect(w, "/staff/figures/"+month)
}
