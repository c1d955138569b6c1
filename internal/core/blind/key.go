package blind

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// publicKey is what the server knows of the newest index key.
type publicKey struct {
	Epoch      int
	Record     string
	Group      string
	GroupEpoch int
	Public     seal.Public
	read       time.Time
}

const newestQuery = `SELECT epoch, record, group_id, group_epoch, public_key FROM blind_keys WHERE agency = $1 ORDER BY epoch DESC LIMIT 1`

// newest gives the newest index key, nil if none was made yet.
func (i *Index) newest(ctx context.Context, tx *db.Tx) (*publicKey, error) {
	k := &publicKey{read: time.Now()}
	var public []byte
	err := tx.QueryRow(ctx, newestQuery, i.agency).Scan(&k.Epoch, &k.Record, &k.Group, &k.GroupEpoch, &public)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k.Public, err = seal.ParsePublic(public)
	return k, err
}

// Ensure makes the index key if there is none, and the next one if the group
// has turned to another key since: who left may have kept the index key of
// before. Nobody has to be signed in: the server makes it, wraps it to the group
// and forgets it. Without the group it makes nothing.
func (i *Index) Ensure(ctx context.Context, tx *db.Tx) (err error) {
	defer errs.Wrap(&err, "blind.Ensure")
	group, err := keyring.Find(ctx, tx, i.agency, i.group)
	if errs.Is(err, errs.NotFound) {
		return nil // not set up yet
	}
	if err != nil {
		return err
	}
	now, err := i.newest(ctx, tx)
	if err != nil || now != nil && now.Group == group.ID && now.GroupEpoch == group.Epoch {
		return err
	}
	epoch := 1
	if now != nil {
		epoch = now.Epoch + 1
	}
	p, err := i.maker.Prepare(group, ids.New())
	if err != nil {
		return err
	}
	if err := p.Save(ctx, tx); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO blind_keys (agency, epoch, record, group_id, group_epoch, public_key) VALUES ($1, $2, $3, $4, $5, $6)`,
		i.agency, epoch, p.Record.ID, group.ID, group.Epoch, p.Public.Bytes())
	tx.Notify(Topic(i.agency))
	tx.AfterCommit(func() {
		i.public.Store(nil)
		i.wanted.Store(true)
	})
	return err
}

// publicFresh is how long a public half is used without looking again. What was
// sealed to an older one is not kept; see Prepared.Save.
const publicFresh = time.Second

// sealTo gives the key to seal to, nil before the hotline is set up.
func (i *Index) sealTo(ctx context.Context) (*publicKey, error) {
	if k := i.public.Load(); k != nil && time.Since(k.read) < publicFresh {
		return k, nil
	}
	var k *publicKey
	var turned bool
	look := func(ctx context.Context, tx *db.Tx) (err error) {
		if k, err = i.newest(ctx, tx); err != nil || k == nil {
			return err
		}
		turned, err = k.turned(ctx, tx)
		return err
	}
	err := i.db.View(ctx, look)
	if err == nil && (k == nil || turned) {
		err = i.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := i.Ensure(ctx, tx); err != nil {
				return err
			}
			return look(ctx, tx)
		})
	}
	if err != nil || k == nil {
		return nil, err
	}
	i.public.Store(k)
	return k, nil
}

// turned says whether the group has another key than the one to which this
// one is wrapped.
func (k *publicKey) turned(ctx context.Context, tx *db.Tx) (bool, error) {
	var epoch int
	err := tx.QueryRow(ctx, `SELECT epoch FROM key_groups WHERE id = $1`, k.Group).Scan(&epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return epoch != k.GroupEpoch, err
}
