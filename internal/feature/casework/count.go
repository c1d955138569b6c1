package casework

import (
	"context"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// count tells the figures what an event has to tell, in its transaction.
func count(ctx context.Context, tx *db.Tx, agency string, e Event) error {
	if e.Counted == nil {
		return nil
	}
	return facts.Append(ctx, tx, agency, facts.Fact(*e.Counted))
}

// uncount takes it out again.
func uncount(ctx context.Context, tx *db.Tx, agency string, e Event) error {
	if e.Counted == nil {
		return nil
	}
	return facts.Retract(ctx, tx, agency, facts.Fact(*e.Counted))
}

// made is what the figures are told of a new referral.
func made(here time.Time, need string, p Person) *told {
	return &told{
		Kind: facts.Referral, Month: facts.MonthOf(here), Region: facts.RegionOf(p.Region, p.Country),
		Codes: map[string]string{"need": need, "language": facts.LanguageOf(p.Language)},
	}
}

// cameOut is what they are told of its end.
func cameOut(here time.Time, need, outcome string) *told {
	if !slices.Contains(Needed, need) {
		need = facts.NotAsked
	}
	return &told{
		Kind: facts.Outcome, Month: facts.MonthOf(here),
		Codes: map[string]string{"need": need, "outcome": outcome},
	}
}

// endOf is the end of the day that many days from now, where the hotline is.
func endOf(here time.Time, days int) time.Time {
	return time.Date(here.Year(), here.Month(), here.Day()+days+1, 0, 0, 0, 0, here.Location()).Add(-time.Second).UTC()
}
