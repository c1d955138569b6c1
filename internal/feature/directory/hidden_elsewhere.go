package directory

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// What is told of a place stands in more than its record: in what curators laid over
// others, in the history of a service, in what a provider said, in what a merge put
// together. When a place is hidden, all of that is read and mended with it: else the
// address would be one click of "undo" away.

// everywhere takes what may not be told any more out of all that an agency has. How
// records were before imports is forgotten altogether.
func (v *veil) everywhere(ctx context.Context, tx *db.Tx) error {
	agency := v.in.opt.Agency
	if err := forgetBefore(ctx, tx, agency, ""); err != nil {
		return err
	}
	for _, step := range []func(context.Context, *db.Tx, string) error{v.records, v.histories, v.waiting, v.merges, v.voices, v.in.f.weighAll} {
		if err := step(ctx, tx, agency); err != nil {
			return err
		}
	}
	return nil
}

// falls notes that a place that stood in clear until now is hidden.
func (v *veil) falls(r *record, was *stored) error {
	if r.kind != entLocation || v.hidden[r.id] == nil {
		return nil
	}
	doc, err := parse(was.text)
	if err != nil || visibilityOf(doc) != Full {
		return err
	}
	v.texts.add(doc)
	v.fresh = true
	return nil
}

// records mends what sources say and what curators laid over it. Other places are
// places of their own, and keep their addresses.
func (v *veil) records(ctx context.Context, tx *db.Tx, agency string) error {
	all, err := allRecords(ctx, tx, agency)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.kind == entLocation {
			continue
		}
		doc, changed, err := v.without(s.text)
		if err != nil {
			return err
		}
		over, laid, err := v.without(s.overlay)
		if err != nil {
			return err
		}
		if !changed && !laid {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE directory_record SET doc = $4, overlay = $5, updated = $6 WHERE agency = $1 AND kind = $2 AND id = $3`,
			agency, s.kind, s.id, doc, over, db.Micros(tx.Now)); err != nil {
			return err
		}
		if err := noteChange(ctx, tx, agency, s.kind, s.id); err != nil {
			return err
		}
	}
	return nil
}

// without mends a stored document; empty stays empty.
func (v *veil) without(text string) (mended string, changed bool, err error) {
	if text == "" {
		return "", false, nil
	}
	o, err := parse(text)
	if err != nil {
		return "", false, err
	}
	v.clear(o)
	mended = string(canonical(o))
	return mended, mended != text, nil
}

// clear mends an object and all in it: what a service says of itself at a hidden
// place, and every text that repeats where it is.
func (v *veil) clear(o Object) {
	v.partAll(o)
	v.texts.redact(o)
}

func (v *veil) partAll(x any) {
	switch x := x.(type) {
	case []any:
		for _, c := range x {
			v.partAll(c)
		}
	case Object:
		v.splitPlaces(&record{doc: x}, func(*behind, string, Object) {})
		for _, c := range x {
			v.partAll(c)
		}
	}
}

// mendRows mends some columns of texts of a table whose rows have an id. A text that
// is a document is mended as one.
func (v *veil) mendRows(ctx context.Context, tx *db.Tx, agency, read, write string, columns int) error {
	type line struct {
		id    string
		texts []string
	}
	var mended []line
	_, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		l := line{texts: make([]string, columns)}
		into := []any{&l.id}
		for i := range l.texts {
			into = append(into, &l.texts[i])
		}
		if err := rows.Scan(into...); err != nil {
			return struct{}{}, err
		}
		changed := false
		for i, text := range l.texts {
			out, found := v.texts.redactText(text)
			if o, err := parse(text); err == nil && json.Valid([]byte(text)) { // a document
				v.clear(o)
				out = string(canonical(o))
				found = out != text
			}
			l.texts[i], changed = out, changed || found
		}
		if changed {
			mended = append(mended, l)
		}
		return struct{}{}, nil
	}, read, agency)
	if err != nil {
		return err
	}
	for _, l := range mended {
		args := []any{agency, l.id}
		for _, text := range l.texts {
			args = append(args, text)
		}
		if _, err := tx.Exec(ctx, write, args...); err != nil {
			return err
		}
	}
	return nil
}

func (v *veil) histories(ctx context.Context, tx *db.Tx, agency string) error {
	return v.mendRows(ctx, tx, agency, `SELECT id, by_whom, how, detail FROM directory_history WHERE agency = $1`,
		`UPDATE directory_history SET by_whom = $3, how = $4, detail = $5 WHERE agency = $1 AND id = $2`, 3)
}

// waiting is what somebody outside says and no curator has looked at yet. Checks go
// with it: they repeat the history.
func (v *veil) waiting(ctx context.Context, tx *db.Tx, agency string) error {
	err := v.mendRows(ctx, tx, agency, `SELECT service, by_whom, how FROM directory_check WHERE agency = $1`,
		`UPDATE directory_check SET by_whom = $3, how = $4 WHERE agency = $1 AND service = $2`, 2)
	if err != nil {
		return err
	}
	return v.mendRows(ctx, tx, agency, `SELECT id, was, said FROM directory_proposal WHERE agency = $1`,
		`UPDATE directory_proposal SET was = $3, said = $4 WHERE agency = $1 AND id = $2`, 2)
}

func (v *veil) merges(ctx context.Context, tx *db.Tx, agency string) error {
	return v.mendRows(ctx, tx, agency, `SELECT id, before FROM directory_merge WHERE agency = $1`,
		`UPDATE directory_merge SET before = $3 WHERE agency = $1 AND id = $2`, 1)
}

// voices is what other sources say of a record.
func (v *veil) voices(ctx context.Context, tx *db.Tx, agency string) error {
	return v.mendRows(ctx, tx, agency, `SELECT kind || '/' || id || '/' || source, doc FROM directory_said WHERE agency = $1`,
		`UPDATE directory_said SET doc = $3 WHERE agency = $1 AND kind || '/' || id || '/' || source = $2`, 1)
}
