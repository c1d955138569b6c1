package contact

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// SendFiles takes files of the person's own, who wrote before and brings their
// code. They are sealed by the server, which then cannot open them, nor can
// the code: the mailbox says only when they came and how many they were. What
// was written before is not touched by anything that goes wrong here. in says
// through which channel they come; its text is not used.
func (f *Feature) SendFiles(ctx context.Context, o *Opened, in Again, next Files, once Once) (t Taken, err error) {
	defer errs.Wrap(&err, "contact.SendFiles")
	if err := in.cleanLanguage(); err != nil {
		return t, err
	}
	ctx = context.WithoutCancel(ctx)
	list, refused := f.gather(ctx, next)
	if len(list) == 0 {
		return Taken{Refused: refused}, nil
	}
	var into *attaching
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return f.goOn(ctx, tx, o.box.Lookup, in, func(c *row) (m Message, it item, err error) {
			public, err := seal.ParsePublic(c.public)
			if err != nil {
				return m, it, err
			}
			into = &attaching{f: f, once: once, sealed: func(at seal.Place, plain []byte) ([]byte, error) {
				return keyring.SealTo(public, c.keyRecord(), at, plain)
			}}
			m.Files, err = into.attach(ctx, tx, c, list)
			for _, file := range m.Files {
				if file.Picture != "" {
					it.Pictures++
				} else {
					it.Others++
				}
			}
			return m, it, err
		})
	})
	return f.settleFiles(ctx, into, list, refused, err)
}
