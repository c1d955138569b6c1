package app

import (
	"errors"
	"fmt"
	"os"

	"github.com/clew-hotline/clew/internal/platform/oidc"
)

// provider is the organisation's own OpenID provider, nil without one. Nothing is asked
// of it before somebody wants it.
func (a *App) provider() (*oidc.Provider, error) {
	o := a.Options
	if o.OIDCIssuer == "" {
		if o.OIDCClient != "" || o.OIDCSecretFile != "" {
			return nil, errors.New("--oidc-client and --oidc-secret-file go with --oidc-issuer")
		}
		return nil, nil
	}
	f, err := os.Open(o.OIDCSecretFile) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("--oidc-secret-file cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }()
	secrets, err := oidc.Secrets(f)
	if err != nil {
		return nil, fmt.Errorf("--oidc-secret-file cannot be read: %w", err)
	}
	p, err := oidc.New(o.OIDCName, o.OIDCIssuer, o.OIDCClient, secrets, nil, a.DB.Now)
	if err != nil {
		return nil, fmt.Errorf("--oidc-issuer, --oidc-client, --oidc-secret-file: %w", err)
	}
	return p, nil
}
