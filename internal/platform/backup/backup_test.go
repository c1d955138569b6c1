package backup

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"github.com/clew-hotline/clew/internal/lib/archive"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

const (
	firstStep = `-- +goose Up
CREATE TABLE letters (agency TEXT NOT NULL, id TEXT PRIMARY KEY, sealed BYTEA, at BIGINT NOT NULL);
CREATE TABLE letter_keys (agency TEXT NOT NULL, letter TEXT PRIMARY KEY, sealed BYTEA NOT NULL);
CREATE TABLE visits (agency TEXT NOT NULL, id TEXT PRIMARY KEY);`
	secondStep = `-- +goose Up
ALTER TABLE letters ADD COLUMN state TEXT NOT NULL DEFAULT 'from before';
ALTER TABLE letter_keys ADD COLUMN note TEXT;`
)

// plan of a program that has come so many steps.
func plan(steps int) Plan {
	files := fstest.MapFS{"00001_letters.sql": {Data: []byte(firstStep)}}
	if steps > 1 {
		files["00002_state.sql"] = &fstest.MapFile{Data: []byte(secondStep)}
	}
	return Plan{
		Migrations: []db.Migrations{{Name: "letters", FS: files}}, Program: "example",
		Keys: []string{"letter_keys"}, LeftOut: []string{"visits"},
	}
}

// post is a small hotline: letters, a key to each, and somebody's visit.
type post struct {
	t *testing.T
	Source

	identity age.Identity
	to       age.Recipient
}

func newPost(t *testing.T, cfg db.Config, steps int) *post {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	p := plan(steps)
	return &post{t: t, identity: id, to: id.Recipient(), Source: Source{
		Plan: p, DB: dbtest.Open(t, cfg, p.Migrations...), Signer: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)),
	}}
}

