package oversight

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// seenView is who saw a contact.
type seenView struct {
	ID    string
	Short string
	Waits bool
	Lines []line
	Next  string
}

// showSeen is who opened a contact and its referrals, the newest first:
// GET /staff/contacts/{id}/seen?before=N.
func (f *Feature) showSeen(w http.ResponseWriter, r *http.Request) error {
	id, p := r.PathValue("id"), f.words(r)
	v := seenView{ID: id, Short: strings.ToUpper(id[:min(4, len(id))])}
	subject, err := f.subject(r, "")
	if err != nil {
		return err
	}
	c, list, err := f.about(r.Context(), staff.From(r.Context()), subject, beginning(r.URL.Query()), pageSize)
	if errs.Is(err, errs.NotFound) {
		v.Waits, err = true, nil
	}
	if err != nil {
		return err
	}
	if len(list) == pageSize {
		v.Next = "/staff/contacts/" + url.PathEscape(id) + "/seen?before=" + strconv.FormatInt(list[pageSize-1].Seq, 10)
	}
	byTimeNewest(list)
	for _, e := range list {
		v.Lines = append(v.Lines, c.line(p, e))
	}
	return f.pages.Render(w, r, http.StatusOK, "seen", v)
}

// subject opens the contact, and notes that somebody asks who saw it.
func (f *Feature) subject(r *http.Request, use string) (Subject, error) {
	s, id := staff.From(r.Context()), r.PathValue("id")
	subject, err := f.Contact(r.Context(), s, id)
	if err != nil {
		return subject, err
	}
	return subject, s.Read(r.Context(), f.DB, audit.Entry{Action: string(staff.SeeReaders) + use, Record: id, Tag: subject.Tag})
}

// about reads the entries about a subject, up to this moment. Who is not in the
// audit group gets NotFound.
func (f *Feature) about(ctx context.Context, s *staff.Session, subject Subject, before int64, limit int) (c cast, list []audit.Entry, err error) {
	if err := audit.Sequence(ctx, f.DB, f.Agency); err != nil && !errors.Is(err, audit.ErrDamaged) {
		return c, nil, err
	}
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if c, err = readCast(ctx, tx, f.Agency); err != nil {
			return err
		}
		reader, err := audit.Open(ctx, tx, f.Agency, s.Person.ID, s.Pair)
		if err != nil {
			return err
		}
		list, err = reader.About(ctx, tx, subject.Tag, subject.Since, before, limit)
		return err
	})
	return c, list, err
}

// mostCopied bounds a copy.
const mostCopied = 1000

// sheetView is the copy for the person.
type sheetView struct {
	ID        string
	Lines     []sheetLine
	More      bool
	At        time.Time
	Names     bool
	Languages []sheetLanguage
}

// sheetLine is what somebody did on a day.
type sheetLine struct {
	Day        time.Time
	Name, Role string
	Did        string // a word key
}

type sheetLanguage struct{ Code, Name, Href string }

// printSeen is the copy for the person, in their language where we speak it:
// GET /staff/contacts/{id}/seen/print, with ?names for the colleagues' names
// and ?in=CODE for another language.
func (f *Feature) printSeen(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	subject, err := f.subject(r, " print")
	if err != nil {
		return err
	}
	c, list, err := f.about(r.Context(), staff.From(r.Context()), subject, audit.Newest, mostCopied)
	if errs.Is(err, errs.NotFound) {
		return errs.New(errs.Conflict, "log.waits", err)
	}
	if err != nil {
		return err
	}
	v := sheetView{ID: r.PathValue("id"), At: time.Now(), Names: q.Has("names"), More: len(list) == mostCopied}
	byTimeNewest(list)
	v.Lines = c.copyOf(list, v.Names, f.Web.Here())
	own := f.Web.Lang(r)
	lang := own
	if code := firstKnown(q.Get("in"), subject.Language); code != "" {
		lang = code
	}
	for _, l := range i18n.Languages() {
		if l.Code != lang {
			to := url.Values{"in": {l.Code}}
			if v.Names {
				to.Set("names", "1")
			}
			v.Languages = append(v.Languages, sheetLanguage{l.Code, l.Name, r.URL.Path + "?" + to.Encode()})
		}
	}
	return f.pages.Render(w, web.WithLang(r, lang), http.StatusOK, "sheet", v)
}

func firstKnown(codes ...string) string {
	for _, c := range codes {
		if i18n.Known(c) {
			return c
		}
	}
	return ""
}

// copyOf is what a person is told: for each day who did what, once. Looking at
// this very list is not in it, nor what does not open.
func (c cast) copyOf(list []audit.Entry, names bool, here *time.Location) (lines []sheetLine) {
	seen := map[sheetLine]bool{}
	for _, e := range list {
		did := sheetDeed(e.Action)
		if did == "" || e.Broken {
			continue
		}
		at := e.At.In(here)
		l := sheetLine{Day: time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, here), Role: string(c.roles[e.Staff]), Did: did}
		if names {
			l.Name = c.names[e.Staff]
		}
		if !seen[l] {
			seen[l] = true
			lines = append(lines, l)
		}
	}
	return lines
}

// written are the deeds on a contact that leave words of ours.
var written = []string{"contact.write out", "contact.write note", "contact.write record", "contact.write closed"}

// sheetDeed is a deed as the person is told of it, empty where it is not about
// what they told us.
func sheetDeed(action string) string {
	switch {
	case base(action) == string(staff.SeeReaders), base(action) == string(staff.FindContact):
		return "" // it showed nothing of what they told us
	case action == string(staff.ReadReferral)+" print", action == string(staff.ReadReferral)+" read-out":
		return "log.sheet.shared"
	case slices.Contains(written, action), base(action) == string(staff.WriteReferral):
		return "log.sheet.worked"
	}
	return "log.sheet.opened" // also by taking the contact, or passing it on
}
