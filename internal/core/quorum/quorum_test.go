package quorum_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// The way back: Lou, who lost the pass phrase, opens contacts again after three
// officers have given their shares, and not before a day has passed.
func TestThreeOfFiveLetSomebodyBackIn(t *testing.T) {
	each(t, func(h *house) {
		old := h.contact("before")
		h.share()
		id, err := h.ask("lou", "lou")
		h.ok(err)
		h.refused(h.give("ada", id, ""), "recovery.error.too_early")
		h.now = h.now.Add(quorum.Delay - time.Second)
		h.refused(h.give("ada", id, ""), "recovery.error.too_early")
		h.now = h.now.Add(time.Second)
		h.ok(h.give("ada", id, ""))
		h.ok(h.give("cem", id, h.paperOf("cem")))
		h.ok(h.give("cem", id, "")) // again: still two
		if r := h.request(id); r.State != quorum.Open || len(r.Given) != 2 {
			h.Fatalf("after two: %+v", r)
		}
		if h.openedBy(h.id("lou"), h.people["lou"].Pair, old) {
			h.Fatal("two shares let her in")
		}
		h.ok(h.give("eve", id, ""))
		if r := h.request(id); r.State != quorum.Done || len(r.Given) != 0 {
			h.Fatalf("after three: %+v", r)
		}
		for _, rec := range []keyring.Record{old, h.contact("after")} {
			if !h.openedBy(h.id("lou"), h.people["lou"].Pair, rec) {
				h.Errorf("%s does not open for her", rec.ID)
			}
		}
		h.refused(h.give("dua", id, ""), "recovery.error.over")
		_, err = h.ask("ada", "lou")
		h.refused(err, "recovery.error.nothing")
		for _, deed := range []string{
			"recovery.name", "recovery.use accepted", "staff.admit officers", "recovery.use asked",
			"recovery.use gave", "recovery.use printed", "recovery.use done",
		} {
			h.logged(deed)
		}
	})
}

// Who kept the printed key, and can write into the database, opens nothing that
// came after the shares were made.
func TestThePrintedKeyOpensNothingAfterwards(t *testing.T) {
	each(t, func(h *house) {
		old := h.contact("before")
		var recovery string
		h.update(func(ctx context.Context, tx *db.Tx) error {
			g, err := keyring.Find(ctx, tx, "home", keyring.Recovery)
			recovery = g.ID
			return err
		})
		if !h.openedBy(recovery, h.paper, old) {
			h.Fatal("the printed key opens nothing to begin with")
		}
		h.share()
		if h.openedBy(recovery, h.paper, old) || h.openedBy(recovery, h.paper, h.contact("after")) {
			h.Error("the printed key still opens")
		}
		if !h.openedBy(h.id("sol"), h.people["sol"].Pair, old) || !h.openedBy(h.id("sol"), h.people["sol"].Pair, h.contact("later")) {
			h.Error("who stayed opens no more")
		}
	})
}

// A set-up anew makes other shares: those of before are told apart in words, and
// what was asked of them is over.
func TestSharingAnewRevokesWhatWasBefore(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		before := h.paperOf("ada")
		id, err := h.ask("lou", "lou")
		h.ok(err)
		h.share()
		if r := h.request(id); r.State != quorum.Cancelled {
			h.Errorf("what was asked of the old shares is %s", r.State)
		}
		id, err = h.ask("lou", "lou")
		h.ok(err)
		h.now = h.now.Add(quorum.Delay)
		h.refused(h.give("ada", id, before), "recovery.error.earlier")
		h.ok(h.give("ada", id, h.paperOf("ada")))
	})
}

func TestAWrongShareIsToldInWords(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		id, err := h.ask("sol", "lou")
		h.ok(err)
		h.now = h.now.Add(quorum.Delay)
		paper := h.paperOf("ada")
		h.refused(h.give("ben", id, paper), "recovery.error.others")
		h.refused(h.give("ben", id, "A"+paper), "recovery.error.length")
		if err := h.give("ben", id, strings.Replace(paper, paper[20:24], "AAAA", 1)); err == nil || !strings.HasPrefix(errs.Of(err).Word, "recovery.error.") {
			h.Errorf("a misread line: %v", err)
		}
		if err := h.give("sol", id, paper); !errs.Is(err, errs.NotFound) {
			h.Errorf("who is no officer gave a share: %v", err)
		}
		h.lose("ada")
		h.refused(h.give("ada", id, ""), "recovery.error.other_key")
		h.ok(h.give("ada", id, paper)) // the paper is as good as ever
		if r := h.request(id); len(r.Given) != 1 {
			h.Errorf("%d shares are there", len(r.Given))
		}
	})
}

