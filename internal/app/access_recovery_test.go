package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// recovery makes what a route of recovery is asked about: shares of which the
// viewer and the other advocate hold one each, officers who are being asked, or
// a request that is due.
func (g *gate) recovery(pattern, whose string, v *viewer) (id string) {
	g.t.Helper()
	if v.session == nil || v.closed || v.handed || whose == "none" {
		return ids.New()
	}
	officers := []*staff.Session{v.session, g.other}
	g.update(func(ctx context.Context, tx *db.Tx) error {
		for _, table := range []string{"quorum_sets", "quorum_officers", "quorum_requests", "quorum_releases"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table); err != nil {
				return err
			}
		}
		if err := quorum.Name(ctx, tx, homeAgency, "", 2, []string{v.session.Person.ID, g.other.Person.ID}); err != nil {
			return err
		}
		if strings.HasSuffix(pattern, "/reply") || strings.HasSuffix(pattern, "/officers") {
			return nil
		}
		for _, o := range officers {
			if err := quorum.Reply(ctx, tx, o.Person, true); err != nil {
				return err
			}
		}
		if strings.HasSuffix(pattern, "/shares") {
			return nil
		}
		i := slices.IndexFunc(g.viewers, func(v *viewer) bool { return v.name == string(staff.Supervisor) })
		return quorum.Make(ctx, tx, g.viewers[i].session.Person, g.viewers[i].session.Pair)
	})
	if strings.Contains(pattern, "{id}") {
		g.update(func(ctx context.Context, tx *db.Tx) (err error) {
			if err := g.expelCandidate(ctx, tx); err != nil {
				return err
			}
			id, err = quorum.Ask(ctx, tx, g.other.Person, g.candidate, "other", true)
			return err
		})
	}
	if strings.HasSuffix(pattern, "/share") {
		g.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE quorum_requests SET asked = $1`, tx.Now.Add(-quorum.Delay-time.Minute))
			return err
		})
		g.app.keeper.Serves = true
	}
	return id
}

// expelCandidate makes the candidate wait again, whoever has admitted them.
func (g *gate) expelCandidate(ctx context.Context, tx *db.Tx) error {
	group, err := keyring.Find(ctx, tx, homeAgency, keyring.Intake)
	if err != nil {
		return err
	}
	return group.Remove(ctx, tx, g.candidate)
}
