package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/platform/blob"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// parcels is a post that has files beside its database.
type parcels struct {
	*post

	dir string
}

func newParcels(t *testing.T, cfg db.Config) *parcels {
	t.Helper()
	p := newPost(t, cfg, 1)
	p.Migrations = append(p.Migrations, db.Migrations{Name: "parcels", FS: fstest.MapFS{"00001_parcels.sql": {
		Data: []byte("-- +goose Up\nCREATE TABLE parcels (agency TEXT NOT NULL, blob TEXT PRIMARY KEY, digest TEXT NOT NULL);"),
	}}})
	if err := p.DB.Migrate(t.Context(), p.Migrations); err != nil {
		t.Fatal(err)
	}
	p.Keys = append(p.Keys, "parcels")
	dir := t.TempDir()
	p.Files = Files{Store: blob.NewFolder(dir), Table: "parcels"}
	return &parcels{p, dir}
}

// add keeps a file of some size and names it.
func (p *parcels) add(size int) (name string, content []byte) {
	p.t.Helper()
	name, content = blob.NewName(), bytes.Repeat([]byte{byte(size), 'x'}, size)[:size]
	if err := p.Files.Store.Put(p.t.Context(), name, bytes.NewReader(content)); err != nil {
		p.t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	p.exec(`INSERT INTO parcels (agency, blob, digest) VALUES ('a', $1, $2)`, name, hex.EncodeToString(sum[:]))
	return name, content
}

// elsewhere is the plan of another machine, with an empty folder.
func (p *parcels) elsewhere() (Plan, string) {
	plan, dir := p.Plan, filepath.Join(p.t.TempDir(), "files")
	plan.Files.Store = blob.NewFolder(dir)
	return plan, dir
}

func TestFilesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	ways(t, func(t *testing.T, from, to db.Config) {
		p := newParcels(t, from)
		want := map[string][]byte{}
		for _, size := range []int{1, pieceSize - 1, pieceSize, pieceSize + 1, 3*pieceSize + 7} {
			name, content := p.add(size)
			want[name] = content
		}
		content, keys := p.backup()
		report, err := p.Verify(content, []age.Identity{p.identity}, nil)
		if err != nil || report.Files != len(want) {
			t.Errorf("verified %d files: %v", report.Files, err)
		}
		plan, dir := p.elsewhere()
		if _, err := plan.Restore(t.Context(), to, p.order(keys, content)); err != nil {
			t.Fatal(err)
		}
		d := dbtest.Open(t, to, p.Migrations...)
		if n := len(rows(t, d, `SELECT blob FROM parcels`)); n != len(want) {
			t.Errorf("%d rows of %d", n, len(want))
		}
		for name, content := range want {
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes came back as %d: %v", len(content), len(got), err)
			}
		}
	})
}

// A file whose key was deleted after the backup is not put back: nobody could
// open it, and nobody would ever remove it.
func TestADroppedFileStaysAway(t *testing.T) {
	t.Parallel()
	p := newParcels(t, dbtest.SQLite(t))
	kept, _ := p.add(10)
	p.add(20)
	content, _ := p.backup()
	p.exec(`DELETE FROM parcels WHERE blob <> $1`, kept)
	_, keys := p.backup()
	plan, dir := p.elsewhere()
	if _, err := plan.Restore(t.Context(), dbtest.SQLite(t), p.order(content, keys)); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != kept {
		t.Errorf("in the folder: %v %v", left, err)
	}
}

// One lost picture keeps nobody from a backup, and is told.
func TestAFileThatIsAmissIsCounted(t *testing.T) {
	t.Parallel()
	p := newParcels(t, dbtest.SQLite(t))
	p.add(10)
	gone, _ := p.add(20)
	touched, _ := p.add(30)
	if err := errors.Join(os.Remove(filepath.Join(p.dir, gone)), os.WriteFile(filepath.Join(p.dir, touched), []byte("x"), 0o600)); err != nil {
		t.Fatal(err)
	}
	made, err := p.Make(t.Context(), []age.Recipient{p.to}, func(string) (io.WriteCloser, error) { return closing{io.Discard}, nil })
	if err != nil || made.Files != 3 || made.Amiss != 2 {
		t.Errorf("%+v, %v", made, err)
	}
}

type closing struct{ io.Writer }

func (closing) Close() error { return nil }

// A backup that was cut leaves no file behind.
func TestAFailedRestoreTakesItsFilesBack(t *testing.T) {
	t.Parallel()
	p := newParcels(t, dbtest.SQLite(t))
	p.add(3 * pieceSize)
	content, keys := p.backup()
	b, err := os.ReadFile(content)
	if err == nil {
		err = os.WriteFile(content, b[:len(b)-100], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	plan, dir := p.elsewhere()
	if _, err := plan.Restore(t.Context(), dbtest.SQLite(t), p.order(content, keys)); err == nil {
		t.Fatal("half a backup was restored")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
}