func (p *post) exec(query string, args ...any) {
	p.t.Helper()
	err := p.DB.Update(p.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) write(id string) {
	p.t.Helper()
	p.exec(`INSERT INTO letters (agency, id, sealed, at) VALUES ('a', $1, $2, 7)`, id, []byte("sealed "+id))
	p.exec(`INSERT INTO letter_keys (agency, letter, sealed) VALUES ('a', $1, $2)`, id, []byte("key of "+id))
	p.exec(`INSERT INTO visits (agency, id) VALUES ('a', $1)`, id)
}

// backup gives the paths of content and keys.
func (p *post) backup() (content, keys string) {
	p.t.Helper()
	dir := p.t.TempDir()
	err := Folder(dir).Keep(func(create Create) error {
		_, err := p.Make(p.t.Context(), []age.Recipient{p.to}, create)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	list, err := Folder(dir).List()
	if err != nil || len(list) != 2 || list[0].ID != list[1].ID {
		p.t.Fatalf("in the folder: %v %v", list, err)
	}
	for _, k := range list {
		if k.Part == Content {
			content = filepath.Join(dir, k.Name)
		} else {
			keys = filepath.Join(dir, k.Name)
		}
	}
	return content, keys
}

func (p *post) order(files ...string) Order {
	return Order{Files: files, With: []age.Identity{p.identity}, Now: time.Now()}
}

// rows gives the ids in a table.
func rows(t *testing.T, d *db.DB, query string) (list []string) {
	t.Helper()
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		r, err := tx.Query(ctx, query)
		if err != nil {
			return err
		}
		defer r.Close()
		for r.Next() {
			var s string
			if err := r.Scan(&s); err != nil {
				return err
			}
			list = append(list, s)
		}
		return r.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// ways are all pairs of engines, each with a database that holds something
// and one that is not there yet.
func ways(t *testing.T, test func(t *testing.T, from, to db.Config)) {
	t.Helper()
	engines := map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres}
	for from, one := range engines {
		for to, other := range engines {
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				test(t, one(t), other(t))
			})
		}
	}
}

func TestABackupIsRestoredOnEitherEngine(t *testing.T) {
	t.Parallel()
	ways(t, func(t *testing.T, from, to db.Config) {
		p := newPost(t, from, 2)
		for i := range 50 {
			p.write(fmt.Sprintf("letter %d", i))
		}
		content, keys := p.backup()
		done, err := p.Restore(t.Context(), to, p.order(keys, content))
		if err != nil {
			t.Fatal(err)
		}
		if done.Rows != 100 || done.Content.ID != done.Keys.ID {
			t.Errorf("%+v", done)
		}
		d := dbtest.Open(t, to, p.Migrations...)
		for _, query := range []string{`SELECT id FROM letters ORDER BY id`, `SELECT letter FROM letter_keys ORDER BY letter`} {
			if diff := cmp.Diff(rows(t, p.DB, query), rows(t, d, query)); diff != "" {
				t.Error(diff)
			}
		}
		if left := rows(t, d, `SELECT id FROM visits`); len(left) > 0 {
			t.Errorf("%d visits came along", len(left))
		}
	})
}

// Content of long ago opens with the keys of today, and what was shredded
// since does not.
func TestShreddedStaysShredded(t *testing.T) {
	t.Parallel()
	ways(t, func(t *testing.T, from, to db.Config) {
		p := newPost(t, from, 1)
		p.write("kept")
		p.write("shredded")
		old, oldKeys := p.backup()
		p.exec(`DELETE FROM letter_keys WHERE letter = 'shredded'`)
		p.write("new")
		_, keys := p.backup()

		if _, err := p.Restore(t.Context(), to, p.order(old, keys)); err != nil {
			t.Fatal(err)
		}
		d := dbtest.Open(t, to, p.Migrations...)
		opens := rows(t, d, `SELECT l.id FROM letters l JOIN letter_keys k ON k.letter = l.id ORDER BY l.id`)
		if diff := cmp.Diff([]string{"kept"}, opens); diff != "" {
			t.Error(diff)
		}
		if r, err := p.Verify(oldKeys, []age.Identity{p.identity}, nil); err != nil || r.Old(time.Now()) || !r.Old(time.Now().Add(KeysKept+time.Minute)) {
			t.Errorf("%+v %v", r, err)
		}
	})
}

func TestOldKeysAreTakenOnlyWhenToldTo(t *testing.T) {
	t.Parallel()
	p := newPost(t, dbtest.SQLite(t), 1)
	p.write("a")
	content, keys := p.backup()
	late := p.order(content, keys)
	late.Now = time.Now().Add(31 * 24 * time.Hour)
	to := dbtest.SQLite(t)
	if _, err := p.Restore(t.Context(), to, late); err == nil || !strings.Contains(err.Error(), "31 days old") || !strings.Contains(err.Error(), "--old-keys") {
		t.Fatalf("%v", err)
	}
	late.OldKeys = true
	if _, err := p.Restore(t.Context(), to, late); err != nil {
		t.Fatal(err)
	}
}

// A backup of an older program is loaded into the tables of its time and
// brought up to date; one of a newer program is refused in words. The keys may
// be of a later step than the content, and the other way.
func TestABackupOfAnotherProgram(t *testing.T) {
	t.Parallel()
	ways(t, func(t *testing.T, from, to db.Config) {
		p := newPost(t, from, 1)
		p.write("a")
		oldContent, oldKeys := p.backup()
		newer := *p
		newer.Plan = plan(2)
		if err := p.DB.Migrate(t.Context(), newer.Migrations); err != nil {
			t.Fatal(err)
		}
		content, keys := newer.backup()
		if _, err := p.Restore(t.Context(), to, p.order(content, keys)); !errors.Is(err, db.ErrNewer) {
			t.Errorf("a backup of a newer program: %v", err)
		}
		if _, err := p.Verify(content, []age.Identity{p.identity}, nil); !errors.Is(err, db.ErrNewer) {
			t.Errorf("verifying it: %v", err)
		}
		mixed := p.order(content, oldKeys)
		mixed.OldKeys = true
		for _, o := range []Order{p.order(oldContent, oldKeys), p.order(oldContent, keys), mixed} {
			if to.URL != "" {
				to = dbtest.Postgres(t)
			} else {
				to.Dir = t.TempDir()
			}
			if _, err := newer.Restore(t.Context(), to, o); err != nil {
				t.Fatal(err)
			}
			d, err := db.Open(t.Context(), to)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"from before"}, rows(t, d, `SELECT state FROM letters JOIN letter_keys ON letter = id`)); diff != "" {
				t.Error(diff)
			}
			d.Close()
		}
	})
}

