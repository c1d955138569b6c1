package contact

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// program is a sender that uses the interface from outside and holds each
// answer against the published document.
type program struct {
	h       *house
	handler http.Handler
	schemas *jsonschema.Compiler
}

func (h *house) program() *program {
	words, err := i18n.Load(desk.Words, Words())
	h.ok(err)
	assets, err := web.NewAssets()
	h.ok(err)
	s := &web.Server{Words: words, Assets: assets, Zone: h.Web.Zone, Log: slog.New(slog.DiscardHandler)}
	h.Web = s
	handler, err := s.Handler(h.APIRoutes())
	h.ok(err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(openapi))
	h.ok(err)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	h.ok(c.AddResource("intake.json", document))
	return &program{h, handler, c}
}

// send posts a body and gives the status and the answer, which must be of the
// schema that the document names for it.
func (p *program) send(path, body string, headers ...string) (int, map[string]any) {
	p.h.t.Helper()
	r := httptest.NewRequestWithContext(p.h.t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	answer := map[string]any{}
	if w.Body.Len() > 0 {
		p.h.ok(json.Unmarshal(w.Body.Bytes(), &answer))
	}
	schema := map[string]string{"/api/v1/contacts": "Receipt", "/api/v1/mailbox": "Mailbox", "/api/v1/mailbox/messages": "Taken"}[path]
	if w.Code >= http.StatusBadRequest {
		schema = "Problem"
		if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
			p.h.t.Errorf("%s: an error as %s", path, got)
		}
	}
	if schema != "" {
		p.fits(schema, answer)
	}
	return w.Code, answer
}

func (p *program) fits(name string, v any) {
	p.h.t.Helper()
	schema, err := p.schemas.Compile("intake.json#/components/schemas/" + name)
	p.h.ok(err)
	if err := schema.Validate(v); err != nil {
		p.h.t.Errorf("not a %s: %v", name, err)
	}
}

func TestAProgramMakesContactAndReadsTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.program()
		body := `{"request_type":"crisis","text":"help","language":"es","about":"self","place":"Austin TX",
			"safe_contact":{"channel":"text","address":"+1 202-555-0143","from":"18:00","to":"20:00","voicemail":"no"}}`
		var sent any
		h.ok(json.Unmarshal([]byte(body), &sent))
		p.fits("Contact", sent)
		status, receipt := p.send("/api/v1/contacts", body)
		if status != http.StatusCreated {
			t.Fatalf("%d %v", status, receipt)
		}
		code, _ := json.Marshal(receipt)
		_, box := p.send("/api/v1/mailbox", string(code))
		if box["status"] != "received" || len(box["replies"].([]any)) != 0 || len(box["sent"].([]any)) != 1 {
			t.Fatalf("%v", box)
		}
		id, err := h.TakeNext(t.Context(), h.advocate)
		h.ok(err)
		c, err := h.Get(t.Context(), h.advocate, id)
		h.ok(err)
		if c.Record.Safe.Address != "+1 202-555-0143" || c.Record.SafeVoicemail != No {
			t.Errorf("safe ways were not kept: %+v", c.Record)
		}
		h.ok(h.Say(t.Context(), h.advocate, id, Out, "we are here", ""))
		receipt["text"] = "thank you"
		again, _ := json.Marshal(receipt)
		if status, _ := p.send("/api/v1/mailbox/messages", string(again)); status != http.StatusCreated {
			t.Fatalf("writing again: %d", status)
		}
		_, box = p.send("/api/v1/mailbox", string(code))
		if all, _ := json.Marshal(box); box["status"] != "reading" || bytes.Contains(all, []byte("thank you")) || bytes.Contains(all, []byte("help")) {
			t.Fatalf("%s", all)
		}
		if status, _ := p.send("/api/v1/mailbox/hide", string(code)); status != http.StatusNoContent {
			t.Fatalf("hiding: %d", status)
		}
		if status, _ := p.send("/api/v1/mailbox", string(code)); status != http.StatusNotFound {
			t.Fatalf("after hiding: %d", status)
		}
	})
}

