package app

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/staff"
)

// present lends the key of a colleague who is at work to what can go on only
// while such a key is open. Each takes what it needs before it returns, and
// keeps it no longer than the session stays unlocked.
func (a *App) present(ctx context.Context, s *staff.Session) {
	for _, lend := range []func(context.Context, *staff.Session){
		a.renewals.Lend,
		a.features.retention.Lend,
		a.handOver,
		a.unlockLinks,
	} {
		lend(ctx, s)
	}
}
