package renewal

import (
	"context"
	"strconv"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Left says how many of a group's records of one kind are under a key that a
// leaver could know, whatever the progress says: who can write to the database
// could have written that all is done. It looks at each.
func (n *Renewals) Left(ctx context.Context, tx *db.Tx, g keyring.Group, kind string) (left int64, err error) {
	defer errs.Wrap(&err, "renewal.Left")
	for _, k := range n.kinds {
		if k.Name != kind || !k.Records {
			continue
		}
		for after := ""; ; {
			list, err := k.IDs(ctx, tx, g, after, keyring.SealedAtOnce)
			if err != nil || len(list) == 0 {
				return left, err
			}
			some, err := g.StaleAmong(ctx, tx, list...)
			if err != nil {
				return left, err
			}
			left, after = left+int64(some), list[len(list)-1]
		}
	}
	return 0, nil
}

// check says whether there is something for a colleague to renew, and begins a
// renewal anew that stands as finished and is not. What was found true is not
// looked at again while the program runs.
func (n *Renewals) check(ctx context.Context, s *staff.Session) (due bool, err error) {
	var wrong []Progress
	var right []string
	err = n.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		wrong, right, due = nil, nil, false
		groups, err := keyring.GroupsOf(ctx, tx, s.Person.Agency, s.Person.ID)
		if err != nil {
			return err
		}
		for _, g := range groups {
			list, err := n.Of(ctx, tx, g)
			if err != nil {
				return err
			}
			for _, p := range list {
				due = due || p.dueFor(s.Person)
				if !p.Done() || n.checked[p.name()] {
					continue
				}
				left, err := n.Left(ctx, tx, g, p.Kind)
				if err != nil {
					return err
				}
				if left > 0 {
					wrong = append(wrong, p)
				} else {
					right = append(right, p.name())
				}
			}
		}
		return nil
	})
	for _, name := range right {
		n.checked[name] = true
	}
	if err != nil || len(wrong) == 0 {
		return due, err
	}
	return true, n.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, p := range wrong {
			if err := (Progress{Kind: p.Kind, Total: p.Total, group: p.group}).save(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// name tells a renewal of one key from all others.
func (p Progress) name() string {
	return p.group.ID + " " + strconv.Itoa(p.group.Epoch) + " " + p.Kind
}
