package audit

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Anybody can wrap a key to a colleague: the keyring has nothing that tells a key
// which the program made from one that somebody wrote into the database, with all
// that belongs to it. So the log says which public halves a group has had.

// GroupStateOf is over the public halves of all keys of a group, and Gone where
// there is no group.
func GroupStateOf(ctx context.Context, tx *db.Tx, agency, id string) (_ State, err error) {
	defer errs.Wrap(&err, "audit.GroupStateOf")
	g, err := keyring.Get(ctx, tx, agency, id)
	if errs.Is(err, errs.NotFound) {
		return Gone, nil
	}
	if err != nil {
		return "", err
	}
	s := NewSummer("group")
	s.Number(int64(g.Epoch))
	s.Bytes(g.Public.Bytes())
	rows, err := tx.Query(ctx, `SELECT epoch, public_key FROM key_epochs WHERE owner = $1 ORDER BY epoch`, id)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var epoch int64
		var public []byte
		if err := rows.Scan(&epoch, &public); err != nil {
			return "", err
		}
		s.Number(epoch)
		s.Bytes(public)
	}
	return s.State(), rows.Err()
}

// GroupIDs gives some groups after one, in an order that stays; none at the end.
func GroupIDs(ctx context.Context, tx *db.Tx, agency, after string, limit int) ([]string, error) {
	return db.Strings(ctx, tx, `SELECT id FROM key_groups WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3`, agency, after, limit)
}

// Turning does what gives a group another key, and writes down which keys it had
// before and after. by is whose deed it belongs to.
func Turning(ctx context.Context, tx *db.Tx, g keyring.Group, by string, turn func() error) (err error) {
	defer errs.Wrap(&err, "audit.Turning")
	was, err := GroupStateOf(ctx, tx, g.Agency, g.ID)
	if err != nil {
		return err
	}
	if err := turn(); err != nil {
		return err
	}
	is, err := GroupStateOf(ctx, tx, g.Agency, g.ID)
	if err != nil {
		return err
	}
	return Write(ctx, tx, g.Agency, Entry{Staff: by, Action: "keys.turned", Record: g.ID, Was: was, Is: is})
}
