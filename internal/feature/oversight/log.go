package oversight

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// pageSize is how many entries a page shows; a filter looks for them among
// at most mostScanned.
const (
	pageSize    = 50
	mostScanned = 2000
)

// logView is the auditor's page.
type logView struct {
	State    audit.Report
	Problems []string // in words
	Waits    bool     // whoever looks was not admitted yet
	Lines    []line
	People   []desk.Option
	Deeds    []desk.Option
	Who, Did string // the filter
	Next     string
}

// Filtered says whether the page shows only some entries.
func (v logView) Filtered() bool { return v.Who != "" || v.Did != "" }

// showLog is the log, the newest first: ?who=ID&did=ACTION&before=N. With
// ?check it is verified anew.
func (f *Feature) showLog(w http.ResponseWriter, r *http.Request) error {
	ctx, s, p, q := r.Context(), staff.From(r.Context()), f.words(r), r.URL.Query()
	v := logView{Who: q.Get("who"), Did: q.Get("did")}
	if err := audit.Sequence(ctx, f.DB, f.Agency); err != nil && !errors.Is(err, audit.ErrDamaged) {
		return err
	}
	state, err := f.state.read(ctx, f.DB, f.Agency, q.Has("check"))
	if err != nil {
		return err
	}
	v.State = state
	for _, problem := range state.Problems {
		v.Problems = append(v.Problems, p.T(problem.Word, "entry", problem.Entry, "count", problem.Count))
	}
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := readCast(ctx, tx, f.Agency)
		if err != nil {
			return err
		}
		for _, one := range c.people {
			v.People = append(v.People, desk.Option{Value: one.ID, Label: one.Name})
		}
		reader, err := audit.Open(ctx, tx, f.Agency, s.Person.ID, s.Pair)
		if errs.Is(err, errs.NotFound) {
			v.Waits = true
			return nil
		}
		if err != nil {
			return err
		}
		list, next, err := scan(ctx, tx, reader, beginning(q), v.fits)
		for _, e := range list {
			v.Lines = append(v.Lines, c.line(p, e))
		}
		if next > 0 {
			v.Next = "/staff/log?" + url.Values{"who": {v.Who}, "did": {v.Did}, "before": {strconv.FormatInt(next, 10)}}.Encode()
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, a := range staff.Actions() {
		if p.Has(deedKey(string(a))) {
			v.Deeds = append(v.Deeds, desk.Option{Value: string(a), Label: p.T(deedKey(string(a)))})
		}
	}
	return f.pages.Render(w, r, http.StatusOK, "log", v)
}

// beginning is where a page begins that was asked for.
func beginning(q url.Values) int64 {
	if n, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil && n >= 0 {
		return n
	}
	return audit.Newest
}

// scan gives a page of entries that fit, and where the next begins.
func scan(ctx context.Context, tx *db.Tx, reader *audit.Reader, before int64, fits func(audit.Entry) bool) (list []audit.Entry, next int64, err error) {
	for scanned := 0; scanned < mostScanned; scanned += pageSize {
		run, err := reader.Page(ctx, tx, before, pageSize)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range run {
			before = e.Seq
			if fits(e) {
				list = append(list, e)
			}
			if len(list) == pageSize {
				break
			}
		}
		if len(list) == pageSize || len(run) < pageSize {
			break
		}
	}
	byTimeNewest(list)
	return list, before, nil
}

func (v logView) fits(e audit.Entry) bool {
	return (v.Who == "" || e.Staff == v.Who) && (v.Did == "" || base(e.Action) == v.Did)
}

// saveCheckpoint gives the signed state of the log as a file whose name says
// nothing: GET /staff/log/checkpoint.
func (f *Feature) saveCheckpoint(w http.ResponseWriter, r *http.Request) error {
	c, err := audit.Head(r.Context(), f.DB, f.Agency)
	if err != nil {
		return err
	}
	web.Attach(w, "checkpoint.txt", "text/plain; charset=utf-8")
	_, err = io.WriteString(w, c.Note)
	return err
}

// state is what the last verification found. A log of years takes seconds to
// go through, so it is not done for every page: not sooner than twenty times
// as long as it took.
type state struct {
	mu     sync.Mutex
	report audit.Report
	again  time.Time
}

func (s *state) read(ctx context.Context, d *db.DB, agency string, now bool) (audit.Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	began := time.Now()
	if !now && began.Before(s.again) {
		return s.report, nil
	}
	r, err := audit.Verify(ctx, d, agency, nil)
	if err != nil {
		return r, err
	}
	s.report, s.again = r, time.Now().Add(20*time.Since(began))
	return r, nil
}