func TestWhoMayEndARequest(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		id, err := h.ask("max", "lou")
		h.ok(err)
		for _, name := range []string{"kit"} {
			if err := h.cancel(name, id); !errs.Is(err, errs.NotFound) {
				h.Errorf("%s ended it: %v", name, err)
			}
		}
		_, err = h.ask("ada", "lou")
		h.refused(err, "recovery.error.asked")
		for _, name := range []string{"eve", "sol", "max"} { // an officer, a supervisor, who asked
			h.ok(h.cancel(name, id))
			h.refused(h.cancel(name, id), "recovery.error.over")
			id, err = h.ask("max", "lou")
			h.ok(err)
		}
		h.now = h.now.Add(quorum.Delay)
		h.ok(h.give("ada", id, ""))
		h.ok(h.give("ben", id, ""))
		h.ok(h.cancel("cem", id)) // also with two shares there
		h.refused(h.give("cem", id, ""), "recovery.error.over")
		h.logged("recovery.use cancelled")
	})
}

func TestARequestIsOverAfterAWeek(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		id, err := h.ask("lou", "lou")
		h.ok(err)
		h.now = h.now.Add(quorum.Lasts)
		h.refused(h.give("ada", id, ""), "recovery.error.over")
		if r := h.request(id); r.State != quorum.Expired {
			h.Errorf("it is %s", r.State)
		}
		h.logged("recovery.use expired")
	})
}

// The request is for the key that the account had. Who gives the account another
// one meanwhile, as an administrator can, has to ask again, and everybody hears.
func TestAnotherKeyOfTheAccountEndsIt(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		id, err := h.ask("lou", "lou")
		h.ok(err)
		h.now = h.now.Add(quorum.Delay)
		h.ok(h.give("ada", id, ""))
		h.lose("lou")
		h.refused(h.give("ben", id, ""), "recovery.error.over")
		if r := h.request(id); r.State != quorum.Failed {
			h.Errorf("it is %s", r.State)
		}
		id, err = h.ask("lou", "lou")
		h.ok(err)
		h.disable("lou")
		h.now = h.now.Add(quorum.Delay)
		h.refused(h.give("ben", id, ""), "recovery.error.changed")
	})
}

// A server that stops forgets what was given; the next takes over, and officers
// give again. While the first is there, any server takes shares for it.
func TestAServerThatStopsForgets(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		id, err := h.ask("lou", "lou")
		h.ok(err)
		h.now = h.now.Add(quorum.Delay)
		h.ok(h.give("ada", id, ""))
		first := h.keeper
		h.keeper = h.server()
		h.ok(h.give("ben", id, ""))
		h.now = h.now.Add(time.Minute - time.Second)
		h.ok(first.Tend(h.Context())) // it says that it is there
		h.now = h.now.Add(30 * time.Second)
		h.ok(h.keeper.Tend(h.Context()))
		if r := h.request(id); len(r.Given) != 2 {
			h.Fatalf("given: %v", r.Given)
		}
		h.now = h.now.Add(2 * time.Minute) // and now it has stopped
		h.ok(h.give("cem", id, ""))
		if r := h.request(id); r.State != quorum.Open || len(r.Given) != 1 {
			h.Fatalf("what was given to a server that stopped counts: %+v", r)
		}
		h.ok(first.Tend(h.Context())) // it was only asleep, and finds itself replaced
		h.ok(h.give("ada", id, ""))
		h.ok(h.give("ben", id, ""))
		if r := h.request(id); r.State != quorum.Done {
			h.Errorf("it is %s", r.State)
		}
	})
}

// Two servers: the shares are given at one, the key is with the other, and that
// one does the deed.
func TestTheServerThatHoldsTheKeyDoesTheDeed(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		id, err := h.ask("lou", "lou")
		h.ok(err)
		h.now = h.now.Add(quorum.Delay)
		command := h.server()
		command.Serves = false
		holder := h.keeper
		h.keeper = command
		h.refused(h.give("ada", id, ""), "recovery.error.no_server")
		h.ok(holder.Tend(h.Context()))
		for _, name := range []string{"ada", "ben", "cem"} {
			h.ok(h.give(name, id, ""))
		}
		if r := h.request(id); r.State != quorum.Open {
			h.Fatalf("somebody without the key did it: %s", r.State)
		}
		h.ok(holder.Tend(h.Context()))
		if r := h.request(id); r.State != quorum.Done {
			h.Errorf("it is %s", r.State)
		}
	})
}

// Nothing that was given opens with any key that is on a disk: not with the
// account's, nor with an officer's.
func TestWhatWasGivenOpensForNobodyElse(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		id, err := h.ask("lou", "lou")
		h.ok(err)
		h.now = h.now.Add(quorum.Delay)
		h.ok(h.give("ada", id, ""))
		var sealed []byte
		h.update(func(ctx context.Context, tx *db.Tx) error {
			return tx.QueryRow(ctx, `SELECT sealed FROM quorum_releases WHERE request = $1`, id).Scan(&sealed)
		})
		for name, n := range h.people {
			if _, err := n.Pair.Unwrap(h.request(id).ReleasePlace(), h.id("ada"), sealed); err == nil {
				h.Errorf("%s opens what Ada gave", name)
			}
		}
	})
}

