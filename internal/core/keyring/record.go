package keyring

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Record names a record whose key is kept here.
type Record struct {
	Agency string
	ID     string
	Epoch  int
}

// Prepared is the key of a record that is about to be made. Making it takes
// no database, so it is done before the transaction, which others wait for.
type Prepared struct {
	Record Record
	Key    seal.Key
	Public seal.Public // of the record; the server seals later messages to it
	batch  *batch
	sealed []byte
}

// ErrTurned says that the group has another key than the one that a record was
// prepared for. Prepare it again, with the group as it is now.
var ErrTurned = errors.New("keyring: the group has turned to another key")

// Save keeps the prepared key, in the transaction that makes the record.
func (p Prepared) Save(ctx context.Context, tx *db.Tx) error {
	g := p.batch.group
	var epoch int
	var public []byte
	if err := tx.QueryRow(ctx, `SELECT epoch, public_key FROM key_groups WHERE id = $1`, g.ID).Scan(&epoch, &public); err != nil {
		return err
	}
	if epoch != g.Epoch || !bytes.Equal(public, g.Public.Bytes()) { // see Same; parsing the key would keep others waiting
		return ErrTurned
	}
	if err := p.batch.save(ctx, tx); err != nil {
		return err
	}
	return save(ctx, tx, p.Record.place(), p.batch.id, p.sealed)
}

// Exists says whether a record's key is there, for whoever may open it.
func (r Record) Exists(ctx context.Context, tx *db.Tx) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM key_wraps r JOIN key_wraps b ON b.owner = r.recipient AND b.agency = r.agency
		WHERE r.agency = $1 AND r.owner = $2 AND r.epoch = $3`, r.Agency, r.ID, r.Epoch).Scan(&n)
	return n > 0, err
}

func (r Record) place() seal.Place {
	return seal.Place{Agency: r.Agency, Record: r.ID, Table: "key_records", Epoch: r.Epoch}
}

func wrap(ctx context.Context, tx *db.Tx, at seal.Place, recipient string, public seal.Public, secret []byte) error {
	sealed, err := seal.Wrap(public, at, recipient, secret)
	if err != nil {
		return err
	}
	return save(ctx, tx, at, recipient, sealed)
}

func save(ctx context.Context, tx *db.Tx, at seal.Place, recipient string, sealed []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO key_wraps (agency, owner, epoch, recipient, sealed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (owner, epoch, recipient) DO UPDATE SET sealed = excluded.sealed`,
		at.Agency, at.Record, at.Epoch, recipient, sealed)
	return err
}

// unwrap says NotFound both where there is no wrap and where it does not
// open: who asks must not learn which.
func unwrap(ctx context.Context, tx *db.Tx, at seal.Place, recipient string, pair *seal.Pair) ([]byte, error) {
	var sealed []byte
	err := tx.QueryRow(ctx, `SELECT sealed FROM key_wraps WHERE agency = $1 AND owner = $2 AND epoch = $3 AND recipient = $4`,
		at.Agency, at.Record, at.Epoch, recipient).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errs.New(errs.NotFound, "", nil)
	}
	if err != nil {
		return nil, err
	}
	b, err := pair.Unwrap(at, recipient, sealed)
	if err != nil {
		return nil, errs.New(errs.NotFound, "", err)
	}
	return b, nil
}
