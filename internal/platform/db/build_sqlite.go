package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

func buildSQLite(ctx context.Context, cfg Config, fill func(context.Context, *DB) error) error {
	cfg.Reserve = 0
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return explain(err)
	}
	if err := emptySQLite(ctx, cfg); err != nil {
		return err
	}
	lock, err := LockDir(cfg.Dir)
	if err != nil {
		return err
	}
	defer lock.Unlock() //nolint:errcheck // the system lets go of it in any case

	side := cfg
	side.beside = true
	side.Dir = filepath.Join(cfg.Dir, besideFolder)
	if err := os.RemoveAll(side.Dir); err != nil {
		return explain(err)
	}
	d, err := openSQLite(ctx, side)
	if err != nil {
		return err
	}
	if err := errors.Join(fill(ctx, d), d.Close()); err != nil {
		_ = os.RemoveAll(side.Dir) // or the next Build does
		return err
	}
	return explain(moveFile(side.Dir, cfg.Dir))
}

// Unfinished says whether a Build of this folder was begun and not ended.
func Unfinished(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, besideFolder))
	return err == nil
}

// emptySQLite opens what is in the folder, if anything is.
func emptySQLite(ctx context.Context, cfg Config) error {
	path := filepath.Join(cfg.Dir, FileName)
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	d, err := openSQLite(ctx, cfg)
	if errors.Is(err, ErrKey) {
		return errs.New(errs.Conflict, "", ErrNotEmpty)
	}
	if err != nil {
		return err
	}
	err = d.View(ctx, func(ctx context.Context, tx *Tx) error {
		_, err := tx.empty(ctx)
		return err
	})
	return errors.Join(err, d.Close())
}

// moveFile puts the database into its place by one rename.
func moveFile(from, to string) error {
	if info, err := os.Stat(filepath.Join(from, FileName+"-wal")); err == nil && info.Size() > 0 {
		return errors.New("the database did not close well")
	}
	for _, suffix := range []string{"-wal", "-shm", "-journal"} { // of the empty one that is there
		if err := os.Remove(filepath.Join(to, FileName+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	path := filepath.Join(from, FileName)
	f, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path, filepath.Join(to, FileName)); err != nil {
		return fmt.Errorf("the database cannot be moved into place: %w", err)
	}
	if err := os.RemoveAll(from); err != nil {
		return err
	}
	dir, err := os.Open(to)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
