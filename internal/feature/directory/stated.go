package directory

import (
	"context"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// Stated is a field of a record with where it is from.
type Stated struct {
	Field   string
	From    string    // the source; "" if it is our own edit
	By      string    // who of us, then
	At      time.Time // when the source was last read, or when it was edited
	Others  []string  // sources that say something else
	Differs bool      // and nobody has decided
}

// statedOf is where the fields of a service are from, as they are shown.
func statedOf(ctx context.Context, tx *db.Tx, agency, id string, events []Event) (list []Stated, err error) {
	w, err := weighing(ctx, tx, agency, entService, id)
	if err != nil {
		return nil, err
	}
	read, err := lastRead(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	for _, c := range comparedFields[entService] {
		now := w.named(c.field, w.shown(c.field))
		if empty(w.shown(c.field)) || c.quiet {
			continue
		}
		s := Stated{Field: c.field, Differs: len(w.voices) > 1 && w.differs(c)}
		if w.ours(c.field) {
			s.By, s.At = lastEdit(events, c.field)
		} else {
			s.From = first(marked(w.over, c.field), w.source)
			s.At = read[s.From]
		}
		for _, v := range w.voices {
			if say := w.named(c.field, v.doc[c.field]); v.source != s.From && len(say) > 0 && !c.within(say, now) {
				s.Others = append(s.Others, v.source)
			}
		}
		list = append(list, s)
	}
	return list, nil
}

// lastEdit is who of us last wrote a field, and when.
func lastEdit(events []Event, field string) (by string, at time.Time) {
	for _, e := range events {
		if e.Detail == "" || !e.undoable() {
			continue
		}
		detail, err := parse(e.Detail)
		if after, _ := detail["after"].(Object); err == nil && after[field] != nil {
			return e.By, e.At
		}
	}
	return "", time.Time{}
}
