package app

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"github.com/clew-hotline/clew/internal/platform/backup"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// runRestore is "clew restore": a backup becomes a hotline again, on a machine
// where there is none.
func runRestore(ctx context.Context, args []string, s Streams) error {
	identity := ""
	told := &telling{out: s.Err}
	order := backup.Order{Now: time.Now(), Tell: told.rows}
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&identity, "identity", "", "file with the secret key")
		f.StringVar(&order.Signer, "signer", "", "the fingerprint that has to have signed")
		f.BoolVar(&order.OldKeys, "old-keys", false, "take keys that are older than 30 days, or older than the content")
	})
	if err != nil {
		return err
	}
	if len(rest) == 0 || identity == "" {
		return usageError{"which two files, and with which --identity?"}
	}
	order.Files = rest
	if order.With, err = backup.Identities(identity); err != nil {
		return err
	}
	key, err := dataKey(o, s, true)
	if err != nil {
		return err
	}
	cfg := db.Config{URL: o.Database, PasswordFile: o.PasswordFile, Dir: o.Data, Key: key}
	plan := backupPlan()
	if plan.Files.Store, err = o.blobs(); err != nil {
		return err
	}
	done, err := plan.Restore(ctx, cfg, order)
	if err != nil {
		return fmt.Errorf("%s. Nothing was restored", trimStop(explain(err)))
	}
	return tellRestored(s, o, done)
}

func tellRestored(s Streams, o Options, done backup.Restored) error {
	where := "the database"
	if o.Database == "" {
		where = filepath.Clean(o.Data)
	}
	fmt.Fprintf(s.Out, "Restored into %s: the hotline as it was on %s. %d rows.\nSigned by %s\n",
		where, done.Content.Made.Format(dateForm), done.Rows, done.Fingerprint)
	if done.Content.ID != done.Keys.ID {
		fmt.Fprintf(s.Out, "The keys are of %s: what was deleted in between opens for nobody.\n", done.Keys.Made.Format(dateForm))
	}
	if done.Content.Demo {
		fmt.Fprintln(s.Out, "It is a demonstration, and stays one.")
	}
	_, err := fmt.Fprintf(s.Out, "Everybody is signed out. Colleagues sign in with the pass phrases that they had on %s; codes open their mailboxes as before.\n"+
		"Next: \"clew serve\", then \"clew doctor\".\n", done.Keys.Made.Format(dateForm))
	return err
}

// trimStop takes the full stop from a sentence that goes on.
func trimStop(s string) string {
	if n := len(s); n > 0 && s[n-1] == '.' {
		return s[:n-1]
	}
	return s
}
