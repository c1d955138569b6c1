package app

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

func (g *gate) as(name string) *viewer {
	g.t.Helper()
	i := slices.IndexFunc(g.viewers, func(v *viewer) bool { return v.name == name })
	if i < 0 {
		g.t.Fatalf("nobody is called %s", name)
	}
	return g.viewers[i]
}

// sees fails unless a page has all of has and none of not.
func (g *gate) sees(v *viewer, path string, has, not []string) string {
	g.t.Helper()
	got := g.ask(v, http.MethodGet, path, "")
	if got.status != http.StatusOK {
		g.t.Fatalf("%s as %s: %d", path, v.name, got.status)
	}
	for _, s := range has {
		if !strings.Contains(got.body, s) {
			g.t.Errorf("%s as %s does not say %q: %s", path, v.name, s, got.body)
		}
	}
	for _, s := range not {
		if strings.Contains(got.body, s) {
			g.t.Errorf("%s as %s says %q", path, v.name, s)
		}
	}
	return got.body
}

func TestASupervisorSeesWhoSawAContact(t *testing.T) {
	g := opened(t)
	sol := g.as(string(staff.Supervisor))
	id, another := g.contact("team", nil), g.contact("team", nil)
	g.ask(sol, http.MethodGet, "/staff/contacts/"+another, "")
	page := "/staff/contacts/" + id + "/seen"
	g.sees(sol, "/staff/contacts/"+id, []string{page}, nil)
	g.sees(sol, page, []string{"Other", "Took a contact", "The supervisor", "Opened a contact", "Looked who saw a contact"}, []string{strings.ToUpper(another[:4])})

	// The copy is in the person's language, and names nobody unless somebody wants it.
	g.sees(sol, page+"/print", []string{`lang="es"`, "Personas que abrieron lo que nos cont", "Supervisi", "Lo ley"}, []string{"Other", ">The supervisor,"})
	g.sees(sol, page+"/print?in=en&names=1", []string{"People who opened what you told us", "Other</bdi>, Advocate", "Read it"}, nil)
	if title, _, _ := strings.Cut(g.sees(sol, page+"/print?in=en", nil, nil), "</title>"); strings.Contains(title, "contact") {
		t.Error("the title, which becomes the name of a file, tells what it is")
	}
	if got := g.ask(g.as(string(staff.Advocate)), http.MethodGet, page, ""); got.status != http.StatusNotFound {
		t.Errorf("an advocate got %d", got.status)
	}
}

// A supervisor who was not admitted to the log opens no entry.
func TestWhoIsNotAdmittedReadsNoEntry(t *testing.T) {
	g := opened(t)
	odd := g.as(string(staff.Auditor))
	g.sees(odd, "/staff/log", []string{"Looked at the log", "Changed an account"}, []string{"cannot read the log yet"})
	g.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM key_wraps WHERE recipient = $1`, odd.session.Person.ID)
		return err
	})
	g.sees(odd, "/staff/log", []string{"cannot read the log yet", "The log is complete"}, []string{"Changed an account"})
}

func TestTheAuditorsPage(t *testing.T) {
	g := opened(t)
	odd := g.as(string(staff.Auditor))
	for range pageSizeAndMore {
		g.ask(g.as(string(staff.Supervisor)), http.MethodGet, "/staff/floor", "")
	}
	body := g.sees(odd, "/staff/log", []string{"The log is complete", "Looked at the floor"}, nil)
	if n := strings.Count(body, "<tr data-item"); n != 50 {
		t.Errorf("a page has %d entries", n)
	}
	next := between(body, `rel="next"`, `<a href="`)
	g.sees(odd, next, []string{"Looked at the floor"}, nil)
	g.sees(odd, "/staff/log?who="+odd.session.Person.ID, []string{"Looked at the log"}, []string{"<td>Looked at the floor"})
	g.sees(odd, "/staff/log?did=settings.edit", []string{"Changed the settings"}, []string{"<td>Looked at the floor"})

	// The file is a checkpoint that the log agrees with, under a name that says nothing.
	got := g.ask(odd, http.MethodGet, "/staff/log/checkpoint", "")
	if name := got.header.Get("Content-Disposition"); name != `attachment; filename="checkpoint.txt"` {
		t.Errorf("the file is %s", name)
	}
	key, err := audit.Verifier(t.Context(), g.app.DB, homeAgency)
	g.ok(err)
	v, err := note.NewVerifier(key)
	g.ok(err)
	if _, err := note.Open([]byte(got.body), note.VerifierList(v)); err != nil {
		t.Errorf("not signed: %v", err)
	}

	// What is wrong is said, and not hidden behind an error.
	g.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM audit_entries WHERE seq = 3`)
		return err
	})
	g.sees(odd, "/staff/log?check", []string{"The log is not as it was written", "From entry 4 on, entries are missing: 1."}, []string{"The log is complete"})
}

const pageSizeAndMore = 55

// between is the address in the link that mark stands in.
func between(body, mark, start string) string {
	before, _, _ := strings.Cut(body, mark)
	to, _, _ := strings.Cut(before[strings.LastIndex(before, start)+len(start):], `"`)
	return strings.ReplaceAll(to, "&amp;", "&")
}
