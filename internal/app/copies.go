package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// What was deleted opens again with a copy of its keys. The doctor names the
// copies that it can see; where the program cannot look, it sees none.

// foreignFiles are files beside the embedded database that are not its own:
// somebody's copies hold keys that were deleted.
func foreignFiles(folder string) (names []string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil // the database will say what is wrong
	}
	for _, e := range entries {
		name := strings.ToLower(e.Name())
		own := slices.Contains([]string{db.FileName, db.FileName + "-wal", db.FileName + "-shm", db.FileName + "-journal"}, name)
		copied := strings.HasPrefix(name, db.FileName+".") || slices.ContainsFunc([]string{".db", ".bak", ".old", ".orig", ".copy", ".sql", ".dump", ".tar", ".gz", ".zip", "~"}, func(end string) bool {
			return strings.HasSuffix(name, end)
		})
		if !e.IsDir() && e.Type().IsRegular() && copied && !own {
			names = append(names, e.Name())
		}
	}
	return names
}

// snapshots says where snapshots of the disk are kept that hold a folder, as
// the usual tools leave them: snapper's and Timeshift's for btrfs, those of
// ZFS, and LVM's by their devices. system is where /sys is.
func snapshots(folder, system string) (found []string) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil
	}
	for at := folder; ; at = filepath.Dir(at) {
		for _, kept := range []string{".snapshots", filepath.Join(".zfs", "snapshot"), filepath.Join("timeshift", "snapshots"), filepath.Join("timeshift-btrfs", "snapshots")} {
			if list, err := os.ReadDir(filepath.Join(at, kept)); err == nil && len(list) > 0 {
				found = append(found, filepath.Join(at, kept))
			}
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	devices, _ := filepath.Glob(filepath.Join(system, "block", "dm-*", "dm", "name")) // the pattern is good
	for _, path := range devices {
		name, err := os.ReadFile(path) //nolint:gosec // of the kernel
		if device := strings.TrimSpace(string(name)); err == nil && strings.HasSuffix(device, "-cow") {
			found = append(found, "LVM "+strings.TrimSuffix(device, "-cow"))
		}
	}
	return found
}

// examineCopies says what copies there are on this machine.
func examineCopies(o Options) (problems []string) {
	if o.Database != "" {
		return nil
	}
	if names := foreignFiles(o.Data); len(names) > 0 {
		problems = append(problems, fmt.Sprintf("beside the database lie files that are not its own: %s. A copy of it holds keys of what was deleted. Mend: delete them",
			strings.Join(names, ", ")))
	}
	for _, where := range snapshots(o.Data, "/sys") {
		problems = append(problems, fmt.Sprintf("snapshots of the disk hold the data: %s. What was deleted opens with them. Mend: keep none for longer than 30 days, or the data on a volume without", where))
	}
	return problems
}

// tellArchive tells of copies that PostgreSQL makes of its log: they keep keys
// that were deleted for as long as somebody keeps them.
func (a *App) tellArchive(ctx context.Context, out io.Writer) error {
	if a.DB.Engine() != db.Postgres {
		return nil
	}
	var archive, level string
	var slots []string
	err := a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if err := tx.QueryRow(ctx, `SELECT current_setting('archive_mode'), current_setting('wal_level')`).Scan(&archive, &level); err != nil {
			return err
		}
		slots, err = db.Strings(ctx, tx, `SELECT slot_name FROM pg_replication_slots ORDER BY slot_name`)
		return err
	})
	if err != nil {
		return err
	}
	if archive != "off" {
		fmt.Fprintln(out, "PostgreSQL archives its log: what was deleted is in the archive. Keep it for 30 days at most")
	}
	if len(slots) > 0 {
		fmt.Fprintf(out, "PostgreSQL keeps its log for others (%s): what was deleted is in it, and in what they made of it. Drop slots that nobody reads\n", strings.Join(slots, ", "))
	}
	if level == "logical" {
		fmt.Fprintln(out, "PostgreSQL writes its log so that other programs can follow it (wal_level = logical): Clew does not need that")
	}
	return nil
}
