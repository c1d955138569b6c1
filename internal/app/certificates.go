package app

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/crypto/acme/autocert"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/listen"
)

// shelf keeps the certificates that the server got by itself, with their keys,
// in the database: with several machines, whichever the authority asks
// can answer. In the embedded database they are encrypted with the file.
type shelf struct{ *db.DB }

// Get gives what is kept under a name, or autocert.ErrCacheMiss.
func (s shelf) Get(ctx context.Context, name string) (value []byte, err error) {
	err = s.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT value FROM certificates WHERE agency = $1 AND name = $2`, homeAgency, name).Scan(&value)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, autocert.ErrCacheMiss
	}
	return value, err
}

// Put keeps a value under a name.
func (s shelf) Put(ctx context.Context, name string, value []byte) error {
	return s.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO certificates (name, agency, value) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, homeAgency, value)
		return err
	})
}

// Delete forgets a name.
func (s shelf) Delete(ctx context.Context, name string) error {
	return s.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM certificates WHERE agency = $1 AND name = $2`, homeAgency, name)
		return err
	})
}

// tls is how the server speaks HTTPS, nil if it does not, and what plain HTTP
// is answered.
func (a *App) tls() (c *tls.Config, plain http.Handler, err error) {
	o := a.Options
	switch {
	case o.TLSCert != "" && o.ACME != "":
		return nil, nil, errors.New("--tls-cert and --acme exclude each other")
	case o.ACME != "":
		c, plain = listen.Automatic(o.names(), o.ACMEDirectory, shelf{a.DB}, nil)
	case o.TLSCert != "":
		c, plain, err = listen.Certificate(o.TLSCert, o.TLSKey, a.Log)
	}
	return c, plain, err
}

// https says whether the server speaks it itself.
func (o Options) https() bool { return o.TLSCert != "" || o.ACME != "" }

// names are those for which certificates are got.
func (o Options) names() (all []string) {
	for name := range strings.SplitSeq(o.ACME, ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// examineNames says which names tell what this is.
func (o Options) examineNames() (problems []string) {
	for _, name := range listen.Speaks(o.names()) {
		problems = append(problems, fmt.Sprintf("the name %s says what this is: on the phones of those who come here, and for ever in public lists of certificates. Mend: a name that could be anybody's", name))
	}
	return problems
}
