package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/casework"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// gate is the whole program, with a colleague of each role at its door and
// things of each kind behind it.
type gate struct {
	t       testing.TB
	app     *App
	server  *web.Server
	handler http.Handler
	routes  []web.Route
	viewers []*viewer

	other     *staff.Session // the advocate whose contacts are not the viewer's
	target    string         // an account to close and open
	candidate string         // an account to admit
	circle    string         // a group that people made
	leaver    string         // a colleague in it
	service   string         // in the directory
	place     string         // of that service
	inner     string         // a group that no viewer is in
	elsewhere *contact.Feature
	canaries  canaries
	matrix    map[string]string // what was agreed; see agreed
}

// viewer is who asks: nobody, or a colleague signed in.
type viewer struct {
	name    string
	session *staff.Session // nil for nobody
	locked  bool
	fresh   bool // not admitted to the intake group yet
	handed  bool // somebody else made the pass phrase
	closed  bool // the account was closed while they were signed in
	token   string
}

// in says whether anything of the desk is open to the viewer at all.
func (v *viewer) in() bool { return v.session != nil && !v.locked && !v.handed && !v.closed }

func (v *viewer) may(need web.Access) bool { return v.in() && v.session.May(need) }

// opened makes the program with everybody in it, on a database of its own file.
func opened(t testing.TB) *gate { return openedOn(t, "") }

// engines give the URL of a fresh database of each kind.
var engines = map[string]func(*testing.T) string{
	"sqlite":   func(*testing.T) string { return "" },
	"postgres": func(t *testing.T) string { return dbtest.Postgres(t).URL },
}

// openedOn makes it on the database of a URL; empty is SQLite.
func openedOn(t testing.TB, url string) *gate {
	t.Helper()
	seal.UseCheapCosts()
	key := make([]byte, db.KeySize)
	rand.Read(key)
	g := &gate{t: t, canaries: canaries{}}
	g.matrix = g.agreed()
	o, _, err := parse(nil, nil)
	g.ok(err)
	o.Data, o.Database = t.TempDir(), url
	a, err := openApp(t.Context(), o, key, slog.New(slog.DiscardHandler))
	g.ok(err)
	g.app = a
	t.Cleanup(func() { a.Close() })
	server, err := a.server(true)
	g.ok(err)
	g.server = server
	g.people()
	g.ok(a.usePages(t.Context(), server))
	g.routes = append(a.features.routes(), a.healthRoutes()...)
	g.handler, err = a.handler(server)
	g.ok(err)
	g.ok(a.demoFacts(t.Context()))
	g.library()
	g.elsewhere = &contact.Feature{DB: a.DB, Hub: a.Hub, Agency: "elsewhere", Blobs: a.features.contact.Blobs}
	for _, f := range []*contact.Feature{a.features.contact, g.elsewhere} {
		f.Start(t.Context())
	}
	g.update(func(ctx context.Context, tx *db.Tx) error {
		for _, group := range []string{keyring.Intake, keyring.Audit} {
			if _, err := keyring.Create(ctx, tx, "elsewhere", group); err != nil {
				return err
			}
		}
		return nil
	})
	g.unlock()
	return g
}

// unlock opens the index of contacts, as the first request of a member does.
func (g *gate) unlock() {
	g.t.Helper()
	g.ok(g.app.links.Work(g.t.Context()))
	for _, v := range g.viewers {
		if v.session != nil && v.session.Pair != nil {
			g.app.unlockLinks(g.t.Context(), v.session)
		}
	}
	g.ok(g.app.links.Work(g.t.Context()))
	if !g.app.links.Open() {
		g.t.Fatal("nobody could open the index of contacts")
	}
}

