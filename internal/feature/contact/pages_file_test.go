package contact

import (
	"bytes"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
)

// upload adds files as somebody, by a form in parts: pairs of name and content.
func (c *counter) upload(who, path string, files ...string) *httptest.ResponseRecorder {
	path, script := strings.CutPrefix(path, "hx ")
	var body strings.Builder
	for i := 0; i < len(files); i += 2 {
		body.WriteString("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + files[i] + "\"\r\n\r\n" + files[i+1] + "\r\n")
	}
	r := httptest.NewRequestWithContext(c.t.Context(), http.MethodPost, "https://desk.example"+path, strings.NewReader(body.String()+"--b--\r\n"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if script {
		r.Header.Set("HX-Request", "true")
	}
	r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: c.cookies[who]})
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

func TestFilesAreSeenInTheConversation(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		id := c.write("a story").ID
		at := "/staff/contacts/" + id
		c.ask("advocate", "POST", at+"/take")
		const page = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
		c.want(c.upload("advocate", at+"/files", "passport.png", snapshot(t), "x.svg", page), http.StatusSeeOther, at+"#end")
		body := c.want(c.ask("advocate", "GET", at), http.StatusOK, "Show picture 1, blurred", `src="`+at+`/pictures/1"`, "passport.png", "File 2", `href="`+at+`/files/2"`)
		if strings.Contains(body, `src="`+at+`/pictures/2"`) {
			t.Error("what is no picture is shown as one")
		}

		w := c.ask("advocate", "GET", at+"/pictures/1")
		c.want(w, http.StatusOK)
		if _, err := jpeg.Decode(bytes.NewReader(w.Body.Bytes())); err != nil || w.Header().Get("Content-Type") != "image/jpeg" {
			t.Errorf("the picture is %s: %v", w.Header().Get("Content-Type"), err)
		}
		sandboxed(t, w)
		c.want(c.ask("advocate", "GET", at+"/pictures/2"), http.StatusNotFound)

		w = c.ask("supervisor", "GET", at+"/files/2")
		if c.want(w, http.StatusOK) != page || w.Header().Get("Content-Disposition") != `attachment; filename="file-2"` || w.Header().Get("Content-Type") != "application/octet-stream" {
			t.Errorf("a file to keep: %v", w.Header())
		}
		sandboxed(t, w)
		c.want(c.ask("fresh", "GET", at+"/files/2"), http.StatusNotFound)
		c.want(c.ask("advocate", "GET", at+"/files/x"), http.StatusNotFound)
	})
}

func sandboxed(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	h := w.Header()
	if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("it could do something: %v", h)
	}
}

func TestWhatWasNotAddedIsSaidInWords(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		c.Limits = Limits{File: 1 << 20, Total: 10 << 20}
		id := c.write("a story").ID
		at := "/staff/contacts/" + id
		c.ask("advocate", "POST", at+"/take")
		large := strings.Repeat("x", 1<<20+1)
		c.want(c.upload("advocate", at+"/files", "a", large, "b", "good"), http.StatusUnprocessableEntity, "File 1 was not added.", "It is too large.", "1 file was added.", "a story")
		w := c.upload("advocate", "hx "+at+"/files", "a", "", "b", "good")
		c.want(w, http.StatusOK, "There is nothing in it.", "1 file was added.")
		if w.Header().Get("HX-Trigger") != "said" {
			t.Error("the conversation does not hear of it")
		}
		c.want(c.ask("advocate", "POST", at+"/files"), http.StatusUnprocessableEntity, "Choose a file first.")

		for _, path := range c.onDisk() {
			c.ok(os.WriteFile(path, []byte("something else"), 0o600))
		}
		body := c.want(c.ask("advocate", "GET", at+"/files/1"), http.StatusConflict, "not what it was when it came")
		if strings.Contains(body, "something else") {
			t.Error("a byte of it was shown")
		}
	})
}
