package staff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// knownFor is how long a browser is known in which nobody signs in any more: a
// long leave, and no machine that was given away years ago.
const knownFor = 90 * 24 * time.Hour

// knows says whether the account with a name has signed in before in the browser
// whose cookie holds token.
func knows(ctx context.Context, tx *db.Tx, agency, name, token string) (known bool, err error) {
	if token == "" {
		return false, nil
	}
	var n int
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM staff_browsers b JOIN staff s ON s.id = b.staff
		WHERE b.hash = $1 AND b.seen > $2 AND s.agency = $3 AND s.name_key = $4`,
		hashBrowser(token), db.Micros(tx.Now.Add(-knownFor)), agency, nameKey(name)).Scan(&n)
	return n > 0, err
}

// RememberBrowser makes a browser one of the account's own, after it signed in
// there. It gives what the browser's cookie shall hold: the token that it has, if
// it is one of ours, so that colleagues who share a screen are all known there.
func (p Person) RememberBrowser(ctx context.Context, tx *db.Tx, token string) (string, error) {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM staff_browsers WHERE hash = $1 AND agency = $2`, hashBrowser(token), p.Agency).Scan(&n)
	if err != nil {
		return "", err
	}
	if n == 0 {
		token = newToken()
	}
	_, err = tx.Exec(ctx, `INSERT INTO staff_browsers (hash, agency, staff, seen) VALUES ($1, $2, $3, $4)
		ON CONFLICT (hash, staff) DO UPDATE SET seen = $4`, hashBrowser(token), p.Agency, p.ID, db.Micros(tx.Now))
	return token, err
}

// forgetBrowsers makes all browsers strangers to an account, but the one with
// token.
func forgetBrowsers(ctx context.Context, tx *db.Tx, id, token string) error {
	_, err := tx.Exec(ctx, `DELETE FROM staff_browsers WHERE staff = $1 AND hash <> $2`, id, hashBrowser(token))
	return err
}

func hashBrowser(token string) string {
	sum := sha256.Sum256([]byte("clew browser " + token))
	return hex.EncodeToString(sum[:])
}
