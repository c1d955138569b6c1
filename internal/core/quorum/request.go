package quorum

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Request asks the officers to let an account back in.
type Request struct {
	ID      string
	Agency  string
	Account string // whom it lets in
	AskedBy string
	Why     string // one of Whys
	Asked   time.Time
	State   State
	Ended   time.Time
	EndedBy string // empty for the program itself
	Given   []int  // the numbers of the officers whose shares are there

	set            string
	key, publicKey []byte
	held           time.Time
}

// State is how far a request has come.
type State string

// The states. A request that is not Open never is again.
const (
	Open      State = "open"
	Done      State = "done"
	Cancelled State = "cancelled"
	Expired   State = "expired"
	Failed    State = "failed" // the account has another key now or is closed, or somebody meddled with the request
)

// Whys are the reasons that can be given. They are codes, so that everybody
// reads them in their own language and nothing about anybody stands in them.
var Whys = []string{"lost_passphrase", "lost_device", "nobody_left", "other"}

// mostOpen bounds the requests that wait at once; more are no emergency.
const mostOpen = 20

// Due is when shares can be given.
func (r Request) Due() time.Time { return r.Asked.Add(Delay) }

// Until is when it is over.
func (r Request) Until() time.Time { return r.Asked.Add(Lasts) }

// Waits says that the delay is not over.
func (r Request) Waits(now time.Time) bool { return now.Before(r.Due()) }

// terms are what everybody is told of a request, and what never changes in it.
func (r Request) terms() string {
	return strings.Join([]string{r.set, r.Account, hex.EncodeToString(r.key), strconv.FormatInt(db.Micros(r.Asked), 10)}, " ")
}

func (r Request) sealedTo(pair *seal.Pair) bool {
	return bytes.Equal(r.publicKey, pair.Public().Bytes())
}

// Ask begins a request, for by. lacks says whether the account lacks a key that
// its role works with: one that opens everything needs nobody.
func Ask(ctx context.Context, tx *db.Tx, by staff.Person, account, why string, lacks bool) (id string, err error) {
	defer errs.Wrap(&err, "quorum.Ask")
	set, there, err := Current(ctx, tx, by.Agency)
	if err != nil {
		return "", err
	}
	if !there {
		return "", errs.New(errs.Conflict, "recovery.error.no_quorum", nil)
	}
	if !slices.Contains(Whys, why) {
		return "", errs.In("why", "recovery.error.why")
	}
	who, err := staff.Get(ctx, tx, by.Agency, account)
	switch {
	case errs.Is(err, errs.NotFound) || err == nil && who.Disabled:
		return "", errs.In("account", "recovery.error.account")
	case err != nil:
		return "", err
	case who.Fresh:
		return "", errs.In("account", "recovery.error.fresh")
	case !lacks:
		return "", errs.In("account", "recovery.error.nothing")
	}
	open, err := Requests(ctx, tx, by.Agency, Open)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(open, func(r Request) bool { return r.Account == account }) {
		return "", errs.In("account", "recovery.error.asked")
	}
	if len(open) >= mostOpen {
		return "", errs.New(errs.Conflict, "recovery.error.many", nil)
	}
	id = ids.New()
	_, err = tx.Exec(ctx, `INSERT INTO quorum_requests (id, agency, set_id, account, account_key, asked_by, why, asked, state, ended, ended_by, held)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', 0, '', 0)`,
		id, by.Agency, set.ID, who.ID, hash(who.Public), by.ID, why, tx.Now)
	if err != nil {
		return "", err
	}
	return id, write(ctx, tx, by.Agency, audit.Entry{Staff: by.ID, Action: string(staff.UseRecovery) + " asked", Record: who.ID, Reason: why})
}

// Cancel ends a request. Officers and supervisors may, and who has asked; for
// anybody else there is none.
func Cancel(ctx context.Context, tx *db.Tx, by staff.Person, id string) (err error) {
	defer errs.Wrap(&err, "quorum.Cancel")
	r, err := Get(ctx, tx, by.Agency, id)
	if err != nil {
		return err
	}
	may, err := r.MayCancel(ctx, tx, by)
	if err != nil {
		return err
	}
	if !may {
		return errs.New(errs.NotFound, "", nil)
	}
	ended, err := r.end(ctx, tx, Cancelled, by.ID)
	if err != nil {
		return err
	}
	if !ended {
		return errs.New(errs.Conflict, "recovery.error.over", nil)
	}
	return nil
}

