package contact

import (
	"context"

	"github.com/clew-hotline/clew/internal/lib/seal"
)

// issued is a code ready to be given out. The secret part is nowhere but in
// here, and here it is gone once taken.
type issued struct {
	code   seal.Code
	cost   seal.Cost
	public seal.Public
}

// issuer keeps a few codes ready, because making one takes as long as
// guessing one: a person should not wait for that while somebody may look
// over their shoulder.
type issuer struct {
	ready chan issued
}

const codesReady = 24

func newIssuer() *issuer {
	return &issuer{ready: make(chan issued, codesReady)}
}

// run keeps the stock full until ctx ends.
func (i *issuer) run(ctx context.Context) {
	for {
		next, err := issue(ctx)
		if err != nil {
			return // only when ctx ended
		}
		select {
		case i.ready <- next:
		case <-ctx.Done():
			return
		}
	}
}

// take gives a code from the stock, or makes one when it is empty.
func (i *issuer) take(ctx context.Context) (issued, error) {
	select {
	case c := <-i.ready:
		return c, nil
	default:
		return issue(ctx)
	}
}

func issue(ctx context.Context) (issued, error) {
	c := issued{code: seal.NewCode(), cost: seal.NewCost()}
	pair, err := mailboxPair(ctx, seal.Making, c.code, c.cost)
	if err != nil {
		return c, err
	}
	c.public = pair.Public()
	return c, nil
}

// mailboxPair is the key pair that a code opens.
func mailboxPair(ctx context.Context, lane seal.Lane, code seal.Code, cost seal.Cost) (*seal.Pair, error) {
	b, err := seal.Stretch(ctx, lane, code.Secret, cost)
	if err != nil {
		return nil, err
	}
	seed := seal.Derive(b, "mailbox")
	return seal.PairFromSeed(seed[:])
}