func (g *gate) ok(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

func (g *gate) update(do func(context.Context, *db.Tx) error) {
	g.t.Helper()
	g.ok(g.app.DB.Update(g.t.Context(), do))
}

// people makes one colleague of each role, who were there when the hotline
// was set up, and some who came later and were not admitted.
func (g *gate) people() {
	g.t.Helper()
	make1 := func(name string, role staff.Role) staff.New {
		n, err := staff.Prepare(g.t.Context(), homeAgency, name, role, "a long pass phrase")
		g.ok(err)
		return n
	}
	var first []staff.New
	g.viewers = []*viewer{{name: "nobody"}}
	for _, role := range staff.Roles {
		n := make1("The "+string(role), role)
		first = append(first, n)
		g.viewers = append(g.viewers, &viewer{name: string(role), session: &staff.Session{Person: n.Person, Pair: n.Pair}})
	}
	other, fresh, away := make1("Other", staff.Advocate), make1("Fresh", staff.Advocate), make1("Away", staff.Advocate)
	target, candidate := make1("Target", staff.Trainer), make1("Candidate", staff.Advocate)
	handed, closed := make1("Handed", staff.Supervisor).HandedOver(), make1("Closed", staff.Supervisor)
	recovery, err := seal.NewPair()
	g.ok(err)
	g.update(func(ctx context.Context, tx *db.Tx) error {
		if err := setUp(ctx, tx, recovery.Public(), append(first, other, away, closed), map[string]string{isDemo: "1"}); err != nil {
			return err
		}
		for _, n := range []staff.New{fresh, target, candidate, handed} {
			if err := n.Insert(ctx, tx, ""); err != nil {
				return err
			}
		}
		var inside []keyring.Member
		for _, n := range append(first, away) {
			if n.Person.Role.May(staff.EditGroups) || n.Person.ID == away.Person.ID {
				inside = append(inside, keyring.Member{ID: n.Person.ID, Public: n.Person.Public})
			}
		}
		circle, err := keyring.Create(ctx, tx, homeAgency, "Night", inside...)
		g.circle, g.leaver = circle.ID, away.Person.ID
		if err != nil {
			return err
		}
		inner, err := keyring.Create(ctx, tx, homeAgency, "Inner", keyring.Member{ID: other.Person.ID, Public: other.Person.Public})
		g.inner = inner.ID
		if err != nil {
			return err
		}
		return errs.First(groupMade(ctx, tx, circle), groupMade(ctx, tx, inner))
	})
	g.other = &staff.Session{Person: other.Person, Pair: other.Pair}
	g.target, g.candidate = target.Person.ID, candidate.Person.ID
	g.viewers = append(g.viewers,
		&viewer{name: "not-admitted", session: &staff.Session{Person: fresh.Person, Pair: fresh.Pair}, fresh: true},
		&viewer{name: "locked", session: &staff.Session{Person: away.Person, Pair: away.Pair}, locked: true},
		&viewer{name: "handed-over", session: &staff.Session{Person: handed.Person, Pair: handed.Pair}, handed: true},
		&viewer{name: "closed", session: &staff.Session{Person: closed.Person, Pair: closed.Pair}})
	for _, v := range g.viewers {
		g.signIn(v)
	}
	last := g.viewers[len(g.viewers)-1]
	last.closed = true
	g.update(func(ctx context.Context, tx *db.Tx) error {
		return staff.SetDisabled(ctx, tx, homeAgency, closed.Person.ID, "", true)
	})
}

// signIn gives the viewer a fresh session.
func (g *gate) signIn(v *viewer) {
	g.t.Helper()
	if v.session == nil || v.closed {
		return // who is out stays out
	}
	g.update(func(ctx context.Context, tx *db.Tx) (err error) {
		if v.token, err = staff.SignIn(ctx, tx, v.session.Person, v.session.Pair); err != nil || !v.locked {
			return err
		}
		s, err := staff.Find(ctx, tx, v.token)
		if err != nil {
			return err
		}
		v.token, err = s.Lock(ctx, tx)
		return err
	})
}

// library fills the directory and finds a service that has a place.
func (g *gate) library() {
	g.t.Helper()
	d := g.app.features.directory
	_, err := d.LoadStarter(g.t.Context(), homeAgency)
	g.ok(err)
	_, err = d.VerifyAll(g.t.Context(), homeAgency, "", "somebody", "by telephone")
	g.ok(err)
	found, err := d.Search(g.t.Context(), directory.Query{Agency: homeAgency, Unsure: true, Limit: 100})
	g.ok(err)
	for _, r := range found.Items {
		detail, err := d.Service(g.t.Context(), homeAgency, r.ID)
		g.ok(err)
		if len(detail.Places) > 0 && len(r.Needs) > 0 {
			g.service, g.place = r.ID, detail.Places[0].ID
			return
		}
	}
	g.t.Fatal("no service has a place")
}

// published finds a record of the feed that a route is about.
func (g *gate) published(pattern string) string {
	g.t.Helper()
	_, feed, _ := strings.Cut(pattern, "/hsds/")
	feed, _, _ = strings.Cut(feed, "/")
	found, err := g.app.features.directory.Offer(g.t.Context(), directory.Ask{Feed: directory.Feed(feed), Query: directory.Query{Agency: homeAgency}})
	g.ok(err)
	var first struct{ ID string }
	g.ok(json.Unmarshal(found.Append(nil, 0), &first))
	return first.ID
}

// contact makes a contact. whose is waiting, own (taken by the viewer), team
// (open with somebody else), closed (by somebody else), agency (of a group that the
// viewer is not in), other (of another agency) or none.
func (g *gate) contact(whose string, v *viewer) (id string) { return g.contactWith(whose, v) }

// contactWith is contact, with files that the person sent.
func (g *gate) contactWith(whose string, v *viewer, files ...string) (id string) {
	g.t.Helper()
	f := g.app.features.contact
	if whose == "other" {
		f = g.elsewhere
	}
	if whose == "none" {
		return ids.New()
	}
	made, err := f.Open(g.t.Context(), g.canaries.incoming(), "", files != nil)
	g.ok(err)
	g.canaries.of(made.ID)
	if files != nil {
		box, err := f.OpenMailbox(g.t.Context(), made.Code)
		g.ok(err)
		_, err = f.SendFiles(g.t.Context(), box, contact.Again{Channel: contact.Web}, func() (string, io.Reader, error) {
			if len(files) == 0 {
				return "", nil, io.EOF
			}
			file := files[0]
			files = files[1:]
			return g.canaries.next(), strings.NewReader(file), nil
		}, "")
		g.ok(err)
	}
	switch {
	case whose == "own" && v.closed: // it was theirs before
		g.work(g.other, made.ID)
		g.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE contacts SET taken_by = $2 WHERE id = $1`, made.ID, v.session.Person.ID)
			return err
		})
	case whose == "own":
		g.work(v.session, made.ID)
	case slices.Contains([]string{"team", "closed", "agency"}, whose):
		g.work(g.other, made.ID)
	}
	switch whose {
	case "closed":
		g.finish(made.ID)
	case "agency":
		g.ok(f.Move(g.t.Context(), g.other, made.ID, g.inner))
	}
	g.canaries.of(made.ID)
	return made.ID
}

// decoy plants one and gives the id of its planting.
func (g *gate) decoy() string {
	g.t.Helper()
	i := slices.IndexFunc(g.viewers, func(v *viewer) bool { return v.name == string(staff.Supervisor) })
	s, f := g.viewers[i].session, g.app.features.contact
	before, err := f.Decoys(g.t.Context(), s)
	g.ok(err)
	g.ok(f.Plant(g.t.Context(), s, contact.Story{Text: g.canaries.next(), Summary: g.canaries.next()}))
	list, err := f.Decoys(g.t.Context(), s)
	g.ok(err)
	for _, d := range list {
		if !slices.Contains(before, d) {
			g.canaries.of(d.Contact)
			return d.ID
		}
	}
	g.t.Fatal("no decoy was planted")
	return ""
}

// work is what a colleague does with a contact: takes it, writes down what was
// told, and a note.
func (g *gate) work(s *staff.Session, id string) {
	g.t.Helper()
	f := g.app.features.contact
	g.ok(f.Take(g.t.Context(), s, id))
	c, err := f.Get(g.t.Context(), s, id)
	g.ok(err)
	g.canaries.fill(&c.Record)
	g.ok(f.SaveRecord(g.t.Context(), s, id, c.Record))
	g.ok(f.Say(g.t.Context(), s, id, contact.Note, g.canaries.next(), ""))
}

// finish closes a contact of the other advocate's.
func (g *gate) finish(id string) {
	g.t.Helper()
	f := g.app.features.contact
	c, err := f.Get(g.t.Context(), g.other, id)
	g.ok(err)
	r := c.Record
	r.RequestType, r.Substantive, r.Contactor, r.Proximity = contact.Tip, "yes", "self", "suspects"
	r.Country, r.Disposition, r.AgeGroup = "US", "none", "adult"
	g.ok(f.Close(g.t.Context(), g.other, id, r))
}

// referral makes a referral of such a contact.
func (g *gate) referral(whose string, v *viewer) (id string) {
	g.t.Helper()
	if whose == "none" {
		return ids.New()
	}
	by := g.other
	if whose == "own" && !v.closed {
		by = v.session
	}
	about := whose
	if whose == "own" && v.closed {
		about = "team"
	}
	if slices.Contains([]string{"closed", "agency", "other"}, whose) {
		about = "team" // until it has its referral
	}
	to := g.contact(about, v)
	id, err := g.app.features.casework.Refer(g.t.Context(), by, to, casework.Asked{
		ID: ids.New(), Service: g.service, Need: "shelter", Days: 30, How: "spoken", By: "person",
		Items: []casework.Item{{Field: casework.Summary, Value: g.canaries.next()}},
	})
	g.ok(err)
	g.canaries.of(to)
	switch whose {
	case "closed":
		g.finish(to)
	case "agency":
		g.ok(g.app.features.contact.Move(g.t.Context(), g.other, to, g.inner))
	case "other": // as if it had been made there
		g.update(func(ctx context.Context, tx *db.Tx) error {
			for _, q := range []string{`UPDATE referrals SET agency = 'elsewhere' WHERE id = $1`, `UPDATE referral_events SET agency = 'elsewhere' WHERE referral = $1`} {
				if _, err := tx.Exec(ctx, q, id); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, `UPDATE contacts SET agency = 'elsewhere' WHERE id = $1`, to)
			return err
		})
	}
	return id
}

// reply is what somebody was answered.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends one request as the viewer.
func (g *gate) ask(v *viewer, method, path, body string) reply {
	g.t.Helper()
	return g.askIn(g.t.Context(), v, method, path, body)
}

// askIn is ask under a context.
func (g *gate) askIn(ctx context.Context, v *viewer, method, path, body string) reply {
	g.t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	if method == http.MethodPost {
		kind := "application/x-www-form-urlencoded"
		if strings.HasPrefix(path, "/api/") {
			kind = "application/json"
		}
		if strings.HasPrefix(body, "--b\r\n") {
			kind = "multipart/form-data; boundary=b"
		}
		r.Header.Set("Content-Type", kind)
	}
	if v.token != "" {
		r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: v.token})
	}
	w := &once{httptest.NewRecorder(), cancel}
	g.handler.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String()}
}

// once hears the beginning of a stream and hangs up.
type once struct {
	*httptest.ResponseRecorder
	hangUp func()
}

func (o *once) Flush()                           { o.hangUp() }
func (o *once) SetWriteDeadline(time.Time) error { return nil }
