package proofs

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

var claimPower = claim{
	"power cut", "the power goes at a random change of the disk (a VFS below the encryption), sectors that were not synced are lost by chance; every third disk lied about what it had synced",
	"1,000 cuts, integrity ok",
}

// TestProofOfPowerCut cuts the power of a machine that takes contacts. What
// was not synced is there or not, sector by sector. Then the file is sound,
// what was acknowledged is there, and no contact is half there.
//
// A disk that lies empties its memory in order, as far as it got. What it
// lost nobody can bring back, so there the file has to be sound and every contact
// whole. A disk that lies and mixes the order too can damage any database: Clew
// then says so and what to do, which a story of the command line tells.
func TestProofOfPowerCut(t *testing.T) {
	t.Parallel()
	for lane := range size(1, 4) {
		t.Run(fmt.Sprint("lane ", lane+1), func(t *testing.T) {
			t.Parallel()
			claimPower.prove(t, "SQLite", func(t *testing.T) string { return cutOften(t, size(12, 250)) })
		})
	}
}

func cutOften(t *testing.T, cuts int) string {
	b := newBreakable(t, onSQLite(t))
	luck := chance(t, 0)
	b.begin()
	stored := contactsIn(t, b.data, b.now)
	acknowledged, lied, lost := 0, 0, 0
	for cut := range cuts {
		b.begin()
		what, many := "cut", []int{30, 300, 1500}[luck.IntN(3)]
		if cut%3 == 2 {
			what = "lie"
			lied++
		}
		b.order(fmt.Sprint(what, " ", 1+luck.IntN(many), " ", luck.Uint32()))
		told := b.sendUntilDark()
		d := b.open(t)
		sound(t, d)
		whole(t, d)
		n := count(t, d, `SELECT COUNT(*) FROM contacts`)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if short := stored + told - n; short > 0 {
			lost += short
			if what == "cut" {
				t.Errorf("cut %d: %d of %d that were acknowledged are lost", cut, short, told)
			}
		}
		if t.Failed() {
			t.FailNow()
		}
		acknowledged, stored = acknowledged+told, n
	}
	if acknowledged < cuts {
		t.Errorf("only %d were acknowledged, so little was proved", acknowledged)
	}
	return fmt.Sprintf("%d cuts (%d of disks that lied): sound each time; of %d contacts acknowledged 0 lost by honest disks, %d by those that lied, none half there", cuts, lied, acknowledged, lost)
}

// sendUntilDark sends from several sides until the program is gone, and says
// how often it was told that something is kept.
func (b *breakable) sendUntilDark() int {
	b.Helper()
	var told atomic.Int64
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for n := range 6 {
		all.Go(func() {
			for ctx.Err() == nil {
				l := &letter{channel: "api", path: "/api/v1/contacts", kind: "application/json", once: ids.New(), want: http.StatusCreated}
				l.body = fmt.Sprintf(`{"text":%q,"mailbox":%v}`, strings.Repeat("help ", 1+n*n*20), n%2 == 0)
				status, _, err := l.send(ctx, b.now.Public)
				switch {
				case err != nil:
					return
				case status == l.want:
					told.Add(1)
				}
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		b.Fatal("the power was never cut")
	}
	_ = b.now.cmd.Wait()
	if said := b.now.err.String(); !strings.Contains(said, "fault: the power is cut") {
		b.Fatalf("it ended otherwise: %s", said)
	}
	return int(told.Load())
}

// whole says that no contact is without its key, and none that has a mailbox
// without that and its first line.
func whole(t *testing.T, d *db.DB) {
	t.Helper()
	for what, query := range map[string]string{
		"contacts without a key":         `SELECT COUNT(*) FROM contacts c WHERE NOT EXISTS (SELECT 1 FROM key_wraps w WHERE w.owner = c.id)`,
		"contacts without their mailbox": `SELECT COUNT(*) FROM contacts c WHERE c.mailbox <> '' AND NOT EXISTS (SELECT 1 FROM mailboxes m WHERE m.lookup = c.mailbox)`,
		"mailboxes without a first line": `SELECT COUNT(*) FROM mailboxes m WHERE NOT EXISTS (SELECT 1 FROM mailbox_items i WHERE i.mailbox = m.lookup AND i.seq = 1)`,
		"mailboxes without a contact":    `SELECT COUNT(*) FROM mailboxes m WHERE NOT EXISTS (SELECT 1 FROM contacts c WHERE c.id = m.contact)`,
	} {
		if n := count(t, d, query); n > 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}
