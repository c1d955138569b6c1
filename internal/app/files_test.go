package app

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// sends adds a file to somebody's contact, by their code.
func (h *hotline) sends(code, name, content string) {
	h.t.Helper()
	box, err := h.features.contact.OpenMailbox(h.t.Context(), code)
	h.ok(err)
	given := false
	taken, err := h.features.contact.SendFiles(h.t.Context(), box, contact.Again{Channel: contact.Web}, func() (string, io.Reader, error) {
		if given {
			return "", nil, io.EOF
		}
		given = true
		return name, strings.NewReader(content), nil
	}, "")
	h.ok(err)
	if taken.Files() != 1 {
		h.t.Fatalf("not taken: %+v", taken)
	}
}

func (h *hotline) file(id string) (string, error) {
	h.t.Helper()
	o, err := h.features.contact.OpenFile(h.t.Context(), h.ada(), id, 1)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(o)
	return string(b), errors.Join(err, o.Close())
}

// A file comes back with its contact, on whichever engine. One that was
// dropped after the content was backed up opens for nobody, whatever backup
// its content is in.
func TestFilesAreRestoredAndDroppedOnesAreNot(t *testing.T) {
	enginePairs(t, func(t *testing.T, from, to db.Config) {
		h := newHotline(t, from)
		kept, dropped := h.story("kept"), h.story("dropped")
		content := strings.Repeat("a picture ", 200_000)
		h.sends(kept.Code, "a.bin", content)
		h.sends(dropped.Code, "b.bin", content)
		old, _, firstID := h.backedUp()
		h.ok(h.DB.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := h.features.contact.DropFiles(ctx, tx, homeAgency, dropped.ID)
			return err
		}))
		h.ok(h.features.contact.SweepFiles(t.Context()))
		_, keys, id := h.backedUp()

		back := h.restored(to, old, keys, firstID, id)
		if got, err := back.file(kept.ID); err != nil || got != content {
			t.Errorf("%d bytes of %d came back: %v", len(got), len(content), err)
		}
		if _, err := back.file(dropped.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("a file that was dropped: %v", err)
		}
		if left, err := os.ReadDir(filesOf(t, to)); err != nil || len(left) != 1 {
			t.Errorf("%d files are on the disk, of one: %v", len(left), err)
		}
	})
}

// Nothing of a file, of its name or of what else is in it is anywhere on the disk.
func TestNothingOfAFileIsOnTheDisk(t *testing.T) {
	cfg := dbtest.SQLite(t)
	h := newHotline(t, cfg)
	r := h.story("a story")
	canaries := []string{"canary-content-7f3a", "canary-name-19be.heic", "GPSLatitude-canary-4410"}
	h.sends(r.Code, canaries[1], canaries[0]+strings.Repeat("x", 300_000)+canaries[2])
	if got, err := h.file(r.ID); err != nil || !strings.Contains(got, canaries[2]) {
		t.Fatal("the file was not even kept:", err)
	}
	var found []string
	h.ok(filepath.WalkDir(cfg.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, c := range canaries {
			for _, form := range []string{c, base64.StdEncoding.EncodeToString([]byte(c))[:12], hex.EncodeToString([]byte(c)), strings.Join(strings.Split(c, ""), "\x00")} {
				if strings.Contains(string(b)+d.Name(), form) {
					found = append(found, filepath.Base(path)+": "+form)
				}
			}
		}
		return err
	}))
	if len(found) > 0 {
		t.Errorf("found on the disk: %q", found)
	}
	entries, err := os.ReadDir(filesOf(t, cfg))
	h.ok(err)
	info, err := entries[0].Info()
	h.ok(err)
	if len(entries) != 1 || info.Size() < 300_000 {
		t.Errorf("%d files, the first of %d bytes: this test looked at nothing", len(entries), info.Size())
	}
}
