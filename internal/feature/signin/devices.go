package signin

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// devices shows somebody where they are signed in.
func (f *Feature) devices(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	var list []staff.Device
	err := f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = s.Devices(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "devices", list)
}

// endDevice takes device, the handle of one, or others.
func (f *Feature) endDevice(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		f.Hub.Publish(tx, peopleTopic(f.Agency))
		f.Hub.Publish(tx, ownTopic(s))
		if form.Get("others") != "" {
			return s.EndOthers(ctx, tx, staff.BrowserToken(r))
		}
		return s.EndDevice(ctx, tx, form.Get("device"))
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/devices")
}
