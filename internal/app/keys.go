package app

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/clew-hotline/clew/internal/lib/httpsig"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// feedSeed is by what the installation remembers the seed that signs what it publishes.
const feedSeed = "feed_key"

// keptKey is a key of this installation; nil if it was not made yet.
func keptKey(ctx context.Context, tx *db.Tx, name string) (ed25519.PrivateKey, error) {
	kept, err := recall(ctx, tx, name)
	if err != nil || kept == "" {
		return nil, err
	}
	seed, err := hex.DecodeString(kept)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("a key that signs (" + name + ") is damaged")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// madeKey is that key, made when it is first needed. Of two programs that make it
// at once, both get the first.
func madeKey(ctx context.Context, tx *db.Tx, name string) (ed25519.PrivateKey, error) {
	key, err := keptKey(ctx, tx, name)
	if err != nil || key != nil {
		return key, err
	}
	_, key, err = ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO installation (key, agency, value) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`,
		name, homeAgency, hex.EncodeToString(key.Seed())); err != nil {
		return nil, err
	}
	return keptKey(ctx, tx, name)
}

// feedSigner is the key that signs what is published. It is read once: another one
// needs a restart.
func (a *App) feedSigner(ctx context.Context) (ed25519.PrivateKey, error) {
	a.feedKey.mu.Lock()
	defer a.feedKey.mu.Unlock()
	if a.feedKey.key != nil {
		return a.feedKey.key, nil
	}
	err := a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		a.feedKey.key, err = keptKey(ctx, tx, feedSeed)
		return err
	})
	if err == nil && a.feedKey.key == nil {
		err = a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			a.feedKey.key, err = madeKey(ctx, tx, feedSeed)
			return err
		})
	}
	if err != nil {
		a.feedKey.key = nil
		return nil, err
	}
	return a.feedKey.key, nil
}

// printFeedKey says by what others know our feed, so that two can compare it by
// telephone.
func printFeedKey(ctx context.Context, a *App, _ struct{}, out io.Writer) error {
	key, err := a.feedSigner(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, httpsig.Fingerprint(ed25519.PublicKey(key[ed25519.SeedSize:])))
	return err
}
