package directory

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// LinkDays is how long a provider's link works. A shelter that tells its free
// places every day needs one a month.
const LinkDays = 30

// Limits of what a provider says.
const (
	maxFree      = 9999
	maxProposal  = 600 // bytes
	maxProposals = 20  // of one service that wait for a curator
)

// Listing is what a provider sees of their own service.
type Listing struct {
	Service, Name, Organization string
	Number                      string // the first of its own, as printed
	Free                        string // places, as last told; "" is not known
	Checked, Expires            time.Time
	Waiting                     bool // something that they said waits for a curator
}

// Told is what a provider says. Empty fields say nothing.
type Told struct {
	Number string
	Free   string // a whole number
	Note   string // what else is otherwise
}

// Proposal waits for a curator.
type Proposal struct {
	ID, Service string
	At          time.Time
	Field       string // phone or note
	Was, Said   string
}

// The fields of a proposal.
const (
	proposedPhone = "phone"
	proposedNote  = "note"
)

// Invite makes a link's secret for a service. It is shown once and kept as a
// hash; earlier links of the service end.
func (f *Feature) Invite(ctx context.Context, agency, service string) (secret string, err error) {
	defer errs.Wrap(&err, "directory.Invite")
	secret = ids.New()
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := oneRecord(ctx, tx, agency, entService, service); err != nil {
			return err
		}
		if err := f.log(ctx, tx, agency, staff.EditDirectory, service); err != nil {
			return err
		}
		by := staffOf(ctx)
		if _, err := tx.Exec(ctx, `DELETE FROM directory_invitation WHERE agency = $1 AND (service = $2 OR expires <= $3)`, agency, service, db.Micros(tx.Now)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO directory_invitation (agency, hash, service, staff, created, expires) VALUES ($1, $2, $3, $4, $5, $6)`,
			agency, linkHash(secret), service, by, db.Micros(tx.Now), db.Micros(tx.Now.AddDate(0, 0, LinkDays))); err != nil {
			return err
		}
		return addHistory(ctx, tx, agency, Event{Service: service, Action: "invited", Staff: by})
	})
	return secret, err
}

func linkHash(secret string) string {
	sum := sha256.Sum256([]byte("provider link\n" + secret))
	return hex.EncodeToString(sum[:])
}

// Listing is what a link opens; NotFound if it opens nothing, whatever is wrong with it.
func (f *Feature) Listing(ctx context.Context, agency, secret string) (l Listing, err error) {
	defer errs.Wrap(&err, "directory.Listing")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		l, _, err = f.listing(ctx, tx, agency, secret)
		return err
	})
	return l, err
}

func (f *Feature) listing(ctx context.Context, tx *db.Tx, agency, secret string) (l Listing, service Object, err error) {
	var expires int64
	if !ids.Valid(secret) {
		return l, nil, errs.New(errs.NotFound, "", nil)
	}
	err = tx.QueryRow(ctx, `SELECT service, expires FROM directory_invitation WHERE agency = $1 AND hash = $2 AND expires > $3`,
		agency, linkHash(secret), db.Micros(tx.Now)).Scan(&l.Service, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return l, nil, errs.New(errs.NotFound, "", nil)
	}
	if err != nil {
		return l, nil, err
	}
	s, err := oneRecord(ctx, tx, agency, entService, l.Service)
	if err != nil {
		return l, nil, err
	}
	if service, err = s.object(); err != nil {
		return l, nil, err
	}
	l.Name, l.Expires, l.Free = str(service, "name"), db.Time(expires), vacancyOf(service).String()
	if phones := objects(service, "phones"); len(phones) > 0 {
		l.Number = str(phones[0], "number")
	}
	if org, err := oneRecord(ctx, tx, agency, entOrganization, s.organization); err == nil {
		if o, err := org.object(); err == nil && o["stand_in"] != true {
			l.Organization = str(o, "name")
		}
	} else if !errs.Is(err, errs.NotFound) {
		return l, nil, err
	}
	last, err := checkOfService(ctx, tx, agency, l.Service)
	if err != nil {
		return l, nil, err
	}
	if last != nil {
		l.Checked = last.Checked
	}
	waiting, err := proposals(ctx, tx, agency, l.Service)
	l.Waiting = len(waiting) > 0
	return l, service, err
}

// Tell takes what a provider says by their link. How many places are free is
// taken at once; a number or anything else that is otherwise waits for a
// curator, and the old stays. Only when nothing is otherwise does it count as a
// check.
func (f *Feature) Tell(ctx context.Context, agency, secret string, told Told) (l Listing, err error) {
	defer errs.Wrap(&err, "directory.Tell")
	if err := told.clean(); err != nil {
		return l, err
	}
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		before, service, err := f.listing(ctx, tx, agency, secret)
		if err != nil {
			return err
		}
		l.Service = before.Service
		if err := f.takeFree(ctx, tx, agency, before, told.Free); err != nil {
			return err
		}
		otherwise, err := propose(ctx, tx, agency, before, told)
		if err != nil {
			return err
		}
		if !otherwise && !before.Waiting {
			c := Check{Agency: agency, Service: before.Service, By: text.Cut(first(before.Organization, before.Name), maxBy), How: ByProvider}
			last, err := checkOfService(ctx, tx, agency, before.Service)
			if err != nil {
				return err
			}
			rules, err := readRules(ctx, tx, agency)
			if err != nil {
				return err
			}
			if err := f.verifyObject(ctx, tx, rules, c, service, last); err != nil {
				return err
			}
		}
		if err := f.log(ctx, tx, agency, staff.VerifyDirectory, before.Service); err != nil {
			return err
		}
		if err := f.touch(ctx, tx, agency); err != nil {
			return err
		}
		l, _, err = f.listing(ctx, tx, agency, secret)
		return err
	})
	return l, err
}

// ByProvider is how a check was done that a provider did by their link. Pages
// say it in the reader's language.
const ByProvider = "provider's link"

func (t *Told) clean() error {
	t.Number, _ = clean(t.Number)
	t.Free, _ = clean(t.Free)
	t.Note, _ = clean(t.Note)
	if n, err := strconv.Atoi(t.Free); t.Free != "" && (err != nil || n < 0 || n > maxFree) {
		return errs.In("free", "directory.provider.free_bad")
	}
	switch {
	case len(t.Number) > maxNumber:
		return errs.In("number", "directory.edit.phone_long")
	case len(t.Note) > maxProposal:
		return errs.In("note", "directory.provider.note_long")
	}
	return nil
}

// takeFree writes down how many places are free. The same number as before is of now,
// and so is worth believing again.
func (f *Feature) takeFree(ctx context.Context, tx *db.Tx, agency string, l Listing, free string) error {
	if free == "" {
		return nil
	}
	o, over, err := curated(ctx, tx, agency, entService, l.Service)
	if err != nil {
		return err
	}
	number := strings.TrimPrefix(free, "+")
	over["capacities"] = []any{Object{
		"id": ids.DeriveUUID("capacity/"+agency, l.Service), "available": json.Number(number), "updated": tx.Now.UTC().Format(time.RFC3339),
		"unit": Object{"id": ids.DeriveUUID("unit", "place"), "name": "place"},
	}}
	if err := setOverlay(ctx, tx, agency, entService, l.Service, over); err != nil {
		return err
	}
	detail := changeDetail(Object{"capacities": o["capacities"]}, Object{"capacities": over["capacities"]})
	return addHistory(ctx, tx, agency, Event{Service: l.Service, Action: "capacity", By: text.Cut(first(l.Organization, l.Name), maxBy), How: ByProvider, Detail: detail})
}

// propose keeps what is otherwise for a curator, and says whether anything is.
func propose(ctx context.Context, tx *db.Tx, agency string, l Listing, told Told) (otherwise bool, err error) {
	waiting, err := proposals(ctx, tx, agency, l.Service)
	if err != nil {
		return false, err
	}
	for _, p := range []Proposal{{Field: proposedPhone, Was: l.Number, Said: told.Number}, {Field: proposedNote, Said: told.Note}} {
		if p.Said == "" || p.Said == p.Was {
			continue
		}
		otherwise = true
		if len(waiting) >= maxProposals {
			return true, errs.New(errs.Busy, "", errors.New("too much of one service waits for a curator"))
		}
		if _, err := tx.Exec(ctx, `INSERT INTO directory_proposal (agency, id, service, at, field, was, said) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			agency, ids.New(), l.Service, db.Micros(tx.Now), p.Field, p.Was, p.Said); err != nil {
			return true, err
		}
	}
	return otherwise, nil
}

