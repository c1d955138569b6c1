package staff

import (
	"context"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Device is one of a colleague's own sessions as they see it. Neither a place nor
// an address is known of it.
type Device struct {
	Handle  string // names it to EndDevice
	Browser string // see BrowserOf; empty if it told nothing
	Phone   bool
	Begun   time.Time
	Used    time.Time
	Locked  bool
	This    bool
}

// families are the browsers that most people know by name, in the order in which
// what they say of themselves tells them apart: Edge says that it is Chrome too,
// and Chrome that it is Safari.
var families = []struct{ sign, name string }{
	{"Firefox/", "Firefox"},
	{"Edg", "Edge"},
	{"OPR/", "Opera"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"Chrome/", "Chrome"},
	{"CriOS/", "Chrome"},
	{"Safari/", "Safari"},
}

// BrowserOf takes from what a browser says of itself its family and whether it is
// on a telephone, and leaves versions and systems out. It is at most 20 characters.
func BrowserOf(userAgent string) string {
	kind := ""
	if strings.Contains(userAgent, "Mobi") {
		kind = "phone "
	}
	for _, f := range families {
		if strings.Contains(userAgent, f.sign) {
			return kind + f.name
		}
	}
	return strings.TrimSpace(kind)
}

// Devices are the colleague's sessions, the last used first.
func (s *Session) Devices(ctx context.Context, tx *db.Tx) (list []Device, err error) {
	defer errs.Wrap(&err, "staff.Devices")
	rows, err := tx.Query(ctx, `SELECT token_hash, browser, created, seen, sealed_seed IS NULL OR seen < $3 FROM staff_sessions
		WHERE staff = $1 AND created > $2 ORDER BY seen DESC LIMIT 100`,
		s.Person.ID, db.Micros(tx.Now.Add(-Absolute)), db.Micros(tx.Now.Add(-Idle)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d Device
		var hash, browser string
		var begun, used int64
		if err := rows.Scan(&hash, &browser, &begun, &used, &d.Locked); err != nil {
			return nil, err
		}
		d.Browser, d.Phone = strings.CutPrefix(browser, "phone")
		d.Browser = strings.TrimSpace(d.Browser)
		d.Begun, d.Used, d.Handle, d.This = db.Time(begun), db.Time(used), handleOf(hash), hash == s.hash
		list = append(list, d)
	}
	return list, rows.Err()
}

// handleOf names a session on a page: enough of its hash to tell it from others.
func handleOf(hash string) string { return hash[:16] }

// EndDevice ends one of the colleague's own sessions. One that is gone already is
// no error.
func (s *Session) EndDevice(ctx context.Context, tx *db.Tx, handle string) (err error) {
	defer errs.Wrap(&err, "staff.EndDevice")
	if len(handle) != len(handleOf(s.hash)) || strings.Trim(handle, "0123456789abcdef") != "" {
		return errs.In("device", "error.invalid")
	}
	_, err = tx.Exec(ctx, `DELETE FROM staff_sessions WHERE staff = $1 AND token_hash LIKE $2`, s.Person.ID, handle+"%")
	if err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: "sign-out device"})
}

// EndOthers ends all of the colleague's sessions but this one, and makes all
// browsers strangers but the one whose cookie holds browser.
func (s *Session) EndOthers(ctx context.Context, tx *db.Tx, browser string) (err error) {
	defer errs.Wrap(&err, "staff.EndOthers")
	for _, table := range []string{"staff_sessions", "staff_halfway"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE staff = $1 AND token_hash <> $2`, s.Person.ID, s.hash); err != nil {
			return err
		}
	}
	if err := forgetBrowsers(ctx, tx, s.Person.ID, browser); err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: "sign-out devices"})
}
