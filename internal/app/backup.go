package app

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/backup"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// backupFlags are what "clew backup" takes besides the options.
type backupFlags struct {
	to, recipients, identity, signer string
	recipient                        []string
}

// runBackup is "clew backup", "clew backup verify" and "clew backup keygen".
func runBackup(ctx context.Context, args []string, s Streams) error {
	var in backupFlags
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&in.to, "to", "", "folder to write the backup into; of keygen, the file to write. Without: backup-to")
		f.StringVar(&in.recipients, "recipients", "", "file with the public keys that can open it. Without: backup-recipients")
		f.Func("recipient", "one such key: age1pq1… or age1…; may be given again", func(text string) error {
			in.recipient = append(in.recipient, text)
			return nil
		})
		f.StringVar(&in.identity, "identity", "", "of verify: file with the secret key")
		f.StringVar(&in.signer, "signer", "", "of verify: the fingerprint that has to have signed")
	})
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
		return makeBackup(ctx, o, s, in)
	case rest[0] == "verify" && len(rest) > 1 && in.identity != "":
		return verifyBackup(s, in, rest[1:])
	case rest[0] == "verify":
		return usageError{"which files, and with which --identity?"}
	case rest[0] == "keygen" && len(rest) == 1 && in.to != "":
		return makeIdentity(s, in.to)
	case rest[0] == "keygen":
		return usageError{"keygen --to names the file to write"}
	}
	return usageError{"there is no " + rest[0]}
}

// makeBackup writes a backup into a folder, from the running server or from
// the data itself.
func makeBackup(ctx context.Context, o Options, s Streams, in backupFlags) error {
	folder := firstOf(in.to, o.BackupTo)
	if folder == "" {
		return usageError{"--to names the folder"}
	}
	if in.recipients == "" && len(in.recipient) == 0 {
		in.recipients = o.BackupRecipients
	}
	to, err := backup.Recipients(in.recipient, in.recipients)
	if err != nil {
		return err
	}
	began := time.Now()
	var made backup.Made
	var names []string
	told := &telling{out: s.Err}
	err = backup.Folder(folder).Keep(func(create backup.Create) (err error) {
		made, err = askBackup(ctx, o, s, to, func(name string) (io.WriteCloser, error) {
			names = append(names, name)
			f, err := create(name)
			return counted{f, told}, err
		})
		return err
	})
	if err != nil {
		return err
	}
	keep, err := o.backupKeep()
	if err != nil {
		return err
	}
	removed, err := backup.Folder(folder).Prune(made.At, keep)
	if err != nil {
		return fmt.Errorf("the backup is made, but old files could not be removed: %w", err)
	}
	if err := do(ctx, o, s, "backup.kept", keptArgs{made.At}); err != nil {
		return err
	}
	return tellBackup(s.Out, folder, names, made, removed, told.bytes, time.Since(began))
}

func tellBackup(out io.Writer, folder string, names []string, made backup.Made, removed int, size int64, took time.Duration) error {
	fmt.Fprintf(out, "The backup is made: %d rows, %s, %s.\n", made.Rows, bytesInWords(size), took.Round(100*time.Millisecond))
	for _, name := range names {
		fmt.Fprintf(out, "  %s\n", filepath.Join(folder, name))
	}
	if removed > 0 {
		fmt.Fprintf(out, "%d files that were too old are removed.\n", removed)
	}
	if made.Files > 0 {
		fmt.Fprintf(out, "In it: %d pictures and files that people sent.\n", made.Files-made.Amiss)
	}
	if made.Amiss > 0 {
		fmt.Fprintf(out, "! %d files are missing on the disk or not what they were: restore them from an older backup, and look after the disk.\n", made.Amiss)
	}
	if made.Others > 0 {
		fmt.Fprintf(out, "Not in it: %d tables in the same database that are not Clew's.\n", made.Others)
	}
	_, err := fmt.Fprintln(out, "Both files are needed to restore. Copies of the keys elsewhere: delete them within 30 days.")
	return err
}

type keptArgs struct{ At time.Time }

// keptBackup remembers that a backup is on a disk.
func keptBackup(ctx context.Context, a *App, in keptArgs, _ io.Writer) error {
	return a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return remember(ctx, tx, backupMade, in.At.UTC().Format(time.RFC3339))
	})
}

// askBackup has the running server write the backup, or does it here when
// none runs.
func askBackup(ctx context.Context, o Options, s Streams, to []age.Recipient, create backup.Create) (made backup.Made, err error) {
	made, err = streamBackup(ctx, o, to, create)
	if !errors.Is(err, errNoServer) {
		return made, err
	}
	a, err := openData(ctx, o, s, false)
	if err != nil {
		return made, err
	}
	defer a.Close()
	return a.makeBackup(ctx, to, create)
}

func (a *App) makeBackup(ctx context.Context, to []age.Recipient, create backup.Create) (made backup.Made, err error) {
	if done, err := a.recall(ctx, isSetUp); err != nil || done == "" {
		return made, errs.First(err, errors.New("this hotline is not set up: there is nothing to back up"))
	}
	source, err := a.backupSource(ctx)
	if err != nil {
		return made, err
	}
	return source.Make(ctx, to, create)
}

// backupOrder is what a server is asked for.
type backupOrder struct {
	Recipients []string `json:"recipients"`
}

// backupEnd is what it says last.
type backupEnd struct {
	Made  backup.Made `json:"made"`
	Error string      `json:"error,omitempty"`
}

func encodeOrder(to []age.Recipient) ([]byte, error) {
	var order backupOrder
	for _, r := range to {
		order.Recipients = append(order.Recipients, fmt.Sprint(r))
	}
	return json.Marshal(order)
}
