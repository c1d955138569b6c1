package blind

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // what somebody could look for
	"crypto/sha1" //nolint:gosec // as above
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// dump is all that the database keeps, cell by cell.
func (h *house) dump() (cells map[string][][]byte) {
	h.t.Helper()
	cells = map[string][][]byte{}
	h.ok(h.db.View(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		all := []db.Migrations{keyring.Migrations, Migrations}
		versions, err := tx.Versions(ctx, all)
		if err != nil {
			return err
		}
		tables, _, err := tx.Content(ctx, all, versions)
		if err != nil {
			return err
		}
		for _, table := range tables {
			err := tx.Rows(ctx, table, func(row []any) error {
				for _, v := range row {
					switch v := v.(type) {
					case []byte:
						cells[table.Name] = append(cells[table.Name], bytes.Clone(v))
					case string:
						cells[table.Name] = append(cells[table.Name], []byte(v))
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	if len(cells["blind_keys"]) == 0 || len(cells["key_wraps"]) == 0 {
		h.t.Fatal("nothing was read")
	}
	return cells
}

var canaries = []Named{
	{Kind: Phone, Text: "+1 312 555 0147"},
	{Kind: Email, Text: "zenobia.qx@example.org"},
	{Kind: Plate, Text: "ZQX 4711"},
	{Kind: Address, Text: "4711 Zenobia St", Place: "Qxville", Country: "US"},
}

// forms are what could give a thing away that somebody has in mind.
func forms(named []Named) (list [][]byte) {
	for _, n := range named {
		for _, text := range append(n.Normal(), n.Text) {
			digits := strings.Map(func(r rune) rune {
				if r == '+' || r == ' ' || r == '-' {
					return -1
				}
				return r
			}, text)
			for _, t := range []string{text, digits, strings.ToLower(text)} {
				raw := []byte(t)
				s1, s256, m5 := sha1.Sum(raw), sha256.Sum256(raw), md5.Sum(raw) //nolint:gosec // as above
				mac := hmac.New(sha256.New, nil)
				mac.Write(raw)
				for _, b := range [][]byte{raw, s1[:16], s256[:16], m5[:], mac.Sum(nil)[:16]} {
					list = append(list, b, []byte(hex.EncodeToString(b)), []byte(base64.RawStdEncoding.EncodeToString(b)))
				}
			}
		}
	}
	return list
}

// Neither what was named nor a plain hash of it is on disk, waiting or linked.
func TestNothingThatWasNamedIsOnDisk(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.name(canaries...)
		look := func(when string) {
			for table, cells := range h.dump() {
				for _, cell := range cells {
					for _, form := range forms(canaries) {
						if bytes.Contains(cell, form) {
							t.Errorf("%s: %s holds %q", when, table, form)
						}
					}
				}
			}
		}
		look("while it waits")
		h.signIn(h.ann)
		h.name(canaries...)
		h.ok(h.Work(t.Context()))
		look("linked")
	})
}

// Two copies of the disk show neither which records share something nor which
// name anything at all.
func TestTheDiskShowsNoEquality(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		look := func(table string, want int) {
			seen, size := map[string]bool{}, 0
			h.ok(h.db.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				rows, err := tx.Query(ctx, `SELECT sealed FROM `+table)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var b []byte
					if err := rows.Scan(&b); err != nil {
						return err
					}
					if size != 0 && len(b) != size {
						t.Errorf("%s: rows of %d and %d bytes", table, size, len(b))
					}
					size = len(b)
					for at := 0; at+markSize <= len(b); at++ {
						if at > 0 && seen[string(b[at:at+markSize])] {
							t.Fatalf("%s: two rows share %x", table, b[at:at+markSize])
						}
						seen[string(b[at:at+markSize])] = true
					}
					want--
				}
				return rows.Err()
			}))
			if want != 0 {
				t.Errorf("%s: %d rows too few", table, want)
			}
		}
		h.name(canaries...)
		h.name(canaries...)
		h.name()
		look("blind_waiting", 3)
		h.signIn(h.ann)
		look("blind_marks", 3)
	})
}

// With the whole disk and the thing in mind, but without a member's key, nobody
// learns whether it is in the index: no run of 32 bytes on the disk is a key that
// opens anything of it.
func TestTheDiskAloneComputesNoMark(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		record := h.name(canaries...)
		h.signIn(h.ann)
		waits := h.name(canaries...)
		var sealed, waiting []byte
		h.ok(h.db.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := tx.QueryRow(ctx, `SELECT sealed FROM blind_waiting WHERE record = $1`, waits).Scan(&waiting); err != nil {
				return err
			}
			return tx.QueryRow(ctx, `SELECT sealed FROM blind_marks WHERE record = $1`, record).Scan(&sealed)
		}))
		tries := 0
		try := func(secret []byte) {
			k, err := seal.KeyFrom(secret)
			h.ok(err)
			tries++
			if b, err := k.Open(h.place("blind_marks", record, 1), sealed); err == nil {
				t.Fatalf("a key lies on the disk, and opens %d bytes", len(b))
			}
		}
		for _, cells := range h.dump() {
			for _, cell := range cells {
				for at := 0; at+32 <= len(cell); at++ {
					try(cell[at : at+32])
				}
				sum := sha256.Sum256(cell)
				try(sum[:])
			}
		}
		if tries < 5000 {
			t.Errorf("only %d keys were tried", tries)
		}
		// Nor is it the public half, or a stranger's pair.
		stranger, err := newKey(seal.NewKey())
		h.ok(err)
		if _, err := stranger.pair.Open(h.place("blind_waiting", waits, 1), waiting); err == nil {
			t.Fatal("a stranger opens what waits")
		}
		// With the key both open: the test looks at the right bytes.
		keys := h.held()
		if _, err := keys[0].key.Open(h.place("blind_marks", record, 1), sealed); err != nil {
			t.Error(err)
		}
		if _, err := keys[0].pair.Open(h.place("blind_waiting", waits, 1), waiting); err != nil {
			t.Error(err)
		}
	})
}
