package audit

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// leaf is an entry as the tree takes it: all that is stored of it, each part
// preceded by its length. Its place in the log is its place in the tree.
type leaf struct {
	agency, id, book string
	tag, sealed      []byte
}

func (l leaf) hash() tlog.Hash {
	b := make([]byte, 0, 512)
	for _, part := range [...][]byte{[]byte("clew/v1 audit entry"), []byte(l.agency), []byte(l.id), []byte(l.book), l.tag, l.sealed} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	return tlog.RecordHash(b)
}

// tree is a Merkle tree as it grows: how many leaves it has, and by level the
// last subtree that is complete.
type tree struct {
	size int64
	last [64]tlog.Hash
}

// add appends a leaf and gives the hashes that it completes, its own first:
// the stored hashes of tlog for this leaf.
func (t *tree) add(h tlog.Hash) (made []tlog.Hash) {
	made = append(made, h)
	level := 0
	for ; t.size>>level&1 == 1; level++ {
		h = tlog.NodeHash(t.last[level], h)
		made = append(made, h)
	}
	t.last[level] = h
	t.size++
	return made
}

// root is the hash of the whole tree.
func (t *tree) root() tlog.Hash {
	if t.size == 0 {
		return emptyRoot
	}
	level := bits.TrailingZeros64(uint64(t.size))
	root := t.last[level]
	for level++; t.size>>level > 0; level++ {
		if t.size>>level&1 == 1 {
			root = tlog.NodeHash(t.last[level], root)
		}
	}
	return root
}

// emptyRoot is the hash of a tree without leaves.
var emptyRoot = func() tlog.Hash {
	h, err := tlog.TreeHash(0, nil)
	if err != nil {
		panic(err) // nothing is read for it
	}
	return h
}()

// loadTree makes the tree of the first size entries from their stored hashes.
func loadTree(ctx context.Context, tx *db.Tx, agency string, size int64) (*tree, error) {
	t := &tree{size: size}
	for level := range 63 {
		if size>>level&1 == 0 {
			continue
		}
		seq := size>>level<<level - 1 // which completed the last subtree of this level
		var b []byte
		err := tx.QueryRow(ctx, `SELECT hashes FROM audit_entries WHERE agency = $1 AND seq = $2`, agency, seq).Scan(&b)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, ErrDamaged
		}
		if err != nil {
			return nil, err
		}
		stored, ok := splitHashes(b)
		if !ok || level >= len(stored) {
			return nil, ErrDamaged
		}
		t.last[level] = stored[level]
	}
	return t, nil
}

// ErrDamaged says that the log does not go on from its signed head. Verify
// tells what is wrong.
var ErrDamaged = errs.New(errs.Unavailable, "log.damaged", errors.New("\"clew audit verify\" says what is wrong"))

func joinHashes(list []tlog.Hash) []byte {
	b := make([]byte, 0, len(list)*tlog.HashSize)
	for _, h := range list {
		b = append(b, h[:]...)
	}
	return b
}

func splitHashes(b []byte) (list []tlog.Hash, ok bool) {
	for ; len(b) >= tlog.HashSize; b = b[tlog.HashSize:] {
		list = append(list, tlog.Hash(b[:tlog.HashSize]))
	}
	return list, len(b) == 0 && len(list) > 0
}
