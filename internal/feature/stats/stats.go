package stats

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

//go:embed migrations/*.sql pages/*.html words/*.json assets
var files embed.FS

var (
	// Migrations make the table of releases; facts has its own.
	Migrations = db.Migrations{Name: "stats", FS: within("migrations")}
	// Words are the catalogs of the figures.
	Words = within("words")
	// Assets is the style sheet of the month's page.
	Assets = within("assets")
)

func within(folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// DefaultThreshold is the smallest figure that is published.
const DefaultThreshold = 10

// least is the smallest threshold at which withholding protects anybody.
const least = 3

// Feature is the hotline's figures.
type Feature struct {
	DB        *db.DB
	Web       *web.Server
	Agency    string
	Threshold int // figures below it are not published

	pages *web.Pages
}

// New makes the figures ready. Threshold 0 is DefaultThreshold.
func New(d *db.DB, s *web.Server, agency string, threshold int) (*Feature, error) {
	if threshold == 0 {
		threshold = DefaultThreshold
	}
	if threshold < least {
		return nil, errors.New("stats: a threshold below 3 would show single persons")
	}
	pages, err := s.NewPages(nil, desk.Pages, within("pages"))
	if err != nil {
		return nil, err
	}
	return &Feature{DB: d, Web: s, Agency: agency, Threshold: threshold, pages: pages}, nil
}
