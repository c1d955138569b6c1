package signin

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// recheck is how long a session that ended may go on hearing hints.
const recheck = 30 * time.Second

func peopleTopic(agency string) string { return "people:" + agency }

// ownTopic tells all streams of a colleague to ask at once whether their session
// still is one. It is sent to no page.
func ownTopic(s *staff.Session) string { return "session:" + s.Person.Agency + ":" + s.Person.ID }

// topics are what somebody may hear of. That a contact exists is as secret as
// what it says, so who may not read contacts, or cannot just now, hears of none;
// and of each contact only who is in its group, see hears.
func topics(s *staff.Session) []string {
	agency := s.Person.Agency
	list := []string{"recovery:" + agency} // everybody is told; see core/quorum
	if s.May(staff.ReadQueue) {
		list = append(list, "queue:"+agency, "queue:"+agency+":*", "new:"+agency, "new:"+agency+":*")
	}
	if s.May(staff.ReadContact) && !s.Locked() && !s.Person.Fresh && !s.Bare {
		list = append(list, "contact:"+agency+":*")
	}
	if s.May(staff.ReadOutside) {
		list = append(list, "outside:"+agency+":*")
	}
	if s.May(staff.AdmitStaff) || s.May(staff.ManageStaff) || s.May(staff.ReadFloor) {
		list = append(list, peopleTopic(agency))
	}
	return list
}

// neutral takes the agency out of a topic: "contact:a:x" is "contact:x",
// "queue:a" is "queue", and so is "queue:a:x", whose id is for hears alone. A topic
// of no agency, as the hub gives after a broken line, is about everything.
func neutral(topic, agency string) string {
	kind, rest, found := strings.Cut(topic, ":")
	if !found {
		return "*"
	}
	id := strings.TrimPrefix(strings.TrimPrefix(rest, agency), ":")
	if id == "" || kind != "contact" {
		return kind
	}
	return kind + ":" + id
}

func (f *Feature) standing(ctx context.Context, p staff.Person) (s Standing, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		s, err = f.Standing(ctx, tx, p)
		return err
	})
	return s, err
}

// live streams hints as server-sent events: "data: queue". It ends with the
// session, also when somebody else ends that.
func (f *Feature) live(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	hints := f.Hub.Subscribe(ctx, append(topics(s), ownTopic(s))...)
	out := make(chan string)
	go func() {
		defer cancel()
		again := time.NewTicker(f.recheck)
		defer again.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-again.C:
				if f.changed(r, s) {
					return
				}
			case topic, open := <-hints:
				if !open || topic == ownTopic(s) && f.changed(r, s) {
					return
				}
				if topic == ownTopic(s) || !f.hears(ctx, s, topic) {
					continue
				}
				select {
				case out <- neutral(topic, s.Person.Agency):
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return web.Events(w, r.WithContext(ctx), out)
}

// changed says that a session ended, or is locked or unlocked since: then the page
// asks again, and hears what it may hear now.
func (f *Feature) changed(r *http.Request, s *staff.Session) bool {
	now, err := staff.Current(r, f.DB)
	return errs.Is(err, errs.Unauthenticated) || err == nil && now.Locked() != s.Locked()
}

// hears says whether somebody may hear of a topic. How a contact goes on hear those
// who are in the group that opens it, also if that is the only one that they are in.
// That one of a group of few is there hear those who are in it alone, and, that it
// was opened outside own work, who reads the whole log.
func (f *Feature) hears(ctx context.Context, s *staff.Session, topic string) bool {
	kind, rest, _ := strings.Cut(topic, ":")
	id, about := strings.CutPrefix(rest, s.Person.Agency+":")
	may := f.SeesContact
	if kind == "contact" {
		may = f.OpensContact
	}
	if !about || may == nil || kind == "outside" && s.May(staff.ReadAudit) {
		return true
	}
	var yes bool
	err := f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		yes, err = may(ctx, tx, s.Person, id)
		return err
	})
	return err == nil && yes
}
