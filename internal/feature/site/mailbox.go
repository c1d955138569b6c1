package site

import (
	"net/http"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// codeDigits is the length of a survivor's code.
const codeDigits = 20

// Mailbox is what a code opens.
type Mailbox struct {
	Status string // waiting, reading, answered, closed
	Lines  []Line
	// Deletion is how far their wish is that we delete what they told us:
	// asked, confirmed, declined; empty without one. It says nothing of
	// whether something keeps us from it: who reads this may not be the person.
	Deletion string
	DeleteOn time.Time // the earliest day
}

// Line is one message: ours with its text, theirs with none. What somebody
// wrote to us is not shown back, whoever holds the code.
type Line struct {
	Ours bool
	Text string
	Sent time.Time

	Pictures, Others int // how many files they sent; those are not shown back either
}

// mailboxPage is the closed mailbox with its question, or the open one.
type mailboxPage struct {
	Visit    string // from the code to the exit: what the exit ends
	Key      string // of the message written here
	Code     string // as typed
	Open     bool
	Mailbox  Mailbox
	Message  string
	Sent     bool
	Hidden   bool
	Kept     bool // they took back that we shall delete
	Problems map[string]string
	Top      string

	filesSent *filesForm // what became of files; nil: none were sent

	site *Feature
	page *page
}

// Limit is what a message that is too long has to come down to.
func (m *mailboxPage) Limit() int { return MessageLimit }

// When is the time of a line, with the day unless it is today.
func (m *mailboxPage) When(t time.Time) string {
	t = m.site.zoned(t)
	now := m.site.zoned(time.Now())
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return m.page.W.Time(t)
	}
	return m.page.W.DateTime(t)
}

func (f *Feature) shutMailbox(p *page) *mailboxPage {
	return &mailboxPage{Visit: ids.New(), Key: ids.New(), site: f, page: p}
}

// openMailbox asks for the code:
//
//	GET /mailbox
func (f *Feature) openMailbox(w http.ResponseWriter, r *http.Request, p *page) error {
	p.Body = f.shutMailbox(p)
	return f.show(w, r, formStatus(r), p)
}

// postMailbox does one of six things with a code, all in place so that the
// code is never in an address:
//
//	POST /mailbox  code=…            opens
//	               code=…&message=…  writes
//	               code=…&do=hide    hides
//	               code=…&do=files, and then files, in parts
//	               code=…&do=delete  asks to delete what they told us
//	               code=…&do=keep    takes that back
func (f *Feature) postMailbox(w http.ResponseWriter, r *http.Request, p *page) error {
	form, err := web.ReadUpload(w, r, max(f.FileLimits.Form, web.FormLimit))
	values := form.Values
	m := f.shutMailbox(p)
	p.Body = m
	if visit := values.Get("visit"); ids.Valid(visit) {
		if f.ended.has(visit) {
			// The visit was left by the exit, and now a form of it comes
			// from the browser's history.
			m.Top = "site.mailbox.problem.again"
			return f.show(w, r, http.StatusOK, p)
		}
		m.Visit = visit
	}
	p.Key = m.Visit
	m.Code, m.Message = text.Line(values.Get("code")), text.Clean(values.Get("message"))
	key := values.Get("key")
	if !isKey(key) {
		key = m.Key
	}
	if err != nil && errs.Of(err).Kind != errs.TooLarge {
		m.Top = errs.Of(err).Word
		return f.show(w, r, errs.Of(err).Kind.Status(), p)
	}
	code := digits(m.Code)
	if len(code) != codeDigits {
		m.Problems = map[string]string{"code": "site.mailbox.problem.digits"}
		return f.show(w, r, http.StatusUnprocessableEntity, p)
	}
	_, writes := values["message"]
	do := action{code: code, key: key, writes: writes, do: values.Get("do")}
	if do.do == "files" {
		do.files = form.Next
	}
	return f.act(w, r, p, m, do)
}

type action struct {
	code, key, do string
	writes        bool
	files         Files // nil: none are sent
}

// act hides, or writes, or only opens, and shows what the mailbox then holds.
func (f *Feature) act(w http.ResponseWriter, r *http.Request, p *page, m *mailboxPage, a action) error {
	if f.OpenMailbox == nil || f.WriteMailbox == nil || f.HideMailbox == nil {
		return errs.New(errs.Unavailable, "", nil)
	}
	if a.do == "hide" {
		if err := f.HideMailbox(r.Context(), a.code); err != nil {
			return f.shut(w, r, p, m, err)
		}
		f.ended.add(m.Visit)
		*m = *f.shutMailbox(p)
		m.Hidden, p.Key = true, ""
		return f.show(w, r, http.StatusOK, p)
	}
	if err := f.wish(r, m, a); err != nil {
		return f.shut(w, r, p, m, err)
	}
	status := http.StatusOK
	if a.files != nil {
		var err error
		if status, err = f.sendFiles(r, p, m, a); err != nil {
			return f.shut(w, r, p, m, err)
		}
	}
	if a.writes {
		switch {
		case text.Blank(m.Message):
			m.Problems = map[string]string{"message": "site.contact.problem.message"}
		case !text.Fits(m.Message, MessageLimit):
			m.Problems = map[string]string{"message": "site.contact.problem.long"}
		}
		if m.Problems != nil {
			status = http.StatusUnprocessableEntity
		} else if err := f.WriteMailbox(r.Context(), p.W.Lang(), a.code, a.key, m.Message); err != nil {
			return f.shut(w, r, p, m, err)
		} else {
			m.Sent, m.Message = true, ""
		}
	}
	box, err := f.OpenMailbox(r.Context(), a.code)
	if err != nil {
		return f.shut(w, r, p, m, err)
	}
	m.Open, m.Mailbox, m.Code = true, box, a.code
	if m.Problems != nil {
		m.Key = a.key // the same message, mended, is still the same message
	}
	return f.show(w, r, status, p)
}

// wish asks to delete, or takes that back.
func (f *Feature) wish(r *http.Request, m *mailboxPage, a action) (err error) {
	switch {
	case a.do == "delete" && f.AskDelete != nil:
		err = f.AskDelete(r.Context(), a.code)
	case a.do == "keep" && f.KeepAll != nil:
		err = f.KeepAll(r.Context(), a.code)
		m.Kept = err == nil
	}
	return err
}

// Deletes says whether the page offers that we delete what they told us.
func (m *mailboxPage) Deletes() bool { return m.site.AskDelete != nil && m.site.KeepAll != nil }

// shut shows the question again with why the mailbox did not open. What was
// written stays in the page.
func (f *Feature) shut(w http.ResponseWriter, r *http.Request, p *page, m *mailboxPage, err error) error {
	e := errs.Of(err)
	switch e.Kind {
	case errs.NotFound, errs.Unauthenticated, errs.Invalid:
		m.Problems = map[string]string{"code": "site.mailbox.problem.code"}
		return f.show(w, r, http.StatusUnprocessableEntity, p)
	case errs.Busy:
		m.Top = "site.mailbox.busy"
		w.Header().Set("Retry-After", "10")
		return f.show(w, r, e.Kind.Status(), p)
	default:
		m.Top = "site.mailbox.busy"
		f.server.Log.ErrorContext(r.Context(), "a mailbox did not open", "error", err)
		return f.show(w, r, http.StatusServiceUnavailable, p)
	}
}

// digits takes the code out of what was typed: spaces, dashes and the digits
// of other keyboards are all right.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune(" -.\u00a0", r):
			return -1
		}
		return 'x'
	}, westernDigits(s))
}
