package directory

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Suggestion is what somebody from the public says is wrong. What is shown does
// not change by it.
type Suggestion struct {
	ID, Service string // without a service, one is missing
	At          time.Time
	Kind        string
	Held        bool   // about a confidential place: for who leads, and nobody else
	Worded      bool   // it has words, which are sealed
	Words       string // opened
	Decided     time.Time
	Decision    string // check, passed or dismissed
	By          string
}

// Wrongs are the kinds of what the public says of a service; that one is missing
// is another.
var Wrongs = []string{"no_answer", "moved", "closed", "other"}

const missing = "missing"

// The decisions.
const (
	decidedCheck   = "check"
	decidedPassed  = "passed" // to those who look after the directory, in words of who read it
	decidedNothing = "dismissed"
)

// Limits of what the public says.
const (
	MaxSaid     = 1000 // characters
	mostWorded  = 20   // words that wait of one service; then the kind alone counts
	mostOfOne   = 200  // that wait of one service; then it is known
	mostWorded2 = 2000 // words that wait of all
	manySay     = 3    // who say that nobody answers, in different hours, before a service is due
	sayWithin   = 30 * 24 * time.Hour
)

// How long words are kept: after somebody decided, and if nobody ever does.
const (
	keptDecided   = 30 * 24 * time.Hour
	keptUndecided = 180 * 24 * time.Hour
)

// Heard is a form that somebody from the public sent. Key marks it.
type Heard struct{ Key, Service, Kind, Text string }

// Suggest takes what the public says. It refuses nobody for how many there are:
// beyond what can be read the words are not kept, and kept says so. The same key
// counts once. A service that the public does not see is NotFound.
func (f *Feature) Suggest(ctx context.Context, agency string, said Heard) (kept bool, err error) {
	defer errs.Wrap(&err, "directory.Suggest")
	said.Text, _ = clean(said.Text)
	held, err := f.heldFor(ctx, agency, said.Service)
	if err != nil {
		return false, err
	}
	if said.Service == "" {
		said.Kind = missing
	}
	switch {
	case said.Kind != missing && !slices.Contains(Wrongs, said.Kind):
		return false, errs.In("kind", "directory.suggest.kind_needed")
	case utf8.RuneCountInString(said.Text) > MaxSaid:
		return false, errs.In("text", "directory.suggest.text_long")
	case said.Text == "" && (said.Kind == missing || said.Kind == "other"):
		return false, errs.In("text", "directory.suggest.text_needed")
	}
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		kept, err = f.suggest(ctx, tx, agency, said, held)
		return err
	})
	return kept, err
}

// heldFor says whether a service has a place that is not shown whole.
func (f *Feature) heldFor(ctx context.Context, agency, service string) (bool, error) {
	if service == "" {
		return false, nil
	}
	if _, err := f.PublicService(ctx, agency, service); err != nil {
		return false, err
	}
	ix, err := f.current(ctx, agency)
	if err != nil {
		return false, err
	}
	if e := ix.entry(service); e != nil {
		for i := range e.spots {
			if e.spots[i].level != Full {
				return true, nil
			}
		}
	}
	return false, nil
}

func (f *Feature) suggest(ctx context.Context, tx *db.Tx, agency string, said Heard, held bool) (kept bool, err error) {
	id := suggestionID(said.Key)
	var before, waiting, worded, all int
	err = tx.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN id = $3 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN service = $2 AND decided = 0 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN service = $2 AND decided = 0 AND sealed IS NOT NULL THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN sealed IS NOT NULL AND decided = 0 THEN 1 ELSE 0 END), 0)
		FROM directory_suggestion WHERE agency = $1`, agency, said.Service, id).Scan(&before, &waiting, &worded, &all)
	if err != nil || before > 0 { // it was sent twice
		return true, err
	}
	if waiting >= mostOfOne {
		return said.Text == "", nil
	}
	var sealed []byte
	if said.Text != "" && worded < mostWorded && all < mostWorded2 && f.Seal != nil {
		if sealed, err = f.Seal(ctx, tx, agency, suggestionRecord(id), []byte(said.Text)); err != nil {
			return false, err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO directory_suggestion (agency, id, service, at, kind, held, sealed, decided, decision, by_whom) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', '')`,
		agency, id, said.Service, db.Micros(tx.Now.Truncate(time.Hour)), said.Kind, held, sealed)
	if err != nil {
		return false, err
	}
	if said.Kind == "no_answer" {
		err = f.flagSilent(ctx, tx, agency, said.Service)
	}
	return said.Text == "" || sealed != nil, err
}