// Wherever a file is cut or changed, nothing is restored.
func TestADamagedFileRestoresNothing(t *testing.T) {
	t.Parallel()
	p := newPost(t, dbtest.SQLite(t), 1)
	for i := range 400 { // more than one piece of what age encrypts
		p.write(fmt.Sprintf("letter %d", i))
	}
	p.exec(`UPDATE letters SET sealed = $1 WHERE id = 'letter 7'`, noise(200<<10))
	content, keys := p.backup()
	whole, err := os.ReadFile(content)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad")
	to := dbtest.SQLite(t)
	try := func(what string, b []byte, restore bool) {
		t.Helper()
		if err := os.WriteFile(bad, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Verify(bad, []age.Identity{p.identity}, nil); !errors.Is(err, archive.ErrDamaged) && !errors.Is(err, ErrIdentity) {
			t.Errorf("%s: verified: %v", what, err)
		}
		if !restore {
			return
		}
		if _, err := p.Restore(t.Context(), to, p.order(bad, keys)); err == nil {
			t.Errorf("%s: restored", what)
		}
		if _, err := os.Stat(filepath.Join(to.Dir, db.FileName)); err == nil || db.Unfinished(to.Dir) {
			t.Fatalf("%s: something is left", what)
		}
	}
	n := 0
	for i := 0; i < len(whole); i += 1 + i/40 { // the head closely, then every region
		n++
		b := bytes.Clone(whole)
		b[i] ^= 4
		try(fmt.Sprintf("byte %d", i), b, n%25 == 0)
		try(fmt.Sprintf("cut at %d", i), whole[:i], n%25 == 1)
	}
	try("cut by one", whole[:len(whole)-1], true)
	try("one more", append(bytes.Clone(whole), 0), true)
	if n < 150 {
		t.Errorf("only %d places were tried", n)
	}
}

// noise cannot be pressed.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

func TestWhatIsRefusedInWords(t *testing.T) {
	t.Parallel()
	p := newPost(t, dbtest.SQLite(t), 1)
	p.write("a")
	content, keys := p.backup()
	p.write("b")
	later, _ := p.backup()
	stranger := newPost(t, dbtest.SQLite(t), 1)
	stranger.Signer = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))
	stranger.identity, stranger.to = p.identity, p.to
	_, foreign := stranger.backup()
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	fingerprint := archive.Fingerprint(p.Signer.Public().(ed25519.PublicKey))

	change := func(o Order, f func(*Order)) Order { f(&o); return o }
	for name, c := range map[string]struct {
		order Order
		says  string
	}{
		"content alone":     {p.order(content), "the keys is missing"},
		"keys alone":        {p.order(keys), "the content is missing"},
		"content twice":     {p.order(content, later), "another \"content\""},
		"of another":        {p.order(content, foreign), "not of the same hotline"},
		"no such file":      {p.order(content, keys+"x"), "cannot be read"},
		"wrong identity":    {change(p.order(content, keys), func(o *Order) { o.With = []age.Identity{other} }), "this identity does not open"},
		"wrong signer":      {change(p.order(content, keys), func(o *Order) { o.Signer = "aaaa-bbbb" }), fingerprint},
		"not a backup file": {p.order(writeFile(t, "no backup"), keys), "damaged"},
	} {
		to := dbtest.SQLite(t)
		if _, err := p.Restore(t.Context(), to, c.order); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if entries, _ := os.ReadDir(to.Dir); len(entries) > 0 {
			t.Errorf("%s left something", name)
		}
	}
	good := change(p.order(content, keys), func(o *Order) { o.Signer = strings.ToUpper(fingerprint) })
	if _, err := p.Restore(t.Context(), dbtest.SQLite(t), good); err != nil {
		t.Error(err)
	}
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
