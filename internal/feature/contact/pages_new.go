package contact

import (
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// newView is the form in which a contact that came by telephone, at the door,
// by letter or by text is entered.
type newView struct {
	recordView
	In       Incoming
	Once     string // sending the form twice makes one contact
	WithCode bool
}

// Channels are those that are entered by hand.
func (v newView) Channels() []desk.Option {
	list := codeOptions(v.W, "contact.channel.", Staffed)
	for i := range list {
		list[i].On = list[i].Value == string(v.In.Channel)
	}
	return list
}

// Asked are the request types that a person can have.
func (v newView) Asked() []desk.Option { return codeOptions(v.W, "contact.request_type.", Asked) }

// Abouts are whom it may be about.
func (v newView) Abouts() []desk.Option { return codeOptions(v.W, "contact.contactor.", Abouts) }

func (f *Feature) showNew(w http.ResponseWriter, r *http.Request) error {
	fr := f.frame(r)
	v := newView{recordView: recordView{frame: fr}, Once: ids.New(), In: Incoming{Channel: Phone, RequestType: Unsure, Language: fr.W.Lang()}}
	return f.pages.Render(w, r, http.StatusOK, "new", v)
}

// postNew opens the contact and gives it to who entered it.
func (f *Feature) postNew(w http.ResponseWriter, r *http.Request) error {
	ctx, s := r.Context(), staff.From(r.Context())
	form, err := web.Form(w, r)
	v := newView{
		recordView: recordView{frame: f.frame(r), Errors: map[string]string{}},
		In:         entered(form), Once: form.Get("once"), WithCode: form.Get("code") != "",
	}
	v.R.Language = v.In.Language
	if err != nil {
		v.Errors[""] = errs.Of(err).Word
		return f.pages.Render(w, r, errs.Of(err).Kind.Status(), "new", v)
	}
	once, err := ParseOnce(v.Once)
	var receipt Receipt
	switch {
	case err != nil || once == "":
		v.Once = ids.New() // the page was changed on its way; a fresh key mends it
		v.Errors[""] = "contact.error.again"
	case !oneOf(Staffed, v.In.Channel):
		v.Errors["channel"] = "contact.error.code"
	default:
		if receipt, err = f.Open(ctx, v.In, once, v.WithCode); err != nil {
			v.Errors[errs.Of(err).Field] = errs.Of(err).Word
			if errs.Is(err, errs.Conflict) {
				v.Once = ids.New()
			}
		}
	}
	if len(v.Errors) > 0 {
		return f.pages.Render(w, r, http.StatusUnprocessableEntity, "new", v)
	}
	err = f.Take(ctx, s, receipt.ID)
	if errs.Is(err, errs.Conflict) { // the form was sent twice, or a colleague was quicker
		if _, mine := f.Get(ctx, s, receipt.ID); mine != nil {
			return f.keptWaiting(w, r, receipt, errs.Of(err).Word)
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if v.WithCode {
		return f.pages.Render(w, r, http.StatusOK, "code", codeView{Receipt: receipt}) // once, to be read out
	}
	return web.Redirect(w, "/staff/contacts/"+receipt.ID+"?show=record")
}

// codeView is a code to be read out. Kept says why its contact stays in the queue.
type codeView struct {
	Receipt
	Kept string // a word key
}

// keptWaiting answers who entered a contact and cannot open it: it is stored
// and in the queue, and the person who is told a code needs that code.
func (f *Feature) keptWaiting(w http.ResponseWriter, r *http.Request, receipt Receipt, word string) error {
	if word == "contact.error.not_admitted" {
		word = "contact.error.kept_waiting"
	}
	if receipt.Code != "" {
		return f.pages.Render(w, r, http.StatusOK, "code", codeView{receipt, word})
	}
	return f.queuePage(w, r, http.StatusConflict, queueView{Error: word})
}

func entered(form url.Values) Incoming {
	in := Incoming{
		Channel: Channel(form.Get("channel")), RequestType: RequestType(form.Get("request_type")), Language: form.Get("language"),
		Text: form.Get("text"), About: form.Get("about"), Place: form.Get("place"), Country: form.Get("country"),
	}
	in.Safe = SafeContact{Channel: "none"}
	if way := form.Get("safe_channel"); way == "phone" || way == "text" || way == "email" {
		in.Safe = SafeContact{
			Channel: way, Address: form.Get("safe_address"), From: form.Get("safe_from"), To: form.Get("safe_to"),
			Note: form.Get("safe_note"),
		}
	}
	return in
}
