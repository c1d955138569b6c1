package retention

import (
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

func (f *Feature) showTasks(w http.ResponseWriter, r *http.Request) error {
	list, err := f.Tasks(r.Context(), staff.From(r.Context()))
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "tasks", list)
}

// taskView is one request: what is safe to do, and the two answers.
type taskView struct {
	ID, Short string
	Request   *Request // nil: there is none any more
	Held      bool
	Safe      Safe
	Reachable bool
	Ways      []desk.Option
	Form      url.Values
	Wrong     map[string]string
}

func (f *Feature) showTask(w http.ResponseWriter, r *http.Request) error {
	return f.taskPage(w, r, http.StatusOK, taskView{})
}

func (f *Feature) taskPage(w http.ResponseWriter, r *http.Request, status int, v taskView) (err error) {
	ctx, s := r.Context(), staff.From(r.Context())
	v.ID = r.PathValue("id")
	v.Short = short(v.ID)
	if err := f.look(ctx, s, v.ID, string(staff.ConfirmDeletion)); err != nil {
		return err
	}
	if v.Request, err = f.Asked(ctx, v.ID); err != nil {
		return err
	}
	if v.Request != nil && v.Request.State == Declined {
		v.Request = nil
	}
	holds, err := f.Holds(ctx, s, v.ID)
	if err != nil {
		return err
	}
	v.Held = len(holds) > 0
	if v.Safe, err = f.Safe(ctx, s, v.ID); err != nil {
		return err
	}
	v.Reachable = v.Safe.reachable()
	if v.Request != nil {
		waited := !f.DB.Now().Before(v.Request.Earliest())
		for _, way := range v.Safe.ways(s.Person.Role, waited) {
			v.Ways = append(v.Ways, desk.Option{Value: string(way), Label: f.words(r).T("retention.way." + string(way)), On: v.Form.Get("way") == string(way)})
		}
	}
	return f.pages.Render(w, r, status, "task", v)
}

// decideTask confirms that the person wants it, or with do=decline does not.
func (f *Feature) decideTask(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	ctx, s, id := r.Context(), staff.From(r.Context()), r.PathValue("id")
	if form.Get("do") == "decline" {
		err = f.Decline(ctx, s, id, form.Get("reason"))
	} else {
		err = f.Confirm(ctx, s, id, Way(form.Get("way")), form.Get("reason"))
	}
	if err == nil {
		return web.Redirect(w, "/staff/deletions")
	}
	wrong, err := f.complaint(r, err)
	if err != nil {
		return err
	}
	return f.taskPage(w, r, http.StatusUnprocessableEntity, taskView{Form: form, Wrong: wrong})
}
