package contact

import (
	"context"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Waiter is a line of a queue: what is in clear, and nothing else.
type Waiter struct {
	ID       string
	State    State
	Severity int
	Channel  Channel
	Language string
	Arrived  time.Time
	TakenBy  string
	Unread   int
	Seen     bool // another contact names the same number; see Feature.markSeen
}

// Crisis says whether the person asked for help at once.
func (w Waiter) Crisis() bool { return w.Severity == SeverityCrisis }

const waiterColumns = `id, state, severity, channel, language, arrived, taken_by, unread`

// openTo leaves out the contacts of groups that a colleague, an argument of the
// query, is not in. That there is one is as secret as what it says. Those of the
// intake group are everybody's whose role reads the queue.
func openTo(argument string) string {
	return ` AND (key_group = '' OR EXISTS (SELECT 1 FROM key_groups g
		JOIN key_wraps w ON w.owner = g.id AND w.epoch = g.epoch AND w.recipient = ` + argument + ` WHERE g.id = key_group))`
}

// Sees says whether somebody may know that a contact is there.
func (f *Feature) Sees(ctx context.Context, tx *db.Tx, p staff.Person, id string) (sees bool, err error) {
	defer errs.Wrap(&err, "contact.Sees")
	var n int
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM contacts WHERE agency = $1 AND id = $2`+openTo("$3"), p.Agency, id, p.ID).Scan(&n)
	return n > 0, err
}

// Opens says whether somebody is in the group that opens a contact: the intake
// group for most, a group of few for others.
func (f *Feature) Opens(ctx context.Context, tx *db.Tx, p staff.Person, id string) (opens bool, err error) {
	defer errs.Wrap(&err, "contact.Opens")
	var n int
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM contacts c
		JOIN key_groups g ON g.agency = c.agency AND (g.id = c.key_group OR c.key_group = '' AND g.name = $4)
		JOIN key_wraps w ON w.owner = g.id AND w.epoch = g.epoch AND w.recipient = $3
		WHERE c.agency = $1 AND c.id = $2`, p.Agency, id, p.ID, keyring.Intake).Scan(&n)
	return n > 0, err
}

// Crisis first, then who has waited longest: the order of contacts_queue.
var inOrderQuery = `SELECT ` + waiterColumns + ` FROM contacts WHERE agency = $1 AND state = $2` + openTo("$4") + `
	ORDER BY severity, arrived, id LIMIT $3`

const mineQuery = `SELECT ` + waiterColumns + ` FROM contacts WHERE agency = $1 AND taken_by = $2 AND state = $3
	ORDER BY arrived, id LIMIT $4`

func list(ctx context.Context, tx *db.Tx, query string, args ...any) (out []Waiter, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var w Waiter
		var state, channel string
		var arrived int64
		if err := rows.Scan(&w.ID, &state, &w.Severity, &channel, &w.Language, &arrived, &w.TakenBy, &w.Unread); err != nil {
			return nil, err
		}
		w.State, w.Channel, w.Arrived = State(state), Channel(channel), db.Time(arrived)
		out = append(out, w)
	}
	return out, rows.Err()
}

// Queue is what an advocate sees beside the conversation.
type Queue struct {
	Waiting []Waiter
	More    bool // more wait than are shown
	Mine    []Waiter
}

// queueShown is how many waiting contacts one screen shows.
const queueShown = 50

// Queue gives who waits and what the colleague has open.
func (f *Feature) Queue(ctx context.Context, agency, staffID string) (q Queue, err error) {
	defer errs.Wrap(&err, "contact.Queue")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		q.Waiting, err = list(ctx, tx, inOrderQuery, agency, string(Waiting), queueShown+1, staffID)
		if err != nil {
			return err
		}
		if q.More = len(q.Waiting) > queueShown; q.More {
			q.Waiting = q.Waiting[:queueShown]
		}
		q.Mine, err = list(ctx, tx, mineQuery, agency, staffID, string(Active), queueShown)
		return err
	})
	return q, err
}

// Floor is the supervisor's one screen.
type Floor struct {
	Waiting    int
	More       bool // there are more than floorCounted
	Longest    time.Time
	ByLanguage map[string]int
	Active     []Waiter
	Load       map[string]int // open contacts by colleague
}

// floorCounted bounds the counting, so that the screen is as quick in a flood
// as on a quiet night.
const floorCounted = 1000

// Floor counts who waits and who has what open, as far as the colleague may know
// of it.
func (f *Feature) Floor(ctx context.Context, agency, staffID string) (fl Floor, err error) {
	defer errs.Wrap(&err, "contact.Floor")
	fl = Floor{ByLanguage: map[string]int{}, Load: map[string]int{}}
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		waiting, err := list(ctx, tx, inOrderQuery, agency, string(Waiting), floorCounted+1, staffID)
		if err != nil {
			return err
		}
		fl.Waiting, fl.More = min(len(waiting), floorCounted), len(waiting) > floorCounted
		for _, w := range waiting {
			fl.ByLanguage[w.Language]++
			if fl.Longest.IsZero() || w.Arrived.Before(fl.Longest) {
				fl.Longest = w.Arrived
			}
		}
		fl.Active, err = list(ctx, tx, inOrderQuery, agency, string(Active), floorCounted, staffID)
		for _, w := range fl.Active {
			fl.Load[w.TakenBy]++
		}
		return err
	})
	return fl, err
}
