package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/backup"
	"github.com/clew-hotline/clew/internal/platform/db"
)

const (
	backupNode  = 1         // of db.Alone: one machine of several makes backups
	backupRetry = time.Hour // after one that failed
)

// backupEvery is how often the server makes a backup by itself.
func (o Options) backupEvery() (time.Duration, error) {
	d, err := time.ParseDuration(firstOf(o.BackupEvery, "24h"))
	if err != nil || d < time.Minute || d > backup.KeysKept/3 {
		return 0, errors.New("backup-every is a time from a minute to ten days: 24h, 90m")
	}
	return d, nil
}

// backupKeep is how long content is kept in the folder; zero is for ever.
func (o Options) backupKeep() (time.Duration, error) {
	if o.BackupKeep == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(o.BackupKeep)
	if err != nil || d < 24*time.Hour {
		return 0, errors.New("backup-keep is a time of a day or more: 2160h are 90 days")
	}
	return d, nil
}

// checkBackups finds a slip of the pen at the start, and not in the night.
func (o Options) checkBackups() error {
	_, err := o.backupEvery()
	_, keepErr := o.backupKeep()
	return errs.First(err, keepErr)
}

// backUp makes a backup if one is due. It is asked every minute.
func (a *App) backUp(ctx context.Context) error {
	every, err := a.Options.backupEvery()
	if err != nil || a.Options.BackupTo == "" {
		return err
	}
	s, err := a.backupState(ctx)
	if err != nil {
		return err
	}
	if !s.due(every) {
		return a.pruneBackups(s)
	}
	_, err = a.DB.Alone(ctx, backupNode, func(ctx context.Context) error {
		if s, err := a.backupState(ctx); err != nil || !s.due(every) {
			return err // another machine made it meanwhile
		}
		made, err := a.writeBackup(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the program ends: the next one makes it
		}
		return errors.Join(err, a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err != nil {
				return remember(ctx, tx, backupFailed, tx.Now.Format(time.RFC3339)+" "+explain(err))
			}
			at := made.At.UTC().Format(time.RFC3339)
			failed := ""
			if made.Amiss > 0 {
				failed = fmt.Sprintf("%s %d files that people sent are missing on the disk or not what they were", tx.Now.Format(time.RFC3339), made.Amiss)
			}
			return errs.First(remember(ctx, tx, backupScheduled, at), remember(ctx, tx, backupMade, at), remember(ctx, tx, backupFailed, failed))
		}))
	})
	return err
}

// writeBackup writes into the folder that the options name.
func (a *App) writeBackup(ctx context.Context) (made backup.Made, err error) {
	to, err := backup.Recipients(nil, a.Options.BackupRecipients)
	if err != nil {
		return made, err
	}
	keep, err := a.Options.backupKeep()
	if err != nil {
		return made, err
	}
	folder := backup.Folder(a.Options.BackupTo)
	err = folder.Keep(func(create backup.Create) error {
		made, err = a.makeBackup(ctx, to, create)
		return err
	})
	if err != nil {
		return made, err
	}
	_, err = folder.Prune(made.At, keep)
	return made, err
}

// backupState is what the installation remembers of its backups.
type backupState struct {
	now, made, scheduled, failed time.Time // zero: never
	why                          string
	signer                       string // fingerprint
}

func (a *App) backupState(ctx context.Context) (s backupState, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		s.now = tx.Now
		if s.signer, err = signerFingerprint(ctx, tx); err != nil {
			return err
		}
		for key, at := range map[string]*time.Time{backupMade: &s.made, backupScheduled: &s.scheduled, backupFailed: &s.failed} {
			text, err := recall(ctx, tx, key)
			if err != nil {
				return err
			}
			date, why, _ := strings.Cut(text, " ")
			*at, _ = time.Parse(time.RFC3339, date) // what is no date is never
			if key == backupFailed {
				s.why = why
			}
		}
		return nil
	})
	return s, err
}

func (s backupState) due(every time.Duration) bool {
	return s.now.Sub(s.scheduled) >= every && s.now.Sub(s.failed) >= min(every, backupRetry)
}

// pruneBackups removes what is too old between two backups, also where
// another machine makes them. Where none are made any more, the last that
// there are stay, and the doctor says so.
func (a *App) pruneBackups(s backupState) error {
	keep, err := a.Options.backupKeep()
	if err != nil || s.now.Sub(s.scheduled) > backup.KeysKept {
		return err
	}
	_, err = backup.Folder(a.Options.BackupTo).Prune(s.now, keep)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// examineBackups says what is wrong with the backups, and tells of the last.
func (a *App) examineBackups(ctx context.Context, say func(string, ...any)) (last string, err error) {
	s, err := a.backupState(ctx)
	if err != nil {
		return "", err
	}
	last = "last backup: none yet. \"clew help backup\" says how"
	if !s.made.IsZero() {
		last = "last backup: " + s.made.Format(dateForm)
	}
	if s.signer != "" {
		last += "\nbackups are signed by " + s.signer
	}
	folder := a.Options.BackupTo
	if folder == "" {
		return last, nil
	}
	every, err := a.Options.backupEvery()
	if err != nil {
		return last, err
	}
	age := s.now.Sub(s.scheduled)
	switch {
	case !s.failed.IsZero():
		say("the backup of %s failed: %s. %s", s.failed.Format(dateForm), trimStop(s.why), lastOf(s.scheduled, age))
	case s.scheduled.IsZero():
		say("the server has made no backup yet. It does so by itself within a minute while it runs")
	case age > 2*every:
		say("%s. Mend: is the server running?", lastOf(s.scheduled, age))
	}
	old, err := backup.Folder(folder).OldKeys(s.now)
	switch {
	case err != nil && !s.scheduled.IsZero():
		say("the folder for backups cannot be read from here. Mend: is the disk there, and may clew look into it?")
	case old > 0:
		say("%d files of keys in the folder for backups are older than 30 days: what was deleted could be read again with them. Mend: delete them", old)
	}
	return last, nil
}

func lastOf(at time.Time, age time.Duration) string {
	if at.IsZero() {
		return "There is none yet"
	}
	if days := int(age / (24 * time.Hour)); days > 0 {
		return fmt.Sprintf("The last backup is %d days old", days)
	}
	return fmt.Sprintf("The last backup is %d hours old", int(age/time.Hour))
}
