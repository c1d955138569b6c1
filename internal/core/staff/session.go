package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Times of a session.
const (
	Idle     = 15 * time.Minute // without a deed, the key is dropped and the screen locks
	Absolute = 14 * time.Hour   // a long shift; then sign in anew
	touch    = 30 * time.Second // deeds closer together are not written down
)

// Presence says whether somebody takes contacts now.
type Presence string

// The presences. Break never counts against a person.
const (
	Ready  Presence = "ready"
	WrapUp Presence = "wrap_up"
	Break  Presence = "break"
	Away   Presence = "away"
)

// Session is somebody signed in. Its key is there only while it is unlocked.
type Session struct {
	Person   Person
	Presence Presence
	Pair     *seal.Pair // nil while locked

	// Bare says that the role must have a second step and the account has none: it
	// can set one up, and nothing else. A passkey that knew its holder is two steps.
	Bare bool

	hash string
	seen time.Time
}

// Name is the colleague's sign-in name.
func (s *Session) Name() string { return s.Person.Name }

// RoleName is the colleague's role.
func (s *Session) RoleName() string { return string(s.Person.Role) }

// May says whether the colleague's role allows an action.
func (s *Session) May(a web.Access) bool { return s.Person.Role.May(a) }

// Locked says whether the screen is locked.
func (s *Session) Locked() bool { return s.Pair == nil }

// From gives the session of a request that the guard has passed.
func From(ctx context.Context) *Session {
	s, _ := web.ViewerFrom(ctx).(*Session)
	return s
}

// SignIn is SignInWith for what says nothing of its browser.
func SignIn(ctx context.Context, tx *db.Tx, p Person, pair *seal.Pair) (token string, err error) {
	return SignInWith(ctx, tx, p, pair, "", WithPassphrase)
}

// Way is what somebody signed in with.
type Way string

// The ways. The pass phrase was given in each but that with a passkey.
const (
	WithPassphrase Way = ""
	WithCode       Way = "code"
	WithPasskey    Way = "passkey"
	WithIdentity   Way = "identity" // of the organisation's own provider
)

// SignInWith starts a session for somebody whose key is open, in a browser of
// BrowserOf. The token goes into the cookie and nowhere else.
func SignInWith(ctx context.Context, tx *db.Tx, p Person, pair *seal.Pair, browser string, way Way) (token string, err error) {
	defer errs.Wrap(&err, "staff.SignIn")
	if err := p.still(ctx, tx, pair); err != nil {
		return "", err
	}
	token = newToken()
	hash := hashToken(token)
	presence, err := lastPresence(ctx, tx, p.ID)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `INSERT INTO staff_sessions (token_hash, agency, staff, presence, created, seen, sealed_seed, browser, way)
		VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8)`,
		hash, p.Agency, p.ID, string(presence), db.Micros(tx.Now), sealSeed(p, token, hash, pair), browser, string(way))
	if err != nil {
		return "", err
	}
	return token, audit.Write(ctx, tx, p.Agency, audit.Entry{Staff: p.ID, Action: strings.TrimSpace("sign-in " + string(way))})
}

// lastPresence is what the colleague said last in a session that goes on:
// signing in on a second screen makes nobody ready who is not.
func lastPresence(ctx context.Context, tx *db.Tx, id string) (Presence, error) {
	var said string
	err := tx.QueryRow(ctx, `SELECT presence FROM staff_sessions WHERE staff = $1 AND created > $2 AND presence <> $3 ORDER BY seen DESC LIMIT 1`,
		id, db.Micros(tx.Now.Add(-Absolute)), string(Away)).Scan(&said)
	if errors.Is(err, sql.ErrNoRows) {
		return Ready, nil
	}
	return Presence(said), err
}

