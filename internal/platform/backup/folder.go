package backup

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Folder is where backups are kept.
type Folder string

// unfinished is at the end of the name of a file that is being written.
const unfinished = ".part"

// Keep lets make write a backup into the folder. Its files get their names
// when all of them are whole and on the disk.
func (f Folder) Keep(write func(create Create) error) (err error) {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return fmt.Errorf("the folder for backups cannot be made: %w", err)
	}
	var begun []string
	defer func() {
		if err != nil {
			for _, path := range begun {
				_ = os.Remove(path + unfinished)
			}
		}
	}()
	err = write(func(name string) (io.WriteCloser, error) {
		if _, ok := parseName(name); !ok {
			return nil, errors.New("this is no name of a backup's file")
		}
		path := filepath.Join(string(f), name)
		file, err := os.OpenFile(path+unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, fmt.Errorf("the backup cannot be written: %w", err)
		}
		begun = append(begun, path)
		return syncing{file}, nil
	})
	if err != nil {
		return err
	}
	for _, path := range begun {
		if err := os.Rename(path+unfinished, path); err != nil {
			return err
		}
	}
	return syncFolder(string(f))
}

// syncing is on the disk when it is closed.
type syncing struct{ *os.File }

// Close syncs and closes.
func (s syncing) Close() error { return errors.Join(s.Sync(), s.File.Close()) }

func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// List gives the files of backups in the folder, the oldest first.
func (f Folder) List() (list []Kept, err error) {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if k, ok := parseName(e.Name()); ok {
			list = append(list, k)
		}
	}
	slices.SortStableFunc(list, func(a, b Kept) int { return cmp.Compare(a.At.Unix(), b.At.Unix()) })
	return list, nil
}

// newest gives the name of the last file of each part.
func (f Folder) newest() (map[string]string, error) {
	list, err := f.List()
	names := map[string]string{}
	for _, k := range list {
		names[k.Part] = k.Name
	}
	return names, err
}

// OldKeys counts the files of keys that are older than they may be.
func (f Folder) OldKeys(now time.Time) (n int, err error) {
	list, err := f.List()
	for _, k := range list {
		if k.Part == Keys && now.Sub(k.At) > KeysKept {
			n++
		}
	}
	return n, err
}

// Prune removes the files of keys that are older than they may be, those of
// content that are older than content (zero: none), and what a program that
// was killed left half written. The newest of each stays, whatever the clock
// says: a clock that runs ahead must not take the last backup.
func (f Folder) Prune(now time.Time, content time.Duration) (removed int, err error) {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return 0, err
	}
	newest, err := f.newest()
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		name, half := strings.CutSuffix(e.Name(), unfinished)
		k, ok := parseName(name)
		age := now.Sub(k.At)
		if !ok || newest[k.Part] == e.Name() || !(half && age > 24*time.Hour || k.Part == Keys && age > KeysKept || k.Part == Content && content > 0 && age > content) {
			continue
		}
		if err := os.Remove(filepath.Join(string(f), e.Name())); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}
