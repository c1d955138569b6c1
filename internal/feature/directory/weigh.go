package directory

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// weighed is a record with all that is said of it.
type weighed struct {
	*stored

	over    Object // what is laid over it
	base    Object
	voices  []voice
	places  map[string]Object
	closed  bool            // one of its places is not shown whole
	checked bool            // somebody made sure of what is shown
	decided map[string]bool // fields of which somebody decided, with what was said then
}

// shown is the value of a field that stands now.
func (w *weighed) shown(field string) any {
	if v, laid := w.over[field]; laid {
		return v
	}
	return w.base[field]
}

// ours says whether a field is our own edit.
func (w *weighed) ours(field string) bool {
	_, laid := w.over[field]
	return laid && marked(w.over, field) == ""
}

func (w *weighed) named(field string, v any) []string { return named(field, v, w.places) }

func (w *weighed) mark(field string) string { return mark(field, w.voices, w.places) }

// weighing reads a record with what is said of it. The record is the one that is
// shown in the place of others.
func weighing(ctx context.Context, tx *db.Tx, agency, kind, id string) (*weighed, error) {
	s, err := oneRecord(ctx, tx, agency, kind, id)
	if err != nil {
		return nil, err
	}
	w := &weighed{stored: s, places: map[string]Object{}, decided: map[string]bool{}}
	if w.over, err = s.overlaid(); err != nil {
		return nil, err
	}
	if w.base, err = parse(s.text); err != nil {
		return nil, err
	}
	if w.voices, err = voicesOf(ctx, tx, agency, s); err != nil || len(w.voices) == 1 && w.over["service_at_locations"] == nil {
		return w, err
	}
	if err := w.readPlaces(ctx, tx, agency); err != nil {
		return nil, err
	}
	if w.closed {
		for i := range w.voices {
			if v := &w.voices[i]; v.record != s.id || v.source != s.source {
				v.doc = safely(kind, v.doc)
			}
		}
	}
	var checks int64
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM directory_check WHERE agency = $1 AND service = $2`, agency, id).Scan(&checks); err != nil {
		return nil, err
	}
	w.checked = checks > 0
	return w, w.readDecisions(ctx, tx, agency)
}

// readPlaces takes the locations that voices name, and says whether one of them, or
// of the organization's, is not shown whole.
func (w *weighed) readPlaces(ctx context.Context, tx *db.Tx, agency string) error {
	organizations := map[string]bool{w.organization: true}
	if w.kind == entOrganization {
		organizations = map[string]bool{w.id: true}
	}
	ids := map[string]bool{}
	for _, v := range append(slices.Clone(w.voices), voice{doc: w.over}) {
		for _, sal := range objects(v.doc, "service_at_locations") {
			ids[str(sal, "location_id")] = true
		}
		if v.record != "" && v.record != w.id && w.kind == entService {
			s, err := oneRecord(ctx, tx, agency, w.kind, v.record)
			if err != nil && !errs.Is(err, errs.NotFound) {
				return err
			}
			if err == nil {
				organizations[s.organization] = true
			}
		}
	}
	delete(organizations, "")
	for _, org := range sortedKeys(organizations) {
		list, err := db.Strings(ctx, tx, `SELECT id FROM directory_record WHERE agency = $1 AND organization = $2 AND kind = 'location'`, agency, org)
		if err != nil {
			return err
		}
		for _, id := range list {
			ids[id] = true
		}
	}
	for _, id := range sortedKeys(ids) {
		s, err := oneRecord(ctx, tx, agency, entLocation, id)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if w.places[id], err = s.object(); err != nil {
			return err
		}
		w.closed = w.closed || visibilityOf(w.places[id]) != Full
	}
	return nil
}

// readDecisions finds the fields that somebody decided while the same was said.
func (w *weighed) readDecisions(ctx context.Context, tx *db.Tx, agency string) error {
	details, err := db.Strings(ctx, tx, `SELECT detail FROM directory_history WHERE agency = $1 AND service = $2 AND action = $3 ORDER BY at DESC LIMIT 200`, agency, w.id, chosen)
	if err != nil {
		return err
	}
	for _, detail := range details {
		o, err := parse(detail)
		if err != nil {
			return err
		}
		after, _ := o["after"].(Object)
		for field, v := range after { // the newest of those that chose what stands
			if _, known := w.decided[field]; !known && w.ours(field) && equal(w.over[field], v) {
				w.decided[field] = str(o, "seen") == w.mark(field)
			}
		}
	}
	return nil
}

// winner is what would stand in a field by the order of the sources, and of which
// voice it is; -1 if none says anything. One further behind only counts if it names
// all that those before it do, and more.
func (w *weighed) winner(c compared) (value any, of int) {
	of = -1
	for i, v := range w.voices {
		more := v.doc[c.field]
		switch list, isList := more.([]any); {
		case empty(more):
		case of < 0:
			value, of = more, i
		case c.quiet && c.joins && isList:
			old, _ := value.([]any)
			if joined := joinLists(old, list); len(joined) > len(old) {
				value, of = joined, i
			}
		case c.joins:
			have, say := w.named(c.field, value), w.named(c.field, more)
			if len(say) > len(have) && c.within(have, say) {
				value, of = more, i
			}
		}
	}
	return value, of
}

// isBase says whether a voice is the record's own source.
func (w *weighed) isBase(i int) bool {
	return w.voices[i].record == w.id && w.voices[i].source == w.source
}

// settle puts over the record what the order of the sources says, where nothing is
// ours. What somebody checked stays as it is as long as the source of it says
// anything of it: another source's word is no reason to send people elsewhere
// before somebody has looked. It says whether something else is shown now.
func (w *weighed) settle() (changed bool) {
	for _, c := range comparedFields[w.kind] {
		if w.ours(c.field) {
			if c.field != "service_at_locations" || !w.dropLost(c.field) {
				continue
			}
			if changed = true; w.ours(c.field) {
				continue
			}
		}
		value, of := w.winner(c)
		now := w.shown(c.field)
		from := marked(w.over, c.field)
		switch {
		case equal(now, value), empty(now) && of < 0:
			if of >= 0 && !w.isBase(of) && from != "" { // the same, of another
				w.lay(c.field, now, w.voices[of].source)
			} else if from != "" && equal(w.base[c.field], now) {
				w.lift(c.field)
			}
			continue
		case w.checked && w.stands(c, from) && !(w.closed && from != ""):
			continue
		}
		changed = true
		if of < 0 || w.isBase(of) {
			w.lift(c.field)
		} else {
			w.lay(c.field, value, w.voices[of].source)
		}
	}
	return changed
}

func (w *weighed) lay(field string, value any, source string) {
	w.over[field] = value
	marks, _ := w.over[takenFrom].(Object)
	marks = maps.Clone(marks)
	if marks == nil {
		marks = Object{}
	}
	marks[field] = source
	w.over[takenFrom] = marks
}

func (w *weighed) lift(field string) {
	delete(w.over, field)
	own(w.over, field)
}

// stands says whether what is shown in a field is still said by the source that
// said it; "" is the record's own.
func (w *weighed) stands(c compared, source string) bool {
	if source == "" {
		return true
	}
	return slices.ContainsFunc(w.voices, func(v voice) bool { return v.source == source && !empty(v.doc[c.field]) })
}

// dropLost takes places out of what we chose that are not there any more, because
// their source has ended. With none left the sources say again where it is.
func (w *weighed) dropLost(field string) (some bool) {
	had := listOf(w.over, field)
	left := slices.DeleteFunc(slices.Clone(had), func(v any) bool {
		sal, _ := v.(Object)
		return w.places[str(sal, "location_id")] == nil
	})
	if len(left) == len(had) {
		return false
	}
	if w.over[field] = left; len(left) == 0 {
		delete(w.over, field)
	}
	return true
}

// differs says whether a source says something of a field that is not shown, and
// nobody has decided that.
func (w *weighed) differs(c compared) bool {
	if c.quiet || w.decided[c.field] || w.ours(c.field) && !w.chosen(c.field) {
		return false
	}
	now := w.named(c.field, w.shown(c.field))
	return slices.ContainsFunc(w.voices, func(v voice) bool {
		say := w.named(c.field, v.doc[c.field])
		return len(say) > 0 && !c.within(say, now)
	})
}

// chosen says whether a field that is ours was chosen among what sources said, and
// not written here.
func (w *weighed) chosen(field string) bool {
	_, ok := w.decided[field]
	return ok
}

// differing are the fields of which a source says something else than is shown.
func (w *weighed) differing() (fields []string) {
	if len(w.voices) < 2 {
		return nil
	}
	for _, c := range comparedFields[w.kind] {
		if w.differs(c) {
			fields = append(fields, c.field)
		}
	}
	return fields
}

// weigh brings a record in line with what its sources say now, after something of
// it has changed, and notes what they do not agree on. A check of what is not shown
// any more ends.
func (f *Feature) weigh(ctx context.Context, tx *db.Tx, agency, kind, id string) error {
	if comparedFields[kind] == nil {
		return nil
	}
	id, err := keptOf(ctx, tx, agency, kind, id)
	if err != nil {
		return err
	}
	w, err := weighing(ctx, tx, agency, kind, id)
	if errs.Is(err, errs.NotFound) {
		return f.partFrom(ctx, tx, agency, kind, id)
	}
	if err != nil {
		return err
	}
	before := canonical(w.over)
	changed := false
	if len(w.voices) > 1 || w.over[takenFrom] != nil || w.over["service_at_locations"] != nil {
		changed = w.settle()
	}
	if string(canonical(w.over)) != string(before) {
		if err := setOverlay(ctx, tx, agency, kind, id, w.over); err != nil {
			return err
		}
	}
	if changed && kind == entService {
		if _, err := f.resetCheck(ctx, tx, agency, id, ""); err != nil {
			return err
		}
	}
	return noteConflict(ctx, tx, agency, kind, id, w.differing())
}

func noteConflict(ctx context.Context, tx *db.Tx, agency, kind, id string, fields []string) (err error) {
	if len(fields) == 0 {
		_, err = tx.Exec(ctx, `DELETE FROM directory_conflict WHERE agency = $1 AND kind = $2 AND id = $3`, agency, kind, id)
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO directory_conflict (agency, kind, id, since, fields) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (agency, kind, id) DO UPDATE SET fields = excluded.fields`, agency, kind, id, db.Micros(tx.Now), strings.Join(fields, " "))
	return err
}

