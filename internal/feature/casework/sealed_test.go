package casework

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// meddle changes the database behind the program's back.
func (h *house) meddle(query string, args ...any) {
	h.t.Helper()
	h.ok(h.DB.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, query, args...)
		if err == nil && n == 0 {
			h.t.Fatal("meddling changed nothing")
		}
		return err
	}))
}

func TestARowThatWasMovedOrChangedDoesNotOpen(t *testing.T) {
	const release, event = `SELECT sealed_release FROM referrals WHERE id = $2`, `SELECT sealed FROM referral_events WHERE referral = $2 AND seq = 1`
	cases := map[string]func(h *house, a, b string){
		"another's release": func(h *house, a, b string) {
			h.meddle(`UPDATE referrals SET sealed_release = (`+release+`) WHERE id = $1`, a, b)
		},
		"another's event": func(h *house, a, b string) {
			h.meddle(`UPDATE referral_events SET sealed = (`+event+`) WHERE referral = $1 AND seq = 1`, a, b)
		},
		"an event at another place": func(h *house, a, _ string) {
			h.meddle(`UPDATE referral_events SET sealed = (SELECT sealed FROM referral_events WHERE referral = $1 AND seq = 1) WHERE referral = $1 AND seq = 2`, a)
		},
		"an event for a release": func(h *house, a, _ string) {
			h.meddle(`UPDATE referrals SET sealed_release = (SELECT sealed FROM referral_events WHERE referral = $1 AND seq = 1) WHERE id = $1`, a)
		},
		"an event lost": func(h *house, a, _ string) {
			h.meddle(`DELETE FROM referral_events WHERE referral = $1 AND seq = 2`, a)
		},
		"a state made up": func(h *house, a, _ string) { h.meddle(`UPDATE referrals SET state = 'offered' WHERE id = $1`, a) },
		"another's contact": func(h *house, a, _ string) {
			h.meddle(`UPDATE referrals SET contact = $2 WHERE id = $1`, a, h.open(h.ada))
		},
		"another epoch": func(h *house, a, _ string) {
			h.meddle(`UPDATE referrals SET sealed_release = $2 || substr(sealed_release, 6) WHERE id = $1`, a, []byte{2, 0, 0, 0, 2})
		},
		"a release cut short": func(h *house, a, _ string) {
			h.meddle(`UPDATE referrals SET sealed_release = $2 WHERE id = $1`, a, []byte{1, 2, 3})
		},
	}
	each(t, func(t *testing.T, h *house) {
		for name, meddle := range cases {
			a, b := h.refer(), h.refer()
			for _, id := range []string{a, b} {
				h.follow(id, Sent, "")
			}
			meddle(h, a, b)
			if _, err := h.Get(t.Context(), h.ada, a); !errors.Is(err, seal.ErrSealed) {
				t.Errorf("%s: opened: %v", name, err)
			}
			if err := h.Follow(t.Context(), h.ada, a, Deed{Step: Accepted}); !errors.Is(err, seal.ErrSealed) {
				t.Errorf("%s: followed: %v", name, err)
			}
			list, err := h.Referrals(t.Context(), h.ada, AllOpen, "")
			h.ok(err)
			for _, l := range list.Lines { // shown as what it is, and hides no other
				if (l.ID == a || l.ID == b) && l.Broken != (l.ID == a) {
					t.Errorf("%s: listed as %+v", name, l)
				}
			}
			h.get(b)
		}
	})
}

// spellings are how a text could stand on a disk. Of base64 only what does not
// depend on what stands before it.
func spellings(s string) map[string][]byte {
	wide := func(order func(uint16) []byte) (b []byte) {
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, order(u)...)
		}
		return b
	}
	out := map[string][]byte{
		"raw":      []byte(s),
		"utf-16le": wide(func(u uint16) []byte { return []byte{byte(u), byte(u >> 8)} }),
		"utf-16be": wide(func(u uint16) []byte { return []byte{byte(u >> 8), byte(u)} }),
		"hex":      []byte(hex.EncodeToString([]byte(s))),
	}
	for skip := range 3 {
		out["base64 "+string(rune('0'+skip))] = []byte(base64.StdEncoding.EncodeToString([]byte(s[skip:]))[:len(s)*4/3-8])
	}
	return out
}

