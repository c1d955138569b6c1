package admin

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Lost puts a new key in the place of one whose pass phrase is lost, for by. It
// takes the account out of its groups, and turns those: a pass phrase that is
// lost may be with somebody. Also the last person who opens contacts may lose
// theirs; then the recovery key admits them.
func Lost(ctx context.Context, tx *db.Tx, agency, by string, n staff.New) (err error) {
	defer errs.Wrap(&err, "admin.Lost")
	if by == n.Person.ID {
		return errs.New(errs.Conflict, "admin.error.self", nil)
	}
	people, err := staff.List(ctx, tx, agency)
	if err != nil {
		return err
	}
	if err := expelFromAll(ctx, tx, agency, n.Person.ID, by, people); err != nil {
		return err
	}
	return n.Replace(ctx, tx, by)
}

// lost makes a new pass phrase for the account in the path, and shows it on the
// page that answers, once. Its owner chooses another when they sign in.
func (f *Feature) lost(w http.ResponseWriter, r *http.Request) error {
	var who staff.Person
	err := f.db.View(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		who, err = staff.Get(ctx, tx, f.agency, r.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	phrase := staff.NewPassphrase()
	n, err := staff.PrepareLost(r.Context(), who, phrase)
	if err != nil {
		return err
	}
	err = f.db.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		f.hub.Publish(tx, peopleTopic(f.agency))
		return Lost(ctx, tx, f.agency, staff.From(r.Context()).Person.ID, n.HandedOver())
	})
	if errs.Is(err, errs.Conflict) {
		return f.showPeople(w, r, http.StatusConflict, peoplePage{Notice: f.words(r).T(errs.Of(err).Word)})
	}
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "added", added{who, phrase, Needs(who.Role), true})
}
