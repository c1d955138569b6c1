package proofs

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
)

var claimLoss = claim{
	"no loss", "`kill -9` at random and at each step while contacts are taken through every channel",
	"10,000 kills: 0 lost, 0 doubled, restart < 2 s",
}

// Every channel sends once in each round between two kills.
const channels = 5

// TestProofOfNoLoss kills the program again and again while the
// web form, programs, mailboxes and an advocate send what comes in. Everybody
// repeats until they are answered, as people and programs do. At the end
// there is what was sent: no more, no less.
func TestProofOfNoLoss(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, e engine) {
		for lane := range size(1, 2) {
			e := e
			t.Run(fmt.Sprint("lane ", lane+1), func(t *testing.T) {
				if lane > 0 {
					e = e.fresh(t)
				}
				t.Parallel()
				claimLoss.prove(t, e.name, func(t *testing.T) string { return killedOften(t, e, size(40, 2500)) })
			})
		}
	})
}

func killedOften(t *testing.T, e engine, kills int) string {
	h := &killed{breakable: newBreakable(t, e), luck: chance(t, 0), sent: map[string]int{}, steps: map[string]int{}}
	h.restart()
	h.stored(false)
	h.restart()
	h.cookie = signIn(t, h.now, "Ada").cookie
	h.round(0) // the first one makes the mailbox
	for h.kills < kills {
		h.round(1 + h.luck.IntN(32))
	}
	lost, doubled := h.stored(true)
	names := make([]string, 0, len(h.steps))
	for name := range h.steps {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, must := range []string{
		"a contact is sealed", "a request is claimed", "a contact's keys are written", "a contact is written", "before a commit", "after a commit",
		"a contact is stored and nobody knows", "a message is claimed", "a message is written", "a message is stored and nobody knows",
	} {
		if h.steps[must] == 0 && kills >= 500 {
			t.Errorf("never killed when %s", must)
		}
	}
	if h.slowest > 2*time.Second {
		slow.Store(t.Name(), true)
	}
	return fmt.Sprintf("%d kills (%d at %d kinds of step, %d from outside, %d of them before it answered): %d contacts and messages acknowledged, %d lost, %d doubled, slowest restart %.2f s",
		h.kills, h.atStep, len(names), h.kills-h.atStep, h.starting, h.acknowledged, lost, doubled, h.slowest.Seconds())
}

// killed is a program that is killed, and who sends to it.
type killed struct {
	*breakable

	luck   *rand.Rand
	cookie string // of an advocate
	code   string // of the mailbox that is written to

	kills, atStep, starting, acknowledged int
	slowest                               time.Duration
	n                                     int            // of what was sent
	sent                                  map[string]int // by channel and language
	before                                map[string]int // what was there, likewise
	steps                                 map[string]int // at which it died
}

// restart starts the program, and sometimes kills it while it starts.
func (h *killed) restart() {
	h.Helper()
	h.order("")
	for h.now != nil && h.luck.IntN(8) == 0 {
		cmd := exec.Command("clew-failpoint", append([]string{"demo", "--listen", listenOn(h)}, h.args...)...)
		cmd.Env = append(os.Environ(), h.env...)
		if err := cmd.Start(); err != nil {
			h.Fatal(err)
		}
		time.Sleep(time.Duration(h.luck.IntN(100_000)) * time.Microsecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		h.kills++
		h.starting++
	}
	again := h.now != nil
	h.begin()
	if again {
		h.slowest = max(h.slowest, h.now.ready)
	}
}

// died counts a kill, by what the program said last.
func (h *killed) died(said string) {
	h.kills++
	if _, step, ok := strings.Cut(said, "fault: killed at "); ok {
		h.atStep++
		step, _, _ = strings.Cut(step, "\n")
		h.steps[step]++
	}
}

// round lets everybody send once, kills the program at a step or at a moment,
// starts it again, and waits until everybody was answered. A step of 0 kills nobody.
func (h *killed) round(step int) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), time.Minute)
	defer cancel()
	var mu sync.RWMutex // of where the program answers
	r := h.now
	site := func() string { mu.RLock(); defer mu.RUnlock(); return r.Public }
	late := time.Duration(h.luck.IntN(20_000)) * time.Microsecond
	if step > 0 && h.luck.IntN(3) > 0 {
		h.order(fmt.Sprint("kill ", step))
		late = time.Minute
	}
	var all sync.WaitGroup
	for c := range channels {
		h.n++
		req := h.letter(c, h.n)
		all.Go(func() {
			if err := req.until(ctx, site); err != nil {
				h.Errorf("%s was never answered: %v", req.channel, err)
			}
			if req.code != "" {
				h.code = req.code
			}
		})
		h.sent[req.channel+" "+req.language]++
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	if step > 0 {
		ended := make(chan struct{})
		go func() { _ = r.cmd.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-done:
		case <-time.After(late):
		}
		_ = r.cmd.Process.Kill()
		<-ended
		h.died(r.err.String())
		h.restart()
		mu.Lock()
		r = h.now
		mu.Unlock()
	}
	<-done
	h.acknowledged += channels
	if h.Failed() {
		h.FailNow()
	}
}

