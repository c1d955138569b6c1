package quorum

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Set is a group of officers: those who are being asked, or those who hold shares.
type Set struct {
	ID       string
	Agency   string
	Needed   int       // how many shares give the key back
	Asked    time.Time // when the officers were named
	Made     time.Time // when the shares were made; zero while officers are asked
	Officers []Officer // by number
}

// Officer is a colleague who holds, or shall hold, a share.
type Officer struct {
	Number  int
	ID      string       // of the account
	Person  staff.Person // zero if the account is gone
	Answer  Answer
	Printed time.Time // when they last had their share on paper; zero for never

	keyHash, commitment, sealed []byte
}

// Answer is what an officer said when they were asked.
type Answer string

// The answers. One that was given with a key that the account has no more is none.
const (
	NotYet   Answer = ""
	Accepted Answer = "accepted"
	Declined Answer = "declined"
)

// Hold says how an officer can give their share.
type Hold string

// The holds.
const (
	Holds     Hold = "holds"   // with a click, or from paper
	PaperOnly Hold = "paper"   // the account has another key now: only from paper, if they have it
	Missing   Hold = "missing" // the account is closed
)

// Hold says how the officer can give their share now.
func (o Officer) Hold() Hold {
	switch {
	case o.Person.ID == "" || o.Person.Disabled:
		return Missing
	case !o.sameKey():
		return PaperOnly
	}
	return Holds
}

func (o Officer) sameKey() bool {
	return o.Person.ID != "" && bytes.Equal(o.keyHash, hash(o.Person.Public))
}

// Able counts the officers who can surely give their share.
func (s Set) Able() (n int) {
	for _, o := range s.Officers {
		if o.Hold() == Holds {
			n++
		}
	}
	return n
}

// Thin says that one more officer who leaves could be one too many: then it is
// time for a new set-up.
func (s Set) Thin() bool { return s.Able() < s.Needed+1 }

// Ready says that all who were asked have accepted.
func (s Set) Ready() bool {
	return !slices.ContainsFunc(s.Officers, func(o Officer) bool { return o.Answer != Accepted })
}

// Officer gives the officer that an account is.
func (s Set) Officer(account string) (Officer, bool) {
	i := slices.IndexFunc(s.Officers, func(o Officer) bool { return o.ID == account })
	if i < 0 {
		return Officer{}, false
	}
	return s.Officers[i], true
}

// Current gives the set whose shares count. There is none while the recovery
// key is on paper in one piece.
func Current(ctx context.Context, tx *db.Tx, agency string) (Set, bool, error) {
	return readSet(ctx, tx, `SELECT id, agency, threshold, asked, made FROM quorum_sets WHERE agency = $1 AND made > 0`, agency)
}

// Proposed gives the set whose officers are being asked.
func Proposed(ctx context.Context, tx *db.Tx, agency string) (Set, bool, error) {
	return readSet(ctx, tx, `SELECT id, agency, threshold, asked, made FROM quorum_sets WHERE agency = $1 AND made = 0`, agency)
}

func readSet(ctx context.Context, tx *db.Tx, query, agency string) (s Set, there bool, err error) {
	defer errs.Wrap(&err, "quorum.readSet")
	var asked, made int64
	err = tx.QueryRow(ctx, query, agency).Scan(&s.ID, &s.Agency, &s.Needed, &asked, &made)
	if errors.Is(err, sql.ErrNoRows) {
		return s, false, nil
	}
	if err != nil {
		return s, false, err
	}
	if s.Asked = db.Time(asked); made > 0 {
		s.Made = db.Time(made)
	}
	people, err := staff.List(ctx, tx, agency)
	if err != nil {
		return s, false, err
	}
	rows, err := tx.Query(ctx, `SELECT number, staff, answer, key_hash, printed, commitment, sealed FROM quorum_officers
		WHERE agency = $1 AND set_id = $2 ORDER BY number`, agency, s.ID)
	if err != nil {
		return s, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var o Officer
		var printed int64
		if err := rows.Scan(&o.Number, &o.ID, &o.Answer, &o.keyHash, &printed, &o.commitment, &o.sealed); err != nil {
			return s, false, err
		}
		if printed > 0 {
			o.Printed = db.Time(printed)
		}
		if i := slices.IndexFunc(people, func(p staff.Person) bool { return p.ID == o.ID }); i >= 0 {
			o.Person = people[i]
		}
		if s.Made.IsZero() && o.Answer == Accepted && (!o.sameKey() || o.Person.Disabled) {
			o.Answer = NotYet
		}
		s.Officers = append(s.Officers, o)
	}
	return s, true, rows.Err()
}

