package app

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/blind"
	"github.com/clew-hotline/clew/internal/core/staff"
)

// unlockLinks lets a colleague of the intake group open the index of what
// contacts have in common, for as long as the program runs.
func (a *App) unlockLinks(ctx context.Context, s *staff.Session) {
	if err := a.links.Unlock(ctx, s.Person.ID, s.Pair); err != nil && ctx.Err() == nil {
		a.Log.Error("the index of contacts is not open", "error", err)
	}
}

// runLinks links what waits, until ctx ends.
func (a *App) runLinks(ctx context.Context) {
	a.beside.Go(func() {
		for range a.Hub.Subscribe(ctx, blind.Topic(homeAgency)) {
			a.links.Wake()
		}
	})
	a.beside.Go(func() {
		a.links.Run(ctx, func(err error) { a.Log.Error("the index of contacts", "error", err) })
	})
}
