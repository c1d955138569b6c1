package directory

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Conflict is a record of which sources say different things.
type Conflict struct {
	Kind, ID, Name string
	Checked        bool // somebody made sure of what is shown: another choice must be checked anew
	Since          time.Time
	Fields         []Difference
}

// Difference is one field of it.
type Difference struct {
	Field   string
	Seen    string // what is said now; a choice is of this
	Choices []Choice
	All     string // the voice under which all that is said can be chosen together; "" if it cannot
}

// Choice is one value that could stand there.
type Choice struct {
	Voice string // chooses it; "" is what is shown and no source says
	Value any
	Where []string // the addresses, of places
	From  []Origin
	Shown bool
}

// Origin is a source, and when it was last read.
type Origin struct {
	Source string
	At     time.Time
}

// chosen is the action of a choice.
const chosen = "chosen"

// allVoices chooses what all sources say together.
const allVoices = "all"

// maxConflicts bounds what a page shows; those that waited longest come first.
const maxConflicts = 50

// Conflicts are the records of which sources say different things, and how many
// there are.
func (f *Feature) Conflicts(ctx context.Context, agency string) (list []Conflict, all int, err error) {
	defer errs.Wrap(&err, "directory.Conflicts")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if all, err = conflictCount(ctx, tx, agency); err != nil {
			return err
		}
		rows, err := db.Collect(ctx, tx, func(rows *sql.Rows) (c Conflict, err error) {
			var since int64
			err = rows.Scan(&c.Kind, &c.ID, &since)
			c.Since = db.Time(since)
			return c, err
		}, `SELECT kind, id, since FROM directory_conflict WHERE agency = $1 ORDER BY since, id LIMIT $2`, agency, maxConflicts)
		if err != nil {
			return err
		}
		read, err := lastRead(ctx, tx, agency)
		if err != nil {
			return err
		}
		list = nil
		for _, c := range rows {
			w, err := weighing(ctx, tx, agency, c.Kind, c.ID)
			if errs.Is(err, errs.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			c.Name, c.Checked = plain(w.shown("name")), w.checked
			for _, field := range w.differing() {
				c.Fields = append(c.Fields, w.difference(field, read))
			}
			list = append(list, c)
		}
		return nil
	})
	return list, all, err
}

// conflictsWaiting is how many there are.
func (f *Feature) conflictsWaiting(ctx context.Context, agency string) (n int, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err = conflictCount(ctx, tx, agency)
		return err
	})
	return n, err
}

