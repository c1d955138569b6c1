package contact

import (
	"context"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/blind"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/fault"
)

// Receipt is what somebody gets for making contact. ID is for the desk and
// is never given to the public.
type Receipt struct {
	ID   string
	Code string // empty if none was asked for
}

// intake is the sealed first part of a contact.
type intake struct {
	Incoming
	At  int64  `json:"at"`            // µs UTC; the clear time is coarsened at closing, this one stays sealed
	Box string `json:"box,omitempty"` // the mailbox's mark: replies go to no other

	// Decoy says that nobody sent this: see Plant. What comes from outside has no
	// part of this name.
	Decoy bool `json:"decoy,omitempty"`

	Stripped int64 `json:"stripped,omitempty"` // up to which line the conversation was deleted by rule
}

// Open takes a contact: everything is sealed and on disk when it returns. With
// withCode the person gets a code for our replies. A key that was used before
// gives the same answer again; see Once. It is for everybody and refuses
// nobody; only what is empty, too long or no code of ours is an error.
func (f *Feature) Open(ctx context.Context, in Incoming, once Once, withCode bool) (rec Receipt, err error) {
	defer errs.Wrap(&err, "contact.Open")
	if err := in.clean(); err != nil {
		return rec, err
	}
	// From here on the person may go away; what they sent is kept all the same.
	ctx = context.WithoutCancel(ctx)
	digest := once.digest("open", in)
	if answer, err := f.answered(ctx, once, digest); err != nil || answer != nil {
		return answer.receipt(), err
	}
	for range lookupTries {
		p, err := f.prepare(ctx, in, withCode)
		if err != nil {
			return rec, err
		}
		fault.Step("a contact is sealed")
		err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			return f.insert(ctx, tx, p, once, digest)
		})
		fault.Step("a contact is stored and nobody knows")
		switch {
		case errors.Is(err, errRepeated):
			answer, err := f.answered(ctx, once, digest)
			return answer.receipt(), err
		case errors.Is(err, keyring.ErrTurned): // somebody left in this very moment
			f.group.Store(nil)
		case !db.IsUnique(err):
			return p.receipt, err
		}
	}
	return rec, errs.New(errs.Unavailable, "", errors.New("no look-up number is free"))
}

// lookupTries bounds the search for a look-up number that no mailbox has. Of
// ten million a busy hotline may use one million, so one try in ten fails, and
// twenty in a row about never.
const lookupTries = 20

// prepared is a contact with everything that takes time already done.
type prepared struct {
	receipt Receipt
	row     row
	keys    keyring.Prepared
	box     *mailbox // nil without a code
	sent    []byte   // the mailbox's first line: that something was sent
	links   blind.Prepared
}

func (f *Feature) prepare(ctx context.Context, in Incoming, withCode bool) (p prepared, err error) {
	group, err := f.intakeGroup(ctx)
	if err != nil {
		return p, err
	}
	id := ids.New()
	p.receipt.ID = id
	p.row = row{
		ID: id, Agency: f.Agency, State: Waiting, Severity: severity(in.RequestType),
		Channel: in.Channel, Language: in.Language, Epoch: 1,
	}
	if p.keys, err = f.keys.Prepare(group, id); err != nil {
		return p, err
	}
	p.row.public = p.keys.Public.Bytes()
	now := f.now()
	first := intake{Incoming: in, At: db.Micros(now)}
	if withCode {
		if err := f.giveBox(ctx, &p, now); err != nil {
			return p, err
		}
		first.Box = p.box.mark()
	}
	p.row.intake = p.keys.Keys().Seal(p.row.place("contacts", "intake"), encode(first))
	p.links, err = f.Links.Prepare(ctx, id, in.named()...)
	return p, err
}

// giveBox gives the contact a mailbox and its code.
func (f *Feature) giveBox(ctx context.Context, p *prepared, now time.Time) error {
	issued, err := f.codes.take(ctx)
	if err != nil {
		return err
	}
	p.receipt.Code = issued.code.String()
	p.row.Mailbox = issued.code.Lookup
	p.box = &mailbox{Lookup: issued.code.Lookup, Agency: f.Agency, Contact: p.row.ID, Cost: issued.cost, Public: issued.public, LastSeq: 1}
	p.sent, err = p.box.seal(1, item{Kind: itemSent, At: db.Micros(now), Contact: p.row.ID})
	return err
}

func (f *Feature) insert(ctx context.Context, tx *db.Tx, p prepared, once Once, digest string) error {
	if err := once.claim(ctx, tx, f.Agency, p.row.Mailbox, answer{Digest: digest, ID: p.receipt.ID, Code: p.receipt.Code}); err != nil {
		return err
	}
	fault.Step("a request is claimed")
	if err := p.keys.Save(ctx, tx); err != nil {
		return err
	}
	fault.Step("a contact's keys are written")
	r := p.row
	_, err := tx.Exec(ctx, `INSERT INTO contacts (`+rowColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0, 0, 0, $8, $9, $10, $11, NULL, '')`,
		r.ID, r.Agency, string(r.State), r.Severity, string(r.Channel), r.Language, db.Micros(tx.Now),
		r.Epoch, r.Mailbox, r.public, r.intake)
	if err != nil {
		return err
	}
	fault.Step("a contact is written")
	if err := p.links.Save(ctx, tx); err != nil {
		return err
	}
	if p.box != nil {
		if err := p.box.insert(ctx, tx, p.sent); err != nil {
			return err
		}
	}
	f.hint(tx, queueTopic(f.Agency))
	if !oneOf(Staffed, r.Channel) { // what a colleague enters is no news to the desk
		f.hint(tx, newTopic(f.Agency))
	}
	return nil
}

// newTopic sounds the neutral alert at the desk: somebody waits, and nothing
// more is said.
func newTopic(agency string) string { return "new:" + agency }

// intakeGroup is the group that opens what comes in. It changes when somebody
// leaves, so it is read again after a while and not with every contact.
func (f *Feature) intakeGroup(ctx context.Context) (keyring.Group, error) {
	if g := f.group.Load(); g != nil && time.Since(g.read) < groupFresh {
		return g.Group, nil
	}
	var g keyring.Group
	err := f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		g, err = keyring.Find(ctx, tx, f.Agency, keyring.Intake)
		return err
	})
	if err == nil {
		f.group.Store(&cachedGroup{g, time.Now()})
	}
	return g, err
}

// groupFresh is how long a group's public key is used without looking again.
const groupFresh = time.Second

type cachedGroup struct {
	keyring.Group
	read time.Time
}
