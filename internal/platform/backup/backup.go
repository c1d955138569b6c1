package backup

import (
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/archive"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// The parts of a backup.
const (
	Content = "content" // everything but the keys
	Keys    = "keys"    // what opens it
)

// KeysKept is how long keys are kept. What was shredded is unreadable
// everywhere when this is over.
const KeysKept = 30 * 24 * time.Hour

// Plan says what of a database goes into which part.
type Plan struct {
	Migrations []db.Migrations
	Keys       []string // tables that open others
	LeftOut    []string // tables whose rows are worth nothing in another place
	Program    string   // which program writes
	Files      Files    // none if its store is nil
}

// part says where a table goes; "" is nowhere.
func (p Plan) part(table string) string {
	switch {
	case slices.Contains(p.LeftOut, table):
		return ""
	case slices.Contains(p.Keys, table):
		return Keys
	}
	return Content
}

// Progress hears now and then how many rows of a part were written or read.
// It is called often: telling is for the caller to ration.
type Progress func(part string, rows int64)

func (p Progress) tell(part string, rows int64) {
	if p != nil {
		p(part, rows)
	}
}

const (
	nameTime  = "20060102-150405"
	nameIDs   = 8 // letters of the id that stand in the name
	idLetters = "abcdefghijklmnopqrstuvwxyz234567"
	extension = ".age"
)

// fileName says when and which, and nothing else: it may be seen by anybody.
func fileName(at time.Time, id, part string) string {
	return at.UTC().Format(nameTime) + "-" + id[:nameIDs] + "." + part + extension
}

// Kept is a file of a backup, by its name.
type Kept struct {
	Name string
	At   time.Time
	ID   string // its first letters
	Part string
}

// parseName is the reverse of fileName.
func parseName(name string) (k Kept, ok bool) {
	bare, isFile := strings.CutSuffix(name, extension)
	stem, part, _ := strings.Cut(bare, ".")
	if !isFile || part != Content && part != Keys || len(stem) != len(nameTime)+1+nameIDs {
		return k, false
	}
	at, err := time.Parse(nameTime, stem[:len(nameTime)])
	id, hasID := strings.CutPrefix(stem[len(nameTime):], "-")
	if err != nil || !hasID || strings.Trim(id, idLetters) != "" {
		return k, false
	}
	return Kept{Name: name, At: at, ID: id, Part: part}, true
}

func header(plan Plan, id, part string, at time.Time, schema map[string]int64, demo bool) archive.Header {
	return archive.Header{
		ID: id, Part: part, Made: at.UTC().Truncate(time.Second), Program: plan.Program, Demo: demo, Schema: schema, LeftOut: plan.LeftOut,
	}
}