func newToken() string {
	var raw [32]byte
	rand.Read(raw[:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// Resume unlocks a locked session for whoever gave its pass phrase again.
func (s *Session) Resume(ctx context.Context, tx *db.Tx, token string, pair *seal.Pair) (err error) {
	defer errs.Wrap(&err, "staff.Resume")
	if err := s.Person.still(ctx, tx, pair); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE staff_sessions SET sealed_seed = $2, seen = $3 WHERE token_hash = $1`,
		s.hash, sealSeed(s.Person, token, s.hash, pair), db.Micros(tx.Now))
	if err == nil && n == 0 {
		err = errs.New(errs.Unauthenticated, "", nil) // it was ended meanwhile
	}
	return err
}

// ResumeWithPasskey is Resume for who used a passkey, after UnlockWithPasskey.
func (s *Session) ResumeWithPasskey(ctx context.Context, tx *db.Tx, token string, pair *seal.Pair) error {
	if err := s.Resume(ctx, tx, token, pair); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE staff_sessions SET way = $2 WHERE token_hash = $1`, s.hash, string(WithPasskey))
	return err
}

// Lock drops the key and keeps the session, under another token. The one
// before opens nothing any more, also not the key that an older copy of the
// disk holds; and browsers that keep pages for Back forget them when a cookie
// changes.
func (s *Session) Lock(ctx context.Context, tx *db.Tx) (token string, err error) {
	defer errs.Wrap(&err, "staff.Lock")
	token = newToken()
	_, err = tx.Exec(ctx, `UPDATE staff_sessions SET sealed_seed = NULL, token_hash = $2 WHERE token_hash = $1`, s.hash, hashToken(token))
	return token, err
}

// SignOut ends the session.
func (s *Session) SignOut(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM staff_sessions WHERE token_hash = $1`, s.hash)
	if err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: "sign-out"})
}

// SetPresence says whether the colleague takes contacts now.
func (s *Session) SetPresence(ctx context.Context, tx *db.Tx, p Presence) error {
	switch p {
	case Ready, WrapUp, Break, Away:
	default:
		return errs.In("presence", "error.invalid")
	}
	_, err := tx.Exec(ctx, `UPDATE staff_sessions SET presence = $2 WHERE staff = $1`, s.Person.ID, string(p))
	return err
}

// Touch notes a deed. Streams and polls are none.
func (s *Session) Touch(ctx context.Context, d *db.DB) error {
	if time.Since(s.seen) < touch {
		return nil
	}
	return d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE staff_sessions SET seen = $2 WHERE token_hash = $1`, s.hash, db.Micros(tx.Now))
		return err
	})
}

// Find gives the session of a cookie. One that idled too long is locked even
// where its key is still on disk; see Sweep.
func Find(ctx context.Context, tx *db.Tx, token string) (s *Session, err error) {
	defer errs.Wrap(&err, "staff.Find")
	signIn := errs.New(errs.Unauthenticated, "", nil)
	if len(token) != base64.RawURLEncoding.EncodedLen(32) {
		return nil, signIn
	}
	s = &Session{hash: hashToken(token)}
	var agency, id, presence, way string
	var created, seen int64
	var sealed []byte
	var second bool
	var mustRoles sql.NullString
	err = tx.QueryRow(ctx, `SELECT x.agency, x.staff, x.presence, x.created, x.seen, x.sealed_seed, x.way,
		(SELECT COUNT(*) FROM staff_second WHERE staff = x.staff), (SELECT second_roles FROM staff_rules WHERE agency = x.agency)
		FROM staff_sessions x WHERE x.token_hash = $1`, s.hash).
		Scan(&agency, &id, &presence, &created, &seen, &sealed, &way, &second, &mustRoles)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, signIn
	}
	if err != nil {
		return nil, err
	}
	if s.Person, err = Get(ctx, tx, agency, id); err != nil {
		return nil, err
	}
	if s.Person.Disabled || tx.Now.Sub(db.Time(created)) > Absolute {
		return nil, signIn
	}
	s.Presence, s.seen = Presence(presence), db.Time(seen)
	if mustRoles.Valid && !second && Way(way) != WithPasskey {
		must, err := parseRoles(mustRoles.String)
		if err != nil {
			return nil, err
		}
		s.Bare = must[s.Person.Role]
	}
	if sealed == nil || tx.Now.Sub(s.seen) > Idle {
		return s, nil
	}
	return s, s.open(token, sealed)
}

