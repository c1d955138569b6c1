package directory

import (
	"math"
	"time"
)

// room says whether a service has a free place, as far as a figure may be believed.
func (e *entry) room(now time.Time) State {
	if !now.Before(e.intake.vacancy.until) {
		return Unknown
	}
	return answer(e.intake.vacancy.free > 0)
}

func (e *entry) takes(g Gender) State {
	if e.intake.gender == "" {
		return Unknown
	}
	return answer(e.intake.gender == AnyGender || e.intake.gender == g)
}

func said(value, yes string) State {
	if value == "" {
		return Unknown
	}
	return answer(value == yes)
}

// explainIntake says of whom a service takes, and on what terms, what was asked.
func (a *asked) explainIntake(h hit, r *Result) {
	e := h.e
	tell := func(s State, why, unsure string) {
		switch s {
		case Yes:
			r.Why = append(r.Why, Reason{Key: why})
		case Unknown:
			r.Unsure = append(r.Unsure, Reason{Key: unsure})
		case No: // then it is no result
		}
	}
	switch a.Gender {
	case Women:
		tell(e.takes(Women), "directory.why.women", "directory.unsure.gender")
	case Men:
		tell(e.takes(Men), "directory.why.men", "directory.unsure.gender")
	case AnyGender: // nobody asks for it
	}
	if a.AnyStatus {
		tell(said(string(e.intake.status), string(AnyStatus)), "directory.why.any_status", "directory.unsure.any_status")
	}
	if a.Free {
		tell(said(string(e.intake.fee), string(SaysYes)), "directory.why.free", "directory.unsure.free")
	}
	if a.Wheelchair {
		tell(said(string(e.intake.wheelchair), string(SaysYes)), "directory.why.wheelchair", "directory.unsure.wheelchair")
	}
	if a.Room {
		tell(r.Room, "directory.why.room", "directory.unsure.room")
	}
	if !a.OpenNow && !a.OpenAt.IsZero() {
		s, _, _ := e.open(a.OpenAt, h.spot)
		tell(s, "directory.why.open_at", "directory.unsure.open")
	}
}

func (a *asked) explainPlace(h hit, r *Result) {
	if a.Serves {
		if len(h.e.intake.areas) == 0 {
			r.Unsure = append(r.Unsure, Reason{Key: "directory.unsure.serves"})
		} else {
			r.Why = append(r.Why, Reason{Key: "directory.why.serves"})
		}
		return
	}
	s, _, _ := h.e.within(*a.near, a.KM, a.place.country)
	switch {
	case r.Where.Visibility == Hidden && s == Yes:
		r.Why = append(r.Why, Reason{Key: "directory.why.area"})
	case s == Yes:
		r.Why = append(r.Why, Reason{Key: "directory.why.near", KM: max(1, int(math.Ceil(r.Where.KM)))})
	case r.Where.Of > 1:
		r.Unsure = append(r.Unsure, Reason{Key: "directory.unsure.one_of", Count: r.Where.Of})
	default:
		r.Unsure = append(r.Unsure, Reason{Key: "directory.unsure.place"})
	}
}
