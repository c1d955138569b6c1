package hsds_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/feature/directory/hsds"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// client asks the interface as any program does.
type client struct {
	t       testing.TB
	agency  string
	dir     *directory.Feature
	handler http.Handler
	answers func(key hsds.Key) // with this key from now on
}

// open makes an interface of a database. Several agencies can have one there.
func open(t testing.TB, d *db.DB, agency string) *client {
	t.Helper()
	c := &client{t: t, agency: agency, dir: &directory.Feature{DB: d}}
	words, err := i18n.Load(desk.Words, directory.Words())
	if err != nil {
		t.Fatal(err)
	}
	assets, err := web.NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	s := &web.Server{Words: words, Assets: assets, Log: slog.New(slog.DiscardHandler)}
	s.PublicError = func(w http.ResponseWriter, _ *http.Request, e *errs.Error) error {
		w.WriteHeader(e.Kind.Status())
		return nil
	}
	c.answers = func(key hsds.Key) {
		f := &hsds.Feature{Directory: c.dir, Agency: agency, Key: key}
		if c.handler, err = s.Handler(f.Routes()); err != nil {
			t.Fatal(err)
		}
	}
	c.answers(useTestKey)
	return c
}

func (c *client) load(source string, files fs.FS) {
	c.t.Helper()
	rep, err := c.dir.ImportHSDS(context.Background(), files, source, directory.Options{Agency: c.agency, SkipBad: true})
	if err != nil {
		c.t.Fatalf("%v\n%s", err, rep.Summary())
	}
}

func (c *client) verify() {
	c.t.Helper()
	if _, err := c.dir.VerifyAll(context.Background(), c.agency, "", "a test", "by test"); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) do(method, path, kind, body string, headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

func (c *client) get(path string) *httptest.ResponseRecorder {
	c.t.Helper()
	return c.do(http.MethodGet, path, "", "")
}

// page is the envelope of a list.
type page struct {
	TotalItems int   `json:"total_items"`
	TotalPages int   `json:"total_pages"`
	Number     int   `json:"page_number"`
	Size       int   `json:"size"`
	First      bool  `json:"first_page"`
	Last       bool  `json:"last_page"`
	Empty      *bool `json:"empty"`
	Contents   []json.RawMessage
}

func (c *client) list(path string) page {
	c.t.Helper()
	got := c.get(path)
	return c.paged(path, got)
}

func (c *client) paged(path string, got *httptest.ResponseRecorder) (p page) {
	c.t.Helper()
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/json" {
		c.t.Fatalf("%s: %d %s", path, got.Code, got.Body)
	}
	dec := json.NewDecoder(got.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		c.t.Fatalf("%s: %v", path, err)
	}
	if p.Size != len(p.Contents) || p.Empty == nil || *p.Empty != (p.Size == 0) || p.First != (p.Number == 1) || p.Last != (p.Number >= p.TotalPages) {
		c.t.Errorf("%s: the envelope is %+v with %d items", path, p, len(p.Contents))
	}
	return p
}

// names are those of what a list has.
func (p page) names() (names []string) {
	for _, raw := range p.Contents {
		var o struct {
			Name    string
			Service struct{ Name string }
		}
		_ = json.Unmarshal(raw, &o)
		names = append(names, o.Name+o.Service.Name)
	}
	return names
}

func idOf(t testing.TB, raw json.RawMessage) string {
	t.Helper()
	var o struct{ ID string }
	if err := json.Unmarshal(raw, &o); err != nil || o.ID == "" {
		t.Fatalf("there is no id in %s", raw)
	}
	return o.ID
}

// shared is a folder of data that is not part of the repository.
func shared(t testing.TB, parts ...string) fs.FS {
	t.Helper()
	dir := filepath.Join(append([]string{"..", "..", "..", "..", "..", "shared", "data", "directory"}, parts...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the shared test data is not here: %s", filepath.Join(parts...))
	}
	return os.DirFS(dir)
}

// schemas are those of HSDS 3.1 by feed, with formats held to.
func schemas(t testing.TB) map[directory.Feed]*jsonschema.Schema {
	t.Helper()
	from := shared(t, "hsds-3.1", "schema")
	files, err := fs.Glob(from, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, file := range files {
		b, err := fs.ReadFile(from, file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("file:///"+file, doc); err != nil {
			t.Fatal(err)
		}
	}
	all := map[directory.Feed]*jsonschema.Schema{}
	for feed, file := range map[directory.Feed]string{
		directory.Services: "service", directory.Organizations: "organization", directory.ServicesAt: "service_at_location",
		directory.Taxonomies: "taxonomy", directory.Terms: "taxonomy_term",
	} {
		if all[feed], err = c.Compile("file:///" + file + ".json"); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func fits(t testing.TB, where string, s *jsonschema.Schema, raw []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v in %s", where, err, raw)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%s: %v", where, err)
	}
}

func files(tables map[string]string) fstest.MapFS {
	all := fstest.MapFS{}
	for name, text := range tables {
		all[name+".csv"] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}
