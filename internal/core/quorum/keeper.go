package quorum

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Keeper takes what officers give and, when it is enough, does what they were
// asked for. It holds the private halves of the requests' keys in memory and
// nowhere else, so no copy of any disk opens what was given.
//
// On several servers each has one; a request is held by one of them at a time,
// and officers can give their shares at any. If the one that holds it stops, the
// next takes the request over within staleAfter with a key of its own. What was
// given before opens for nobody then, and officers give it again.
//
// It remembers the requests that it has seen. One that was changed in the
// database since, or is open again, or has got another key while this server
// still held it, is ended: nothing in the program does that.
type Keeper struct {
	DB     *db.DB
	Agency string
	// Admit brings an account into the groups that its role needs, for the
	// recovery group, whose id is holder and whose key is pair.
	Admit func(ctx context.Context, tx *db.Tx, holder string, pair *seal.Pair, account string) error
	// Serves says that this program goes on running; a command does not, and
	// leaves the work to a server.
	Serves bool

	mu   sync.Mutex
	held map[string]holding // by request
	seen map[string]string  // the terms of requests; of those that are over, nothing
}

// holding is a key to which officers seal what they give.
type holding struct {
	*seal.Pair

	said time.Time // when this server said last that it is there
}

// A server says every beatEvery that it holds a request, and loses it when
// nothing was heard of it for staleAfter.
const (
	beatEvery  = 15 * time.Second
	staleAfter = time.Minute
)

