package app

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/platform/backup"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// scheduled gives a hotline that makes backups by itself into the folder.
func scheduled(t *testing.T, h *hotline, folder string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	h.ok(err)
	recipients := filepath.Join(t.TempDir(), "recipients")
	h.ok(os.WriteFile(recipients, []byte(id.Recipient().String()+"\n"), 0o600))
	h.Options.BackupTo, h.Options.BackupRecipients, h.Options.BackupEvery = folder, recipients, "24h"
}

func (h *hotline) examined() string {
	h.t.Helper()
	var out bytes.Buffer
	_ = examine(h.t.Context(), h.App, struct{}{}, &out)
	return out.String()
}

// The server makes a backup when one is due; of several machines one does.
// What goes wrong is told by the doctor until it goes right.
func TestBackupsByThemselves(t *testing.T) {
	for name, config := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			h := newHotline(t, config(t))
			folder := t.TempDir()
			files := func(want int) {
				t.Helper()
				list, err := backup.Folder(folder).List()
				if err != nil || len(list) != want {
					t.Errorf("%d files, want %d (%v)", len(list), want, err)
				}
			}
			ctx := t.Context()
			h.ok(h.backUp(ctx))
			if said := h.examined(); !strings.Contains(said, "last backup: none yet") {
				t.Error(said)
			}
			scheduled(t, h, folder)
			if said := h.examined(); !strings.Contains(said, "! the server has made no backup yet") {
				t.Error(said)
			}
			h.ok(h.backUp(ctx))
			files(2)
			h.ok(h.backUp(ctx))
			files(2) // not due again
			if said := h.examined(); strings.Contains(said, "! the server") || !strings.Contains(said, "last backup: "+time.Now().UTC().Format("2 January 2006")) {
				t.Error(said)
			}

			past := func(d time.Duration) string { return time.Now().UTC().Add(-d).Format(time.RFC3339) }
			h.ok(os.Rename(filepath.Join(folder, first(t, folder)), filepath.Join(folder, "20200101-000000-abcdefgh.keys.age")))
			h.exec(`UPDATE installation SET value = $1 WHERE key = $2`, past(73*time.Hour), backupScheduled)
			if said := h.examined(); !strings.Contains(said, "! The last backup is 3 days old") || !strings.Contains(said, "1 files of keys") {
				t.Error(said)
			}
			right := h.Options.BackupRecipients
			h.Options.BackupRecipients = filepath.Join(folder, "nowhere")
			if err := h.backUp(ctx); err == nil {
				t.Error("a backup to nobody was made")
			}
			if said := h.examined(); !strings.Contains(said, "recipients cannot be read") || !strings.Contains(said, "3 days old") {
				t.Error(said)
			}
			h.Options.BackupRecipients = right
			h.ok(h.backUp(ctx))
			files(2) // the next try is an hour later
			h.exec(`UPDATE installation SET value = $1 WHERE key = $2`, past(2*time.Hour)+" it failed", backupFailed)

			machines := []*hotline{h}
			if h.cfg.URL != "" {
				second := openHotline(t, h.cfg)
				second.Options = h.Options
				machines = append(machines, second)
			}
			done := make(chan error)
			for _, m := range machines {
				go func() { done <- m.backUp(ctx) }()
			}
			for range machines {
				h.ok(<-done)
			}
			files(3) // one pair more, and the old keys are gone
			if said := h.examined(); strings.Contains(said, "failed") || strings.Contains(said, "days old") || strings.Contains(said, "files of keys") {
				t.Error(said)
			}
		})
	}
}

func first(t *testing.T, folder string) string {
	t.Helper()
	list, err := backup.Folder(folder).List()
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(k backup.Kept) bool { return k.Part == backup.Keys })
	return list[i].Name
}

func TestTimesOfBackupsAreChecked(t *testing.T) {
	t.Parallel()
	for o, good := range map[Options]bool{
		{}: true, {BackupEvery: "12h"}: true, {BackupEvery: "24h", BackupKeep: "2160h"}: true,
		{BackupEvery: "1"}: false, {BackupEvery: "5s"}: false, {BackupEvery: "241h"}: false, {BackupEvery: "-24h"}: false, {BackupKeep: "1h"}: false, {BackupKeep: "90 days"}: false,
	} {
		if err := o.checkBackups(); (err == nil) != good {
			t.Errorf("%q %q: %v", o.BackupEvery, o.BackupKeep, err)
		}
	}
}
