package contact

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// contactView is the page of one contact: queue, conversation, help.
type contactView struct {
	frame
	C     Contact
	Facts factsView
	Talk  talkView
	Help  helpView
	Hand  handView
	Files filesView

	Keeping []KeepingLine
}

// helpView is the right pane: services, the record, wrapping up, or other contacts.
type helpView struct {
	ID        string
	Show      string
	Active    bool
	Find      findView
	Form      recordView
	Before    beforeView
	Referrals []ReferralLine
}

// handView is where a contact can be passed to.
type handView struct {
	ID     string
	Active bool
	To     []desk.Option
	Group  string // whose members open it
	Groups []desk.Option
	Error  string // a word key
}

// pageChange is what a form that failed puts into the page in place of what is kept.
type pageChange struct {
	show   string
	record *recordView
	say    *sayView
	find   *findView
	files  *filesView
	before *beforeView
	wrong  string // a word key: why nothing was done
}

// showContact is the page of a contact; ?show=services|record|wrap|before chooses
// what stands at the right.
func (f *Feature) showContact(w http.ResponseWriter, r *http.Request) error {
	return f.contactPage(w, r, http.StatusOK, pageChange{show: r.URL.Query().Get("show")})
}

func (f *Feature) contactPage(w http.ResponseWriter, r *http.Request, status int, change pageChange) error {
	ctx, s, id := r.Context(), staff.From(r.Context()), r.PathValue("id")
	c, err := f.Get(ctx, s, id)
	if err != nil {
		return err
	}
	log := s.Read
	if r.Method != http.MethodGet { // a form that answers with its page again
		log = s.ReadOn
	}
	if err := log(ctx, f.DB, c.reading()); err != nil {
		return err
	}
	fr, err := f.withQueue(ctx, f.frame(r))
	if err != nil {
		return err
	}
	fr.At = id
	people, err := f.colleagues(ctx, s.Person.Agency)
	if err != nil {
		return err
	}
	v := contactView{frame: fr, C: c, Files: f.filesView(id)}
	if change.files != nil {
		v.Files = *change.files
	}
	wait, back := waitAfter(c.Sent, c.Lines), cameBack(c.Lines)
	if v.Facts, err = f.factsView(ctx, fr, c, people, wait, back); err != nil {
		return err
	}
	v.Talk = talkView{ID: id, Mailbox: c.Mailbox, Last: c.LastSeq, Wait: millis(wait), Back: back}
	first := lineOf(Message{Kind: In, At: c.Sent, Text: c.Incoming.Text}, nil)
	if first.Text == "" { // nobody can send nothing
		first.Text = fr.W.T("contact.page.stripped")
	}
	first.Told = c.Channel == Phone || c.Channel == WalkIn
	v.Talk.Lines = append([]lineView{first}, c.linesOf(c.Lines, people.names)...)
	if v.Talk.Reply, err = f.box(ctx, s, id, Out, change.say); err != nil {
		return err
	}
	if v.Talk.Note, err = f.box(ctx, s, id, Note, change.say); err != nil {
		return err
	}
	if v.Help, err = f.help(ctx, s, fr, c, change); err != nil {
		return err
	}
	if v.Hand, err = f.hand(ctx, s, c, people, change.wrong); err != nil {
		return err
	}
	if f.Keeping != nil {
		if v.Keeping, err = f.Keeping(ctx, s, id); err != nil {
			return err
		}
	}
	return f.pages.Render(w, r, status, "contact", v)
}

// box is a box to write in, with the draft, or with what could not be sent.
func (f *Feature) box(ctx context.Context, s *staff.Session, id string, kind Kind, failed *sayView) (v sayView, err error) {
	if failed != nil && failed.Kind == kind {
		return *failed, nil
	}
	v = sayView{ID: id, Kind: kind}
	v.Text, err = f.Draft(ctx, s, id, kind)
	return v, err
}