// partFrom is for a record that left. What was merged into it stands alone again;
// feeds that speak of it are read whole at once, so that it comes back as theirs.
func (f *Feature) partFrom(ctx context.Context, tx *db.Tx, agency, kind, id string) error {
	merges, err := db.Strings(ctx, tx, `SELECT id FROM directory_merge WHERE agency = $1 AND kind = $2 AND kept = $3 AND undone = 0 ORDER BY at DESC, id`, agency, kind, id)
	if err != nil {
		return err
	}
	for _, merge := range merges {
		if err := f.takeApart(ctx, tx, agency, merge, ""); err != nil {
			return err
		}
	}
	for _, query := range []string{
		`UPDATE directory_subscription SET walked = 0, due = 0 WHERE agency = $1 AND source IN (SELECT source FROM directory_said WHERE agency = $1 AND kind = $2 AND id = $3)`,
		`DELETE FROM directory_said WHERE agency = $1 AND kind = $2 AND id = $3`,
		`DELETE FROM directory_conflict WHERE agency = $1 AND kind = $2 AND id = $3`,
	} {
		if _, err := tx.Exec(ctx, query, agency, kind, id); err != nil {
			return err
		}
	}
	return nil
}

// several reads records of which more than one source speaks, behind one of them.
func several(ctx context.Context, tx *db.Tx, agency, kind, id string, limit int) ([]stored, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (s stored, err error) {
		err = rows.Scan(&s.kind, &s.id)
		return s, err
	}, `SELECT kind, id FROM (
			SELECT kind, kept AS id FROM directory_merge WHERE agency = $1 AND undone = 0
			UNION SELECT kind, id FROM directory_said WHERE agency = $1
			UNION SELECT kind, id FROM directory_conflict WHERE agency = $1) AS heard
		WHERE kind > $2 OR kind = $2 AND id > $3 ORDER BY kind, id LIMIT $4`, agency, kind, id, limit)
}

// weighAll weighs all records of which more than one source speaks.
func (f *Feature) weighAll(ctx context.Context, tx *db.Tx, agency string) error {
	var last stored
	for {
		list, err := several(ctx, tx, agency, last.kind, last.id, together)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, last = range list {
			if err := f.weigh(ctx, tx, agency, last.kind, last.id); err != nil {
				return err
			}
		}
	}
}
