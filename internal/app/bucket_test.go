package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/platform/backup"
	"github.com/clew-hotline/clew/internal/platform/blob"
	"github.com/clew-hotline/clew/internal/platform/blob/blobtest"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// bucketOf is a server's bucket as the options name it.
func bucketOf(t *testing.T, s *blobtest.Server) blob.Store {
	t.Helper()
	store, err := Options{Files: s.Address(), FilesKey: s.KeyFile(t), Data: t.TempDir()}.blobs()
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// A backup made of files in a bucket fills a folder, and the other way round.
func TestABackupCarriesFilesBetweenBucketAndFolder(t *testing.T) {
	content := strings.Repeat("a picture ", 200_000)
	enginePairs(t, func(t *testing.T, from, to db.Config) {
		first := blobtest.New(t)
		h := newHotline(t, from)
		h.features.contact.Blobs = bucketOf(t, first)
		r := h.story("kept")
		h.sends(r.Code, "a.bin", content)
		if len(first.Objects()) != 1 {
			t.Fatalf("%d objects of one file", len(first.Objects()))
		}
		old, keys, id := h.backedUp()

		back := h.restored(to, old, keys, id)
		if got, err := back.file(r.ID); err != nil || got != content {
			t.Errorf("into a folder: %d bytes of %d came back: %v", len(got), len(content), err)
		}
		old, keys, id = back.backedUp()
		second := blobtest.New(t)
		plan := backupPlan()
		plan.Files.Store = bucketOf(t, second)
		again := dbtest.SQLite(t)
		_, err := plan.Restore(t.Context(), again, backup.Order{Files: []string{old, keys}, With: []age.Identity{id}, Now: time.Now()})
		h.ok(err)
		last := openHotline(t, again)
		last.features.contact.Blobs = plan.Files.Store
		if got, err := last.file(r.ID); err != nil || got != content || len(second.Objects()) != 1 {
			t.Errorf("into a bucket: %d bytes of %d in %d objects came back: %v", len(got), len(content), len(second.Objects()), err)
		}
	})
}

// Nothing of a file, of its name, of the contact or of the bucket's key is in
// any byte that the store hears.
func TestABucketHearsNothingOfAFile(t *testing.T) {
	s := blobtest.New(t)
	h := newHotline(t, dbtest.SQLite(t))
	h.features.contact.Blobs = bucketOf(t, s)
	r := h.story("canary-story-55a1")
	canaries := []string{"canary-content-7f3a", "canary-name-19be.heic", "GPSLatitude-canary-4410", "canary-story-55a1", r.ID, r.Code, blobtest.Secret}
	h.sends(r.Code, canaries[1], canaries[0]+strings.Repeat("x", 300_000)+canaries[2])
	if got, err := h.file(r.ID); err != nil || !strings.Contains(got, canaries[2]) {
		t.Fatal("the file was not even kept:", err)
	}
	heard := s.Heard()
	if len(heard) < 300_000 {
		t.Fatalf("%d bytes were heard: this test listens to nothing", len(heard))
	}
	for _, c := range canaries {
		for _, form := range []string{c, base64.StdEncoding.EncodeToString([]byte(c))[:12], hex.EncodeToString([]byte(c))} {
			if bytes.Contains(heard, []byte(form)) {
				t.Errorf("the store hears %q", form)
			}
		}
	}
	for name, b := range s.Objects() {
		if !bytes.HasPrefix(b, []byte("age-encryption.org/v1\n")) {
			t.Errorf("%s is no age file", name)
		}
	}
}

// A store that is down keeps no message out, and a file is refused in words.
// What may have come all the same is removed when the store is back.
func TestABucketThatIsDownKeepsNoMessageOut(t *testing.T) {
	for name, engine := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) { bucketIsDown(t, engine(t)) })
	}
}

func bucketIsDown(t *testing.T, cfg db.Config) {
	t.Helper()
	s := blobtest.New(t)
	h := newHotline(t, cfg)
	h.features.contact.Blobs = bucketOf(t, s)
	// It takes each file, and neither says so nor removes it.
	s.Trouble(func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method != http.MethodPut && blobtest.Refuse(http.StatusForbidden, "AccessDenied")(w, r)
	})
	r := h.story("this is heard")
	box, err := h.features.contact.OpenMailbox(t.Context(), r.Code)
	h.ok(err)
	given := false
	taken, err := h.features.contact.SendFiles(t.Context(), box, contact.Again{Channel: contact.Web}, func() (string, io.Reader, error) {
		if given {
			return "", nil, io.EOF
		}
		given = true
		return "a", strings.NewReader("x"), nil
	}, "")
	if err != nil || taken.Files() != 0 || len(taken.Refused) != 1 || taken.Refused[0].Word != "error.storage" {
		t.Errorf("%+v: %v", taken, err)
	}
	if !h.opens(r.ID) || len(s.Objects()) != 1 {
		t.Errorf("the message is lost, or %d objects are there of one that was left", len(s.Objects()))
	}
	s.Trouble(blobtest.Refuse(http.StatusForbidden, "AccessDenied"))
	if err := h.checkFiles(t.Context()); err == nil {
		t.Error("the doctor finds nothing")
	}
	s.Trouble(nil)
	h.ok(h.checkFiles(t.Context()))
	h.ok(h.DB.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE contact_blobs SET due = 0`) // two hours later
		return err
	}))
	h.ok(h.features.contact.SweepFiles(t.Context()))
	if n := len(s.Objects()); n != 0 {
		t.Errorf("%d objects are left", n)
	}
}

// What is wrong in the options is said before anything begins, and repeats no secret.
func TestABucketIsNamedWhole(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("name and secret-word here"), 0o604); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{
		{Files: "s3://files"},
		{Files: "s3://files?endpoint=https://s3.example"},
		{Files: "s3://files?endpoint=https://s3.example", FilesKey: key},
		{Files: "s3://files?endpoint=https://s3.example", FilesKey: key + "-none"},
		{Files: "s3://files?endpoint=http://s3.example", FilesKey: key},
	} {
		_, err := o.blobs()
		if _, ok := errors.AsType[usageError](err); !ok || strings.Contains(err.Error(), "secret-word") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if problems := examineFilesKey(Options{FilesKey: key}); len(problems) != 1 {
		t.Errorf("a key that everybody can read: %q", problems)
	}
}
