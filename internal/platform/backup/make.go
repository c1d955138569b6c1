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
	Files  int       `json:"files"`  // outside the database
	Amiss  int       `json:"amiss"`  // of those: missing, or not what they were
}

// Create makes a file of a backup under its name.
type Create func(name string) (io.WriteCloser, error)

// Make writes a backup of one moment to the files that create makes: the keys,
// then the content. It reads the database while it is at work. After an
// error what was written is worth nothing.
func (s Source) Make(ctx context.Context, to []age.Recipient, create Create) (made Made, err error) {
	defer errs.Wrap(&err, "backup.Make")
	made.ID = ids.New()
	var amiss []string
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
		files, err := s.Files.named(ctx, tx)
		if err != nil {
			return err
		}
		made.Files = len(files)
		for _, part := range []string{Keys, Content} {
			beside := func(w *archive.Writer) (rows int64, err error) {
				if part == Content && s.Files.Store != nil {
					rows, amiss, err = s.Files.write(ctx, w, files)
				}
				return rows, err
			}
			n, err := s.write(ctx, tx, header(s.Plan, made.ID, part, made.At, schema, s.Demo), tables, to, create, beside)
			if err != nil {
				return err
			}
			made.Rows += n
		}
		return nil
	})
	if err != nil {
		return made, err
	}
	made.Amiss, err = s.Files.still(ctx, s.DB, amiss)
	return made, err
}

// write makes the file of one part: its tables, and what beside adds.
func (s Source) write(ctx context.Context, tx *db.Tx, h archive.Header, tables []db.Table, to []age.Recipient, create Create, beside func(*archive.Writer) (int64, error)) (rows int64, err error) {
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
	n, err := beside(w)
	if err != nil {
		return 0, err
	}
	rows += n
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
