package recovery

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Notices are what everybody is told on every page while something is asked. A
// locked screen tells nothing, nor one whose colleague is not wholly in.
func (f *Feature) Notices(r *http.Request) (list []web.Notice, err error) {
	s := staff.From(r.Context())
	if s == nil || s.Locked() || s.Person.Fresh || s.Bare {
		return nil, nil
	}
	p := f.words(r)
	err = f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		list = nil
		open, err := quorum.Requests(ctx, tx, f.Agency, quorum.Open)
		if err != nil || len(open) == 0 {
			return err
		}
		names, err := staff.Names(ctx, tx, f.Agency)
		for _, q := range open {
			word := "recovery.told"
			if !q.Waits(tx.Now) {
				word = "recovery.told.due"
			}
			list = append(list, web.Notice{
				Text: p.T(word, "name", names[q.Account], "by", names[q.AskedBy], "at", p.DateTime(q.Due().In(f.Web.Here()))),
				Href: "/staff/recovery", Link: p.T("recovery.told.link"),
			})
		}
		return err
	})
	return list, err
}

// told is the notices alone, for pages that stay open.
func (f *Feature) told(w http.ResponseWriter, r *http.Request) error {
	return f.pages.Part(w, r, "recovery", "told", nil)
}
