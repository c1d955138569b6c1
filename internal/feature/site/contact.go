package site

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// MessageLimit is the most that one message may have, in characters as people
// count them.
const MessageLimit = 20_000

// limits of the other fields. Those of the safe way to answer stay under 500
// together, which is what one record keeps.
var limits = map[string]int{
	"message": MessageLimit, "place": 300,
	"address": 120, "pickup": 120, "cover": 160, "word": 60, "from": 5, "to": 5,
}

// Contact is what somebody sent. Everything but Message may be empty, which
// means that they did not say.
type Contact struct {
	Key      string // idempotency key: 128 random bits
	Page     string // language of the page it was written on
	Country  string // ISO 3166, as chosen for the danger line
	Message  string
	For      string // self, other, professional, declined
	About    string // crisis, tip, referral, information, training, resource, unsure
	Place    string
	Language string // in which they want the answer
	Safe     Safe
}

// Safe is how somebody may be answered without harm. An empty Channel is
// like mailbox: no contact is made that nobody asked for.
type Safe struct {
	Channel   string // mailbox, phone, sms, email
	Address   string
	From, To  string // 18:00
	Voicemail string // yes, no, declined
	PickUp    string
	Cover     string
	Word      string
}

// declined is an answer: whoever leaves a question alone has given none.
const declined = "declined"

var (
	forWhom    = []string{"self", "other", "professional", declined}
	abouts     = []string{"crisis", "tip", "referral", "information", "training", "resource", "unsure"}
	channels   = []string{"mailbox", "phone", "sms", "email"}
	voicemails = []string{"yes", "no", declined}
)

// contactForm is the page: what was typed, what is wrong with it, and the
// choices. After sending it is the code.
type contactForm struct {
	Contact
	Problems  map[string]string // field → word key
	Top       string            // word key of what is wrong with the whole
	More      bool              // the optional parts stand open
	Code      []string          // in groups of four
	Languages []Choice
	For_      []string
	Abouts    []string
	Channels  []string
	Files     *filesForm // after sending
}

// Limit is what a text that is too long has to come down to.
func (f *contactForm) Limit(field string) int { return limits[field] }

// Wrong names the fields that are to be mended, in the order of the page.
func (f *contactForm) Wrong() (fields []string) {
	for _, name := range []string{"message", "place", "address", "from", "to", "pickup", "cover", "word"} {
		if f.Problems[name] != "" {
			fields = append(fields, name)
		}
	}
	return fields
}

// ErrOther is what Submit says when the key marked another message before.
var ErrOther = errors.New("site: this key marked another message")

func (f *Feature) contactForm(p *page) *contactForm {
	form := &contactForm{For_: forWhom, Abouts: abouts, Channels: channels}
	form.Key, form.Page, form.Country, form.Language = ids.New(), p.W.Lang(), p.chosen, p.W.Lang()
	form.Languages = p.answerLanguages()
	return form
}

// openContact shows the empty form:
//
//	GET /contact?for=professional
func (f *Feature) openContact(w http.ResponseWriter, r *http.Request, p *page) error {
	form := f.contactForm(p)
	form.For = oneOf(r.URL.Query().Get("for"), forWhom)
	p.Body = form
	return f.show(w, r, formStatus(r), p)
}

// postContact takes the form and answers in place: the code when it is stored,
// else the form with all that was typed. No Origin, Sec-Fetch header or cookie
// is asked for.
func (f *Feature) postContact(w http.ResponseWriter, r *http.Request, p *page) error {
	values, readErr := web.Form(w, r)
	form := f.contactForm(p)
	form.fill(values)
	p.Body, p.Key = form, form.Key
	if f.ended.has(form.Key) {
		// Somebody left this form by the exit, and now it comes from the
		// browser's history: it must show neither code nor text again.
		p.Body, p.Key = f.contactForm(p), ""
		return f.show(w, r, http.StatusOK, p)
	}
	if readErr != nil {
		return f.refuse(w, r, p, form, readErr)
	}
	if form.check(); len(form.Problems) > 0 {
		form.Top = "site.contact.problem"
		return f.show(w, r, http.StatusUnprocessableEntity, p)
	}
	if f.Submit == nil {
		return f.refuse(w, r, p, form, errs.New(errs.Unavailable, "", nil))
	}
	code, err := f.Submit(r.Context(), form.Contact)
	if errors.Is(err, ErrOther) {
		// The first attempt was stored, its answer was lost on the way, and
		// the person has changed the text since: that is another message.
		form.Key = ids.New()
		p.Key = form.Key
		code, err = f.Submit(r.Context(), form.Contact)
	}
	if errs.Is(err, errs.Conflict) {
		// It was stored, and its answer has had its time or was left by the
		// exit: a page sent again from the browser's history is no new message.
		form = f.contactForm(p)
		form.Top = "site.contact.already"
		p.Body, p.Key = form, ""
		return f.show(w, r, http.StatusConflict, p)
	}
	if err != nil {
		return f.refuse(w, r, p, form, err)
	}
	form.Code = groups(code)
	form.Files = f.filesForm(form.Key, code, nil)
	p.Name = "sent"
	return f.show(w, r, http.StatusOK, p)
}