// suggestionID is the row of a form, of which the key was made with the page.
func suggestionID(key string) string {
	if !ids.Valid(key) {
		key = ids.New()
	}
	sum := sha256.Sum256([]byte("suggestion\n" + key))
	return hex.EncodeToString(sum[:16])
}

// suggestionRecord is by what words are bound to their row.
func suggestionRecord(id string) string { return "suggestion/" + id }

// flagSilent makes a service due when several say that nobody answers there.
// Who they are is not known; that they came at different hours is what makes
// them several. It stays in sight as long as it would have.
func (f *Feature) flagSilent(ctx context.Context, tx *db.Tx, agency, service string) error {
	var hours int
	err := tx.QueryRow(ctx, `SELECT COUNT(DISTINCT at) FROM directory_suggestion WHERE agency = $1 AND service = $2 AND kind = 'no_answer' AND decided = 0 AND at > $3`,
		agency, service, db.Micros(tx.Now.Add(-sayWithin))).Scan(&hours)
	if err != nil || hours < manySay {
		return err
	}
	return f.dueNow(ctx, tx, agency, Event{Service: service, Action: "silent"})
}

// dueNow makes a service due, if it is not.
func (f *Feature) dueNow(ctx context.Context, tx *db.Tx, agency string, e Event) error {
	v, err := checkOfService(ctx, tx, agency, e.Service)
	if err != nil || v == nil || !v.Due.After(tx.Now) {
		return err
	}
	v.Due, v.Chosen = tx.Now, true
	if err := putCheck(ctx, tx, agency, e.Service, v); err != nil {
		return err
	}
	if err := addHistory(ctx, tx, agency, e); err != nil {
		return err
	}
	return f.touch(ctx, tx, agency)
}

// Suggestions are those that wait, oldest first, and then those that were decided
// lately; of one service, or with "" of all. What is held and what was said in
// words is for who opens what the public sends.
func (f *Feature) Suggestions(ctx context.Context, agency, service string) (list []Suggestion, err error) {
	defer errs.Wrap(&err, "directory.Suggestions")
	s := staff.From(ctx)
	leads := s != nil && s.May(staff.ReadContact)
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		type row struct {
			Suggestion
			sealed []byte
		}
		rows, err := db.Collect(ctx, tx, func(rows *sql.Rows) (r row, err error) {
			var at, held, decided int64
			err = rows.Scan(&r.ID, &r.Service, &at, &r.Kind, &held, &r.sealed, &decided, &r.Decision, &r.By)
			r.At, r.Held, r.Worded = db.Time(at), held != 0, r.sealed != nil
			if decided > 0 {
				r.Decided = db.Time(decided)
			}
			return r, err
		}, `SELECT id, service, at, kind, held, sealed, decided, decision, by_whom FROM directory_suggestion
			WHERE agency = $1 AND ($2 = '' OR service = $2) AND (held = 0 OR $3 = 1) ORDER BY CASE WHEN decided = 0 THEN 0 ELSE 1 END, at, id LIMIT 200`, agency, service, leads)
		if err != nil {
			return err
		}
		list = nil
		for _, r := range rows {
			if leads && r.Worded && f.Unseal != nil {
				plain, err := f.Unseal(ctx, tx, s, agency, suggestionRecord(r.ID), r.sealed)
				if err != nil && !errs.Is(err, errs.NotFound) { // not in the group, or locked
					return err
				}
				r.Words = string(plain)
			}
			list = append(list, r.Suggestion)
		}
		return nil
	})
	return list, err
}