// Tend looks after the open requests: ends those that have had their time,
// holds those that are due, and carries out what has enough shares. A server
// calls it every few seconds.
func (k *Keeper) Tend(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "quorum.Tend")
	k.mu.Lock()
	defer k.mu.Unlock()
	var open []Request
	err = k.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		open, err = Requests(ctx, tx, k.Agency, Open)
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range k.meddled(open) {
		if err := k.end(ctx, r, Failed); err != nil {
			return err
		}
	}
	k.forgetOthers(open)
	for _, r := range open {
		if err := k.tend(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// meddled gives the requests that are not as this server knows them.
func (k *Keeper) meddled(open []Request) (list []Request) {
	now, is := k.DB.Now(), map[string]bool{}
	for _, r := range open {
		is[r.ID] = true
		terms, seen := k.seen[r.ID]
		own, holds := k.held[r.ID]
		if seen && terms != r.terms() || holds && !r.sealedTo(own.Pair) && now.Sub(own.said) <= staleAfter/2 {
			list = append(list, r)
			continue
		}
		if k.seen == nil {
			k.seen = map[string]string{}
		}
		k.seen[r.ID] = r.terms()
	}
	for id := range k.seen {
		if !is[id] {
			k.seen[id] = ""
		}
	}
	return list
}

// forgetOthers drops the keys of requests that are over, or another server's.
func (k *Keeper) forgetOthers(open []Request) {
	for id, own := range k.held {
		ours := false
		for _, r := range open {
			ours = ours || r.ID == id && r.sealedTo(own.Pair)
		}
		if !ours {
			delete(k.held, id)
		}
	}
}

func (k *Keeper) tend(ctx context.Context, r Request) error {
	now := k.DB.Now()
	switch {
	case !now.Before(r.Until()):
		return k.end(ctx, r, Expired)
	case r.Waits(now):
		return nil
	}
	own, ours := k.held[r.ID]
	if !ours && (r.publicKey == nil || now.Sub(r.held) > staleAfter) {
		return k.hold(ctx, r)
	}
	if !ours {
		return nil // another server's
	}
	if stands, set, err := k.look(ctx, r); err != nil {
		return err
	} else if !stands {
		return k.end(ctx, r, Failed)
	} else if len(r.Given) >= set.Needed {
		return k.carryOut(ctx, r, set, own.Pair)
	}
	if now.Sub(r.held) < beatEvery {
		return nil
	}
	return k.beat(ctx, r, own)
}

// beat says that this server is there.
func (k *Keeper) beat(ctx context.Context, r Request, own holding) error {
	return k.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE quorum_requests SET held = $3 WHERE id = $1 AND public_key = $2`, r.ID, own.Public().Bytes(), tx.Now)
		if n == 1 {
			own.said = tx.Now
			tx.AfterCommit(func() { k.held[r.ID] = own })
		}
		return err
	})
}

// look reads what a request is for: an account that still is as it was, and the
// officers.
func (k *Keeper) look(ctx context.Context, r Request) (stands bool, set Set, err error) {
	err = k.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if stands, err = r.stands(ctx, tx); err == nil {
			set, _, err = Current(ctx, tx, k.Agency)
		}
		return err
	})
	return stands, set, err
}

func (k *Keeper) end(ctx context.Context, r Request, as State) error {
	return k.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := r.end(ctx, tx, as, "")
		return err
	})
}

// hold gives a request a key, and drops what was given to the one of before.
func (k *Keeper) hold(ctx context.Context, r Request) error {
	pair, err := seal.NewPair()
	if err != nil {
		return err
	}
	took, at := false, time.Time{}
	err = k.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		took, at = false, tx.Now
		n, err := tx.Exec(ctx, `UPDATE quorum_requests SET public_key = $2, held = $3 WHERE id = $1 AND state = 'open' AND held = $4`,
			r.ID, pair.Public().Bytes(), tx.Now, r.held)
		if err != nil || n == 0 {
			return err // another server was faster
		}
		took = true
		_, err = tx.Exec(ctx, `DELETE FROM quorum_releases WHERE request = $1`, r.ID)
		return err
	})
	if err == nil && took {
		if k.held == nil {
			k.held = map[string]holding{}
		}
		k.held[r.ID] = holding{pair, at}
	}
	return err
}

// carryOut combines the shares for the one deed, in one transaction with it.
// Whatever comes of it, the key is forgotten.
func (k *Keeper) carryOut(ctx context.Context, r Request, set Set, pair *seal.Pair) error {
	err := k.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		now, err := Get(ctx, tx, k.Agency, r.ID)
		if err != nil || now.State != Open || !now.sealedTo(pair) {
			return err // somebody ended it, or another server has taken it over
		}
		return k.admit(ctx, tx, now, set, pair)
	})
	if err != nil && !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.NotFound) {
		return err // the database's: it is tried again
	}
	delete(k.held, r.ID)
	if err != nil {
		return errors.Join(err, k.end(ctx, r, Failed))
	}
	return nil
}

func (k *Keeper) admit(ctx context.Context, tx *db.Tx, r Request, set Set, pair *seal.Pair) error {
	if stands, err := r.stands(ctx, tx); err != nil || !stands {
		return errs.First(err, errs.New(errs.Conflict, "recovery.error.changed", nil))
	}
	shares, err := r.opened(ctx, tx, set, pair)
	if err != nil {
		return err
	}
	key, err := combine(set.Needed, shares)
	if err != nil {
		return err
	}
	recovery, err := keyring.Find(ctx, tx, k.Agency, keyring.Recovery)
	if err != nil {
		return err
	}
	if !bytes.Equal(key.Public().Bytes(), recovery.Public.Bytes()) {
		return errs.New(errs.Conflict, "", errors.New("the shares give another key than the one in use"))
	}
	if err := k.Admit(ctx, tx, recovery.ID, key, r.Account); err != nil {
		return err
	}
	_, err = r.end(ctx, tx, Done, "")
	return err
}

// Give takes an officer's share for a request: the one that is sealed to them,
// or the one that they typed from paper where typed is not empty. who is signed
// in, and pair is their key. Where it was the last that was needed, the deed is
// done when Give returns.
func (k *Keeper) Give(ctx context.Context, who staff.Person, pair *seal.Pair, request, typed string) (err error) {
	defer errs.Wrap(&err, "quorum.Give")
	if k.Serves {
		if err := k.Tend(ctx); err != nil { // nobody waits a few seconds for a key
			return err
		}
	}
	own := k.own(request)
	err = k.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return give(ctx, tx, who, pair, own, request, typed) })
	if err != nil || !k.Serves {
		return err
	}
	return k.Tend(ctx)
}

// own is the key of a request that this server holds, or nil.
func (k *Keeper) own(request string) *seal.Pair {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.held[request].Pair
}
