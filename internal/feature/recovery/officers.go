package recovery

import (
	"context"
	"net/http"
	"strconv"

	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// do runs a deed and goes back to the page, which says that it is done.
func (f *Feature) do(w http.ResponseWriter, r *http.Request, done string, deed func(ctx context.Context, tx *db.Tx, s *staff.Session) error) error {
	s := staff.From(r.Context())
	if err := f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error { return deed(ctx, tx, s) }); err != nil {
		return err
	}
	return web.Redirect(w, "/staff/recovery?done="+done)
}

// name takes officers (ids) and needed.
func (f *Feature) name(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	needed, err := strconv.Atoi(form.Get("needed"))
	if err != nil {
		needed = 0
	}
	err = f.do(w, r, "named", func(ctx context.Context, tx *db.Tx, s *staff.Session) error {
		return quorum.Name(ctx, tx, f.Agency, s.Person.ID, needed, form["officers"])
	})
	if err != nil {
		return f.failed(w, r, "", map[string]string{"needed": form.Get("needed")}, err)
	}
	return nil
}

// reply takes answer: yes or no.
func (f *Feature) reply(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	return f.do(w, r, "replied", func(ctx context.Context, tx *db.Tx, s *staff.Session) error {
		return quorum.Reply(ctx, tx, s.Person, form.Get("answer") == "yes")
	})
}

// make deals the shares.
func (f *Feature) make(w http.ResponseWriter, r *http.Request) error {
	err := f.do(w, r, "made", func(ctx context.Context, tx *db.Tx, s *staff.Session) error {
		return quorum.Make(ctx, tx, s.Person, s.Pair)
	})
	if err != nil {
		return f.failed(w, r, "shares", nil, err)
	}
	return nil
}

// paper shows an officer their own share, to print or to write down.
func (f *Feature) paper(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	var share quorum.Share
	err := f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		share, err = quorum.Print(ctx, tx, s.Person, s.Pair)
		return err
	})
	if err != nil {
		return f.failed(w, r, "paper", nil, err)
	}
	return f.pages.Render(w, r, http.StatusOK, "paper", share)
}
