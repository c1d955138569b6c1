package audit

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Sign signs a statement of the installation's own with the key of an agency's
// log: a signed note that anybody checks with Verifier's key. The text is lines,
// each ended. A text that could be taken for a checkpoint is refused.
func Sign(ctx context.Context, tx *db.Tx, agency, text string) (signed string, err error) {
	defer errs.Wrap(&err, "audit.Sign")
	l, err := loadLog(ctx, tx, agency)
	if err != nil {
		return "", err
	}
	s, err := note.NewSigner(l.signer)
	if err != nil {
		return "", ErrDamaged // and not err, which quotes the key
	}
	if first, _, _ := strings.Cut(text, "\n"); first == s.Name() {
		return "", errs.New(errs.Internal, "", errors.New("a statement that begins like a checkpoint"))
	}
	b, err := note.Sign(&note.Note{Text: text}, s)
	return string(b), err
}
