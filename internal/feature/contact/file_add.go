package contact

import (
	"context"
	"errors"
	"slices"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// AddFiles takes files that a colleague adds to a contact, as one line that
// only colleagues see. The same file under the same key is added once. It
// fails with NotFound for who may not open the contact, before anything is
// read; a file that cannot be taken is named in what it gives, and the others
// are taken.
func (f *Feature) AddFiles(ctx context.Context, s *staff.Session, id string, next Files, once Once) (t Taken, err error) {
	defer errs.Wrap(&err, "contact.AddFiles")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, _, err := f.access(ctx, tx, s, staff.WriteContact, id)
		return err
	})
	if err != nil {
		return t, err
	}
	ctx = context.WithoutCancel(ctx)
	list, refused := f.gather(ctx, next)
	if len(list) == 0 {
		return Taken{Refused: refused}, nil
	}
	var into *attaching
	err = f.change(ctx, s, id, "file", func(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys) error {
		// The files may have taken minutes: somebody who was dismissed meanwhile adds nothing.
		if still, err := s.StillUnlocked(ctx, tx); err != nil || !still {
			return errors.Join(err, errs.New(errs.Unauthenticated, "", nil))
		}
		into = &attaching{f: f, once: once, byKey: true, sealed: func(at seal.Place, plain []byte) ([]byte, error) { return keys.Seal(at, plain), nil }}
		files, err := into.attach(ctx, tx, r, list)
		if err != nil || len(files) == 0 {
			return err
		}
		return f.append(ctx, tx, r, keys, Message{Kind: Note, At: tx.Now, Staff: s.Person.ID, Files: files})
	})
	return f.settleFiles(ctx, into, list, refused, err)
}

// settleFiles says what was taken, and removes what was not.
func (f *Feature) settleFiles(ctx context.Context, into *attaching, list []arrived, refused []Refused, err error) (t Taken, _ error) {
	if err != nil || into == nil {
		for _, a := range list {
			f.forget(ctx, a.Blob)
		}
		return Taken{Refused: refused}, err
	}
	f.forget(ctx, into.left...)
	t = into.taken
	t.Refused = append(refused, t.Refused...)
	slices.SortFunc(t.Refused, func(a, b Refused) int { return a.Which - b.Which })
	return t, nil
}

// attaching makes files part of a contact, in one transaction.
type attaching struct {
	f      *Feature
	once   Once
	sealed func(at seal.Place, plain []byte) ([]byte, error)
	byKey  bool

	taken Taken
	left  []string // blobs that became part of nothing
}

// attach gives the files that are new, numbered, with their keys kept. The
// caller adds the line that tells of them, as the contact's next. The same bytes
// twice in one message are one file: a finger that slipped fills no limit.
func (a *attaching) attach(ctx context.Context, tx *db.Tx, c *row, list []arrived) (files []File, err error) {
	a.taken, a.left = Taken{}, nil // the transaction may run again
	var used, number int64
	if err := tx.QueryRow(ctx, `SELECT COALESCE(SUM(size), 0) FROM contact_files WHERE contact = $1`, c.ID).Scan(&used); err != nil {
		return nil, err
	}
	if err := tx.QueryRow(ctx, `SELECT files FROM contacts WHERE id = $1`, c.ID).Scan(&number); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, one := range list {
		if seen[one.mark] {
			a.left = append(a.left, one.Blob)
			continue
		}
		seen[one.mark] = true
		again, err := a.again(ctx, tx, c, one)
		if err != nil {
			return nil, err
		}
		if !again && used+one.Sealed > a.f.limits().Total {
			a.taken.Refused = append(a.taken.Refused, Refused{one.which, errFilesTotal.Word})
			a.left = append(a.left, one.Blob)
			continue
		}
		if one.Picture != "" {
			a.taken.Pictures++
		} else {
			a.taken.Others++
		}
		if err := a.mark(c, one).claim(ctx, tx, c.Agency, "", answer{}); again || errors.Is(err, errRepeated) { // perhaps at this very moment
			a.left = append(a.left, one.Blob)
			continue
		} else if err != nil {
			return nil, err
		}
		number++
		used += one.Sealed
		one.Number = number
		if err := a.insert(ctx, tx, c, one); err != nil {
			return nil, err
		}
		files = append(files, one.File)
	}
	_, err = tx.Exec(ctx, `UPDATE contacts SET files = $2 WHERE id = $1`, c.ID, number)
	return files, err
}

// mark is the key of one file of a request; "" if the request has none.
func (a *attaching) mark(c *row, one arrived) Once {
	if a.once == "" {
		return ""
	}
	return a.once + Once(" file "+c.ID+" "+one.mark)
}

// again says that the same file came before, under the same key. It is asked before
// the limits are: what is there already is not too much.
func (a *attaching) again(ctx context.Context, tx *db.Tx, c *row, one arrived) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM contact_requests WHERE key_hash = $1 AND agency = $2`, a.mark(c, one).hash(), c.Agency).Scan(&n)
	return n > 0 && a.once != "", err
}

func (a *attaching) insert(ctx context.Context, tx *db.Tx, c *row, one arrived) error {
	n, err := tx.Exec(ctx, `DELETE FROM contact_blobs WHERE blob = $1`, one.Blob)
	if err != nil {
		return err
	}
	if n == 0 { // it took so long that it was swept
		return errs.New(errs.Unavailable, "", nil)
	}
	sealed, err := a.sealed(c.place(fileTable, one.Blob), []byte(one.key.String()))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO contact_files (contact, n, agency, seq, blob, size, digest, by_key, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		c.ID, one.Number, c.Agency, c.LastSeq+1, one.Blob, one.Sealed, one.Sum, a.byKey, sealed)
	return err
}

const fileTable = "contact_files"