func TestOfficersWhoLeaveAreMissing(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		if s := h.current(); s.Thin() || s.Able() != 5 {
			h.Errorf("with all there: %d", s.Able())
		}
		h.disable("ada")
		h.lose("ben")
		s := h.current()
		if s.Officers[0].Hold() != quorum.Missing || s.Officers[1].Hold() != quorum.PaperOnly || s.Officers[2].Hold() != quorum.Holds {
			h.Errorf("%v %v %v", s.Officers[0].Hold(), s.Officers[1].Hold(), s.Officers[2].Hold())
		}
		if s.Able() != 3 || !s.Thin() {
			h.Errorf("three of three needed: %d able, thin %v", s.Able(), s.Thin())
		}
	})
}

// The recovery key gets what the one who sets up does not hold as soon as
// somebody is at work who does; until then it is said what is lacking.
func TestTheRestIsHandedOverByWhoHoldsIt(t *testing.T) {
	each(t, func(h *house) {
		lacks := func() (l []quorum.Lack) {
			h.update(func(ctx context.Context, tx *db.Tx) (err error) {
				l, err = quorum.Lacks(ctx, tx, "home")
				return err
			})
			return l
		}
		handOver := func(name string) {
			h.update(func(ctx context.Context, tx *db.Tx) error {
				return quorum.HandOver(ctx, tx, h.person1(ctx, tx, name), h.people[name].Pair)
			})
		}
		if l := lacks(); len(l) != 0 {
			h.Errorf("at the start it lacks %v", l)
		}
		h.share()
		if l := lacks(); len(l) != 1 || l[0].Name != keyring.Audit || l[0].Keys != 1 {
			h.Fatalf("it lacks %v", l)
		}
		handOver("ada")
		handOver("sol")
		if l := lacks(); len(l) != 1 {
			h.Errorf("somebody handed over what they do not hold: %v", l)
		}
		handOver("kit")
		if l := lacks(); len(l) != 0 {
			h.Errorf("after the auditor was here it lacks %v", l)
		}
		h.logged("recovery.use handed_over")
	})
}

func TestNamingOfficers(t *testing.T) {
	each(t, func(h *house) {
		h.refused(h.tryName(2, "ada"), "recovery.error.officers")
		h.refused(h.tryName(1, "ada", "ben"), "recovery.error.needed")
		h.refused(h.tryName(3, "ada", "ben"), "recovery.error.needed")
		h.refused(h.tryName(2, "ada", "ada"), "recovery.error.officer")
		h.disable("dua")
		h.refused(h.tryName(2, "ada", "dua"), "recovery.error.officer")
		h.name(2, "ada", "ben")
		h.refused(h.make("sol"), "recovery.error.not_ready")
		if err := h.reply("cem", true); !errs.Is(err, errs.NotFound) {
			h.Errorf("who was not asked answered: %v", err)
		}
		h.ok(h.reply("ada", true))
		h.ok(h.reply("ben", false))
		h.refused(h.make("sol"), "recovery.error.not_ready")
		h.ok(h.reply("ben", true)) // thought better of it
		h.lose("ada")
		h.refused(h.make("sol"), "recovery.error.not_ready") // she accepted with a key that she has no more
		h.ok(h.reply("ada", true))
		h.refused(h.make("ben"), "recovery.error.not_member")
		if s := h.current(); s.ID != "" {
			h.Error("what failed left something behind")
		}
		if _, err := h.ask("sol", "lou"); errs.Of(err).Word != "recovery.error.no_quorum" {
			h.Errorf("asked of nobody: %v", err)
		}
		h.ok(h.make("sol"))
		if s := h.current(); s.Needed != 2 || len(s.Officers) != 2 {
			h.Errorf("%+v", s)
		}
	})
}

// What cannot be done for a reason of the database's is tried again.
func TestADeedThatFailsIsTriedAgain(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		id, err := h.ask("lou", "lou")
		h.ok(err)
		h.now = h.now.Add(quorum.Delay)
		admit := h.keeper.Admit
		broken := errors.New("the disk is full")
		h.keeper.Admit = func(context.Context, *db.Tx, string, *seal.Pair, string) error { return broken }
		h.ok(h.give("ada", id, ""))
		h.ok(h.give("ben", id, ""))
		if err := h.give("cem", id, ""); !errors.Is(err, broken) {
			h.Errorf("it says %v", err)
		}
		h.keeper.Admit = admit
		h.ok(h.keeper.Tend(h.Context()))
		if r := h.request(id); r.State != quorum.Done {
			h.Errorf("it is %s", r.State)
		}
	})
}
