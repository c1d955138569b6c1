package staff

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
)

// NeedsReason says that somebody may open a record if they say why first.
// Record is its id. It is the cause of an error of kind Conflict.
type NeedsReason struct{ Record string }

func (*NeedsReason) Error() string { return "a reason is asked for" }

// AskReason is the error of who has not said yet why they open a record.
func AskReason(record string) error {
	return errs.New(errs.Conflict, "desk.outside.needed", &NeedsReason{record})
}

// ReasonFor gives the record that an error asks a reason for.
func ReasonFor(err error) (record string, asked bool) {
	need, asked := errors.AsType[*NeedsReason](err)
	if !asked {
		return "", false
	}
	return need.Record, true
}

// Why is a reason in words that were chosen from: "desk.outside.why.<code>".
type Why string

// Elsewise is the reason that says nothing without words of one's own.
const Elsewise Why = "other"

// Whys are all reasons, in the order in which the form offers them.
var Whys = []Why{"returned", "danger", "handover", "guidance", "quality", "request", Elsewise}

// Said is a reason as an entry of the log keeps it; Heard gives its parts back.
func Said(why Why, words string) string { return strings.TrimSpace(string(why) + "\n" + words) }

// Heard gives the parts of what Said kept.
func Heard(reason string) (why Why, words string) {
	code, words, _ := strings.Cut(reason, "\n")
	return Why(code), words
}

// Known says whether w is one of the reasons.
func (w Why) Known() bool { return slices.Contains(Whys, w) }

// Mark names a record for this session and nobody else: from a copy of the
// disk it cannot be told which record or session it is of. It is worthless once
// the session has ended or is locked.
func (s *Session) Mark(purpose, record string) string {
	key := seal.Derive(s.Pair.Seed(), purpose)
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(s.hash + " " + record))
	return hex.EncodeToString(mac.Sum(nil))
}
