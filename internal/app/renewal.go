package app

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/renewal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// examineRenewals says what a colleague who left could still open on a copy of
// the disk.
func (a *App) examineRenewals(ctx context.Context, say func(string, ...any)) error {
	return a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		groups, err := keyring.Groups(ctx, tx, homeAgency)
		if err != nil {
			return err
		}
		for _, g := range groups {
			list, err := a.renewals.Of(ctx, tx, g)
			if err != nil {
				return err
			}
			for _, p := range list {
				left := max(p.Total, p.Renewed) - p.Renewed + p.LeftOver
				if p.Done() { // or somebody has written that it is
					if left, err = a.renewals.Left(ctx, tx, g, p.Kind); err != nil {
						return err
					}
				}
				if left > 0 {
					say("somebody left the group %q, and %d of its %s are not sealed anew yet. Mend: let a colleague of that group work at the desk for a while", g.Name, left, p.Kind)
				}
			}
		}
		return nil
	})
}

// renewed is all that is sealed anew after somebody left.
func (a *App) renewed() []renewal.Kind {
	c, d := a.features.contact, a.features.directory
	return []renewal.Kind{
		{Name: "contacts", Records: true, IDs: c.RenewIDs, Count: c.RenewCount, Renew: c.Renew},
		{
			Name: "addresses",
			IDs: func(ctx context.Context, tx *db.Tx, g keyring.Group, after string, limit int) ([]string, error) {
				if g.Name != keyring.Intake {
					return nil, nil
				}
				return d.RenewIDs(ctx, tx, g.Agency, after, limit)
			},
			Count: func(ctx context.Context, tx *db.Tx, g keyring.Group) (int64, error) {
				if g.Name != keyring.Intake {
					return 0, nil
				}
				return d.RenewCount(ctx, tx, g.Agency)
			},
			Renew: func(ctx context.Context, tx *db.Tx, ring *keyring.Ring, id string) error {
				agency := ring.Group().Agency
				return d.Renew(ctx, tx, agency, id, func(record string, sealed []byte) ([]byte, error) {
					return ring.Again(ctx, tx, addressPlace(agency, record), sealed)
				})
			},
		},
		{
			Name: "suggestions",
			IDs: func(ctx context.Context, tx *db.Tx, g keyring.Group, after string, limit int) ([]string, error) {
				if g.Name != keyring.Intake {
					return nil, nil
				}
				return d.RenewSuggestionIDs(ctx, tx, g.Agency, after, limit)
			},
			Count: func(ctx context.Context, tx *db.Tx, g keyring.Group) (int64, error) {
				if g.Name != keyring.Intake {
					return 0, nil
				}
				return d.RenewSuggestionCount(ctx, tx, g.Agency)
			},
			Renew: func(ctx context.Context, tx *db.Tx, ring *keyring.Ring, id string) error {
				agency := ring.Group().Agency
				return d.RenewSuggestion(ctx, tx, agency, id, func(record string, sealed []byte) ([]byte, error) {
					return ring.Again(ctx, tx, addressPlace(agency, record), sealed)
				})
			},
		},
	}
}