func conflictCount(ctx context.Context, tx *db.Tx, agency string) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM directory_conflict WHERE agency = $1`, agency).Scan(&n)
	return n, err
}

// lastRead is when each source was last read: by an import, or by a fetch that
// found nothing new.
func lastRead(ctx context.Context, tx *db.Tx, agency string) (map[string]time.Time, error) {
	srcs, err := sources(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	feeds, err := subscriptions(ctx, tx, agency)
	read := map[string]time.Time{}
	for name, s := range srcs {
		read[name] = s.Imported
	}
	for _, s := range feeds {
		if s.Since.After(read[s.Source]) {
			read[s.Source] = s.Since
		}
	}
	return read, err
}

// difference puts together who says the same of a field.
func (w *weighed) difference(field string, read map[string]time.Time) Difference {
	c := comparedOf(w.kind, field)
	d := Difference{Field: field, Seen: w.mark(field)}
	now := w.named(field, w.shown(field))
	for _, v := range w.voices {
		say := w.named(field, v.doc[field])
		if len(say) == 0 {
			continue
		}
		i := slices.IndexFunc(d.Choices, func(o Choice) bool { return slices.Equal(w.named(field, o.Value), say) })
		if i < 0 {
			i = len(d.Choices)
			d.Choices = append(d.Choices, Choice{Voice: v.name(), Value: v.doc[field], Where: addresses(v.doc[field], w.places), Shown: slices.Equal(say, now)})
		}
		d.Choices[i].From = append(d.Choices[i].From, Origin{v.source, read[v.source]})
	}
	if !slices.ContainsFunc(d.Choices, func(o Choice) bool { return o.Shown }) && !empty(w.shown(field)) {
		d.Choices = append([]Choice{{Value: w.shown(field), Where: addresses(w.shown(field), w.places), Shown: true}}, d.Choices...)
	}
	if c.joins && len(d.Choices) > 1 {
		d.All = allVoices
	}
	return d
}

// Pick is a curator's choice of what stands in a field.
type Pick struct {
	Agency, Kind, ID, Field string
	Voice                   string // of a Choice, or of a Difference's All
	Seen                    string // of the Difference
}

// Choose makes what a source says of a field ours, so that it stands whatever
// sources say later; what they say later than this is shown again. It gives
// errs.Conflict if they say something else by now.
func (f *Feature) Choose(ctx context.Context, p Pick) (err error) {
	defer errs.Wrap(&err, "directory.Choose")
	c := comparedOf(p.Kind, p.Field)
	if c.field == "" || c.quiet {
		return errs.New(errs.NotFound, "", nil)
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		w, err := weighing(ctx, tx, p.Agency, p.Kind, p.ID)
		if err != nil {
			return err
		}
		value, from := w.picked(c, p.Voice)
		if w.mark(c.field) != p.Seen || empty(value) {
			return errs.New(errs.Conflict, "directory.conflict.changed", nil)
		}
		return f.choose(ctx, tx, p, w, value, from)
	})
}

// picked is what a voice says of a field, and whose it is.
func (w *weighed) picked(c compared, name string) (value any, from string) {
	switch {
	case name == "":
		return w.shown(c.field), ""
	case name == allVoices && c.joins:
		var all []any
		for _, v := range w.voices {
			all = joinLists(all, listOf(v.doc, c.field))
		}
		return all, ""
	}
	for _, v := range w.voices {
		if v.name() == name {
			return v.doc[c.field], v.source
		}
	}
	return nil, ""
}

func (f *Feature) choose(ctx context.Context, tx *db.Tx, p Pick, w *weighed, value any, from string) error {
	if err := f.log(ctx, tx, p.Agency, staff.EditDirectory, p.ID); err != nil {
		return err
	}
	laid, before := Object{}, w.shown(p.Field)
	if w.ours(p.Field) {
		laid[p.Field] = w.over[p.Field]
	}
	detail := Object{
		"before": Object{p.Field: before}, "after": Object{p.Field: value}, "over": laid, "seen": w.mark(p.Field), "kind": p.Kind,
	}
	w.over[p.Field] = value
	own(w.over, p.Field)
	if err := setOverlay(ctx, tx, p.Agency, p.Kind, p.ID, w.over); err != nil {
		return err
	}
	if !slices.Equal(w.named(p.Field, before), w.named(p.Field, value)) {
		if _, err := f.resetCheck(ctx, tx, p.Agency, p.ID, from); err != nil {
			return err
		}
	}
	e := Event{Service: p.ID, Action: chosen, How: from, Detail: string(canonical(detail))}
	if err := addHistory(ctx, tx, p.Agency, e.of(ctx)); err != nil {
		return err
	}
	if err := f.weigh(ctx, tx, p.Agency, p.Kind, p.ID); err != nil {
		return err
	}
	return f.touch(ctx, tx, p.Agency)
}

// Chosen is a choice that stands.
type Chosen struct {
	Event           string // takes it back
	Kind, ID, Name  string
	Field, By, From string
	Value           any
	Where           []string
	At              time.Time
}

// Choices are the newest that stand, newest first.
func (f *Feature) Choices(ctx context.Context, agency string) (list []Chosen, err error) {
	defer errs.Wrap(&err, "directory.Choices")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		type event struct {
			Chosen
			detail string
		}
		events, err := db.Collect(ctx, tx, func(rows *sql.Rows) (e event, err error) {
			var at int64
			err = rows.Scan(&e.Event, &e.ID, &at, &e.By, &e.From, &e.detail)
			e.At = db.Time(at)
			return e, err
		}, `SELECT id, service, at, by_whom, how, detail FROM directory_history WHERE agency = $1 AND action = $2 ORDER BY at DESC, id LIMIT $3`, agency, chosen, maxConflicts)
		if err != nil {
			return err
		}
		list = nil
		had := map[string]bool{}
		for _, e := range events {
			detail, err := parse(e.detail)
			if err != nil {
				return err
			}
			e.Kind = str(detail, "kind")
			o, over, err := curated(ctx, tx, agency, e.Kind, e.ID)
			if errs.Is(err, errs.NotFound) { // its source took it away
				continue
			}
			if err != nil {
				return err
			}
			after, _ := detail["after"].(Object)
			for field, v := range after {
				if key := e.ID + " " + field; !had[key] && equal(over[field], v) && marked(over, field) == "" {
					had[key] = true
					e.Name, e.Field, e.Value = str(o, "name"), field, v
					if e.Where, err = addressesIn(ctx, tx, agency, v); err != nil {
						return err
					}
					list = append(list, e.Chosen)
				}
			}
		}
		return nil
	})
	return list, err
}

// addresses are where the places are that a service names, as far as that may be told.
func addresses(value any, places map[string]Object) (list []string) {
	items, _ := value.([]any)
	for _, sal := range objects(Object{"at": items}, "at") {
		if at := places[str(sal, "location_id")]; at != nil && visibilityOf(at) == Full {
			if text := first(addressText(at), str(at, "name")); text != "" {
				list = append(list, text)
			}
		}
	}
	return list
}

// addressesIn is addresses of places that are still to be read.
func addressesIn(ctx context.Context, tx *db.Tx, agency string, value any) ([]string, error) {
	items, _ := value.([]any)
	places := map[string]Object{}
	for _, sal := range objects(Object{"at": items}, "at") {
		s, err := oneRecord(ctx, tx, agency, entLocation, str(sal, "location_id"))
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err == nil {
			places[s.id], err = s.object()
		}
		if err != nil {
			return nil, err
		}
	}
	return addresses(value, places), nil
}
