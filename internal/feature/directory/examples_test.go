package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// The examples of HSDS 3.1 load, as documents and as tables, and what they say
// comes out again in the form of the 3.1 schemas.
func TestHSDSExamples(t *testing.T) {
	t.Parallel()
	dir := sharedData(t, "hsds-3.1", "examples")
	for _, folder := range []string{".", "csv"} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			f := &Feature{DB: dbtest.Open(t, dbtest.SQLite(t), Migrations)}
			ctx := context.Background()
			rep, err := f.ImportHSDS(ctx, os.DirFS(filepath.Join(dir, folder)), "examples", Options{Agency: testAgency})
			if err != nil {
				t.Fatalf("%v\n%s", err, rep.Summary())
			}
			t.Log("\n" + rep.Summary())
			again, err := f.ImportHSDS(ctx, os.DirFS(filepath.Join(dir, folder)), "examples", Options{Agency: testAgency})
			if err != nil || again.Same != rep.Added || again.Changed != 0 || again.Added != 0 {
				t.Errorf("a second time: %v\n%s", err, again.Summary())
			}
			ix, err := f.current(ctx, testAgency)
			if err != nil {
				t.Fatal(err)
			}
			e := ix.entry("ac148810-d857-441c-9679-408f346de14b")
			if e == nil || e.name != "Community Counselling" || e.orgName == "" || len(e.phones) == 0 {
				t.Fatalf("the example service is not what it was: %+v", e)
			}
			if len(e.spots) != 1 || e.spots[0].place.exact == exactPoint {
				t.Error("a place at 100° north was believed")
			}
			if s, inter := e.tongues.speaks("pl"); s != Yes || !inter {
				t.Error("the interpreter for Polish is not found")
			}
			if _, err := f.VerifyAll(ctx, testAgency, "", "A. Persona", "by phone"); err != nil {
				t.Fatal(err)
			}
			checkExport(t, f, testAgency)
		})
	}
}

// checkExport validates an export against the 3.1 schemas and reads it again.
func checkExport(t *testing.T, f *Feature, agency string) {
	t.Helper()
	ctx := context.Background()
	var out bytes.Buffer
	if err := f.Export(ctx, agency, JSON, &out); err != nil {
		t.Fatal(err)
	}
	var page struct {
		Total    int               `json:"total_items"`
		Contents []json.RawMessage `json:"contents"`
	}
	if err := json.Unmarshal(out.Bytes(), &page); err != nil || page.Total == 0 || page.Total != len(page.Contents) {
		t.Fatalf("the export holds %d of %d services: %v", len(page.Contents), page.Total, err)
	}
	schemas := sharedData(t, "hsds-3.1", "schema")
	files, _ := filepath.Glob(filepath.Join(schemas, "*.json"))
	c := jsonschema.NewCompiler()
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("file:///"+filepath.Base(file), doc); err != nil {
			t.Fatal(err)
		}
	}
	service, err := c.Compile("file:///service.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range page.Contents {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := service.Validate(doc); err != nil {
			t.Errorf("an exported service is no HSDS 3.1 service: %v", err)
			return
		}
	}
	other := &Feature{DB: dbtest.Open(t, dbtest.SQLite(t), Migrations)}
	rep, err := other.ImportHSDS(ctx, fstest.MapFS{"services.json": {Data: out.Bytes()}}, "copy", Options{Agency: agency})
	if err != nil || rep.Records[entService] != page.Total {
		t.Fatalf("the export does not load: %v\n%s", err, rep.Summary())
	}
	if _, err := other.VerifyAll(ctx, agency, "", "x", "y"); err != nil {
		t.Fatal(err)
	}
	var second bytes.Buffer
	if err := other.Export(ctx, agency, JSON, &second); err != nil {
		t.Fatal(err)
	}
	if steady(out.Bytes()) != steady(second.Bytes()) {
		t.Errorf("export, import and export gives other bytes (%d and %d)", out.Len(), second.Len())
	}
}

// steady is an export as data, without the times at which a directory changed.
func steady(export []byte) string {
	o, err := parse(string(export))
	if err != nil {
		return err.Error()
	}
	for _, s := range objects(o, "contents") {
		delete(s, "last_modified")
	}
	return string(canonical(o))
}
