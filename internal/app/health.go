package app

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// draining is set when the program is told to stop, so that a load balancer
// sends new requests elsewhere while the running ones end.
var draining atomic.Bool

// healthRoutes answer whoever watches the program.
//
//	GET /healthz → 200 {"status":"ok"} while the process lives
//	GET /readyz  → 200 {"status":"ready"} while it can take a contact, else 503
func (a *App) healthRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /healthz", Access: web.Public, Handle: func(w http.ResponseWriter, _ *http.Request) error {
			return status(w, "ok")
		}},
		{Pattern: "GET /readyz", Access: web.Public, Handle: func(w http.ResponseWriter, r *http.Request) error {
			if draining.Load() {
				return errs.New(errs.Unavailable, "", nil)
			}
			err := a.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := recall(ctx, tx, isSetUp)
				return err
			})
			if err != nil {
				return errs.New(errs.Unavailable, "", err)
			}
			return status(w, "ready")
		}},
	}
}

func status(w http.ResponseWriter, s string) error {
	return web.JSON(w, http.StatusOK, map[string]string{"status": s})
}
