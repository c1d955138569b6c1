package blob

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

func TestOnlyItsOwnerLooksIntoTheFolder(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("its permissions are of another kind")
	}
	dir := filepath.Join(t.TempDir(), "files")
	name := NewName()
	if err := NewFolder(dir).Put(t.Context(), name, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, name): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s may be read as %v", filepath.Base(path), info.Mode().Perm())
		}
	}
}

// What room is left is for the database: a file is refused before it takes it,
// and one that would, half way, is given up.
func TestAFullDiskTakesNoFileAndKeepsTheRestFree(t *testing.T) {
	t.Parallel()
	for what, rooms := range map[string][]int64{"at the start": {Spare - 1}, "half way": {Spare + stretch, Spare - 1}} {
		f := NewFolder(t.TempDir())
		f.room = func(string) (int64, error) {
			now := rooms[0]
			rooms = rooms[min(1, len(rooms)-1):]
			return now, nil
		}
		name := NewName()
		if err := f.Put(t.Context(), name, bytes.NewReader(make([]byte, 3*stretch))); !errors.Is(err, ErrFull) {
			t.Errorf("%s: %v", what, err)
		}
		if left, err := os.ReadDir(f.dir); err != nil || len(left) > 0 {
			t.Errorf("%s: %d files are left: %v", what, len(left), err)
		}
	}
}

func TestAFolderThatCannotBeWrittenSaysSo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := NewFolder(path).Put(t.Context(), NewName(), strings.NewReader("x")); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a file where the folder should be: %v", err)
	}
}

// A program that was killed leaves a part: the one who removes the name
// removes that too.
func TestAPartThatWasLeftIsRemoved(t *testing.T) {
	t.Parallel()
	f, name := NewFolder(t.TempDir()), NewName()
	if err := os.WriteFile(f.path(name)+unfinished, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(f.dir); err != nil || len(left) > 0 {
		t.Errorf("%d files are left: %v", len(left), err)
	}
}