// refuse shows the form again with what went wrong. What nobody foresaw still
// goes to the log, through the status; the person keeps what they wrote.
func (f *Feature) refuse(w http.ResponseWriter, r *http.Request, p *page, form *contactForm, err error) error {
	e := errs.Of(err)
	form.More = true
	switch e.Kind {
	case errs.TooLarge:
		form.Problems = map[string]string{"message": "site.contact.problem.long"}
		form.Top = "site.contact.problem"
	case errs.Invalid:
		form.Top = e.Word
	default:
		form.Top = "site.contact.busy"
		f.server.Log.ErrorContext(r.Context(), "a contact was not stored", "error", err)
		w.Header().Set("Retry-After", "5")
		return f.show(w, r, http.StatusServiceUnavailable, p)
	}
	return f.show(w, r, e.Kind.Status(), p)
}

// fill takes what was typed, mended so that it can be kept and shown.
func (f *contactForm) fill(v url.Values) {
	line := func(name string) string { return text.Line(v.Get(name)) }
	if key := v.Get("key"); isKey(key) {
		f.Key = key
	}
	f.Message = text.Clean(v.Get("message"))
	f.For = oneOf(v.Get("for"), forWhom)
	f.About = oneOf(v.Get("about"), abouts)
	f.Place = line("place")
	if l := v.Get("language"); slices.ContainsFunc(f.Languages, func(c Choice) bool { return c.Value == l }) {
		f.Language = l
	}
	f.Safe = Safe{
		Channel: oneOf(v.Get("channel"), channels), Address: line("address"),
		From: clock(line("from")), To: clock(line("to")),
		Voicemail: oneOf(v.Get("voicemail"), voicemails),
		PickUp:    line("pickup"), Cover: line("cover"), Word: line("word"),
	}
	f.More = f.For != "" || f.About != "" || f.Place != "" || f.Safe != Safe{}
}

func (f *contactForm) check() {
	problems := map[string]string{}
	s := f.Safe
	if text.Blank(f.Message) {
		problems["message"] = "site.contact.problem.message"
	}
	for name, value := range map[string]string{
		"message": f.Message, "place": f.Place,
		"address": s.Address, "pickup": s.PickUp, "cover": s.Cover, "word": s.Word,
	} {
		if !text.Fits(value, limits[name]) {
			problems[name] = "site.contact.problem.long"
		}
	}
	if problems["address"] == "" {
		if word := checkAddress(s.Channel, s.Address); word != "" {
			problems["address"] = word
		}
	}
	for name, value := range map[string]string{"from": s.From, "to": s.To} {
		if value != "" && !isClock(value) {
			problems[name] = "site.contact.problem.time"
		}
	}
	if (s.From == "") != (s.To == "") && problems["from"]+problems["to"] == "" {
		problems["from"] = "site.contact.problem.times"
	}
	f.Problems = problems
	f.More = f.More || len(problems) > 1 || len(problems) == 1 && problems["message"] == ""
}

// keyForm are keys of 128 bits, in whatever alphabet whoever made the form wrote them.
var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{22,100}$`)

// isKey says whether a key may mark a form. One of a few characters was made
// up by hand, and two people may make up the same.
func isKey(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return keyForm.MatchString(s) && len(seen) >= 8
}

var (
	emailForm = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$`)
	clockForm = regexp.MustCompile(`^([01]?\d|2[0-3])[:.h]([0-5]\d)$`)
)

// minDigits is one more than emergency numbers have: nobody can be called back there.
const minDigits = 4

// checkAddress finds the slip of a finger, no more: whether a number can be
// dialled is for the advocate to see.
func checkAddress(channel, address string) string {
	switch channel {
	case "phone", "sms":
		if address == "" {
			return "site.contact.problem.address"
		}
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, westernDigits(address))
		if len(digits) < minDigits || len(digits) > 20 {
			return "site.contact.problem.phone"
		}
	case "email":
		if address == "" {
			return "site.contact.problem.address"
		}
		if !emailForm.MatchString(address) {
			return "site.contact.problem.email"
		}
	}
	return ""
}

func isClock(s string) bool { return clockForm.MatchString(s) }

// clock writes a time of day the one way that is stored, or leaves it as it
// was typed for check to point at.
func clock(s string) string {
	s = westernDigits(s)
	m := clockForm.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	if len(m[1]) == 1 {
		m[1] = "0" + m[1]
	}
	return m[1] + ":" + m[2]
}

// westernDigits turns the digits of Arabic and Persian keyboards, and the
// wide ones of Chinese keyboards, into 0 to 9.
func westernDigits(s string) string {
	return strings.Map(func(r rune) rune {
		for _, zero := range []rune{'٠', '۰', '０'} {
			if r >= zero && r <= zero+9 {
				return '0' + r - zero
			}
		}
		return r
	}, s)
}

// oneOf takes a choice that exists; anything else counts as not said, because
// a first contact is never refused for it.
func oneOf(s string, choices []string) string {
	if slices.Contains(choices, s) {
		return s
	}
	return ""
}

// groups writes a code the way customer numbers are written, however it came.
func groups(code string) []string {
	code = digits(code)
	var out []string
	for len(code) > 4 {
		out = append(out, code[:4])
		code = code[4:]
	}
	return append(out, code)
}