// Decide ends a suggestion; "" makes it wait again. Passed on is a note, in the
// words of who read it, to those who look after the directory.
func (f *Feature) Decide(ctx context.Context, agency, id, decision, note string) (err error) {
	defer errs.Wrap(&err, "directory.Decide")
	note, _ = clean(note)
	switch {
	case !slices.Contains([]string{"", decidedCheck, decidedPassed, decidedNothing}, decision):
		return errs.In("do", "error.form")
	case decision == decidedPassed && (note == "" || len(note) > maxProposal):
		return errs.In("note", "directory.provider.note_long")
	}
	s := staff.From(ctx)
	leads := s != nil && s.May(staff.ReadContact)
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		var service string
		var held int64
		err := tx.QueryRow(ctx, `SELECT service, held FROM directory_suggestion WHERE agency = $1 AND id = $2`, agency, id).Scan(&service, &held)
		if isNoRows(err) || err == nil && held != 0 && !leads {
			return errs.New(errs.NotFound, "", nil)
		}
		if err != nil {
			return err
		}
		at, by := db.Micros(tx.Now), Event{}.of(ctx).By
		if decision == "" {
			at, by = 0, ""
		}
		if _, err := tx.Exec(ctx, `UPDATE directory_suggestion SET decided = $3, decision = $4, by_whom = $5 WHERE agency = $1 AND id = $2`, agency, id, at, decision, by); err != nil {
			return err
		}
		if err := f.log(ctx, tx, agency, staff.HearPublic, service); err != nil || service == "" {
			return err
		}
		switch decision {
		case "": // what was passed on is taken back, too, if nobody followed it yet
			_, err = tx.Exec(ctx, `DELETE FROM directory_proposal WHERE agency = $1 AND id = $2`, agency, id)
		case decidedCheck:
			return f.dueNow(ctx, tx, agency, Event{Service: service, Action: "asked"}.of(ctx))
		case decidedPassed:
			_, err = tx.Exec(ctx, `INSERT INTO directory_proposal (agency, id, service, at, field, was, said) VALUES ($1, $2, $3, $4, $5, '', $6)
				ON CONFLICT (agency, id) DO NOTHING`,
				agency, id, service, db.Micros(tx.Now), proposedNote, note)
		}
		return err
	})
}

// SweepSuggestions deletes words that have had their time, and a year later what
// is left.
func (f *Feature) SweepSuggestions(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "directory.SweepSuggestions")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		decided, ever := db.Micros(tx.Now.Add(-keptDecided)), db.Micros(tx.Now.Add(-keptUndecided))
		if _, err := tx.Exec(ctx, `UPDATE directory_suggestion SET sealed = NULL WHERE sealed IS NOT NULL AND (decided > 0 AND decided < $1 OR at < $2)`, decided, ever); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM directory_suggestion WHERE decided > 0 AND decided < $1`, db.Micros(tx.Now.AddDate(-1, 0, 0)))
		return err
	})
}

// RenewSuggestionIDs is for who seals words anew after somebody left, as
// RenewSuggestionCount and RenewSuggestion are; see RenewIDs.
func (f *Feature) RenewSuggestionIDs(ctx context.Context, tx *db.Tx, agency, after string, limit int) ([]string, error) {
	return db.Strings(ctx, tx, `SELECT id FROM directory_suggestion WHERE agency = $1 AND sealed IS NOT NULL AND id > $2 ORDER BY id LIMIT $3`, agency, after, limit)
}

// RenewSuggestionCount says how many there are.
func (f *Feature) RenewSuggestionCount(ctx context.Context, tx *db.Tx, agency string) (n int64, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM directory_suggestion WHERE agency = $1 AND sealed IS NOT NULL`, agency).Scan(&n)
	return n, err
}

// RenewSuggestion puts what again makes of one's words in their place.
func (f *Feature) RenewSuggestion(ctx context.Context, tx *db.Tx, agency, id string, again func(record string, sealed []byte) ([]byte, error)) error {
	var sealed []byte
	err := tx.QueryRow(ctx, `SELECT sealed FROM directory_suggestion WHERE agency = $1 AND id = $2`, agency, id).Scan(&sealed)
	if err != nil {
		return err
	}
	if sealed, err = again(suggestionRecord(id), sealed); err != nil || sealed == nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE directory_suggestion SET sealed = $3 WHERE agency = $1 AND id = $2`, agency, id, sealed)
	return err
}
