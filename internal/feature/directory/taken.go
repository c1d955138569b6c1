package directory

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// A curator who follows what somebody outside said begins with it: the numbers in
// it stand in the form already. Saving the form ends what was said, and taking the
// change back makes it wait again.

// The numbers in a note; a date is none.
var (
	saidNumber = regexp.MustCompile(`\+?\(?\d[\d .()/\x{2010}-\x{2013}-]{5,24}\d`)
	saidDate   = regexp.MustCompile(`\b(\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})\b`)
)

// numbersIn gives the numbers of a note that are not among some, as they are
// written.
func numbersIn(note string, have []Phone) (list []string) {
	for _, found := range saidNumber.FindAllString(saidDate.ReplaceAllString(note, "\n"), -1) {
		digits := digitsOf(found)
		known := slices.ContainsFunc(have, func(p Phone) bool {
			return digitsOf(p.Printed) == digits || p.E164 != "" && strings.TrimPrefix(p.E164, "+") == digits
		})
		if len(digits) < 7 || len(digits) > 15 || known || slices.ContainsFunc(list, func(n string) bool { return digitsOf(n) == digits }) {
			continue
		}
		list = append(list, found)
	}
	return list
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// following is what was said, of those that wait for a service; nil if it does not.
func following(waiting []Proposal, id string) *Proposal {
	if i := slices.IndexFunc(waiting, func(p Proposal) bool { return p.ID == id && id != "" }); i >= 0 {
		return &waiting[i]
	}
	return nil
}

// follow ends what an edit followed, and gives what keeps it with the edit. A
// colleague who was faster does not keep the edit back.
func (f *Feature) follow(ctx context.Context, tx *db.Tx, e Edit) (Object, error) {
	if e.Follows == "" {
		return nil, nil
	}
	waiting, err := proposals(ctx, tx, e.Agency, e.Service)
	if err != nil {
		return nil, err
	}
	p := following(waiting, e.Follows)
	if p == nil {
		return nil, nil
	}
	if _, err := tx.Exec(ctx, `DELETE FROM directory_proposal WHERE agency = $1 AND id = $2`, e.Agency, p.ID); err != nil {
		return nil, err
	}
	return Object{"id": p.ID, "at": p.At.UTC().Format(time.RFC3339Nano), "field": p.Field, "was": p.Was, "said": p.Said}, nil
}

// unfollow makes what an edit followed wait again.
func unfollow(ctx context.Context, tx *db.Tx, agency, service string, kept Object) error {
	if len(kept) == 0 {
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, str(kept, "at"))
	if err != nil {
		return errs.New(errs.Internal, "", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO directory_proposal (agency, id, service, at, field, was, said) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (agency, id) DO NOTHING`,
		agency, str(kept, "id"), service, db.Micros(at), str(kept, "field"), str(kept, "was"), str(kept, "said"))
	return err
}
