package backup

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

// Keys are gone from the folder after 30 days, content when it is told, and
// nothing else is ever touched.
func TestPrune(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	touch := func(name string) string {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	day := 24 * time.Hour
	id := "abcdefghijklmnopqrstuvwxyz"
	oldKeys := touch(fileName(now.Add(-30*day-time.Second), id, Keys))
	touch(fileName(now.Add(-30*day), id, Keys))
	oldContent := touch(fileName(now.Add(-91*day), id, Content))
	touch(fileName(now.Add(-90*day), id, Content))
	half := touch(fileName(now.Add(-2*day), id, Content) + unfinished)
	touch(fileName(now.Add(-time.Hour), id, Content) + unfinished)
	for _, theirs := range []string{"notes.txt", "20200101-000000-abcdefgh.keys.age.bak", "20200101-000000-abcdefgh.photos.age", "keys.age", "20209901-000000-abcdefgh.keys.age"} {
		touch(theirs)
	}
	if n, err := Folder(dir).OldKeys(now); n != 1 || err != nil {
		t.Errorf("%d old keys, %v", n, err)
	}
	before, _ := os.ReadDir(dir)
	removed, err := Folder(dir).Prune(now, 0)
	if removed != 2 || err != nil {
		t.Errorf("removed %d, %v", removed, err)
	}
	removed, err = Folder(dir).Prune(now, 90*day)
	if removed != 1 || err != nil {
		t.Errorf("removed %d, %v", removed, err)
	}
	after, _ := os.ReadDir(dir)
	if len(before)-len(after) != 3 {
		t.Errorf("%d files before, %d after", len(before), len(after))
	}
	if n, err := Folder(dir).Prune(now.Add(9999*day), day); n != 1 || err != nil {
		t.Errorf("by a clock that runs ahead, %d files instead of the half one are removed, %v", n, err)
	}
	if list, err := Folder(dir).List(); len(list) != 2 || err != nil {
		t.Errorf("%d files are left, %v", len(list), err)
	}
	for _, gone := range []string{oldKeys, oldContent, half} {
		if _, err := os.Stat(filepath.Join(dir, gone)); err == nil {
			t.Errorf("%s is there", gone)
		}
	}
}

// A backup that fails leaves no file that looks like one.
func TestABackupThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	dir, broken := t.TempDir(), errors.New("the disk is full")
	err := Folder(dir).Keep(func(create Create) error {
		f, err := create(fileName(time.Now(), "abcdefghijklmnopqrstuvwxyz", Keys))
		if err != nil {
			return err
		}
		_, _ = io.WriteString(f, "half")
		_ = f.Close()
		return broken
	})
	if entries, _ := os.ReadDir(dir); !errors.Is(err, broken) || len(entries) > 0 {
		t.Errorf("%v, %d files", err, len(entries))
	}
	for _, name := range []string{"../20261123-120000-abcdefgh.keys.age", "note", "", "20261123-120000-abcd/fgh.keys.age"} {
		err := Folder(dir).Keep(func(create Create) error { _, err := create(name); return err })
		if err == nil {
			t.Errorf("%q was made", name)
		}
	}
}

func TestKeysOfBackups(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	hybrid, err := NewIdentity(&file, time.Now())
	if err != nil || !strings.HasPrefix(hybrid, "age1pq1") {
		t.Fatal(hybrid, err)
	}
	if list, err := Identities(writeFile(t, file.String())); err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	usual, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	x := usual.Recipient().String()
	for name, c := range map[string]struct {
		given []string
		file  string
		want  int
	}{
		"one new":       {[]string{hybrid}, "", 1},
		"one usual":     {[]string{x}, "", 1},
		"a file":        {nil, writeFile(t, "# ours\n"+hybrid+"\n\n"), 1},
		"both":          {[]string{x}, writeFile(t, x+"\n"), 2},
		"none":          {nil, "", 0},
		"mixed":         {[]string{x, hybrid}, "", 0},
		"no key":        {[]string{"age1abc"}, "", 0},
		"a secret":      {[]string{usual.String()}, "", 0},
		"an empty file": {nil, writeFile(t, "# nothing\n"), 0},
		"no file":       {nil, "nowhere", 0},
	} {
		list, err := Recipients(c.given, c.file)
		if len(list) != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%s: %d, %v", name, len(list), err)
		}
		if err != nil && strings.Contains(err.Error(), "AGE-SECRET-KEY") {
			t.Errorf("%s: the error quotes the secret", name)
		}
	}
	if _, err := Identities(writeFile(t, "AGE-SECRET-KEY-1QQQQ")); err == nil || strings.Contains(err.Error(), "QQQQ") {
		t.Errorf("a spoilt identity: %v", err)
	}
}

func FuzzNames(f *testing.F) {
	f.Add("20261123-140509-abcdefgh.keys.age")
	f.Fuzz(func(t *testing.T, name string) {
		if k, ok := parseName(name); ok && fileName(k.At, k.ID, k.Part) != name {
			t.Fatalf("%q is read as %+v", name, k)
		}
	})
}
