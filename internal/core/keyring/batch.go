package keyring

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// A record's key is sealed under a batch's key, and that is wrapped to the
// group. In a flood the wrapping, which takes longer than storing a contact,
// is so done once for many. A batch lives a moment: on a usual day each record
// has one of its own, and who looks at the disk learns of two records in one
// batch only that they came in the same flood.
//
// Without its own row a record stays unreadable, whoever holds the batch's key.
const (
	batchTime = 250 * time.Millisecond
	batchSize = 256
)

// Maker makes keys for new records of one group. It may be used by many
// goroutines; the zero Maker is ready.
type Maker struct {
	mu      sync.Mutex
	current *batch
}

type batch struct {
	group  Group
	id     string
	key    seal.Key
	sealed []byte // the key, wrapped to the group
	made   time.Time
	used   int
	saved  atomic.Bool
}

// Prepare makes a key for a new record that members of the group can open.
func (m *Maker) Prepare(g Group, record string) (Prepared, error) {
	return m.prepare(g, Record{g.Agency, record, 1}, nil)
}

// Next makes the key that follows the one a record has: what is sealed from now
// on opens with the group's key of now alone. Nobody has to be signed in for it.
func (m *Maker) Next(g Group, r Record) (Prepared, error) {
	r.Epoch++
	return m.prepare(g, r, nil)
}

func (m *Maker) prepare(g Group, r Record, lineage []byte) (p Prepared, err error) {
	defer errs.Wrap(&err, "keyring.Prepare")
	p = Prepared{Record: r, Key: seal.NewKey()}
	pair, err := p.Key.Pair()
	if err != nil {
		return p, err
	}
	p.Public = pair.Public()
	if p.batch, err = m.batch(g); err != nil {
		return p, err
	}
	p.sealed = p.batch.key.Seal(p.batch.recordPlace(p.Record), append(p.Key[:], lineage...))
	return p, nil
}

func (m *Maker) batch(g Group) (*batch, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.current
	if b == nil || !b.group.Same(g) || b.used >= batchSize || time.Since(b.made) > batchTime {
		b = &batch{group: g, id: ids.New(), key: seal.NewKey(), made: time.Now()}
		var err error
		if b.sealed, err = seal.Wrap(g.Public, b.place(), g.ID, b.key[:]); err != nil {
			return nil, err
		}
		m.current = b
	}
	b.used++
	return b, nil
}

// save keeps the batch with the first of its records that is durable.
func (b *batch) save(ctx context.Context, tx *db.Tx) error {
	if b.saved.Load() {
		return nil
	}
	tx.AfterCommit(func() { b.saved.Store(true) })
	_, err := tx.Exec(ctx, `INSERT INTO key_wraps (agency, owner, epoch, recipient, sealed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (owner, epoch, recipient) DO NOTHING`, b.group.Agency, b.id, b.group.Epoch, b.group.ID, b.sealed)
	return err
}

// open opens a record's key: the group's pair opens the batch, that the record.
// With the key comes the record's lineage, if it was known when it was sealed.
func (b *batch) open(group *seal.Pair, r Record, batched, own []byte) (key seal.Key, lineage []byte, err error) {
	secret, err := group.Unwrap(b.place(), b.group.ID, batched)
	if err != nil {
		return key, nil, err
	}
	if b.key, err = seal.KeyFrom(secret); err != nil {
		return key, nil, err
	}
	plain, err := b.key.Open(b.recordPlace(r), own)
	if err != nil {
		return key, nil, err
	}
	if len(plain) < len(key) {
		return key, nil, seal.ErrSealed
	}
	key, err = seal.KeyFrom(plain[:len(key)])
	return key, plain[len(key):], err
}

func (b *batch) place() seal.Place {
	return seal.Place{Agency: b.group.Agency, Record: b.id, Table: "key_batches", Epoch: b.group.Epoch}
}

func (b *batch) recordPlace(r Record) seal.Place {
	at := r.place()
	at.Row = b.id
	return at
}
