package keyring

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Sealed are a record's keys before they are opened, beside what opens them.
// Opening takes no database, and so as many processors as there are. The zero
// Sealed is of a record that the group does not open.
type Sealed struct {
	wraps []*wrapped
	group Group
	pairs map[int]*seal.Pair // the group's, by epoch; those that the member holds
}

// wrapped is one of a record's keys as it lies on the disk.
type wrapped struct {
	record       Record
	batch        batch
	own, batched []byte
}

// SealedAtOnce is how many records Sealed takes.
const SealedAtOnce = 128

// Sealed gives the keys of at most SealedAtOnce records, by their ids, for Open.
// Those that the group does not open are not among them.
func (r *Ring) Sealed(ctx context.Context, tx *db.Tx, records ...string) (_ map[string]Sealed, err error) {
	defer errs.Wrap(&err, "keyring.Sealed")
	list, err := wrapsOf(ctx, tx, r.group, records)
	if err != nil {
		return nil, err
	}
	held := map[int]*seal.Pair{}
	of := map[string]Sealed{}
	for _, w := range list {
		epoch := w.batch.group.Epoch
		if _, asked := held[epoch]; !asked {
			if held[epoch], err = r.at(ctx, tx, epoch); errs.Is(err, errs.NotFound) {
				held[epoch] = nil // from before the member's own time
			} else if err != nil {
				return nil, err
			}
		}
		s := of[w.record.ID]
		s.wraps, s.group, s.pairs = append(s.wraps, w), r.group, held
		of[w.record.ID] = s
	}
	return of, nil
}

// Open opens the keys, or says NotFound.
func (s Sealed) Open() (k *Keys, err error) {
	defer errs.Wrap(&err, "keyring.Open")
	k = &Keys{epochs: map[int]seal.Key{}, pairs: map[int]*seal.Pair{}}
	var known []byte
	for _, w := range s.wraps {
		group := s.pairs[w.batch.group.Epoch]
		if group == nil {
			k.partial = true
			continue
		}
		key, lineage, err := w.batch.open(group, w.record, w.batched, w.own)
		if err != nil {
			return nil, errs.New(errs.NotFound, "", err)
		}
		k.epochs[w.record.Epoch] = key
		if len(lineage) > 0 {
			known = lineage
		}
		k.Record, k.stale = w.record, w.batch.group.Epoch < s.group.Epoch
	}
	if len(k.epochs) == 0 || k.Record.Epoch != s.wraps[len(s.wraps)-1].record.Epoch {
		return nil, errs.New(errs.NotFound, "", nil)
	}
	k.lineage, err = k.lineageFrom(known)
	return k, err
}

// Reader is another holder of the same keys, to read with beside others.
func (k *Keys) Reader() *Keys {
	c := *k
	c.epochs, c.pairs = maps.Clone(k.epochs), map[int]*seal.Pair{}
	return &c
}

// wrapsOf gives records' keys that the group can open, oldest first. The
// statement is always the same one, so that it is prepared once.
func wrapsOf(ctx context.Context, tx *db.Tx, g Group, records []string) (list []*wrapped, err error) {
	query, size := wrapsQuery, 1
	if len(records) > 1 {
		query, size = manyWrapsQuery, SealedAtOnce
	}
	args := append([]any{g.Agency, g.ID}, make([]any, size)...)
	for i := range size {
		args[2+i] = ""
		if i < len(records) {
			args[2+i] = records[i]
		}
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		w := &wrapped{record: Record{Agency: g.Agency}}
		var epoch int
		if err := rows.Scan(&w.record.ID, &w.record.Epoch, &w.batch.id, &w.own, &epoch, &w.batched); err != nil {
			return nil, err
		}
		w.batch.group = g.at(epoch)
		list = append(list, w)
	}
	slices.SortStableFunc(list, func(a, b *wrapped) int { return a.record.Epoch - b.record.Epoch })
	return list, rows.Err()
}

var wrapsQuery, manyWrapsQuery = wrapsOfMany(1), wrapsOfMany(SealedAtOnce)

func wrapsOfMany(n int) string {
	places := make([]string, n)
	for i := range places {
		places[i] = "$" + strconv.Itoa(3+i)
	}
	return `SELECT r.owner, r.epoch, r.recipient, r.sealed, b.epoch, b.sealed FROM key_wraps r
		JOIN key_wraps b ON b.owner = r.recipient AND b.recipient = $2
		WHERE r.agency = $1 AND r.owner IN (` + strings.Join(places, ", ") + `)`
}