// StillUnlocked says whether a session that was unlocked still is. Who keeps
// something that the session's key opened, to work on beside its requests, asks
// before each step, and forgets it when the answer is no.
func (s *Session) StillUnlocked(ctx context.Context, tx *db.Tx) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM staff_sessions x JOIN staff s ON s.id = x.staff
		WHERE x.token_hash = $1 AND x.sealed_seed IS NOT NULL AND x.seen >= $2 AND x.created >= $3 AND s.disabled = 0`,
		s.hash, db.Micros(tx.Now.Add(-Idle)), db.Micros(tx.Now.Add(-Absolute))).Scan(&n)
	return n > 0, err
}

func (s *Session) open(token string, sealed []byte) error {
	seed, err := seal.Derive([]byte(token), "session").Open(sessionPlace(s.Person, s.hash), sealed)
	if err != nil {
		return nil //nolint:nilerr // a key that does not open is a locked screen
	}
	s.Pair, err = seal.PairFromSeed(seed)
	return err
}

// Sweep drops the keys of idle sessions, forgets those that ended, and writes down
// how often somebody was refused. It is called each minute.
func Sweep(ctx context.Context, d *db.DB) error {
	glancesOf(d).sweep(d.Now())
	return d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE staff_sessions SET sealed_seed = NULL, presence = $2 WHERE seen < $1 AND sealed_seed IS NOT NULL`,
			db.Micros(tx.Now.Add(-Idle)), string(Away))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM staff_sessions WHERE created < $1`, db.Micros(tx.Now.Add(-Absolute)))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM staff_browsers WHERE seen < $1`, db.Micros(tx.Now.Add(-knownFor))); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM staff_challenges WHERE created < $1`, db.Micros(tx.Now.Add(-challengeFor))); err != nil {
			return err
		}
		if err := triesOf(d).writeRefused(ctx, tx); err != nil {
			return err
		}
		return sweepHalfway(ctx, tx)
	})
}

// OnDuty is somebody signed in, as the floor shows them.
type OnDuty struct {
	Staff, Name string
	Role        Role
	Presence    Presence
	Since       time.Time
}

// Floor lists who is signed in.
func Floor(ctx context.Context, tx *db.Tx, agency string) (list []OnDuty, err error) {
	defer errs.Wrap(&err, "staff.Floor")
	rows, err := tx.Query(ctx, `SELECT s.id, s.name, s.role, MIN(x.presence), MIN(x.created)
		FROM staff_sessions x JOIN staff s ON s.id = x.staff
		WHERE x.agency = $1 AND x.created > $2 GROUP BY s.id, s.name, s.role ORDER BY s.name LIMIT 1000`,
		agency, db.Micros(tx.Now.Add(-Absolute)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var o OnDuty
		var role, presence string
		var since int64
		if err := rows.Scan(&o.Staff, &o.Name, &role, &presence, &since); err != nil {
			return nil, err
		}
		o.Role, o.Presence, o.Since = Role(role), Presence(presence), db.Time(since)
		list = append(list, o)
	}
	return list, rows.Err()
}

func sealSeed(p Person, token, hash string, pair *seal.Pair) []byte {
	return seal.Derive([]byte(token), "session").Seal(sessionPlace(p, hash), pair.Seed())
}

func sessionPlace(p Person, hash string) seal.Place {
	return seal.Place{Agency: p.Agency, Record: p.ID, Table: "staff_sessions", Row: hash}
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte("clew session " + token))
	return hex.EncodeToString(sum[:])
}
