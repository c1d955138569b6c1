package admin

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// KnownWords are what a guess at a colleague's pass phrase begins with: the
// hotline's name and the names of the roles, in each language.
func KnownWords(ctx context.Context, tx *db.Tx, agency string, words *i18n.Words) (list []string, err error) {
	defer errs.Wrap(&err, "admin.KnownWords")
	for _, l := range i18n.Languages() {
		facts, err := ReadFacts(ctx, tx, agency, l.Code)
		if err != nil {
			return nil, err
		}
		list = append(list, facts.Name)
		for _, r := range staff.Roles {
			list = append(list, words.For(l.Code).T("desk.role."+string(r)))
		}
	}
	return list, nil
}
