package contact

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// sendFiles posts a form of parts: pairs of head and body.
func (p *program) sendFiles(parts ...string) (int, map[string]any) {
	p.h.t.Helper()
	var body strings.Builder
	for i := 0; i < len(parts); i += 2 {
		body.WriteString("--b\r\nContent-Disposition: form-data; " + parts[i] + "\r\n\r\n" + parts[i+1] + "\r\n")
	}
	r := httptest.NewRequestWithContext(p.h.t.Context(), http.MethodPost, "/api/v1/mailbox/files", strings.NewReader(body.String()+"--b--\r\n"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	answer := map[string]any{}
	p.h.ok(json.Unmarshal(w.Body.Bytes(), &answer))
	schema := "TakenFiles"
	if w.Code != http.StatusCreated {
		schema = "Problem"
	}
	p.fits(schema, answer)
	return w.Code, answer
}

func TestAProgramSendsFiles(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.program()
		r := h.write("x")
		code := []string{`name="code"`, r.Code}
		const file = `name="file"; filename="secret.bin"`
		status, answer := p.sendFiles(append(code, file, snapshot(t), file, "", file, "data")...)
		if status != http.StatusCreated || answer["pictures"] != 1.0 || answer["others"] != 1.0 || len(answer["refused"].([]any)) != 1 {
			t.Errorf("%d %v", status, answer)
		}
		for what, parts := range map[string][]string{
			"none": code, "an empty one": append(code, file, ""), "no code": {file, "data"}, "a code that opens nothing": {`name="code"`, strings.Repeat("9", 20), file, "x"},
		} {
			status, answer := p.sendFiles(parts...)
			if status < 400 || status >= 500 || strings.Contains(answer["title"].(string), "secret") {
				t.Errorf("%s: %d %v", what, status, answer)
			}
		}
	})
}