// MayCancel says whether somebody may end the request.
func (r Request) MayCancel(ctx context.Context, tx *db.Tx, by staff.Person) (bool, error) {
	if by.Role.May(staff.AdmitStaff) || by.ID == r.AskedBy {
		return true, nil
	}
	set, _, err := Current(ctx, tx, by.Agency)
	_, officer := set.Officer(by.ID)
	return officer, err
}

// end closes a request that is open, writes that down and forgets what was
// given. It says whether it was open.
func (r Request) end(ctx context.Context, tx *db.Tx, as State, by string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE quorum_requests SET state = $2, ended = $3, ended_by = $4, public_key = NULL, held = 0 WHERE id = $1 AND state = 'open'`,
		r.ID, string(as), tx.Now, by)
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM quorum_releases WHERE request = $1`, r.ID); err != nil {
		return false, err
	}
	return true, write(ctx, tx, r.Agency, audit.Entry{Staff: by, Action: string(staff.UseRecovery) + " " + string(as), Record: r.Account})
}

// endOpen ends all open requests of other sets than the one given.
func endOpen(ctx context.Context, tx *db.Tx, agency, by, set string) error {
	open, err := Requests(ctx, tx, agency, Open)
	if err != nil {
		return err
	}
	for _, r := range open {
		if r.set == set {
			continue
		}
		if _, err := r.end(ctx, tx, Cancelled, by); err != nil {
			return err
		}
	}
	return nil
}

const requestColumns = `id, agency, set_id, account, account_key, asked_by, why, asked, state, ended, ended_by, public_key, held`

// Get gives a request.
func Get(ctx context.Context, tx *db.Tx, agency, id string) (r Request, err error) {
	defer errs.Wrap(&err, "quorum.Get")
	list, err := requests(ctx, tx, `SELECT `+requestColumns+` FROM quorum_requests WHERE agency = $1 AND id = $2`, agency, id)
	if err == nil && len(list) == 0 {
		err = errs.New(errs.NotFound, "", nil)
	}
	if err != nil {
		return r, err
	}
	return list[0], nil
}

// Requests gives those in a state, the newest first, at most fifty.
func Requests(ctx context.Context, tx *db.Tx, agency string, in State) (_ []Request, err error) {
	defer errs.Wrap(&err, "quorum.Requests")
	return requests(ctx, tx, `SELECT `+requestColumns+` FROM quorum_requests WHERE agency = $1 AND state = $2 ORDER BY asked DESC, id LIMIT 50`, agency, string(in))
}

// Past gives the requests that are over, the newest first, at most fifty.
func Past(ctx context.Context, tx *db.Tx, agency string) (_ []Request, err error) {
	defer errs.Wrap(&err, "quorum.Past")
	return requests(ctx, tx, `SELECT `+requestColumns+` FROM quorum_requests WHERE agency = $1 AND state <> $2 ORDER BY asked DESC, id LIMIT 50`, agency, string(Open))
}

func requests(ctx context.Context, tx *db.Tx, query string, args ...any) (list []Request, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r Request
		var asked, ended, held int64
		if err := rows.Scan(&r.ID, &r.Agency, &r.set, &r.Account, &r.key, &r.AskedBy, &r.Why, &asked, &r.State, &ended, &r.EndedBy, &r.publicKey, &held); err != nil {
			return nil, err
		}
		r.Asked, r.held = db.Time(asked), db.Time(held)
		if ended > 0 {
			r.Ended = db.Time(ended)
		}
		list = append(list, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].State == Open {
			if err := list[i].readGiven(ctx, tx); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func (r *Request) readGiven(ctx context.Context, tx *db.Tx) error {
	rows, err := tx.Query(ctx, `SELECT number FROM quorum_releases WHERE request = $1 ORDER BY number`, r.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return err
		}
		r.Given = append(r.Given, n)
	}
	return rows.Err()
}

// stands says whether the account still is as it was when the request was made.
func (r Request) stands(ctx context.Context, tx *db.Tx) (bool, error) {
	who, err := staff.Get(ctx, tx, r.Agency, r.Account)
	if errs.Is(err, errs.NotFound) || errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil && !who.Disabled && !who.Fresh && bytes.Equal(hash(who.Public), r.key), err
}
