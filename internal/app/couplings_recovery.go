package app

import (
	"context"
	"time"

	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/admin"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// keepEvery is how often a server looks after what is asked of the officers.
const keepEvery = 5 * time.Second

// admitByQuorum is the one deed for which officers' shares are combined.
func admitByQuorum(ctx context.Context, tx *db.Tx, holder string, pair *seal.Pair, account string) error {
	return admin.Admit(ctx, tx, homeAgency, holder, pair, account, "with the officers' shares")
}

// lackingKeys are the open accounts that lack a key that their role works with.
func lackingKeys(ctx context.Context, tx *db.Tx) (list []staff.Person, err error) {
	holders, err := admin.ReadHolders(ctx, tx, homeAgency)
	if err != nil {
		return nil, err
	}
	people, err := staff.List(ctx, tx, homeAgency)
	for _, p := range people {
		if !p.Disabled && holders.Lacks(p) {
			list = append(list, p)
		}
	}
	return list, err
}

// handOver lets whoever is at work wrap to the recovery key what it lacks and
// they hold.
func (a *App) handOver(ctx context.Context, s *staff.Session) {
	lacks := false
	err := a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, shared, err := quorum.Current(ctx, tx, homeAgency)
		if err != nil || !shared {
			return err
		}
		list, err := quorum.Lacks(ctx, tx, homeAgency)
		lacks = len(list) > 0
		return err
	})
	if err == nil && lacks {
		err = a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return quorum.HandOver(ctx, tx, s.Person, s.Pair) })
	}
	if err != nil && ctx.Err() == nil {
		a.Log.Error("what the recovery key lacks", "error", err)
	}
}
