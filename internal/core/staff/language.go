package staff

import (
	"context"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// SetLanguage sets the language in which somebody sees the desk.
func SetLanguage(ctx context.Context, tx *db.Tx, agency, id, lang string) (err error) {
	defer errs.Wrap(&err, "staff.SetLanguage")
	if !i18n.Known(lang) {
		return errs.In("language", "error.invalid")
	}
	n, err := tx.Exec(ctx, `UPDATE staff SET language = $3 WHERE agency = $1 AND id = $2`, agency, id, lang)
	if err == nil && n == 0 {
		err = errs.New(errs.NotFound, "", nil)
	}
	return err
}
