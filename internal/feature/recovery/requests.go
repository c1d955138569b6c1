package recovery

import (
	"context"
	"net/http"
	"slices"

	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// ask takes account (an id) and why.
func (f *Feature) ask(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	account, why := form.Get("account"), form.Get("why")
	err = f.do(w, r, "asked", func(ctx context.Context, tx *db.Tx, s *staff.Session) error {
		lacking, err := f.Lacking(ctx, tx)
		if err != nil {
			return err
		}
		_, err = quorum.Ask(ctx, tx, s.Person, account, why, slices.ContainsFunc(lacking, func(p staff.Person) bool { return p.ID == account }))
		return err
	})
	if err != nil {
		return f.failed(w, r, "", map[string]string{"account": account, "why": why}, err)
	}
	return nil
}

func (f *Feature) cancel(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	err := f.do(w, r, "cancelled", func(ctx context.Context, tx *db.Tx, s *staff.Session) error {
		return quorum.Cancel(ctx, tx, s.Person, id)
	})
	if err != nil {
		return f.failed(w, r, id, nil, err)
	}
	return nil
}

// give takes share: empty for the one that is sealed to whoever is signed in.
// What was typed is not shown again: it is a secret, and the paper is at hand.
func (f *Feature) give(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	s, id := staff.From(r.Context()), r.PathValue("id")
	if err := f.Keeper.Give(r.Context(), s.Person, s.Pair, id, form.Get("share")); err != nil {
		return f.failed(w, r, id, nil, err)
	}
	return web.Redirect(w, "/staff/recovery?done=gave")
}
