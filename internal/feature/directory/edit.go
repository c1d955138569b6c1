package directory

import (
	"context"
	"maps"
	"strconv"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Edit is what a curator changes of a service. What the source says stays as
// it is beneath, so that reading the source again does not undo the curator.
type Edit struct {
	Agency, Service, Staff, Who string
	Phones                      []PhoneEdit // all of the service's own numbers; nil leaves them
	Hours                       []DayEdit   // the whole week; nil leaves it
	Follows                     string      // the proposal that led to it
}

// PhoneEdit is one number. An empty one is taken away.
type PhoneEdit struct {
	ID, Number, Description string
}

// DayEdit is one span of opening hours.
type DayEdit struct {
	Day           time.Weekday
	Opens, Closes string // both empty: closed
}

// Limits of an edit.
const (
	maxPhones = 20
	maxSpans  = 42
	maxNumber = 60
)

// EditService changes phones and hours. What was verified is not what is
// there now, so the service must be verified again.
func (f *Feature) EditService(ctx context.Context, e Edit) (err error) {
	defer errs.Wrap(&err, "directory.EditService")
	if len(e.Phones) > maxPhones || len(e.Hours) > maxSpans {
		return errs.New(errs.TooLarge, "", nil)
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return f.edit(ctx, tx, e) })
}

func (f *Feature) edit(ctx context.Context, tx *db.Tx, e Edit) error {
	o, over, err := curated(ctx, tx, e.Agency, entService, e.Service)
	if err != nil {
		return err
	}
	changed := Object{}
	if e.Phones != nil {
		if changed["phones"], err = editPhones(objects(o, "phones"), e.Phones); err != nil {
			return err
		}
	}
	if e.Hours != nil {
		if changed["schedules"], err = editHours(e.Service, e.Hours); err != nil {
			return err
		}
	}
	before, laid := Object{}, Object{}
	for k, v := range changed {
		if equal(o[k], v) || empty(o[k]) && empty(v) {
			delete(changed, k)
			continue
		}
		if marked(over, k) == "" && over[k] != nil {
			laid[k] = over[k]
		}
		before[k], over[k] = o[k], v
		own(over, k)
	}
	if err := f.log(ctx, tx, e.Agency, staff.EditDirectory, e.Service); err != nil || len(changed) == 0 {
		return err
	}
	if err := setOverlay(ctx, tx, e.Agency, entService, e.Service, over); err != nil {
		return err
	}
	if _, err := f.resetCheck(ctx, tx, e.Agency, e.Service, ""); err != nil {
		return err
	}
	detail := Object{"before": before, "after": changed, "over": laid}
	followed, err := f.follow(ctx, tx, e)
	if err != nil {
		return err
	}
	if followed != nil {
		detail["followed"] = followed
	}
	if err := addHistory(ctx, tx, e.Agency, Event{Service: e.Service, Action: "edited", By: e.Who, Staff: e.Staff, How: str(followed, "said"), Detail: string(canonical(detail))}); err != nil {
		return err
	}
	if err := f.weigh(ctx, tx, e.Agency, entService, e.Service); err != nil {
		return err
	}
	return f.touch(ctx, tx, e.Agency)
}

// curated is a record as it stands, and what is laid over its source.
func curated(ctx context.Context, tx *db.Tx, agency, kind, id string) (o, over Object, err error) {
	s, err := oneRecord(ctx, tx, agency, kind, id)
	if err != nil {
		return nil, nil, err
	}
	if o, err = s.object(); err != nil {
		return nil, nil, err
	}
	over, err = s.overlaid()
	return o, over, err
}

// changeDetail keeps with a change what it found and what it left.
func changeDetail(before, after Object) string {
	return string(canonical(Object{"before": before, "after": after}))
}

