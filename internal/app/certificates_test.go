package app

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/acme/autocert"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// What the authority gave is there after a restart and for every machine, and
// goes into no backup.
func TestCertificatesAreKeptInTheDatabase(t *testing.T) {
	for name, engine := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			h := newHotline(t, engine(t))
			s, ctx := shelf{h.DB}, t.Context()
			if _, err := s.Get(ctx, "quiet.example"); !errors.Is(err, autocert.ErrCacheMiss) {
				t.Errorf("an empty shelf says %v", err)
			}
			for _, value := range []string{"first", "renewed"} {
				h.ok(s.Put(ctx, "quiet.example", []byte(value)))
				if got, err := s.Get(ctx, "quiet.example"); err != nil || string(got) != value {
					t.Errorf("kept %q, %v; not %q", got, err, value)
				}
			}
			if strings.Contains(string(h.dump()), "renewed") {
				t.Error("a backup holds the certificate's key")
			}
			h.ok(s.Delete(ctx, "quiet.example"))
			if _, err := s.Get(ctx, "quiet.example"); !errors.Is(err, autocert.ErrCacheMiss) {
				t.Errorf("what was taken away is there: %v", err)
			}
		})
	}
}

func TestANameThatSpeaksIsNoticed(t *testing.T) {
	t.Parallel()
	o := Options{ACME: "quiet.example, Slavery-Hotline.example"}
	if got := o.examineNames(); len(got) != 1 || !strings.Contains(got[0], "slavery-hotline.example") {
		t.Errorf("%q", got)
	}
}
