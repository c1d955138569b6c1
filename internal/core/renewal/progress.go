package renewal

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Progress is how far the renewal of a group's records of one kind is.
type Progress struct {
	Kind     string
	Renewed  int64
	Total    int64 // about: there may be more since
	LeftOver int64 // a colleague who holds older keys has to be signed in for these
	Finished time.Time

	group          keyring.Group
	reached, tried string
}

// Done says that nothing of the group's is under a key that a leaver could know.
func (p Progress) Done() bool { return !p.Finished.IsZero() }

// dueFor says whether there is something left that a member of the group can try.
func (p Progress) dueFor(who staff.Person) bool { return !p.Done() && p.tried != who.ID }

// Of gives the progress of a group's renewal, kind by kind. It is empty for a group
// that nobody ever left.
func (n *Renewals) Of(ctx context.Context, tx *db.Tx, g keyring.Group) (list []Progress, err error) {
	defer errs.Wrap(&err, "renewal.Of")
	if g.Epoch == 1 {
		return nil, nil
	}
	for _, k := range n.kinds {
		p, known, err := read(ctx, tx, g, k.Name)
		if err != nil {
			return nil, err
		}
		if !known {
			if p.Total, err = k.Count(ctx, tx, g); err != nil {
				return nil, err
			}
		}
		list = append(list, p)
	}
	return list, nil
}

// begin gives how far a renewal is, and begins one that was not begun.
func (n *Renewals) begin(ctx context.Context, tx *db.Tx, g keyring.Group, k Kind) (p Progress, err error) {
	p, known, err := read(ctx, tx, g, k.Name)
	if err != nil || known {
		return p, err
	}
	if p.Total, err = k.Count(ctx, tx, g); err != nil {
		return p, err
	}
	return p, p.save(ctx, tx)
}

// read gives a progress as it is kept, of the group's key of now.
func read(ctx context.Context, tx *db.Tx, g keyring.Group, kind string) (p Progress, known bool, err error) {
	p = Progress{Kind: kind, group: g}
	var finished int64
	err = tx.QueryRow(ctx, `SELECT reached, done, total, left_over, tried, finished FROM renewals
		WHERE agency = $1 AND key_group = $2 AND kind = $3 AND epoch = $4`, g.Agency, g.ID, kind, g.Epoch).
		Scan(&p.reached, &p.Renewed, &p.Total, &p.LeftOver, &p.tried, &finished)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	if finished != 0 {
		p.Finished = db.Time(finished)
	}
	return p, err == nil, err
}

func (p Progress) save(ctx context.Context, tx *db.Tx) error {
	finished := int64(0)
	if p.Done() {
		finished = db.Micros(p.Finished)
	}
	_, err := tx.Exec(ctx, `INSERT INTO renewals (agency, key_group, kind, epoch, reached, done, total, left_over, tried, finished)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (agency, key_group, kind) DO UPDATE SET epoch = excluded.epoch, reached = excluded.reached, done = excluded.done,
			total = excluded.total, left_over = excluded.left_over, tried = excluded.tried, finished = excluded.finished`,
		p.group.Agency, p.group.ID, p.Kind, p.group.Epoch, p.reached, p.Renewed, p.Total, p.LeftOver, p.tried, finished)
	return err
}

// end finishes a pass through all. If some were left over, the next pass is
// another colleague's.
func (p Progress) end(ctx context.Context, tx *db.Tx, by string) error {
	if p.Total = p.Renewed; p.LeftOver == 0 {
		p.Finished, p.tried = tx.Now, ""
	} else {
		p.tried, p.reached = by, ""
	}
	return p.save(ctx, tx)
}
