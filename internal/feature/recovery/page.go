package recovery

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// view is the page: where we are, what waits on whom, what you can do.
type view struct {
	Kept     Kept
	Set      quorum.Set
	Shared   bool
	Proposed quorum.Set
	Asked    bool
	Me       quorum.Officer // of the shares that count
	Officer  bool
	Asking   quorum.Officer // of the set-up that is proposed
	WasAsked bool
	Lacks    []quorum.Lack
	Open     []request
	Past     []request
	OwnKey   string // of whoever looks, to compare; empty where nobody needs to
	Waiting  []desk.Option
	Whys     []desk.Option
	People   []desk.Option // whom an administrator can name
	Needed   []desk.Option
	Typed    map[string]string // what was typed into a form that failed, by field
	Wrong    map[string]string // by field, or by request
	Done     string            // what was just done
}

// Kept says how the recovery key is kept, and of what kind of banner that is.
type Kept struct{ Kind, Text string }

func kept(p *i18n.Printer, s quorum.Set, shared bool) Kept {
	switch {
	case !shared:
		return Kept{"info", p.T("recovery.printed")}
	case s.Able() < s.Needed:
		return Kept{"danger", p.T("recovery.too_few", "needed", s.Needed, "able", s.Able())}
	case s.Thin():
		return Kept{"warning", p.T("recovery.thin", "needed", s.Needed, "able", s.Able())}
	}
	return Kept{"success", p.T("recovery.shared", "needed", s.Needed, "of", len(s.Officers), "able", s.Able())}
}

// Kept is how the recovery key is kept, for the settings.
func (f *Feature) Kept(ctx context.Context, tx *db.Tx, p *i18n.Printer) (kind, text string, err error) {
	s, shared, err := quorum.Current(ctx, tx, f.Agency)
	k := kept(p, s, shared)
	return k.Kind, k.Text, err
}

// request is a request in words.
type request struct {
	quorum.Request
	Name, By, Ender string
	Key             string // of the account, to compare
	Early           bool   // the delay is not over
	Gave            bool   // whoever looks gave their share
	MayCancel       bool
	Waits           []string // officers whose share is not there
	Givers          []string // and those whose is
}

// show is the page. After a deed, ?done says which.
func (f *Feature) show(w http.ResponseWriter, r *http.Request) error {
	v := view{}
	if done := "recovery.done." + r.URL.Query().Get("done"); f.words(r).Has(done) {
		v.Done = done
	}
	return f.showWith(w, r, http.StatusOK, v)
}

// failed shows the page again, with what was wrong and what was typed.
func (f *Feature) failed(w http.ResponseWriter, r *http.Request, at string, typed map[string]string, err error) error {
	e := errs.Of(err)
	if e.Kind != errs.Invalid && e.Kind != errs.Conflict && e.Word != "recovery.error.no_server" {
		return err
	}
	s := staff.From(r.Context())
	if err := s.ReadOn(r.Context(), f.DB, audit.Entry{Action: string(staff.ReadRecovery)}); err != nil {
		return err
	}
	if at == "" {
		at = e.Field
	}
	return f.showWith(w, r, e.Kind.Status(), view{Typed: typed, Wrong: map[string]string{at: f.words(r).T(e.Word)}})
}

func (f *Feature) showWith(w http.ResponseWriter, r *http.Request, status int, v view) error {
	s := staff.From(r.Context())
	empty := v
	err := f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		v = empty
		return f.read(ctx, tx, s.Person, &v)
	})
	if err != nil {
		return err
	}
	p := f.words(r)
	v.Kept = kept(p, v.Set, v.Shared)
	for _, why := range quorum.Whys {
		v.Whys = append(v.Whys, desk.Option{Value: why, Label: p.T("recovery.why." + why)})
	}
	for n := quorum.Least; n <= quorum.Most; n++ {
		v.Needed = append(v.Needed, desk.Option{Value: strconv.Itoa(n), Label: p.Number(n)})
	}
	return f.pages.Render(w, r, status, "recovery", v)
}

func (f *Feature) read(ctx context.Context, tx *db.Tx, me staff.Person, v *view) (err error) {
	if v.Set, v.Shared, err = quorum.Current(ctx, tx, f.Agency); err != nil {
		return err
	}
	if v.Proposed, v.Asked, err = quorum.Proposed(ctx, tx, f.Agency); err != nil {
		return err
	}
	v.Me, v.Officer = v.Set.Officer(me.ID)
	v.Asking, v.WasAsked = v.Proposed.Officer(me.ID)
	if v.Shared {
		if v.Lacks, err = quorum.Lacks(ctx, tx, f.Agency); err != nil {
			return err
		}
	}
	people, err := staff.List(ctx, tx, f.Agency)
	if err != nil {
		return err
	}
	for _, p := range people {
		if me.Role.May(staff.NameOfficers) && !p.Disabled {
			_, on := v.Set.Officer(p.ID)
			v.People = append(v.People, desk.Option{Value: p.ID, Label: p.Name, On: on})
		}
	}
	if err := f.readRequests(ctx, tx, me, people, v); err != nil {
		return err
	}
	waiting, err := f.Lacking(ctx, tx)
	for _, p := range waiting {
		if p.ID == me.ID && v.Shared {
			v.OwnKey = quorum.Fingerprint(p.Public)
		}
		asked := slices.ContainsFunc(v.Open, func(q request) bool { return q.Account == p.ID })
		if !p.Fresh && !asked && v.Shared {
			v.Waiting = append(v.Waiting, desk.Option{Value: p.ID, Label: p.Name})
		}
	}
	return err
}

func (f *Feature) readRequests(ctx context.Context, tx *db.Tx, me staff.Person, people []staff.Person, v *view) error {
	open, err := quorum.Requests(ctx, tx, f.Agency, quorum.Open)
	if err != nil {
		return err
	}
	past, err := quorum.Past(ctx, tx, f.Agency)
	if err != nil {
		return err
	}
	who := func(id string) (p staff.Person) {
		if i := slices.IndexFunc(people, func(p staff.Person) bool { return p.ID == id }); i >= 0 {
			return people[i]
		}
		return p
	}
	say := func(q quorum.Request) request {
		return request{Request: q, Name: who(q.Account).Name, By: who(q.AskedBy).Name, Ender: who(q.EndedBy).Name}
	}
	for _, q := range open {
		line := say(q)
		line.Early = q.Waits(tx.Now)
		if account := who(q.Account); account.ID != "" {
			line.Key = quorum.Fingerprint(account.Public)
		}
		if line.MayCancel, err = q.MayCancel(ctx, tx, me); err != nil {
			return err
		}
		for _, o := range v.Set.Officers {
			if slices.Contains(q.Given, o.Number) {
				line.Givers = append(line.Givers, o.Person.Name)
				line.Gave = line.Gave || o.ID == me.ID
			} else if o.Hold() != quorum.Missing {
				line.Waits = append(line.Waits, o.Person.Name)
			}
		}
		v.Open = append(v.Open, line)
	}
	for _, q := range past {
		v.Past = append(v.Past, say(q))
	}
	return nil
}
