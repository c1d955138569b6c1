package quorum

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Make deals the shares to the officers who have accepted, for a colleague whose
// own key is pair and who must open contacts: what they hold they wrap to the
// new recovery key. All groups turn, so that the key of before opens nothing
// that comes in from now on, and its hold on what is there is taken away. A
// group that the colleague does not hold is wrapped when one of its members is
// at work: see HandOver.
func Make(ctx context.Context, tx *db.Tx, by staff.Person, pair *seal.Pair) (err error) {
	defer errs.Wrap(&err, "quorum.Make")
	set, there, err := Proposed(ctx, tx, by.Agency)
	if err != nil {
		return err
	}
	if !there || !set.Ready() {
		return errs.New(errs.Conflict, "recovery.error.not_ready", nil)
	}
	fresh, shares, err := deal(set.ID, set.Needed, len(set.Officers))
	if err != nil {
		return err
	}
	was, err := StateOf(ctx, tx, by.Agency, Officers)
	if err != nil {
		return err
	}
	if err := replace(ctx, tx, by, pair, fresh.Public()); err != nil {
		return err
	}
	for i, o := range set.Officers {
		sealed, err := seal.Wrap(o.Person.Public, set.place(), o.ID, shares[i].value[:])
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE quorum_officers SET commitment = $3, sealed = $4 WHERE set_id = $1 AND number = $2`,
			set.ID, o.Number, shares[i].commitment(), sealed); err != nil {
			return err
		}
	}
	if err := forget(ctx, tx, by.Agency, true); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE quorum_sets SET made = $2 WHERE id = $1`, set.ID, tx.Now); err != nil {
		return err
	}
	// What was asked of the shares of before can have no answer any more.
	if err := endOpen(ctx, tx, by.Agency, by.ID, set.ID); err != nil {
		return err
	}
	return witness(ctx, tx, by.Agency, was, audit.Entry{Staff: by.ID, Action: string(staff.AdmitStaff) + " officers"})
}

func (s Set) place() seal.Place {
	return seal.Place{Agency: s.Agency, Record: s.ID, Table: "quorum_officers"}
}

// replace puts another recovery key in the place of the one that is there.
func replace(ctx context.Context, tx *db.Tx, by staff.Person, pair *seal.Pair, public seal.Public) error {
	groups, err := keyring.Groups(ctx, tx, by.Agency)
	if err != nil {
		return err
	}
	recovery, err := keyring.Find(ctx, tx, by.Agency, keyring.Recovery)
	if err != nil {
		return err
	}
	err = audit.Turning(ctx, tx, recovery, by.ID, func() (err error) {
		recovery, err = keyring.ReplaceRecovery(ctx, tx, by.Agency, public)
		return err
	})
	if err != nil {
		return err
	}
	people, err := staff.List(ctx, tx, by.Agency)
	if err != nil {
		return err
	}
	for _, g := range groups {
		err := handOver(ctx, tx, g, by.ID, pair, recovery)
		if errs.Is(err, errs.NotFound) && g.Name != keyring.Intake {
			err = nil // somebody else's
		}
		if errs.Is(err, errs.NotFound) {
			return errs.New(errs.Conflict, "recovery.error.not_member", nil)
		}
		if err != nil {
			return err
		}
		holds, err := g.Members(ctx, tx)
		if err != nil {
			return err
		}
		stay := []keyring.Member{{ID: recovery.ID, Public: recovery.Public}}
		for _, p := range people {
			if holds[p.ID] && !p.Disabled {
				stay = append(stay, keyring.Member{ID: p.ID, Public: p.Public})
			}
		}
		err = audit.Turning(ctx, tx, g, by.ID, func() error {
			_, err := g.Turn(ctx, tx, stay)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// handOver wraps the keys that a member of a group holds to the recovery key.
func handOver(ctx context.Context, tx *db.Tx, g keyring.Group, member string, pair *seal.Pair, recovery keyring.Group) error {
	ring, err := g.Open(ctx, tx, member, pair)
	if err != nil {
		return err
	}
	return ring.Admit(ctx, tx, keyring.Member{ID: recovery.ID, Public: recovery.Public})
}

// Lack is a group of which the recovery key does not open everything.
type Lack struct {
	keyring.Group

	Keys int // how many of the group's keys it lacks
}

// Lacks tells of what the recovery key does not open yet. Each group waits for
// one of its members to be at work.
func Lacks(ctx context.Context, tx *db.Tx, agency string) (list []Lack, err error) {
	defer errs.Wrap(&err, "quorum.Lacks")
	recovery, err := keyring.Find(ctx, tx, agency, keyring.Recovery)
	if err != nil {
		return nil, err
	}
	lacks, err := keyring.Without(ctx, tx, agency, recovery.ID)
	if err != nil || len(lacks) == 0 {
		return nil, err
	}
	groups, err := keyring.Groups(ctx, tx, agency)
	for _, g := range groups {
		if lacks[g.ID] > 0 {
			list = append(list, Lack{g, lacks[g.ID]})
		}
	}
	return list, err
}

// HandOver lets a colleague who is at work wrap what the recovery key lacks and
// they hold. It does nothing where the key is on paper in one piece: that one
// gets everything when it is made.
func HandOver(ctx context.Context, tx *db.Tx, who staff.Person, pair *seal.Pair) (err error) {
	defer errs.Wrap(&err, "quorum.HandOver")
	if _, there, err := Current(ctx, tx, who.Agency); err != nil || !there {
		return err
	}
	lacks, err := Lacks(ctx, tx, who.Agency)
	if err != nil || len(lacks) == 0 {
		return err
	}
	recovery, err := keyring.Find(ctx, tx, who.Agency, keyring.Recovery)
	if err != nil {
		return err
	}
	for _, l := range lacks {
		if err := handOver(ctx, tx, l.Group, who.ID, pair, recovery); err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	after, err := Lacks(ctx, tx, who.Agency)
	if err != nil || keys(after) == keys(lacks) {
		return err
	}
	return write(ctx, tx, who.Agency, audit.Entry{Staff: who.ID, Action: string(staff.UseRecovery) + " handed_over"})
}

func keys(lacks []Lack) (n int) {
	for _, l := range lacks {
		n += l.Keys
	}
	return n
}
