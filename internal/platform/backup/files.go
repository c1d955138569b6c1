package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/clew-hotline/clew/internal/lib/archive"
	"github.com/clew-hotline/clew/internal/platform/blob"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Files are what stands outside the database and belongs to it. They are
// sealed, so they are content, copied as they are; what opens them is in Table,
// which is one of the keys.
type Files struct {
	Store blob.Store
	Table string // names each in its column blob, and its SHA-256 in hexadecimal in digest
}

// filesTable is how files stand in an archive: in pieces, after all tables.
var filesTable = archive.Table{Name: "zz_files", Columns: []archive.Column{
	{Name: "name", Type: archive.Text}, {Name: "piece", Type: archive.Bigint}, {Name: "bytes", Type: archive.Bytea},
}}

// pieceSize is how much of a file is in memory at once.
const pieceSize = 1 << 20

// named is a file as the table names it.
type named struct{ name, digest string }

func (f Files) named(ctx context.Context, tx *db.Tx) ([]named, error) {
	if f.Table == "" {
		return nil, nil
	}
	return db.Collect(ctx, tx, func(rows *sql.Rows) (n named, err error) {
		err = rows.Scan(&n.name, &n.digest)
		return n, err
	}, `SELECT blob, digest FROM "`+f.Table+`" ORDER BY blob`)
}

// write puts every file into the archive and gives those that are missing or
// not what they were.
func (f Files) write(ctx context.Context, w *archive.Writer, list []named) (rows int64, amiss []string, err error) {
	if err := w.Table(filesTable); err != nil {
		return 0, nil, err
	}
	for _, one := range list {
		n, err := f.writeOne(ctx, w, one)
		rows += n
		if errors.Is(err, blob.ErrMissing) || errors.Is(err, errTouched) {
			amiss = append(amiss, one.name)
			continue
		}
		if err != nil {
			return rows, nil, err
		}
	}
	return rows, amiss, nil
}

var errTouched = errors.New("backup: a file is not what it was")

func (f Files) writeOne(ctx context.Context, w *archive.Writer, one named) (rows int64, err error) {
	r, err := f.Store.Get(ctx, one.name)
	if err != nil {
		return 0, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	sum := sha256.New()
	for piece := make([]byte, pieceSize); ; rows++ {
		n, err := io.ReadFull(r, piece)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return rows, fmt.Errorf("a file cannot be read: %w", err)
		}
		sum.Write(piece[:n])
		if n > 0 {
			if err := w.Row([]any{one.name, rows, piece[:n]}); err != nil {
				return rows, err
			}
		}
		if err != nil {
			break
		}
	}
	if hex.EncodeToString(sum.Sum(nil)) != one.digest {
		return rows, errTouched
	}
	return rows, nil
}

// still gives those of the names that the table still has: what was deleted
// while the backup ran is rightly not there.
func (f Files) still(ctx context.Context, d *db.DB, names []string) (n int, err error) {
	if len(names) == 0 {
		return 0, nil
	}
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		n = 0
		for _, name := range names {
			var there bool
			if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM "`+f.Table+`" WHERE blob = $1)`, name).Scan(&there); err != nil {
				return err
			}
			if there {
				n++
			}
		}
		return nil
	})
	return n, err
}

// restoring puts files back into a store.
type restoring struct {
	to   blob.Store
	put  []string
	rows func() ([]any, error)

	row []any // the next, if it was read
	err error
}

// load puts all files of an archive into the store.
func (r *restoring) load(ctx context.Context) error {
	for r.next(); r.err == nil; {
		name, first := r.row[0].(string), r.row[1].(int64) //nolint:forcetypeassert // archive checks every value's type
		if r.to == nil || first != 0 {
			return errors.New("the files of the backup are not in order, or there is nowhere to put them")
		}
		r.put = append(r.put, name)
		if err := r.to.Put(ctx, name, &oneFile{from: r, name: name}); err != nil {
			return err
		}
	}
	return over(r.err)
}

func (r *restoring) next() { r.row, r.err = r.rows() }

// oneFile reads the pieces of one file.
type oneFile struct {
	from  *restoring
	name  string
	piece int64
	left  bytes.Reader
}

func (o *oneFile) Read(b []byte) (int, error) {
	for o.left.Len() == 0 {
		r := o.from
		if r.err != nil && !errors.Is(r.err, io.EOF) {
			return 0, r.err
		}
		if r.err != nil || r.row[0] != o.name {
			return 0, io.EOF
		}
		if r.row[1] != o.piece {
			return 0, archive.ErrDamaged
		}
		o.piece++
		o.left.Reset(r.row[2].([]byte)) //nolint:forcetypeassert // archive checks every value's type
		r.next()
	}
	return o.left.Read(b)
}

// prune removes what the keys have no row of: it was deleted before they were written.
func (r *restoring) prune(ctx context.Context, d *db.DB, f Files) error {
	if len(r.put) == 0 {
		return nil
	}
	known := map[string]bool{}
	err := d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err := f.named(ctx, tx)
		for _, one := range list {
			known[one.name] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range r.put {
		if known[name] {
			continue
		}
		if err := r.to.Delete(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// undo removes what was put, after a restore that failed.
func (r *restoring) undo(ctx context.Context) {
	for _, name := range r.put {
		_ = r.to.Delete(context.WithoutCancel(ctx), name) // a sealed file that nobody can open
	}
}
