package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/clew-hotline/clew/internal/lib/archive"
	"github.com/clew-hotline/clew/internal/platform/backup"
)

// dateForm is how commands write a moment.
const dateForm = "2 January 2006, 15:04 UTC"

// verifyBackup reads files to their end and says what they are.
func verifyBackup(s Streams, in backupFlags, files []string) error {
	with, err := backup.Identities(in.identity)
	if err != nil {
		return err
	}
	plan, told, bad := backupPlan(), &telling{out: s.Err}, 0
	var good []backup.Report
	for _, path := range files {
		r, err := plan.Verify(path, with, told.rows)
		if err == nil && in.signer != "" && !archive.SameFingerprint(in.signer, r.Fingerprint) {
			err = fmt.Errorf("it was not signed by the one you named, but by %s", r.Fingerprint)
		}
		if err != nil {
			bad++
			fmt.Fprintf(s.Out, "! %s: %s\n", filepath.Base(path), explain(err))
			continue
		}
		good = append(good, r)
		tellReport(s, filepath.Base(path), r)
	}
	tellPair(s, good)
	if bad > 0 {
		return fmt.Errorf("%d of %d files cannot be restored", bad, len(files))
	}
	return nil
}

func tellReport(s Streams, name string, r backup.Report) {
	what := "content"
	if r.Part == backup.Keys {
		what = "keys"
	}
	if r.Demo {
		what += " of a demonstration"
	}
	fmt.Fprintf(s.Out, "%s: whole. The %s of %s: %d tables, %d rows.\n  Signed by %s\n",
		name, what, r.Made.Format(dateForm), r.Tables, r.Rows, r.Fingerprint)
	if r.Files > 0 {
		fmt.Fprintf(s.Out, "  In it: %d pictures and files that people sent.\n", r.Files)
	}
	if r.Old(time.Now()) {
		fmt.Fprintln(s.Out, "  These keys are older than 30 days: delete the file. What was deleted since could be read with it.")
	}
}

// tellPair says whether the files are enough to restore from.
func tellPair(s Streams, good []backup.Report) {
	if len(good) != 2 || good[0].Part == good[1].Part {
		return
	}
	switch {
	case good[0].Fingerprint != good[1].Fingerprint:
		fmt.Fprintln(s.Out, "They are of two hotlines, and do not belong together.")
	case good[0].ID == good[1].ID:
		fmt.Fprintln(s.Out, "Together they are one backup.")
	default:
		fmt.Fprintln(s.Out, "They are of two backups. They can be restored together if the keys are the later ones.")
	}
}

// makeIdentity writes a secret key for the operator to carry off the machine,
// and prints its public half, which stays.
func makeIdentity(s Streams, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("the identity cannot be written: %w", err)
	}
	recipient, err := backup.NewIdentity(f, time.Now())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	fmt.Fprintf(s.Err, "The identity is in %s. It alone opens backups that are made to it: keep it off this machine, twice, and never lose it.\n"+
		"Its public half follows. It is no secret, and belongs into the file of recipients.\n", path)
	_, err = fmt.Fprintln(s.Out, recipient)
	return err
}