// wrong are requests that cannot be taken, and what each is answered.
var wrong = map[string]struct {
	body   string
	status int
	field  string
}{
	"nothing":             {``, http.StatusBadRequest, ""},
	"no object":           {`"help"`, http.StatusUnprocessableEntity, ""},
	"half an object":      {`{"text":"help"`, http.StatusBadRequest, ""},
	"two objects":         {`{"text":"a"}{"text":"b"}`, http.StatusBadRequest, ""},
	"no text":             {`{}`, http.StatusUnprocessableEntity, "text"},
	"only spaces":         {`{"text":" \n\u0000 "}`, http.StatusUnprocessableEntity, "text"},
	"text is a number":    {`{"text":5}`, http.StatusUnprocessableEntity, "text"},
	"text is too long":    {`{"text":"` + strings.Repeat("x", MaxText+1) + `"}`, http.StatusRequestEntityTooLarge, "text"},
	"far too long":        {`{"text":"` + strings.Repeat("x", APILimit) + `"}`, http.StatusRequestEntityTooLarge, ""},
	"unknown type":        {`{"text":"a","request_type":"rescue"}`, http.StatusUnprocessableEntity, "request_type"},
	"unknown language":    {`{"text":"a","language":"no such tongue"}`, http.StatusUnprocessableEntity, "language"},
	"unknown country":     {`{"text":"a","country":"Atlantis"}`, http.StatusUnprocessableEntity, "country"},
	"unknown safe way":    {`{"text":"a","safe_contact":{"channel":"pigeon"}}`, http.StatusUnprocessableEntity, "safe_contact"},
	"long place":          {`{"text":"a","place":"` + strings.Repeat("x", 600) + `"}`, http.StatusRequestEntityTooLarge, "place"},
	"deep nesting":        {strings.Repeat(`{"safe_contact":`, 20000), http.StatusBadRequest, ""},
	"a list for an about": {`{"text":"a","about":["self"]}`, http.StatusUnprocessableEntity, "about"},
}

func TestWhatCannotBeTakenIsSaidWithoutRepeatingIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.program()
		for name, w := range wrong {
			status, problem := p.send("/api/v1/contacts", w.body)
			if status != w.status || w.field != "" && problem["field"] != w.field {
				t.Errorf("%s: %d %v, want %d in %q", name, status, problem, w.status, w.field)
			}
			if detail, _ := problem["detail"].(string); detail == "" || strings.Contains(detail, "rescue") || strings.Contains(detail, "contact.error") {
				t.Errorf("%s: detail %q", name, detail)
			}
		}
		if status, _ := p.send("/api/v1/contacts", `{"text":"a"}`, "Content-Type", "text/plain"); status != http.StatusUnsupportedMediaType {
			t.Errorf("plain text: %d", status)
		}
		if status, _ := p.send("/api/v1/contacts", `{"text":"a"}`, "Idempotency-Key", "short"); status != http.StatusUnprocessableEntity {
			t.Errorf("a key that can be guessed: %d", status)
		}
		_, problem := p.send("/api/v1/contacts", `{}`, "Accept-Language", "ar")
		if detail, _ := problem["detail"].(string); !strings.ContainsAny(detail, "ابتثجحخدذرزسشصضطظعغفقكلمنهوي") {
			t.Errorf("not in Arabic: %q", detail)
		}
		q, err := h.Queue(t.Context(), agency, "")
		h.ok(err)
		if len(q.Waiting) != 0 {
			t.Errorf("%d of them were stored", len(q.Waiting))
		}
	})
}

func TestOddButWellMeantIsTaken(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.program()
		for name, body := range map[string]string{
			"a sentence for safe ways": `{"text":"a","safe_contact":"only texts after six"}`,
			"null fields":              `{"text":"a","about":null,"safe_contact":null,"language":null}`,
			"unknown fields":           `{"text":"a","colour":"blue"}`,
			"emoji":                    `{"text":"👩‍👧 🆘"}`,
			"overrides":                "{\"text\":\"\u202egnp\"}",
			"broken UTF-8":             "{\"text\":\"a\xffb\"}",
			"metacharacters":           `{"text":"'; DROP TABLE contacts; -- {{.}} <script>"}`,
			"in their own words":       `{"text":"a","about":"my sister"}`,
		} {
			if status, answer := p.send("/api/v1/contacts", body); status != http.StatusCreated {
				t.Errorf("%s: %d %v", name, status, answer)
			}
		}
	})
}

func FuzzAPI(f *testing.F) {
	f.Add(`{"text":"help","safe_contact":{"channel":"text"}}`)
	f.Add(`{"text":"a","safe_contact":"b"}`)
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/contacts", io.NopCloser(strings.NewReader(body)))
		r.Header.Set("Content-Type", "application/json")
		var in apiIncoming
		if readJSON(httptest.NewRecorder(), r, &in) != nil {
			return
		}
		made := Incoming{Channel: API, RequestType: in.RequestType, Language: in.Language, Text: in.Text, About: in.About, Place: in.Place, Country: in.Country, Safe: in.SafeContact.SafeContact}
		if made.clean() != nil {
			return
		}
		if rec := firstRecord(made); made.Text == "" || rec.clean() != nil {
			t.Fatalf("taken, but cannot be recorded: %q", body)
		}
	})
}
