package backup

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"time"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/lib/archive"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Source is what a backup is made of.
type Source struct {
	Plan

	DB     *db.DB
	Signer ed25519.PrivateKey
	Demo   bool
	Tell   Progress
}

// Made says what a backup came to.
type Made struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Rows   int64     `json:"rows"`
	Others int       `json:"others"` // tables that are not ours, and not in it
}

// Create makes a file of a backup under its name.
type Create func(name string) (io.WriteCloser, error)

// Make writes a backup of one moment to the files that create makes: the keys,
// then the content. It reads the database while it is at work. After an
// error what was written is worth nothing.
func (s Source) Make(ctx context.Context, to []age.Recipient, create Create) (made Made, err error) {
	defer errs.Wrap(&err, "backup.Make")
	made.ID = ids.New()
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		made.At = tx.Now
		schema, err := tx.Versions(ctx, s.Migrations)
		if err != nil {
			return err
		}
		tables, others, err := tx.Content(ctx, s.Migrations, schema)
		if err != nil {
			return err
		}
		made.Others = others
		for _, part := range []string{Keys, Content} {
			n, err := s.write(ctx, tx, header(s.Plan, made.ID, part, made.At, schema, s.Demo), tables, to, create)
			if err != nil {
				return err
			}
			made.Rows += n
		}
		return nil
	})
	return made, err
}

// write makes the file of one part.
func (s Source) write(ctx context.Context, tx *db.Tx, h archive.Header, tables []db.Table, to []age.Recipient, create Create) (rows int64, err error) {
	f, err := create(fileName(h.Made, h.ID, h.Part))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out, err := newSealed(f, to)
	if err != nil {
		return 0, err
	}
	w, err := archive.NewWriter(out, h, s.Signer)
	if err != nil {
		return 0, err
	}
	for _, t := range tables {
		if s.part(t.Name) != h.Part {
			continue
		}
		if err := w.Table(described(t)); err != nil {
			return 0, err
		}
		err := tx.Rows(ctx, t, func(row []any) error {
			if rows++; rows%1000 == 0 {
				s.Tell.tell(h.Part, rows)
			}
			return w.Row(row)
		})
		if err != nil {
			return 0, err
		}
	}
	if _, err := w.Close(); err != nil {
		return 0, err
	}
	return rows, out.Close()
}

// described is a table as archives describe it.
func described(t db.Table) archive.Table {
	a := archive.Table{Name: t.Name}
	for _, c := range t.Columns {
		a.Columns = append(a.Columns, archive.Column{Name: c.Name, Type: archive.Type(c.Type)})
	}
	return a
}
