package site_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// upload sends a form with files the way an old browser does: pairs of name
// and content after the fields.
func (h *hotline) upload(t *testing.T, path string, fields url.Values, files ...string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name := range fields {
		if err := w.WriteField(name, fields.Get(name)); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(files); i += 2 {
		part, err := w.CreateFormFile("file", files[i])
		if err == nil {
			_, err = io.WriteString(part, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	out := httptest.NewRecorder()
	h.handler.ServeHTTP(out, r)
	return out
}

// The words are taken first; a picture is the next step, with the number.
func TestAPictureIsSentAfterTheMessage(t *testing.T) {
	t.Parallel()
	h := start(t, allFacts)
	sent := h.do("POST", "/contact", url.Values{"message": {"help"}}).Body.String()
	for _, part := range []string{`type="file"`, `enctype="multipart/form-data"`, `name="code" value="` + code + `"`, "already with us", `class="exit"`} {
		if !strings.Contains(sent, part) {
			t.Errorf("after the message there is no %s", part)
		}
	}
	w := h.upload(t, "/mailbox", url.Values{"code": {code}, "do": {"files"}}, "a.jpg", "one", "b.jpg", "two")
	body := w.Body.String()
	if w.Code != http.StatusOK || len(h.files) != 2 || !strings.Contains(body, "2 files have arrived.") {
		t.Errorf("%d, %q: %s", w.Code, h.files, body)
	}
	for _, shown := range []string{"a.jpg", "<img"} {
		if strings.Contains(body, shown) {
			t.Errorf("%s is shown back", shown)
		}
	}
	if !strings.Contains(body, "1 picture") {
		t.Error("that a picture was sent is not said")
	}
}

func TestAFileThatIsNotTakenIsNamedAndNothingElseIsLost(t *testing.T) {
	t.Parallel()
	h := start(t, allFacts)
	fields := url.Values{"code": {code}, "do": {"files"}}
	w := h.upload(t, "/es/mailbox", fields, "large", "x", "b.jpg", "two")
	for _, part := range []string{"No pudimos recibir el archivo 1. Seguimos teniendo todos sus mensajes.", "Es demasiado grande.", "Llegó 1 archivo."} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("without %q: %s", part, w.Body)
		}
	}
	if w := h.upload(t, "/ar/mailbox", fields); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "اختر صورة") {
		t.Errorf("no file at all: %d", w.Code)
	}
	if w := h.upload(t, "/mailbox", url.Values{"code": {strings.Repeat("9", 20)}, "do": {"files"}}, "a", "x"); w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), `type="file"`) {
		t.Errorf("a number that opens nothing: %d", w.Code)
	}
	h.SendFiles = nil
	if strings.Contains(h.do("POST", "/mailbox", url.Values{"code": {code}}).Body.String(), `type="file"`) {
		t.Error("files are asked for that nobody takes")
	}
}
