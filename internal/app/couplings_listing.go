package app

import (
	"context"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/feature/site"
)

func (a *App) openListing(ctx context.Context, secret string) (site.Listing, error) {
	l, err := a.features.directory.Listing(ctx, homeAgency, secret)
	return siteListing(l), err
}

func (a *App) tellListing(ctx context.Context, secret string, told site.Told) (site.Listing, error) {
	l, err := a.features.directory.Tell(ctx, homeAgency, secret, directory.Told(told))
	return siteListing(l), err
}

func siteListing(l directory.Listing) site.Listing {
	return site.Listing{Name: l.Name, Organization: l.Organization, Number: l.Number, Free: l.Free, Checked: l.Checked, Expires: l.Expires, Waiting: l.Waiting}
}
