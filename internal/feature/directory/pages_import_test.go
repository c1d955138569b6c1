package directory

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// upload sends a form with files.
func (c *console) upload(fields map[string]string, files ...string) (int, string) {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := form.WriteField(k, v); err != nil {
			c.t.Fatal(err)
		}
	}
	for i := 0; i < len(files); i += 2 {
		part, err := form.CreateFormFile("file", files[i])
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := part.Write([]byte(files[i+1])); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		c.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/staff/directory/imports", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

var waitingForm = regexp.MustCompile(`name="waiting" value="([^"]+)"`)

// A curator uploads, reads what would happen, imports, and takes it back;
// nothing is written before, and what has errors is never written.
func TestImportDesk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		orgs := "id,name\n1,<script>alert(1)</script>\n2,=HYPERLINK(\"x\")\n"
		code, body := c.upload(map[string]string{"source": "desk", "country": "US"}, "organizations.csv", strings.ReplaceAll(orgs, `"`, ``), "services.csv", "id,organization_id,name\n5,1,Night line\n6,77,Lost\n")
		waiting := waitingForm.FindStringSubmatch(body)
		if code != 200 || waiting == nil || !strings.Contains(body, "New: 5. Changed: 0.") || !strings.Contains(body, "services.csv:3") || strings.Contains(body, "<script>alert") {
			t.Fatalf("%d %s", code, body)
		}
		if n := storedCount(t, c.f); n != 0 {
			t.Fatalf("%d records after a look", n)
		}
		code, _, to := c.do("POST", "/staff/directory/imports/go", url.Values{"waiting": {waiting[1]}})
		if code != 303 || to != "/staff/directory/imports#list" || storedCount(t, c.f) != 5 {
			t.Errorf("%d to %s, %d records", code, to, storedCount(t, c.f))
		}
		if code, body, _ := c.do("POST", "/staff/directory/imports/go", url.Values{"waiting": {waiting[1]}}); code != 422 || !strings.Contains(body, "Upload it again") {
			t.Errorf("twice: %d", code)
		}
		_, body, _ = c.do("GET", "/staff/directory/imports", nil)
		id := regexp.MustCompile(`name="import" value="([^"]+)"`).FindStringSubmatch(body)
		if id == nil || !strings.Contains(body, "Kim") || !strings.Contains(body, "New: 5. Changed: 0. Gone: 0.") {
			t.Fatalf("%s", body)
		}
		if code, _, _ := c.do("POST", "/staff/directory/imports/undo", url.Values{"import": id[1:]}); code != 303 || storedCount(t, c.f) != 0 {
			t.Errorf("%d, %d records", code, storedCount(t, c.f))
		}

		code, body = c.upload(map[string]string{"source": "desk"}, "services.csv", "id,name\n1,\"x\n")
		if code != 422 || waitingForm.MatchString(body) || !strings.Contains(body, "services.csv:2") || !strings.Contains(body, "stops the import") || storedCount(t, c.f) != 0 {
			t.Errorf("broken: %d %s", code, body)
		}
		code, body = c.upload(map[string]string{"source": "mapped"}, "my.yaml", "x.csv:\n  columns:\n    Key: {model: services, field: id}\n    T: {model: services, field: name}\n", "x.csv", "Key,T\n1,Line\n")
		if code != 200 || !waitingForm.MatchString(body) {
			t.Errorf("mapped: %d %s", code, body)
		}
		for _, bad := range []map[string]string{{"source": "a b"}, {"source": "x", "map": "../x"}, {"source": "nofile"}} {
			if code, _ := c.upload(bad); code != 422 {
				t.Errorf("%v: %d", bad, code)
			}
		}
		c.role = staff.Advocate
		for _, path := range []string{"/staff/directory/imports", "/staff/directory/doubles"} {
			if code, _, _ := c.do("GET", path, nil); code != 404 {
				t.Errorf("an advocate at %s: %d", path, code)
			}
		}
	}, Migrations)
}

