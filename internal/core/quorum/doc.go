// Package quorum shares the recovery key among colleagues, its officers, so
// that some of them together can let an account back in, and none alone.
//
// It promises:
//   - Fewer shares than the threshold say nothing of the key, to nobody, for ever
//     (Shamir's scheme over the scalars of ristretto255).
//   - A share lies here only sealed to its officer. The key itself lies nowhere:
//     it is made in memory, what it opens is wrapped to it, and it is forgotten.
//   - Between a request and the first share that is taken lies Delay, in which
//     everybody is told and any officer or supervisor can end it. It holds for
//     the key that the account had when it was asked for, and for no other.
//   - Shares that were given for a request are sealed to a key of that request,
//     whose other half is in the memory of one server and nowhere else. They are
//     combined for one deed, which brings the account into its groups.
//   - What was given counts for the account, key and time that stood in the
//     request then. A running server ends a request that somebody changed in the database.
//   - A new set-up makes a new key. The one before opens nothing any more here.
//
// Limits: who controls the running server while shares are combined can take the
// key. So can, where there are several servers or one that has just started, who can
// write to its database: another server's key looks the same as theirs. A server that stops in between forgets what officers have given, and they
// give it again. Officers who agree behind the hotline's back, with a copy of
// the database, need no request.
package quorum

import (
	"context"
	"crypto/sha256"
	"embed"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/paper"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of officers and requests.
var Migrations = db.Embedded("quorum", files)

// How long things take. Delay is of the specification
// (../shared/confidentiality.md, Keys, 6); a request that nobody has carried out
// within Lasts is over, so that none waits for ever for somebody to be careless.
const (
	Delay = 24 * time.Hour
	Lasts = 7 * 24 * time.Hour
)

// How many officers there can be, and how many of them are needed.
const (
	Most          = 9
	Least         = 2
	DefaultOf     = 5
	DefaultNeeded = 3
)

// Fingerprint is what two people compare, by telephone, to know that an
// account's key is the one that its owner has: 16 letters and digits.
func Fingerprint(p seal.Public) string { return paper.Write(hash(p)[:10]) }

func hash(p seal.Public) []byte {
	sum := sha256.Sum256(append([]byte("clew/v1 account key"), p.Bytes()...))
	return sum[:]
}

// Topic is the hint that something about the recovery key has changed.
func Topic(agency string) string { return "recovery:" + agency }

// write puts a deed into the log, and tells open pages.
func write(ctx context.Context, tx *db.Tx, agency string, e audit.Entry) error {
	tx.Notify(Topic(agency))
	return audit.Write(ctx, tx, agency, e)
}
