package web_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Whatever way a form comes in, what somebody wrote is there to be shown again.
func TestWhatWasTypedIsFoundInEveryBody(t *testing.T) {
	const parts = "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nhelp 100% me\r\n"
	for name, c := range map[string]struct {
		kind, body, want string
		err              errs.Kind // Internal: none
	}{
		"as browsers send it":      {"application/x-www-form-urlencoded", "message=help+100%25+me", "help 100% me", 0},
		"with a charset":           {"application/x-www-form-urlencoded; charset=utf-8", "message=help+100%25+me", "help 100% me", 0},
		"a bare per cent sign":     {"application/x-www-form-urlencoded", "message=help 100% me", "help 100% me", 0},
		"half an escape":           {"application/x-www-form-urlencoded", "a=%zz&message=help+100%25+me%2", "help 100% me%2", 0},
		"a semicolon":              {"application/x-www-form-urlencoded", "message=help; 100% me", "help; 100% me", 0},
		"in parts":                 {"multipart/form-data; boundary=x", parts + "--x--\r\n", "help 100% me", 0},
		"in parts, cut off":        {"multipart/form-data; boundary=x", parts, "help 100% me", errs.Invalid},
		"in parts without a frame": {"multipart/form-data", parts, "", errs.Invalid},
		"no content type":          {"", "message=help+100%25+me", "help 100% me", errs.Invalid},
		"broken content type":      {"a/b/c;;", "message=help+100%25+me", "help 100% me", errs.Invalid},
		"as plain text":            {"text/plain", "key=1\r\nmessage=help\r\n100% me\r\n", "help\n100% me", errs.Invalid},
		"as JSON":                  {"application/json", `{"message":"help 100% me","key":5}`, "help 100% me", errs.Invalid},
		"too long":                 {"application/x-www-form-urlencoded", "message=help+me&x=" + strings.Repeat("y", web.FormLimit), "help me", errs.TooLarge},
		"too long in parts":        {"multipart/form-data; boundary=x", parts + "--x\r\nContent-Disposition: form-data; name=\"y\"\r\n\r\n" + strings.Repeat("y", web.FormLimit), "help 100% me", errs.TooLarge},
	} {
		r := httptest.NewRequest("POST", "/contact", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		values, err := web.Form(httptest.NewRecorder(), r)
		if got := values.Get("message"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if c.err == errs.Internal && err != nil || c.err != errs.Internal && !errs.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "message=a+b%20c&x=%")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nhi\r\n--x--")
	f.Add("text/plain", "message=a\nb")
	f.Add("application/json", `{"message":"a"}`)
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest("POST", "/contact", strings.NewReader(body))
		r.Header["Content-Type"] = []string{kind}
		_, _ = web.Form(httptest.NewRecorder(), r)

		// What a browser writes comes back as it was.
		r = httptest.NewRequest("POST", "/contact", strings.NewReader(url.Values{"message": {body}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		values, err := web.Form(httptest.NewRecorder(), r)
		if err == nil && values.Get("message") != body {
			t.Fatalf("%q came back as %q", body, values.Get("message"))
		}
	})
}