func editPhones(old []Object, edits []PhoneEdit) ([]any, error) {
	byID := map[string]Object{}
	for _, o := range old {
		byID[str(o, "id")] = o
	}
	list := []any{}
	for _, e := range edits {
		number, _ := clean(e.Number)
		note, _ := clean(e.Description)
		if len(number) > maxNumber || len(note) > maxHow {
			return nil, errs.In("phone", "directory.edit.phone_long")
		}
		if number == "" {
			continue
		}
		o := Object{}
		maps.Copy(o, byID[e.ID])
		if o["id"] == nil {
			o["id"] = ids.UUID()
		}
		if str(o, "number") != number { // who could dial the old one says nothing of the new
			delete(o, "dial_from")
			delete(o, "toll_free")
		}
		o["number"] = number
		if note == "" {
			delete(o, "description")
		} else {
			o["description"] = note
		}
		list = append(list, o)
	}
	return list, nil
}

func editHours(service string, spans []DayEdit) ([]any, error) {
	codes := [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	list := []any{}
	for i, s := range spans {
		if s.Opens == "" && s.Closes == "" {
			continue
		}
		from, ok1 := minuteOfDay(s.Opens)
		to, ok2 := minuteOfDay(s.Closes)
		if !ok1 || !ok2 || from == to && from != 0 || s.Day < 0 || s.Day > 6 {
			return nil, errs.In("hours", "directory.edit.hours_bad")
		}
		list = append(list, Object{
			"id":   ids.DeriveUUID("hours/"+service, codes[s.Day]+strconv.Itoa(i)),
			"freq": "WEEKLY", "byday": codes[s.Day], "opens_at": pad2(from/60) + ":" + pad2(from%60), "closes_at": pad2(to/60) + ":" + pad2(to%60),
		})
	}
	return list, nil
}

// SetVisibility makes a location show less than it did: its address, and what
// services say of themselves there, leave all that is in clear, and are sealed
// if there is a key to seal them. It cannot be undone here, because the server
// cannot open what it sealed.
func (f *Feature) SetVisibility(ctx context.Context, agency, location string, level Visibility) (err error) {
	defer errs.Wrap(&err, "directory.SetVisibility")
	if level != Partial && level != Hidden {
		return errs.In("visibility", "directory.edit.visibility")
	}
	defer func() {
		if err == nil {
			_ = f.DB.TrimLog(ctx) // the log still has the address; if somebody reads just now, the minute's sweep takes it
		}
	}()
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		s, err := oneRecord(ctx, tx, agency, entLocation, location)
		if err != nil {
			return err
		}
		o, err := s.object()
		if err != nil {
			return err
		}
		err = f.log(ctx, tx, agency, staff.EditDirectory, location)
		if err != nil || stricter(visibilityOf(o), level) == visibilityOf(o) {
			return err
		}
		srcs, err := sources(ctx, tx, agency)
		if err != nil {
			return err
		}
		in := &importing{f: f, opt: Options{Agency: agency}, src: srcs[s.source], rep: newReport()}
		before, err := in.everything(ctx, tx, s.id, level)
		if err != nil {
			return err
		}
		if err := in.hide(ctx, tx); err != nil {
			return err
		}
		for i, r := range in.recs {
			in.veil.over(r)
			if text := string(canonical(r.doc)); text != before[i] {
				if err := updateRecord(ctx, tx, agency, r, text); err != nil {
					return err
				}
			}
		}
		if err := in.veil.everywhere(ctx, tx); err != nil {
			return err
		}
		over, err := s.overlaid()
		if err != nil {
			return err
		}
		maps.DeleteFunc(over, func(field string, _ any) bool { return !keptOfHidden[field] })
		over["address_visibility"] = string(level)
		if err := setOverlay(ctx, tx, agency, entLocation, s.id, over); err != nil {
			return err
		}
		return f.touch(ctx, tx, agency)
	})
}

// everything takes all records of an agency that could tell where a location
// is, as their sources have them, with that location's new level.
func (in *importing) everything(ctx context.Context, tx *db.Tx, location string, level Visibility) (before []string, err error) {
	all, err := allRecords(ctx, tx, in.opt.Agency)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.kind == entLocation && s.id != location {
			continue
		}
		doc, err := parse(s.text)
		if err != nil {
			return nil, err
		}
		if s.id == location && s.kind == entLocation {
			doc["address_visibility"] = string(level)
		}
		in.recs = append(in.recs, &record{kind: s.kind, id: s.id, organization: s.organization, original: s.original, doc: doc})
		before = append(before, s.text)
	}
	return before, nil
}
