package contact

import (
	"context"
	"time"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// count adds a closed contact to the month's figures: codes and the month,
// and apart from them one more contact at an hour of the week. Nothing in
// either leads back to the contact.
func (f *Feature) count(ctx context.Context, tx *db.Tx, r row, rec Record, arrived time.Time) error {
	here := f.Web.Here()
	err := facts.Append(ctx, tx, r.Agency, facts.Fact{
		Kind:   facts.Contact,
		Month:  facts.MonthOf(tx.Now.In(here)),
		Region: facts.RegionOf(rec.Region, rec.Country),
		Codes: map[string]string{
			"channel":      string(r.Channel),
			"request_type": string(rec.RequestType),
			"substantive":  rec.Substantive,
			"contactor":    rec.Contactor,
			"proximity":    rec.Proximity,
			"age_group":    rec.AgeGroup,
			"language":     facts.LanguageOf(rec.Language),
			"disposition":  rec.Disposition,
		},
	})
	if err != nil {
		return err
	}
	return facts.Append(ctx, tx, r.Agency, facts.Fact{
		Kind:  facts.Hour,
		Month: facts.MonthOf(tx.Now.In(here)),
		Codes: map[string]string{"hour": facts.HourOf(arrived.In(here))},
	})
}