// help fills the right pane.
func (f *Feature) help(ctx context.Context, s *staff.Session, fr frame, c Contact, change pageChange) (h helpView, err error) {
	h = helpView{ID: c.ID, Show: change.show, Active: c.State == Active}
	h.Form = recordView{frame: fr, ID: c.ID, R: c.Record, Active: h.Active}
	if change.record != nil {
		h.Form = *change.record
	}
	if h.Before, err = f.beforeView(ctx, s, c, h.Show == "before", change.before); err != nil {
		return h, err
	}
	switch {
	case h.Show == "before" && h.Before.Some():
	case h.Show == "record":
		if change.record == nil && c.Record.Region == "" {
			h.Form.R = f.settle(Record{}, c.Record) // what the facts show of the place
		}
	case h.Show == "wrap" && h.Active:
		if change.record == nil {
			h.Form.R = f.prefilled(c)
		}
	default:
		h.Show = "services"
		if change.find != nil {
			h.Find = *change.find
		} else {
			h.Find = f.find(ctx, fr, c, prefill(c))
		}
		if f.Referrals != nil {
			h.Referrals, err = f.Referrals(ctx, s, c.ID)
		}
	}
	return h, err
}

// showHelp is the right pane alone, for a script that changes it.
func (f *Feature) showHelp(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	c, err := f.look(r.Context(), s, r.PathValue("id"))
	if err != nil {
		return err
	}
	h, err := f.help(r.Context(), s, f.frame(r), c, pageChange{show: r.URL.Query().Get("show")})
	if err != nil {
		return err
	}
	h.Form.Part = true
	return f.pages.Part(w, r, "contact", "help", h)
}

// linesView is what came after a number, with the facts as they are now.
type linesView struct {
	Lines []lineView
	Talk  talkView
	Facts factsView
}

// showLines gives the lines after a number: GET …/lines?after=7&wait=0&back=false.
// The page asks by itself, and for a while its own entry stands for this too.
func (f *Feature) showLines(w http.ResponseWriter, r *http.Request) error {
	ctx, s, id := r.Context(), staff.From(r.Context()), r.PathValue("id")
	q := r.URL.Query()
	after, err := strconv.ParseInt(q.Get("after"), 10, 64)
	if err != nil || after < 0 {
		return errs.In("after", "contact.error.code")
	}
	var wait time.Time
	if ms, err := strconv.ParseInt(q.Get("wait"), 10, 64); err == nil && ms > 0 {
		wait = time.UnixMilli(ms)
	}
	c, lines, err := f.after(ctx, s, id, after)
	if _, asked := staff.ReasonFor(err); (asked || errs.Is(err, errs.NotFound)) && fromScript(r) { // somebody else has it by now
		w.Header().Set("HX-Retarget", "#talk")
		w.Header().Set("HX-Reswap", "outerHTML")
		return f.pages.Part(w, r, "contact", "gone", nil)
	}
	if err != nil {
		return err
	}
	people, err := f.colleagues(ctx, s.Person.Agency)
	if err != nil {
		return err
	}
	v := linesView{Lines: c.linesOf(lines, people.names)}
	wait, back := waitAfter(wait, lines), q.Get("back") == "true" || cameBack(lines)
	v.Talk = talkView{ID: id, Mailbox: c.Mailbox, Last: c.LastSeq, Wait: millis(wait), Back: back}
	if v.Facts, err = f.factsView(ctx, f.frame(r), c, people, wait, back); err != nil {
		return err
	}
	v.Facts.Refresh = true
	return f.pages.Part(w, r, "contact", "lines", v)
}

// after opens what is new in a contact: its record and the lines after a
// number, and not the whole conversation.
func (f *Feature) after(ctx context.Context, s *staff.Session, id string, seq int64) (c Contact, lines []Message, err error) {
	defer errs.Wrap(&err, "contact.after")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.access(ctx, tx, s, staff.ReadContact, id)
		if err != nil {
			return err
		}
		if c, err = f.openedRow(r, keys); err != nil {
			return err
		}
		if c.files, err = filesThere(ctx, tx, r); err != nil {
			return err
		}
		lines, err = f.conversation(ctx, tx, r, keys, seq)
		return err
	})
	if err == nil {
		err = f.guarded(ctx, s, c)
	}
	if err != nil {
		return Contact{}, nil, err
	}
	return c, lines, s.ReadOn(ctx, f.DB, c.reading())
}

// toContact leads from the address of a form back to its contact: a page that
// answered a form that failed has that address, and is reloaded, or come back
// to after the screen was locked.
func (f *Feature) toContact(w http.ResponseWriter, r *http.Request) error {
	return web.Redirect(w, "/staff/contacts/"+url.PathEscape(r.PathValue("id")))
}

func (f *Feature) toQueue(w http.ResponseWriter, _ *http.Request) error {
	return web.Redirect(w, "/staff/queue")
}
