package app

import (
	"context"
	"fmt"
	"strconv"

	"github.com/clew-hotline/clew/internal/core/blind"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/renewal"
	"github.com/clew-hotline/clew/internal/feature/admin"
	"github.com/clew-hotline/clew/internal/feature/casework"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/feature/directory/hsds"
	"github.com/clew-hotline/clew/internal/feature/oversight"
	"github.com/clew-hotline/clew/internal/feature/recovery"
	"github.com/clew-hotline/clew/internal/feature/signin"
	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/feature/stats"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// makeFeatures makes what commands and requests both use, and couples it.
func (a *App) makeFeatures() (err error) {
	f := &a.features
	limits, err := a.Options.fileLimits()
	if err != nil {
		return err
	}
	blobs, err := a.Options.blobs()
	if err != nil {
		return err
	}
	a.keeper = &quorum.Keeper{DB: a.DB, Agency: homeAgency, Admit: admitByQuorum}
	a.links = blind.New(a.DB, homeAgency, keyring.Intake)
	f.contact = &contact.Feature{
		DB: a.DB, Hub: a.Hub, Agency: homeAgency, Links: a.links,
		Blobs: blobs, Limits: limits,
		Place: a.whereabouts, Services: a.servicesPanel, Tell: a.tellService, Referrals: a.referralLines, Keeping: a.keepingLines,
	}
	f.casework = &casework.Feature{
		DB: a.DB, Keys: f.contact.RecordKeys, Freshen: f.contact.Freshen, Contact: a.person, Service: a.referredService, House: a.house,
		Changed: func(tx *db.Tx, agency, id string) { a.Hub.Publish(tx, contact.Topic(agency, id)) },
	}
	f.contact.Reseal = a.reseal
	f.retention = a.makeRetention()
	f.contact.ShredAll = a.shredAll
	f.directory, err = directory.New(a.DB, nil)
	if err != nil {
		return err
	}
	f.directory.Seal, f.directory.Unseal, f.directory.Log, f.directory.Scratch = sealAddress, openAddress, logDeed, a.Options.scratchFolder()
	f.hsds = &hsds.Feature{Directory: f.directory, Agency: homeAgency, Key: a.feedSigner}
	a.renewals = renewal.New(a.DB, func(err error) { a.Log.Error("what was sealed before somebody left is not renewed", "error", err) }, a.renewed()...)
	return nil
}

// usePages gives every feature its pages. Only a program that answers needs
// them.
func (a *App) usePages(ctx context.Context, s *web.Server) (err error) {
	f := &a.features
	if s.Zone, err = a.zone(ctx); err != nil {
		return err
	}
	if f.site, err = site.New(s); err != nil {
		return err
	}
	a.coupleSite(f.site)
	s.PublicError = f.site.Error
	threshold, err := strconv.Atoi(firstOf(a.Options.Withhold, strconv.Itoa(stats.DefaultThreshold)))
	if err != nil {
		return fmt.Errorf("--withhold-below is a number: %w", err)
	}
	if f.stats, err = stats.New(a.DB, s, homeAgency, threshold); err != nil {
		return err
	}
	if f.admin, err = admin.New(s, a.DB, a.Hub, homeAgency); err != nil {
		return err
	}
	f.admin.Progress = a.renewals.Of
	identities, err := a.provider()
	if err != nil {
		return err
	}
	f.signin = &signin.Feature{DB: a.DB, Hub: a.Hub, Web: s, Agency: homeAgency, Standing: a.standing, Known: a.knownWords, SeesContact: f.contact.Sees, OpensContact: f.contact.Opens, Provider: identities}
	if err := f.signin.Start(); err != nil {
		return err
	}
	for _, use := range []func(*web.Server) error{f.contact.UsePages, f.directory.UsePages, f.retention.Start} {
		if err := use(s); err != nil {
			return err
		}
	}
	f.oversight = &oversight.Feature{DB: a.DB, Web: s, Agency: homeAgency, Contact: a.overseen, Sees: f.contact.Sees}
	if err := f.oversight.Start(); err != nil {
		return err
	}
	f.recovery = &recovery.Feature{DB: a.DB, Web: s, Agency: homeAgency, Keeper: a.keeper, Lacking: lackingKeys}
	if err := f.recovery.Start(); err != nil {
		return err
	}
	s.Notices = f.recovery.Notices
	f.admin.Recovery = f.recovery.Kept
	f.casework.Web = s
	return f.casework.Start()
}
