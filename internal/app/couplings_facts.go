package app

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/feature/admin"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/geo/emergency"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// coupleSite gives the public site what it needs of the others.
func (a *App) coupleSite(s *site.Feature) {
	s.Facts = a.siteFacts
	s.Spoken = a.publicLanguages
	s.Emergency = a.siteEmergency
	s.Countries = a.countriesWithNumbers
	s.Submit = a.submit
	s.OpenMailbox = a.openMailbox
	s.WriteMailbox = a.writeMailbox
	s.HideMailbox = a.hideMailbox
	s.SendFiles = a.sendFiles
	s.FileLimits = site.FileLimits{Most: contact.MaxFiles, MB: a.features.contact.LimitMB(), Form: a.features.contact.UploadLimit()}
	s.AskDelete = a.askToDelete
	s.KeepAll = a.keepAll
	s.EndAnswer = a.endAnswer
	s.Choices = a.choices
	s.FindServices = a.findServices
	s.FindHotlines = a.findHotlines
	s.OpenListing = a.openListing
	s.Wrongs, s.NameService, s.Hear = directory.Wrongs, a.nameService, a.hearPublic
	s.Tell = a.tellListing
}

// adminFacts are what the hotline says of itself, as its administrator wrote it.
func (a *App) adminFacts(ctx context.Context, lang string) (f admin.Facts, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		f, err = admin.ReadFacts(ctx, tx, homeAgency, lang)
		return err
	})
	return f, err
}

func (a *App) siteFacts(ctx context.Context, lang string) (site.Facts, error) {
	f, err := a.adminFacts(ctx, lang)
	if err != nil {
		return site.Facts{}, err
	}
	now := f.Opening(time.Now())
	return site.Facts{
		Name: f.Name, Country: f.Country, Numbers: f.Numbers, Text: f.Text, Always: f.Always,
		Hours: f.Hours(a.Words.For(lang)), Languages: f.Languages, Interpret: f.Interpret, NoName: f.NoName,
		Opening:  site.Opening{Known: now.Known, Open: now.Open, Until: now.Until, Next: now.Next},
		WhoCalls: f.WhoCalls, ExitURL: f.ExitURL, Title: f.Title, Duties: f.Duties, Cost: f.Cost, Recording: f.Recording, Told: f.Told,
		Police: f.Police, Immigration: f.Immigration, Limits: f.Limits, Own: f.Own,
	}, nil
}

// publicLanguages are those that the administrator has turned on.
func (a *App) publicLanguages(ctx context.Context) (list []string, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = admin.PublicLanguages(ctx, tx, homeAgency)
		return err
	})
	return list, err
}

// zone is where the hotline is; times are shown as they are there.
func (a *App) zone(ctx context.Context) (*time.Location, error) {
	f, err := a.adminFacts(ctx, i18n.English)
	if err != nil {
		return nil, err
	}
	return f.Location(), nil
}

// moveZone follows a zone that was set on another node.
func (a *App) moveZone(ctx context.Context) error {
	zone, err := a.zone(ctx)
	if err == nil {
		a.features.contact.Web.Move(zone)
	}
	return err
}

// missingFacts are what the public pages cannot say yet, in words.
func (a *App) missingFacts(ctx context.Context) (list []string) {
	err := a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		gaps, err := admin.Missing(ctx, tx, homeAgency)
		for _, g := range gaps {
			list = append(list, g.In(a.Words.For(i18n.English)))
		}
		return err
	})
	if err != nil {
		a.Log.Error("the hotline's own facts cannot be read", "error", err)
	}
	return list
}

// emergencyTable is the program's table, put right by the operator's own.
func emergencyTable(path string) (emergency.Table, error) {
	if path == "" {
		return emergency.Shipped(), nil
	}
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("the file of emergency numbers cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }()
	own, err := emergency.Load(f)
	if err != nil {
		return nil, fmt.Errorf("the file of emergency numbers: %w", err)
	}
	return emergency.Shipped().With(own), nil
}

// siteEmergency is the number to show first in a country, or none.
func (a *App) siteEmergency(country string) (site.Emergency, bool) {
	n, ok := a.emergency.First(country)
	return site.Emergency{Number: n.Number, Source: n.Source}, ok
}

// countriesWithNumbers are those that the chooser offers.
func (a *App) countriesWithNumbers() (codes []string) {
	for _, c := range geo.Countries(i18n.English) {
		if _, ok := a.emergency.First(c.Code); ok {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

// emergencyNumbers are all numbers of a country, for the desk.
func (a *App) emergencyNumbers(country string) (list []string) {
	for _, n := range a.emergency.For(country) {
		if n.Service != emergency.Text && !slices.Contains(list, n.Number) {
			list = append(list, n.Number)
		}
	}
	return list
}