// proposals are what waits of a service, oldest first; "" is of all services.
func proposals(ctx context.Context, tx *db.Tx, agency, service string) ([]Proposal, error) {
	rows, err := tx.Query(ctx, `SELECT id, service, at, field, was, said FROM directory_proposal
		WHERE agency = $1 AND ($2 = '' OR service = $2) ORDER BY at, id LIMIT 500`, agency, service)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Proposal
	for rows.Next() {
		var p Proposal
		var at int64
		if err := rows.Scan(&p.ID, &p.Service, &at, &p.Field, &p.Was, &p.Said); err != nil {
			return nil, err
		}
		p.At = db.Time(at)
		out = append(out, p)
	}
	return out, rows.Err()
}

// Waiting are the services of which somebody outside said that something is
// otherwise, the longest waiting first.
func (f *Feature) Waiting(ctx context.Context, agency string) (services []string, err error) {
	defer errs.Wrap(&err, "directory.Waiting")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err := proposals(ctx, tx, agency, "")
		seen := map[string]bool{}
		for _, p := range list {
			if !seen[p.Service] {
				seen[p.Service] = true
				services = append(services, p.Service)
			}
		}
		return err
	})
	return services, err
}

// Settle ends a proposal: a number that is taken becomes the service's first,
// as an edit of the curator who did it. NotFound if somebody was faster.
func (f *Feature) Settle(ctx context.Context, agency, service, proposal string, take bool) (err error) {
	defer errs.Wrap(&err, "directory.Settle")
	s := staff.From(ctx)
	var p Proposal
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		waiting, err := proposals(ctx, tx, agency, service)
		if err != nil {
			return err
		}
		p = Proposal{}
		for _, one := range waiting {
			if one.ID == proposal {
				p = one
			}
		}
		if p.ID == "" {
			return errs.New(errs.NotFound, "", nil)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM directory_proposal WHERE agency = $1 AND id = $2`, agency, p.ID); err != nil {
			return err
		}
		e := Event{Service: service, Action: "declined", How: p.Said}.of(ctx)
		if take {
			e.Action = "accepted"
		}
		if take && p.Field == proposedPhone {
			err = f.takeNumber(ctx, tx, agency, p, s) // which is an edit, and in the log as one
		} else {
			err = f.log(ctx, tx, agency, staff.EditDirectory, service)
		}
		if err != nil {
			return err
		}
		if err := addHistory(ctx, tx, agency, e); err != nil {
			return err
		}
		return f.touch(ctx, tx, agency)
	})
	return err
}

// takeNumber puts a proposed number in the place of the first.
func (f *Feature) takeNumber(ctx context.Context, tx *db.Tx, agency string, p Proposal, s *staff.Session) error {
	record, err := oneRecord(ctx, tx, agency, entService, p.Service)
	if err != nil {
		return err
	}
	o, err := record.object()
	if err != nil {
		return err
	}
	edits := []PhoneEdit{}
	for _, phone := range objects(o, "phones") {
		edits = append(edits, PhoneEdit{ID: str(phone, "id"), Number: str(phone, "number"), Description: str(phone, "description")})
	}
	if len(edits) == 0 {
		edits = append(edits, PhoneEdit{})
	}
	edits[0].Number = p.Said
	return f.edit(ctx, tx, Edit{Agency: agency, Service: p.Service, Staff: s.Person.ID, Who: s.Person.Name, Phones: edits})
}
