package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"testing"

	"golang.org/x/text/feature/plural"
)

//go:embed words/*.json
var own embed.FS

// Words holds every catalog. It does not change after [Load] and may be used
// by many at once.
type Words struct {
	texts    map[string]catalog // by language
	printers map[string]*Printer
	safety   []string
	reviews  map[string]map[string]Review
	told     sync.Map // what was missing and has been logged
}

// Load reads the catalogs of all features. A key that two of them define is
// an error, as is a file that cannot be read; a key that only some languages
// have is not: see [Check] for that.
func Load(systems ...fs.FS) (*Words, error) {
	w := &Words{
		texts:    map[string]catalog{},
		printers: map[string]*Printer{},
		reviews:  map[string]map[string]Review{},
	}
	for _, r := range rows {
		all := catalog{}
		for _, fsys := range append([]fs.FS{own}, systems...) {
			c, err := readCatalog(fsys, r.Code)
			if err != nil {
				return nil, fmt.Errorf("i18n.Load: %w", err)
			}
			for key, t := range c {
				if all[key] != nil {
					return nil, fmt.Errorf("i18n.Load: %s: %q is defined twice", r.Code, key)
				}
				all[key] = t
			}
		}
		w.texts[r.Code] = all
		w.printers[r.Code] = &Printer{words: w, row: r}
	}
	for _, fsys := range systems {
		if err := w.loadReviews(fsys); err != nil {
			return nil, fmt.Errorf("i18n.Load: %w", err)
		}
	}
	return w, nil
}

// For is the printer of a language, the English one when Clew does not speak
// it.
func (w *Words) For(code string) *Printer {
	if p := w.printers[code]; p != nil {
		return p
	}
	return w.printers[English]
}

// Match picks the language for an Accept-Language header; see [Match].
func (w *Words) Match(header string) string { return Match(header) }

// Has says whether a key exists.
func (w *Words) Has(key string) bool { return w.texts[English][key] != nil }

// find looks a key up in a language and then in English. What it cannot find
// in the reader's language it logs once; under a test it panics, so that a
// misspelt key cannot pass.
func (w *Words) find(r *row, key string) (*text, *row) {
	if t := w.texts[r.Code][key]; t != nil {
		return t, r
	}
	if testing.Testing() {
		panic(fmt.Sprintf("i18n: no text %q in %s", key, r.Code))
	}
	if _, told := w.told.LoadOrStore(r.Code+" "+key, true); !told {
		slog.Error("i18n: no text", "key", key, "language", r.Code)
	}
	english := byCode[English]
	return w.texts[English][key], english
}

var formNames = map[plural.Form]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one",
	plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// form is the plural form of a whole number.
func (r *row) form(n int64) string {
	if n < 0 {
		n = -n
	}
	// MatchPlural takes an int and looks at the last six digits at most.
	if n > 1_000_000 {
		n = 1_000_000 + n%1_000_000
	}
	return formNames[plural.Cardinal.MatchPlural(r.tag, int(n), 0, 0, 0, 0)]
}
