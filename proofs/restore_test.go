package proofs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/app"
)

var claimRestore = claim{
	"restore", "a backup restored on a blank machine, on the other database too; a record was shredded between its content and its keys",
	"equal by hash; shredded stays shredded",
}

// changes are tables that are not the same after a restore, with the reason,
// beside those that the plan of backups leaves out with a reason of its own.
var changes = map[string]string{
	"key_wraps":     "of the later keys, without those of what was shredded",
	"installation":  "notes when it was restored",
	"audit_pending": "put in order meanwhile",
	"audit_entries": "goes on with what was done between the two",
	"audit_logs":    "the same",
}

// TestProofOfRestore makes two backups, between which a contact's keys are
// deleted, and makes a hotline of the first one's content and the second one's
// keys, as after a fire. It reads as before, but for that contact.
func TestProofOfRestore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, e engine) {
		for name, blank := range map[string]func(*testing.T) engine{"to sqlite": onSQLite, "to postgres": onPostgres} {
			t.Run(name, func(t *testing.T) {
				to := blank(t)
				claimRestore.prove(t, e.name+" → "+to.name, func(t *testing.T) string { return restored(t, e.fresh(t), to, size(1, 40)) })
			})
		}
	})
}

func restored(t *testing.T, e, to engine, stories int) string {
	h := &reader{T: t, engine: e, canaries: &canaries{}}
	h.run(func(r *running) {
		for range stories {
			tellAll(t, r, h.canaries)
		}
		h.phrase = r.phrase("Ada")
		ada := signIn(t, r, "Ada")
		ada.open("/staff/queue").send("/staff/contacts/next", nil)
		h.find(t, ada)
	})
	whole := h.read()
	dir := t.TempDir()
	identity := filepath.Join(dir, "identity")
	recipient, err := exec.Command("clew-failpoint", "backup", "keygen", "--to", identity).Output()
	if err != nil {
		t.Fatal(err)
	}
	backup := func(name string) string {
		to := filepath.Join(dir, name)
		if err := os.Mkdir(to, 0o700); err != nil {
			t.Fatal(err)
		}
		h.must(e, "backup", "--to", to, "--recipient", strings.TrimSpace(string(recipient)))
		return to
	}
	first := backup("first")
	d := e.open(t)
	before := tables(t, d)
	shredded := strings.TrimPrefix(h.pages[0], "/staff/contacts/")
	change(t, d, `DELETE FROM key_wraps WHERE owner = $1`, shredded)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	second := backup("second")
	content, _ := filepath.Glob(filepath.Join(first, "*.content.age"))
	keys, _ := filepath.Glob(filepath.Join(second, "*.keys.age"))
	h.must(to, "restore", content[0], keys[0], "--identity", identity)

	d = to.open(t)
	after := tables(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	rows, same := 0, 0
	for _, a := range before {
		if changes[a.name] != "" || slices.Contains(app.LeftOut(), a.name) || strings.HasPrefix(a.name, "goose_") {
			continue
		}
		i := slices.IndexFunc(after, func(b table) bool { return a.name == b.name })
		if i < 0 || !slices.Equal(a.hashes(a.columns), after[i].hashes(a.columns)) {
			t.Errorf("%s did not come back as it was", a.name)
			continue
		}
		rows, same = rows+len(a.rows), same+1
	}
	h.engine = to
	back := h.read()
	for page, shown := range whole {
		if strings.Contains(page, shredded) {
			if len(back[page]) > 0 {
				t.Errorf("what was shredded shows on %s: %v", page, back[page])
			}
			delete(back, page)
		} else if !slices.Equal(back[page], shown) {
			t.Errorf("%s shows %d canaries, it was %d", page, len(back[page]), len(shown))
		}
	}
	if len(whole[h.pages[0]]) == 0 {
		t.Error("the contact that was shredded showed nothing before, so nothing was proved")
	}
	return fmt.Sprintf("%d rows of %d tables equal by hash, %d pages read as before, the shredded contact opens nowhere", rows, same, len(back))
}

// must runs a command on an engine's data.
func (h *reader) must(e engine, args ...string) {
	h.Helper()
	if out, err := e.command(args...); err != nil {
		h.Fatalf("%v: %v %s", args, err, out)
	}
}