// found names the canaries that stand in data in some spelling.
func found(data []byte, canaries []string) (hits []string) {
	for _, c := range canaries {
		for how, b := range spellings(c) {
			if bytes.Contains(bytes.ToLower(data), bytes.ToLower(b)) {
				hits = append(hits, c+" ("+how+")")
			}
		}
	}
	return hits
}

// dump is every row of every table that referrals write to, as it is stored.
func (h *house) dump() (all []byte) {
	for _, table := range []string{"referrals", "referral_events", "audit_pending", "audit_entries", "facts", "facts_revision", "key_wraps"} {
		h.view(func(ctx context.Context, tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT * FROM `+table) //nolint:unqueryvet // whatever a column is called, it is scanned
			if err != nil {
				return err
			}
			defer rows.Close()
			names, err := rows.Columns()
			h.ok(err)
			for rows.Next() {
				cells := make([][]byte, len(names))
				into := make([]any, len(names))
				for i := range cells {
					into[i] = &cells[i]
				}
				h.ok(rows.Scan(into...))
				all = append(all, bytes.Join(cells, []byte("|"))...)
				all = append(all, '\n')
			}
			return rows.Err()
		})
	}
	return all
}

func TestNothingOfThePersonIsOnTheDisk(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		canary := func(what string) string { return "canary" + what + ids.New() }
		service := canary("service")
		h.services[service] = ServiceLine{ID: service, Name: canary("name"), Organization: canary("org"), Phones: []string{"+1 312 555 0100"}}
		canaries := []string{service, h.services[service].Name, h.services[service].Organization}
		a := asked()
		a.Service, a.Items = service, nil
		for _, field := range []Field{Name, Where, Summary, Reach} {
			v := canary(string(field))
			canaries = append(canaries, v)
			a.Items = append(a.Items, Item{field, v})
		}
		id, err := h.Refer(ctx, h.ada, h.mine, a)
		h.ok(err)
		note := canary("note")
		canaries = append(canaries, note)
		h.ok(h.Follow(ctx, h.ada, id, Deed{Step: Sent, Note: note}))
		h.follow(id, Declined, "not_eligible")
		h.follow(id, Ended, "not_eligible")
		_, err = h.Give(ctx, h.ada, h.mine, ids.New(), service)
		h.ok(err)

		stored := h.dump()
		if !bytes.Contains(stored, []byte(id)) || len(h.log.Of(id)) == 0 {
			t.Fatal("the scan reads nothing")
		}
		if bytes.Contains(stored, []byte(staff.WriteReferral)) {
			t.Error("what was done stands in clear")
		}
		if hits := found(stored, canaries); hits != nil {
			t.Errorf("in the tables: %q", hits)
		}
		for _, secret := range []string{"svc-1", "not_eligible"} { // the reason says what somebody was refused
			if bytes.Contains(h.columns(id), []byte(secret)) {
				t.Errorf("%s stands in clear", secret)
			}
		}
		for how, b := range spellings(canaries[0]) { // the scan finds what is there
			if len(found(append([]byte("xx"), b...), canaries)) == 0 {
				t.Errorf("the scan misses %s", how)
			}
		}
		for _, file := range files(t, h.config.Dir) {
			if hits := found(file, canaries); hits != nil {
				t.Errorf("in the data folder: %q", hits)
			}
		}
	})
}

// columns are the stored bytes of one referral.
func (h *house) columns(id string) []byte {
	var out [][]byte
	for line := range bytes.SplitSeq(h.dump(), []byte("\n")) {
		if bytes.Contains(line, []byte(id)) {
			out = append(out, line)
		}
	}
	return bytes.Join(out, []byte("\n"))
}

// files are the contents of the data folder; none on PostgreSQL.
func files(t *testing.T, dir string) (all [][]byte) {
	if dir == "" {
		return nil
	}
	h, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range h {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	if len(all) == 0 {
		t.Fatal("the data folder is empty")
	}
	return all
}

// What stands in clear has no finer time than a day.
func TestTheClearTimesAreCoarse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.later(2*time.Hour + 17*time.Minute)
		id := h.refer()
		h.view(func(ctx context.Context, tx *db.Tx) error {
			var due int64
			h.ok(tx.QueryRow(ctx, `SELECT due FROM referrals WHERE id = $1`, id).Scan(&due))
			if at := db.Time(due).Format(time.RFC3339Nano); !strings.HasSuffix(at, "T00:00:00Z") {
				t.Errorf("due %s", at)
			}
			return nil
		})
	})
}
