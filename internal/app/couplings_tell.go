package app

import (
	"context"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/feature/site"
)

// nameService is the name of a service that the public sees.
func (a *App) nameService(ctx context.Context, id string) (string, error) {
	r, err := a.features.directory.PublicService(ctx, homeAgency, id)
	return r.Name, err
}

// hearPublic takes what somebody says is wrong in the directory.
func (a *App) hearPublic(ctx context.Context, w site.Wrong) (kept bool, err error) {
	return a.features.directory.Suggest(ctx, homeAgency, directory.Heard(w))
}
