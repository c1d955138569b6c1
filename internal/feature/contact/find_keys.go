package contact

import (
	"context"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// openedMost is how many contacts' keys are kept open in all, about half a
// kilobyte each. Beyond, a search opens them anew.
const openedMost = 40000

// openedCheck is how soon after a screen was locked its keys are forgotten.
const openedCheck = 2 * time.Second

// openedKeys are keys that searches opened, for the next search of the same
// session: opening them is most of the work. They are kept in memory, as long as
// the session stays unlocked. Whoever asks for one was found to be entitled to the
// contact a moment ago; that is never decided here. The zero value is empty.
type openedKeys struct {
	mu    sync.Mutex
	lists map[string]*openedList // by openedMark
	count int
}

type openedList struct {
	session staff.Session // without its key
	keys    map[string]*keyring.Keys
}

func openedMark(s *staff.Session) string { return s.Mark("keys opened for a search", "") }

// of gives a contact's keys if they are open and the contact still has them.
func (o *openedKeys) of(mark, id string, epoch int) *keyring.Keys {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.lists[mark]
	if list == nil {
		return nil
	}
	k := list.keys[id]
	if k == nil || k.Record.Epoch != epoch {
		return nil
	}
	return k.Reader()
}

func (o *openedKeys) keep(mark string, s *staff.Session, k *keyring.Keys) {
	kept := k.Reader()
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.lists[mark]
	if list == nil {
		if o.lists == nil {
			o.lists = map[string]*openedList{}
		}
		list = &openedList{session: *s, keys: map[string]*keyring.Keys{}}
		list.session.Pair = nil
		o.lists[mark] = list
	}
	if list.keys[k.Record.ID] == nil {
		if o.count >= openedMost {
			return
		}
		o.count++
	}
	list.keys[k.Record.ID] = kept
}

// drop forgets a contact's keys: it was deleted, or does not open with them.
func (o *openedKeys) drop(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, list := range o.lists {
		if list.keys[id] != nil {
			delete(list.keys, id)
			o.count--
		}
	}
}

// run forgets the keys of sessions that were locked or ended, until ctx ends.
func (o *openedKeys) run(ctx context.Context, d *db.DB) {
	tick := time.NewTicker(openedCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			o.forgetLocked(ctx, d)
		}
	}
}

// forgetLocked forgets also what it cannot ask about: a database that does not
// answer must not keep a screen unlocked.
func (o *openedKeys) forgetLocked(ctx context.Context, d *db.DB) {
	for mark, session := range o.sessions() {
		var unlocked bool
		err := d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			unlocked, err = session.StillUnlocked(ctx, tx)
			return err
		})
		if err != nil || !unlocked {
			o.forget(mark)
		}
	}
}

func (o *openedKeys) sessions() map[string]staff.Session {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.lists) == 0 {
		return nil
	}
	all := map[string]staff.Session{}
	for mark, list := range o.lists {
		all[mark] = list.session
	}
	return all
}

func (o *openedKeys) forget(mark string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if list := o.lists[mark]; list != nil {
		o.count -= len(list.keys)
		delete(o.lists, mark)
	}
}