// Doubles are offered, merged and taken apart again; every language draws it.
func TestDoublesDesk(t *testing.T) {
	t.Parallel()
	c := newConsole(t, dbtest.Open(t, dbtest.SQLite(t), Migrations))
	load(t, c.f, "a", twinsA)
	load(t, c.f, "b", twinsB)
	code, body, _ := c.do("GET", "/staff/directory/doubles", nil)
	pair := regexp.MustCompile(`name="kind" value="(service)"><input type="hidden" name="kept" value="([^"]+)"><input type="hidden" name="gone" value="([^"]+)"`).FindStringSubmatch(body)
	if code != 200 || pair == nil || !strings.Contains(body, "phone number") {
		t.Fatalf("%d %s", code, body)
	}
	if code, _, _ := c.do("POST", "/staff/directory/doubles/merge", url.Values{"kind": {pair[1]}, "kept": {pair[2]}, "gone": {pair[3]}}); code != 303 {
		t.Errorf("merge: %d", code)
	}
	for _, l := range i18n.Languages() {
		c.lang = l.Code
		for _, path := range []string{"/staff/directory/doubles", "/staff/directory/imports"} {
			code, body, _ = c.do("GET", path, nil)
			if code != 200 || strings.Contains(body, "directory.doubles.") || strings.Contains(body, "directory.imports.") {
				t.Errorf("%s in %s: %d", path, l.Code, code)
			}
		}
		if _, body := c.upload(map[string]string{"source": "x"}, "services.csv", "id,name,status\n1,A,perhaps\n1,B,\n"); strings.Contains(body, "found_in.") || strings.Contains(body, "imports.level") {
			t.Errorf("a report in %s: %s", l.Code, body)
		}
	}
	_, body, _ = c.do("GET", "/staff/directory/doubles", nil)
	id := regexp.MustCompile(`name="merge" value="([^"]+)"`).FindStringSubmatch(body)
	if id == nil {
		t.Fatal("the merge is not listed")
	}
	if code, _, _ := c.do("POST", "/staff/directory/doubles/undo", url.Values{"merge": id[1:]}); code != 303 {
		t.Errorf("undo: %d", code)
	}
}

// Every kind of finding has words.
func TestFindingsHaveWords(t *testing.T) {
	t.Parallel()
	c := newConsole(t, dbtest.Open(t, dbtest.SQLite(t), Migrations))
	rep := newReport()
	for code := range findings {
		rep.add(code, "f.csv", 1, 2, "name")
	}
	lines, _ := sayFindings(c.words(), rep)
	for _, l := range lines {
		if strings.Contains(l.Text, "found_in") || strings.Contains(l.Level, "level.") || !strings.HasPrefix(l.Where, "f.csv:1:2") {
			t.Errorf("%+v", l)
		}
	}
}

// What was uploaded and is old is let go of when somebody asks for anything, and by
// the clock.
func TestOldUploadsAreLetGoOf(t *testing.T) {
	t.Parallel()
	c := newConsole(t, dbtest.Open(t, dbtest.SQLite(t), Migrations))
	for _, let := range []func(){
		func() {
			if s := c.f.uploads.take("another", "curator", testAgency, c.f.now()); s != nil {
				t.Error("what was never uploaded is there")
			}
		},
		func() {
			if err := c.f.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		},
	} {
		c.f.Now = time.Now
		if code, body := c.upload(map[string]string{"source": "desk"}, "services.csv", "id,name\n1,A\n"); code != 200 || len(c.f.uploads.sets) != 1 {
			t.Fatalf("%d %s", code, body)
		}
		let()
		if len(c.f.uploads.sets) != 1 {
			t.Error("a fresh one is gone")
		}
		c.f.Now = func() time.Time { return time.Now().Add(waitingTime + time.Minute) }
		let()
		if len(c.f.uploads.sets) != 0 {
			t.Error("an old one is kept")
		}
	}
}

// A set that is too large for the desk is refused in words, and nothing of it stays.
func TestTooLargeAnUploadIsRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t, dbtest.Open(t, dbtest.SQLite(t), Migrations))
	rows := "id,name\n" + strings.Repeat("1,"+strings.Repeat("x", 1000)+"\n", uploadLimit/1000)
	code, body := c.upload(map[string]string{"source": "large"}, "services.csv", rows)
	if code != 413 || !strings.Contains(body, "command line") || len(c.f.uploads.sets) != 0 || storedCount(t, c.f) != 0 {
		t.Errorf("%d: %q", code, regexp.MustCompile(`(?s)class="error.{0,300}`).FindString(body))
	}
}