// Name asks colleagues to be officers, for by. It takes the place of an earlier
// question; the shares that count go on counting until new ones are made.
func Name(ctx context.Context, tx *db.Tx, agency, by string, needed int, officers []string) (err error) {
	defer errs.Wrap(&err, "quorum.Name")
	if len(officers) > Most || len(officers) < Least {
		return errs.In("officers", "recovery.error.officers")
	}
	if needed < Least || needed > len(officers) {
		return errs.In("needed", "recovery.error.needed")
	}
	for i, id := range officers {
		p, err := staff.Get(ctx, tx, agency, id)
		if errs.Is(err, errs.NotFound) || err == nil && (p.Disabled || slices.Contains(officers[:i], id)) {
			return errs.In("officers", "recovery.error.officer")
		}
		if err != nil {
			return err
		}
	}
	was, err := StateOf(ctx, tx, agency, Officers)
	if err != nil {
		return err
	}
	if err := forget(ctx, tx, agency, false); err != nil {
		return err
	}
	set := ids.New()
	if _, err := tx.Exec(ctx, `INSERT INTO quorum_sets (id, agency, threshold, asked, made) VALUES ($1, $2, $3, $4, 0)`,
		set, agency, needed, tx.Now); err != nil {
		return err
	}
	for i, id := range officers {
		if _, err := tx.Exec(ctx, `INSERT INTO quorum_officers (agency, set_id, number, staff, answer, printed) VALUES ($1, $2, $3, $4, '', 0)`,
			agency, set, i+1, id); err != nil {
			return err
		}
	}
	return witness(ctx, tx, agency, was, audit.Entry{Staff: by, Action: string(staff.NameOfficers)})
}

// forget drops the sets that count, or those that are asked.
func forget(ctx context.Context, tx *db.Tx, agency string, counting bool) error {
	which := `made = 0`
	if counting {
		which = `made > 0`
	}
	for _, query := range []string{
		`DELETE FROM quorum_officers WHERE agency = $1 AND set_id IN (SELECT id FROM quorum_sets WHERE agency = $1 AND ` + which + `)`,
		`DELETE FROM quorum_sets WHERE agency = $1 AND ` + which,
	} {
		if _, err := tx.Exec(ctx, query, agency); err != nil {
			return err
		}
	}
	return nil
}

// Reply takes an officer's answer, from their own session. Who was not asked
// gets NotFound.
func Reply(ctx context.Context, tx *db.Tx, who staff.Person, yes bool) (err error) {
	defer errs.Wrap(&err, "quorum.Reply")
	s, there, err := Proposed(ctx, tx, who.Agency)
	if err != nil {
		return err
	}
	o, asked := s.Officer(who.ID)
	if !there || !asked {
		return errs.New(errs.NotFound, "", nil)
	}
	answer := Declined
	if yes {
		answer = Accepted
	}
	was, err := StateOf(ctx, tx, who.Agency, Officers)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE quorum_officers SET answer = $3, key_hash = $4 WHERE set_id = $1 AND number = $2`,
		s.ID, o.Number, string(answer), hash(who.Public)); err != nil {
		return err
	}
	return witness(ctx, tx, who.Agency, was, audit.Entry{Staff: who.ID, Action: string(staff.UseRecovery) + " " + string(answer)})
}
