// Command review shows which safety texts nobody has reviewed in a language,
// and records a review.
//
//	go run ./scripts/review es                                list them, with the English
//	go run ./scripts/review es KEY "Ana Pérez, advocate"      she has read KEY as it stands
//	go run ./scripts/review es all "Ana Pérez, advocate"      she has read every text that the list shows
//
// docs/translate.md says what a review is. A review is forgotten when the text
// changes, or the English that it was made from.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

func main() {
	if len(os.Args) != 2 && len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, `usage: go run ./scripts/review LANGUAGE [KEY|all "NAME, WHAT THEY DO"]`)
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "review:", err)
		os.Exit(1)
	}
}

func run(lang string, record []string) error {
	if !i18n.Known(lang) {
		return fmt.Errorf("there is no language %q", lang)
	}
	lists, err := filepath.Glob("internal/feature/*/words/safety.json")
	if err != nil {
		return err
	}
	if len(lists) == 0 {
		return errors.New("no safety.json here: run this in the root of the repository")
	}
	done := 0
	for _, list := range lists {
		folder := filepath.Dir(list)
		words, err := i18n.Load(os.DirFS(folder))
		if err != nil {
			return err
		}
		if len(record) == 0 {
			err = show(folder, lang, words)
		} else {
			var n int
			n, err = write(folder, lang, words, record[0], record[1])
			done += n
		}
		if err != nil {
			return err
		}
	}
	if len(record) > 0 {
		fmt.Printf("%d reviews recorded\n", done)
	}
	return nil
}

// show lists what is not reviewed, beside the English.
func show(folder, lang string, words *i18n.Words) error {
	var theirs, english map[string]any
	if err := read(filepath.Join(folder, lang+".json"), &theirs); err != nil {
		return err
	}
	if err := read(filepath.Join(folder, i18n.English+".json"), &english); err != nil {
		return err
	}
	for _, key := range words.Unreviewed(lang) {
		fmt.Printf("%s\n  %v\n  %v\n", key, english[key], theirs[key])
	}
	return nil
}

// write records the review of one text, or of all that have none.
func write(folder, lang string, words *i18n.Words, which, reviewer string) (n int, err error) {
	file := filepath.Join(folder, "reviews.json")
	reviews := map[string]map[string]i18n.Review{}
	if err := read(file, &reviews); err != nil {
		return 0, err
	}
	if reviews[lang] == nil {
		reviews[lang] = map[string]i18n.Review{}
	}
	for _, key := range words.Unreviewed(lang) {
		if which != "all" && which != key {
			continue
		}
		reviews[lang][key] = i18n.Review{Reviewer: reviewer, Date: time.Now().Format(time.DateOnly), Hash: words.Hash(lang, key)}
		n++
	}
	if n == 0 {
		return 0, nil
	}
	out, err := json.MarshalIndent(reviews, "", "  ")
	if err != nil {
		return 0, err
	}
	return n, os.WriteFile(file, append(out, '\n'), 0o644) //nolint:gosec // a source file, for everybody
}

func read(file string, into any) error {
	b, err := os.ReadFile(file) //nolint:gosec // a source file of this repository
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}
