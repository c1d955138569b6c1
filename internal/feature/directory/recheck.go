package directory

import (
	"context"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// warnBefore is how long before the public loses sight of a service curators
// are told.
const warnBefore = 14 * 24 * time.Hour

// hidingSoon counts the services that the public will see no more if nobody
// checks them.
func (f *Feature) hidingSoon(ctx context.Context, agency string) (n int, err error) {
	now := f.now()
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM directory_check c
			JOIN directory_record r ON r.agency = c.agency AND r.kind = 'service' AND r.id = c.service
			WHERE c.agency = $1 AND c.due <= $2 AND c.hide > $2 AND c.hide <= $3`,
			agency, db.Micros(now), db.Micros(now.Add(warnBefore))).Scan(&n)
	})
	return n, err
}

// nextToCheck is what a curator goes on with: first what is overdue, and of that
// what the public will lose sight of soonest; then what nobody has ever checked.
// Nil if there is nothing, or the reader checks none.
func (f *Feature) nextToCheck(ctx context.Context, after string) (*Result, error) {
	person := staff.From(ctx).Person
	if !person.Role.May(staff.VerifyDirectory) {
		return nil, nil
	}
	overdue, err := f.overdue(ctx, person.Agency)
	if err != nil {
		return nil, err
	}
	for _, id := range overdue {
		if id == after {
			continue
		}
		d, err := f.Service(ctx, person.Agency, id)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return nil, err
		}
		if err == nil && d.Active {
			return &d.Result, nil
		}
	}
	tried, err := f.tried(ctx, person.Agency)
	if err != nil {
		return nil, err
	}
	enough := min(len(tried)+2, maxLimit) // those left out are at most these and the one at hand
	found, err := f.Search(ctx, Query{Agency: person.Agency, Status: Never, Unsure: true, Limit: enough})
	if err != nil {
		return nil, err
	}
	for _, one := range found.Items {
		if one.ID != after && !slices.Contains(tried, one.ID) {
			return &one, nil
		}
	}
	return nil, nil
}

// overdue are some services whose check is due again: those that are still in
// sight first, by how soon they leave it.
func (f *Feature) overdue(ctx context.Context, agency string) (list []string, err error) {
	now := f.now()
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = db.Strings(ctx, tx, `SELECT service FROM directory_check WHERE agency = $1 AND due <= $2
			AND NOT EXISTS (SELECT 1 FROM directory_history h WHERE h.agency = directory_check.agency
				AND h.service = directory_check.service AND h.action = 'missed' AND h.at > $3)
			ORDER BY CASE WHEN hide > $2 THEN 0 ELSE 1 END, hide, service LIMIT 50`, agency, db.Micros(now), db.Micros(now.Add(-tryAgain)))
		return err
	})
	return list, err
}

// tryAgain is how long the queue leaves out a service at which nobody was
// reached: who did not answer in the morning may do so after noon.
const tryAgain = 4 * time.Hour

// tried are the services at which nobody was reached just now.
func (f *Feature) tried(ctx context.Context, agency string) (list []string, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = db.Strings(ctx, tx, `SELECT service FROM directory_history WHERE agency = $1 AND action = 'missed' AND at > $2`,
			agency, db.Micros(f.now().Add(-tryAgain)))
		return err
	})
	return list, err
}
