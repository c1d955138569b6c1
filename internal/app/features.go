package app

import (
	"io/fs"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/blind"
	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/renewal"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/admin"
	"github.com/clew-hotline/clew/internal/feature/casework"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/feature/directory/hsds"
	"github.com/clew-hotline/clew/internal/feature/oversight"
	"github.com/clew-hotline/clew/internal/feature/recovery"
	"github.com/clew-hotline/clew/internal/feature/retention"
	"github.com/clew-hotline/clew/internal/feature/signin"
	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/feature/stats"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// features are what the hotline does. Adding one is one line in each list
// here, and its couplings in couplings.go.
type features struct {
	site      *site.Feature
	contact   *contact.Feature
	casework  *casework.Feature
	directory *directory.Feature
	hsds      *hsds.Feature
	stats     *stats.Feature
	oversight *oversight.Feature
	recovery  *recovery.Feature
	signin    *signin.Feature
	retention *retention.Feature
	admin     *admin.Feature
}

// allMigrations are the tables of the core and of every feature.
func allMigrations() []db.Migrations {
	return []db.Migrations{
		installationMigrations,
		staff.Migrations,
		keyring.Migrations,
		quorum.Migrations,
		audit.Migrations,
		blind.Migrations,
		renewal.Migrations,
		facts.Migrations,
		contact.Migrations,
		casework.Migrations,
		retention.Migrations,
		directory.Migrations,
		stats.Migrations,
		admin.Migrations,
	}
}

// Migrations are all tables, for who looks at a database from outside.
func Migrations() []db.Migrations { return allMigrations() }

// wordFolders are all catalogs.
func wordFolders() []fs.FS {
	return []fs.FS{
		desk.Words,
		site.Words,
		contact.Words(),
		casework.Words,
		directory.Words(),
		stats.Words,
		oversight.Words,
		recovery.Words,
		signin.Words,
		retention.Words,
		admin.Words,
	}
}

// assetFolders are all style sheets, scripts and pictures.
func assetFolders() []fs.FS {
	return []fs.FS{
		desk.Assets,
		site.Assets,
		contact.Assets(),
		casework.Assets,
		stats.Assets,
		signin.Assets,
	}
}

func loadWords() (*i18n.Words, error) { return i18n.Load(wordFolders()...) }

func (f features) routes() (all []web.Route) {
	for _, routes := range [][]web.Route{
		f.site.Routes(),
		f.contact.APIRoutes(),
		f.contact.Routes(),
		f.casework.Routes(),
		f.directory.Routes(),
		f.hsds.Routes(),
		f.stats.Routes(),
		f.oversight.Routes(),
		f.recovery.Routes(),
		f.signin.Routes(),
		f.retention.Routes(),
		f.admin.Routes(),
	} {
		all = append(all, routes...)
	}
	return f.contact.Reasoned(all)
}