// letter makes the n-th thing that is sent, through one of the channels. Its
// language, which stands in the clear, is by which it is found again.
func (h *killed) letter(channel, n int) *letter {
	once := fmt.Sprintf("%032x", h.luck.Uint64()) + fmt.Sprint(n)
	language := languages[n%len(languages)]
	object := func(v map[string]any) string {
		b, err := json.Marshal(v)
		if err != nil {
			h.Fatal(err)
		}
		return string(b)
	}
	text := fmt.Sprintf("letter %d", n)
	switch channel {
	case 0:
		language = []string{"en", "es", "ar", "pl", "ru", "zh"}[n/channels%6] // those of the site
		return &letter{"web", language, "/en/contact", urlencoded, form("message", text, "language", language, "key", once), "", "", http.StatusOK, ""}
	case 1:
		return &letter{"api", language, "/api/v1/contacts", "application/json", object(map[string]any{"text": text, "language": language, "mailbox": false}), once, "", http.StatusCreated, ""}
	case 2:
		if h.code != "" {
			return &letter{"mailbox", "", "/api/v1/mailbox/messages", "application/json", object(map[string]any{"text": text, "code": h.code}), once, "", http.StatusCreated, ""}
		}
	case 3:
		return &letter{"phone", language, "/staff/contacts/new", urlencoded, form("channel", "phone", "text", text, "language", language, "request_type", "unsure", "once", once), "", h.cookie, http.StatusSeeOther, ""}
	}
	return &letter{"api", language, "/api/v1/contacts", "application/json", object(map[string]any{"text": text, "language": language}), once, "", http.StatusCreated, ""}
}

// stored compares what is there with what was sent, or remembers what was
// there before.
func (h *killed) stored(compare bool) (lost, doubled int) {
	h.Helper()
	h.now.kill()
	h.now = nil
	d := h.open(h.T)
	defer d.Close()
	sound(h.T, d)
	there := map[string]int{}
	err := d.View(h.Context(), func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT channel, language, COUNT(*) FROM contacts GROUP BY channel, language`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var channel, language string
			var n int
			if err := rows.Scan(&channel, &language, &n); err != nil {
				return err
			}
			there[channel+" "+language] = n
		}
		if err := rows.Err(); err != nil {
			return err
		}
		n := 0
		err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM contact_messages WHERE by_key = 0`).Scan(&n)
		there["mailbox "] = n
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
	if !compare {
		h.before = there
		return 0, 0
	}
	for key := range h.sent {
		there[key] += 0 // what is lost altogether is compared too
	}
	for key, n := range there {
		more := n - h.before[key] - h.sent[key]
		lost, doubled = lost+max(0, -more), doubled+max(0, more)
		if more != 0 {
			h.Errorf("%s: %d were acknowledged, %d are stored", key, h.sent[key], n-h.before[key])
		}
	}
	return lost, doubled
}
