package invent

import (
	"strconv"

	"github.com/clew-hotline/clew/internal/lib/match"
	"github.com/clew-hotline/clew/internal/lib/stems"
)

// Reader turns services into facts. One goroutine may use it at a time; the
// facts hold until the next.
type Reader struct {
	cut   stems.Cutter
	facts match.Facts
	at    []place // by the cutter's numbers
	turn  int
}

// place is where in a service's words a stem stands, in which turn.
type place struct{ turn, at int }

// Facts of a service, with the weights that the directory gives: a word in the
// name says more than one in the text.
func (rd *Reader) Facts(s *Service) *match.Facts {
	f := &rd.facts
	*f = match.Facts{
		ID: s.ID, Name: s.Name, Words: f.Words[:0], Tags: f.Tags[:0], Spots: f.Spots[:0],
		MinAge: s.MinAge, MaxAge: s.MaxAge, Callable: s.Phone != "",
		Checked: s.Checked, Due: s.Due, Hide: s.Hide, Free: max(0, s.Free), FreeUntil: s.FreeUntil,
	}
	rd.turn++
	rd.add(s.Name, 4)
	rd.add(s.Organization, 2)
	rd.add(s.About, 1)
	f.Tags = append(f.Tags, "country:"+s.Town.Country)
	for _, n := range s.Needs {
		f.Tags = append(f.Tags, "need:"+n)
	}
	for _, t := range s.Terms {
		f.Tags = append(f.Tags, "term:"+strconv.Itoa(t))
	}
	for _, l := range s.Spoken {
		f.Tags = append(f.Tags, "language:"+l)
	}
	if s.Interpreter {
		f.Tags = append(f.Tags, "language:*")
	}
	if len(s.Spoken) == 0 {
		f.Tags = append(f.Tags, "language:?")
	}
	f.Tags = append(f.Tags, "gender:"+first(s.Gender, "?"), "fee:"+first(s.Fee, "?"), "wheelchair:"+first(s.Wheelchair, "?"), "papers:"+first(s.Papers, "?"))
	spot := match.Spot{Lat: s.Lat, Lon: s.Lon, Known: true}
	if s.Hours != nil {
		spot.Hours = s.Hours
	}
	f.Spots = append(f.Spots, spot)
	return f
}

func (rd *Reader) add(text string, weight uint8) {
	rd.cut.Each(text, func(stem string, n int) {
		for n >= len(rd.at) {
			rd.at = append(rd.at, place{})
		}
		if p := &rd.at[n]; p.turn != rd.turn {
			*p = place{rd.turn, len(rd.facts.Words)}
			rd.facts.Words = append(rd.facts.Words, match.Word{Stem: stem, Weight: weight, Number: n + 1})
			return
		}
		if w := &rd.facts.Words[rd.at[n].at]; w.Weight < weight*4 { // a word that is said often is not worth ever more
			w.Weight += weight
		}
	})
}
