package contact

import (
	_ "embed"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// APILimit is the size in bytes of what a program can send: a story of
// MaxText characters in any script, with room to spare.
const APILimit = 1 << 20

//go:embed openapi.json
var openapi []byte

// APIRoutes is the interface for programs. It reads no cookie.
func (f *Feature) APIRoutes() []web.Route {
	return []web.Route{
		{Pattern: "POST /api/v1/contacts", Access: web.Public, Handle: f.apiOpen},
		{Pattern: "POST /api/v1/mailbox", Access: web.Public, Handle: f.apiMailbox},
		{Pattern: "POST /api/v1/mailbox/messages", Access: web.Public, Handle: f.apiWrite},
		{Pattern: "POST /api/v1/mailbox/files", Access: web.Public, Handle: f.apiFiles},
		{Pattern: "POST /api/v1/mailbox/hide", Access: web.Public, Handle: f.apiHide},
		{Pattern: "GET /api/openapi.json", Access: web.Public, Handle: apiDocument},
	}
}

// apiIncoming is the wire form of an Incoming. safe_contact may be an object
// or one sentence.
type apiIncoming struct {
	RequestType RequestType    `json:"request_type"`
	Text        string         `json:"text"`
	Language    string         `json:"language"`
	About       string         `json:"about"`
	Place       string         `json:"place"`
	Country     string         `json:"country"`
	SafeContact apiSafeContact `json:"safe_contact"`
	Mailbox     *bool          `json:"mailbox"`
}

type apiSafeContact struct{ SafeContact }

func (s *apiSafeContact) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &s.Note)
	}
	return json.Unmarshal(b, &s.SafeContact)
}

// apiOpen makes contact.
//
//	POST /api/v1/contacts
//	Idempotency-Key: 6f1c…
//	{"text": "…", "request_type": "crisis", "language": "es"}
//
//	201 {"code": "1234 5678 9012 3456 7890"}
func (f *Feature) apiOpen(w http.ResponseWriter, r *http.Request) error {
	var in apiIncoming
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	once, err := ParseOnce(r.Header.Get("Idempotency-Key"))
	if err != nil {
		return err
	}
	receipt, err := f.Open(r.Context(), Incoming{
		Channel: API, RequestType: in.RequestType, Language: in.Language, Text: in.Text,
		About: in.About, Place: in.Place, Country: in.Country, Safe: in.SafeContact.SafeContact,
	}, once, in.Mailbox == nil || *in.Mailbox)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, struct {
		Code string `json:"code,omitempty"`
	}{receipt.Code})
}

type apiCode struct {
	Code     string `json:"code"`
	Text     string `json:"text"`
	Language string `json:"language"`
}

type apiReply struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// apiMailbox reads a mailbox: what we answered, never what the person wrote.
//
//	POST /api/v1/mailbox
//	{"code": "1234 5678 9012 3456 7890"}
//
//	200 {"status": "answered", "replies": [{"at": "…", "text": "…"}], "sent": ["…"]}
func (f *Feature) apiMailbox(w http.ResponseWriter, r *http.Request) error {
	_, box, err := f.apiOpenBox(w, r)
	if err != nil {
		return err
	}
	answer := struct {
		Status  Status      `json:"status"`
		Replies []apiReply  `json:"replies"`
		Sent    []time.Time `json:"sent"`
	}{box.Status, []apiReply{}, []time.Time{}}
	for _, l := range box.Lines {
		if l.Reply {
			answer.Replies = append(answer.Replies, apiReply{l.At, l.Text})
		} else {
			answer.Sent = append(answer.Sent, l.At)
		}
	}
	return web.JSON(w, http.StatusOK, answer)
}

// apiWrite adds a message to a contact.
//
//	POST /api/v1/mailbox/messages
//	{"code": "1234 5678 9012 3456 7890", "text": "…", "language": "es"}
//
//	201 {"status": "received"}
func (f *Feature) apiWrite(w http.ResponseWriter, r *http.Request) error {
	once, err := ParseOnce(r.Header.Get("Idempotency-Key"))
	if err != nil {
		return err
	}
	in, box, err := f.apiOpenBox(w, r)
	if err != nil {
		return err
	}
	if err := f.WriteAgain(r.Context(), box, Again{Text: in.Text, Channel: API, Language: in.Language}, once); err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, struct {
		Status Status `json:"status"`
	}{StatusReceived})
}

// apiHide closes a mailbox for ever.
//
//	POST /api/v1/mailbox/hide
//	{"code": "1234 5678 9012 3456 7890"}
//
//	204
func (f *Feature) apiHide(w http.ResponseWriter, r *http.Request) error {
	_, box, err := f.apiOpenBox(w, r)
	if err != nil {
		return err
	}
	if err := f.Hide(r.Context(), box); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (f *Feature) apiOpenBox(w http.ResponseWriter, r *http.Request) (in apiCode, box *Opened, err error) {
	if err := readJSON(w, r, &in); err != nil {
		return in, nil, err
	}
	box, err = f.OpenMailbox(r.Context(), in.Code)
	return in, box, err
}

func apiDocument(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(openapi)
	return err
}

// readJSON reads one JSON object. What was wrong with it is said without
// repeating any of it.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return errs.New(errs.Unsupported, "contact.error.not_json", nil)
	}
	body, err := web.Body(w, r, APILimit)
	if err != nil {
		return err
	}
	err = json.Unmarshal(body, into)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType):
		return errs.In(wrongType.Field, "contact.error.json_type")
	}
	return errs.New(errs.Malformed, "contact.error.json", nil)
}
