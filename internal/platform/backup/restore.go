package backup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/lib/archive"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Order is what is to be restored.
type Order struct {
	Files   []string // one of content, one of keys, in any order
	With    []age.Identity
	Signer  string // the fingerprint that has to have signed; "" is any
	OldKeys bool   // take keys that should be gone, or that are older than the content
	Now     time.Time
	Tell    Progress
}

// Restored is what was restored.
type Restored struct {
	Content, Keys archive.Header
	Rows          int64
	Fingerprint   string
}

// Restore makes a database of a backup, where there is none yet. Whatever
// goes wrong, nothing is there afterwards that was not there before.
//
// The keys may be of a later backup than the content: what was shredded in
// between stays unreadable. Tables are loaded as they were when each file was
// written, and brought up to date then.
func (p Plan) Restore(ctx context.Context, cfg db.Config, o Order) (done Restored, err error) {
	files, err := o.open()
	defer func() {
		for _, f := range files {
			_ = f.Close()
		}
	}()
	if err != nil {
		return done, err
	}
	content, keys := files[0], files[1]
	done = Restored{Content: content.Header(), Keys: keys.Header(), Fingerprint: archive.Fingerprint(content.Header().Signer)}
	if err := o.agree(done); err != nil {
		return done, err
	}
	for _, f := range files {
		if err := db.Known(p.Migrations, f.Header().Schema); err != nil {
			return done, err
		}
	}
	if !upTo(done.Content.Schema, done.Keys.Schema) {
		if !upTo(done.Keys.Schema, done.Content.Schema) {
			return done, errors.New("the two files are of programs neither of which came after the other")
		}
		files = []*file{keys, content}
	}
	back := &restoring{to: p.Files.Store}
	defer func() {
		if err != nil {
			back.undo(ctx)
		}
	}()
	err = db.Build(ctx, cfg, func(ctx context.Context, d *db.DB) error {
		done.Rows = 0
		for _, f := range files {
			n, err := p.load(ctx, d, f, back, o.Tell)
			if err != nil {
				return err
			}
			done.Rows += n
		}
		if err := d.Migrate(ctx, p.Migrations); err != nil {
			return err
		}
		return back.prune(ctx, d, p.Files)
	})
	return done, err
}

// open opens the two files, content first.
func (o Order) open() (files []*file, err error) {
	var parts [2]*file
	for _, path := range o.Files {
		f, err := open(path, o.With)
		if err != nil {
			return files, fmt.Errorf("%s: %w", path, err)
		}
		files = append(files, f)
		switch part := f.Header().Part; {
		case part == Content && parts[0] == nil:
			parts[0] = f
		case part == Keys && parts[1] == nil:
			parts[1] = f
		default:
			return files, fmt.Errorf("%s: one file of content and one of keys are restored, and this is another %q", path, part)
		}
	}
	switch {
	case parts[0] == nil:
		return files, errors.New("the file of the content is missing: its name ends in .content.age")
	case parts[1] == nil:
		return files, errors.New("the file of the keys is missing, without which nobody could open anything: its name ends in .keys.age. A later one than the content's does too")
	}
	return parts[:], nil
}

// agree checks what the files say of themselves, and of each other.
func (o Order) agree(r Restored) error {
	if archive.Fingerprint(r.Keys.Signer) != r.Fingerprint {
		return errors.New("the two files are not of the same hotline: they were signed with two keys")
	}
	if o.Signer != "" && !archive.SameFingerprint(o.Signer, r.Fingerprint) {
		return fmt.Errorf("the files were not signed by the one you named, but by %s: somebody may have put them there", r.Fingerprint)
	}
	if o.OldKeys {
		return nil
	}
	if days := int(o.Now.Sub(r.Keys.Made) / (24 * time.Hour)); o.Now.Sub(r.Keys.Made) > KeysKept {
		return fmt.Errorf("the keys are %d days old. Keys are kept for 30 days, so that what was deleted stays deleted: with these, "+
			"what was deleted since could be read again. Use the newest keys that there are (they need not be of the same backup), "+
			"or say --old-keys if there are no others", days)
	}
	if r.Keys.Made.Before(r.Content.Made) {
		return errors.New("the keys are older than the content: nobody could open what came in between. " +
			"Use the keys of the same backup or of a later one, or say --old-keys if there are no others")
	}
	return nil
}

// upTo says whether a's tables came no further than b's.
func upTo(a, b map[string]int64) bool {
	for name, v := range a {
		if v > b[name] {
			return false
		}
	}
	return true
}

// load fills a database, and the store of files, with what a file holds.
func (p Plan) load(ctx context.Context, d *db.DB, f *file, back *restoring, tell Progress) (rows int64, err error) {
	if err := d.MigrateTo(ctx, p.Migrations, f.Header().Schema); err != nil {
		return 0, err
	}
	next := func() ([]any, error) {
		if rows++; rows%1000 == 0 {
			tell.tell(f.Header().Part, rows)
		}
		return f.Row()
	}
	err = f.each(nil, func(t archive.Table) error {
		defer func() { rows-- }() // the end was no row
		if t.Name == filesTable.Name {
			back.rows = next
			return back.load(ctx)
		}
		table := db.Table{Name: t.Name}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, db.Column{Name: c.Name, Type: string(c.Type)})
		}
		_, err := d.Fill(ctx, table, next)
		return err
	})
	return rows, err
}
