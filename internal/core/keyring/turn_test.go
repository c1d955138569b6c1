package keyring_test

import (
	"context"
	"errors"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// house is a group with two members, one of whom will leave.
type house struct {
	t           *testing.T
	d           *db.DB
	ann, ben    keyring.Member
	pairs       map[string]*seal.Pair
	maker       keyring.Maker
	records     int
	takenAlong  [][]any // the wraps that Ben kept a copy of
	groupBefore keyring.Group
}

func newHouse(t *testing.T, d *db.DB) *house {
	h := &house{t: t, d: d, pairs: map[string]*seal.Pair{}}
	h.ann, h.ben = h.member("ann"), h.member("ben")
	h.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := keyring.Create(ctx, tx, "home", keyring.Intake, h.ann, h.ben)
		return err
	})
	return h
}

func (h *house) member(id string) keyring.Member {
	h.pairs[id] = pair(h.t)
	return keyring.Member{ID: id, Public: h.pairs[id].Public()}
}

func (h *house) update(do func(context.Context, *db.Tx) error) {
	h.t.Helper()
	if err := h.d.Update(h.t.Context(), do); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) group() (g keyring.Group) {
	h.update(func(ctx context.Context, tx *db.Tx) (err error) {
		g, err = keyring.Find(ctx, tx, "home", keyring.Intake)
		return err
	})
	return g
}

// record makes one that the group can open now.
func (h *house) record() keyring.Prepared {
	h.t.Helper()
	h.records++
	p, err := h.maker.Prepare(h.group(), "record "+string(rune('a'+h.records)))
	if err != nil {
		h.t.Fatal(err)
	}
	h.update(p.Save)
	return p
}

// opens says what comes of somebody's try to open a record.
func (h *house) opens(who string, p keyring.Prepared) error {
	return h.d.View(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		g, err := keyring.Find(ctx, tx, "home", keyring.Intake)
		if err != nil {
			return err
		}
		ring, err := g.Open(ctx, tx, who, h.pairs[who])
		if err != nil {
			return err
		}
		key, err := ring.Key(ctx, tx, p.Record)
		if err == nil && key != p.Key {
			err = errors.New("another key")
		}
		return err
	})
}

func (h *house) want(who string, p keyring.Prepared, opens bool) {
	h.t.Helper()
	if err := h.opens(who, p); (err == nil) != opens || err != nil && !errs.Is(err, errs.NotFound) {
		h.t.Errorf("%s, %s: %v", who, p.Record.ID, err)
	}
}

// leave takes Ben out and turns the group. He has kept all his wraps.
func (h *house) leave() {
	h.t.Helper()
	h.groupBefore = h.group()
	h.update(func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT agency, owner, epoch, recipient, sealed FROM key_wraps WHERE recipient = 'ben'`)
		if err != nil {
			return err
		}
		for rows.Next() {
			var agency, owner, recipient string
			var epoch int
			var sealed []byte
			if err := rows.Scan(&agency, &owner, &epoch, &recipient, &sealed); err != nil {
				return err
			}
			h.takenAlong = append(h.takenAlong, []any{agency, owner, epoch, recipient, sealed})
		}
		if err := rows.Close(); err != nil {
			return err
		}
		if err := h.groupBefore.Remove(ctx, tx, h.ben.ID); err != nil {
			return err
		}
		_, err = h.groupBefore.Turn(ctx, tx, []keyring.Member{h.ann})
		return err
	})
}

// Who left and kept their key and a copy of their wraps opens nothing that was
// made afterwards, even where they can write into the database. Who stayed opens
// everything, and so does whoever they admit.
func TestWhoLeftOpensNothingNew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		old := h.record()
		h.want("ann", old, true)
		h.want("ben", old, true)
		h.leave()
		fresh := h.record()
		h.want("ann", old, true)
		h.want("ann", fresh, true)
		h.want("ben", old, false)
		h.want("ben", fresh, false)

		h.update(func(ctx context.Context, tx *db.Tx) error {
			for _, wrap := range h.takenAlong {
				if _, err := tx.Exec(ctx, `INSERT INTO key_wraps (agency, owner, epoch, recipient, sealed) VALUES ($1, $2, $3, $4, $5)`, wrap...); err != nil {
					return err
				}
			}
			return nil
		})
		h.want("ben", fresh, false)
		// Neither under the new epoch's name nor with the group put back.
		h.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE key_groups SET epoch = 1, public_key = $1`, h.groupBefore.Public.Bytes())
			return err
		})
		h.want("ben", fresh, false)
	}, keyring.Migrations)
}

func TestWhoComesLaterOpensWhatTheirHostOpens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		old := h.record()
		h.leave()
		fresh := h.record()
		cem := h.member("cem")
		admit := func(by string, who keyring.Member) {
			h.update(func(ctx context.Context, tx *db.Tx) error {
				g, err := keyring.Find(ctx, tx, "home", keyring.Intake)
				if err != nil {
					return err
				}
				ring, err := g.Open(ctx, tx, by, h.pairs[by])
				if err != nil {
					return err
				}
				return ring.Admit(ctx, tx, who)
			})
		}
		admit("ann", cem)
		h.want("cem", old, true)
		h.want("cem", fresh, true)
		// Ben comes back, with a key of his own as before.
		admit("cem", h.ben)
		h.want("ben", old, true)
		h.want("ben", fresh, true)
	}, keyring.Migrations)
}

// A record that was prepared for the key of before is not made: it would be
// open to who left in between.
func TestNothingIsMadeUnderTheKeyOfBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		late, err := h.maker.Prepare(h.group(), "late")
		if err != nil {
			t.Fatal(err)
		}
		h.leave()
		if err := d.Update(t.Context(), late.Save); !errors.Is(err, keyring.ErrTurned) {
			t.Fatalf("it was made: %v", err)
		}
		again, err := h.maker.Prepare(h.group(), "late")
		if err != nil {
			t.Fatal(err)
		}
		h.update(again.Save)
		h.want("ann", again, true)
		err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := h.groupBefore.Turn(ctx, tx, []keyring.Member{h.ann})
			return err
		})
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("the group was turned from a key that it has no more: %v", err)
		}
	}, keyring.Migrations)
}
