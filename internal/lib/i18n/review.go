package i18n

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"sort"
)

// Review records who has read a safety-critical text in a language, and
// which text it was.
type Review struct {
	Reviewer string `json:"reviewer"`
	Date     string `json:"date"` // 2026-11-23
	Hash     string `json:"hash"` // see [Words.Hash]
}

// loadReviews reads safety.json, the list of keys on which somebody's safety
// hangs, and reviews.json, language → key → review. A feature with no such
// text has neither file.
func (w *Words) loadReviews(fsys fs.FS) error {
	var keys []string
	if err := readJSON(fsys, "safety.json", &keys); err != nil {
		return err
	}
	for _, key := range keys {
		if !w.Has(key) {
			return fmt.Errorf("safety.json: no text %q", key)
		}
	}
	w.safety = append(w.safety, keys...)
	sort.Strings(w.safety)

	var reviews map[string]map[string]Review
	if err := readJSON(fsys, "reviews.json", &reviews); err != nil {
		return err
	}
	for lang, byKey := range reviews {
		if w.reviews[lang] == nil {
			w.reviews[lang] = map[string]Review{}
		}
		maps.Copy(w.reviews[lang], byKey)
	}
	return nil
}

func readJSON(fsys fs.FS, file string, into any) error {
	data, name, err := readWords(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Hash identifies a text together with the English it says the same as, so
// that a change to either asks for a new review.
func (w *Words) Hash(lang, key string) string {
	sum := sha256.Sum256([]byte(w.texts[lang][key].plain() + "\x01" + w.texts[English][key].plain()))
	return hex.EncodeToString(sum[:8])
}

// Reviewed is the review of a text as it stands now, if somebody has made
// one.
func (w *Words) Reviewed(lang, key string) (Review, bool) {
	r, ok := w.reviews[lang][key]
	if !ok || r.Reviewer == "" || r.Hash != w.Hash(lang, key) {
		return Review{}, false
	}
	return r, true
}

// Safety lists the keys on which somebody's safety hangs.
func (w *Words) Safety() []string { return append([]string(nil), w.safety...) }

// Unreviewed lists the safety-critical keys that nobody has reviewed in a
// language as they stand now. Whoever turns a language on is shown it.
func (w *Words) Unreviewed(lang string) []string {
	var out []string
	for _, key := range w.safety {
		if _, ok := w.Reviewed(lang, key); !ok {
			out = append(out, key)
		}
	}
	return out
}
