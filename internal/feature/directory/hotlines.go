package directory

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// HotlineQuery is what a table of hotlines is made for.
type HotlineQuery struct {
	Agency   string
	From     string // ISO 3166: where somebody calls from; empty is not known
	Language string // BCP 47; empty is any
	Now      bool   // only those that may answer now
	Public   bool   // verified ones only
}

// Hotline is a service that answers from afar, as somebody in one country
// reaches it.
type Hotline struct {
	Result
	Reached State          // whether one of its ways works from there
	Spoken  State          // whether the language is spoken there, on the day that was asked about
	Days    []time.Weekday // on which alone the language is spoken; empty: whenever it is open
	Answers State          // all three at this moment: reached, spoken, open
}

// Hotlines are what can be called or written to, best first: those that answer
// now, then those that may, and of these the country's own before others.
type Hotlines struct {
	Lines     []Hotline
	Embassies []Hotline // in the country that was asked about
}

// maxHotlines bounds the table, once the best are first; a country has some dozens.
const maxHotlines = 200

// Hotlines answers "who answers now, in this language, for somebody in this
// country". What is asked is neither kept nor logged.
func (f *Feature) Hotlines(ctx context.Context, q HotlineQuery) (h Hotlines, err error) {
	defer errs.Wrap(&err, "directory.Hotlines")
	if h.Lines, err = f.hotlines(ctx, q, NeedHotline); err != nil {
		return Hotlines{}, err
	}
	if q.From == "" {
		return h, nil
	}
	embassies, err := f.hotlines(ctx, q, NeedEmbassy)
	if err != nil {
		return Hotlines{}, err
	}
	for _, e := range embassies {
		if e.Where.Country == q.From {
			h.Embassies = append(h.Embassies, e)
		}
	}
	return h, nil
}

func (f *Feature) hotlines(ctx context.Context, q HotlineQuery, need string) ([]Hotline, error) {
	// What only reads like a hotline is none: a tenants' helpline is of no use here.
	wanted := Query{Agency: q.Agency, Public: q.Public, Needs: []string{need}, Stated: true, From: q.From, Unsure: true}
	if err := wanted.clean(); err != nil {
		return nil, err
	}
	ix, err := f.current(ctx, q.Agency)
	if err != nil {
		return nil, err
	}
	var out []Hotline
	a := ask(wanted, f.now())
	for _, h := range ix.all(a) {
		if line := hotlineOf(a.result(h), q, a.now); !q.Now || line.Answers != No {
			out = append(out, line)
		}
	}
	slices.SortStableFunc(out, func(a, b Hotline) int {
		return cmp.Or(
			cmp.Compare(rank(a.Answers), rank(b.Answers)), cmp.Compare(rank(a.Reached), rank(b.Reached)),
			cmp.Compare(abroad(a, q.From), abroad(b, q.From)), cmp.Compare(rank(a.Spoken), rank(b.Spoken)),
		)
	})
	return out[:min(len(out), maxHotlines)], nil
}

// abroad is 0 for a hotline of the country itself, 1 for any other.
func abroad(h Hotline, from string) int {
	if h.Where.Country == from {
		return 0
	}
	return 1
}

func hotlineOf(r Result, q HotlineQuery, now time.Time) Hotline {
	h := Hotline{Result: r, Reached: Unknown, Spoken: Yes}
	if q.From != "" {
		h.Reached = reachOf(r.Phones, q.From)
	}
	if q.Language != "" {
		h.Spoken, h.Days = r.speaks(languageCode(q.Language), dayThere(r, now))
	}
	h.Answers = all(h.Reached, h.Spoken, r.Open)
	if q.From == "" {
		h.Answers = all(h.Spoken, r.Open)
	}
	return h
}

// dayThere is the day of the week where the hotline is; in UTC where nobody
// knows the clock there.
func dayThere(r Result, now time.Time) time.Weekday {
	for _, t := range []time.Time{r.OpenUntil, r.OpensAt} {
		if !t.IsZero() {
			return now.In(t.Location()).Weekday()
		}
	}
	if zone := zoneOf(r.Where.Country, ""); zone != nil {
		return now.In(zone).Weekday()
	}
	return now.UTC().Weekday()
}

// reachOf is the best that the numbers say; without any, nobody knows.
func reachOf(phones []Phone, from string) State {
	if len(phones) == 0 {
		return Unknown
	}
	best := No
	for _, p := range phones {
		if s := p.reach(from); rank(s) < rank(best) {
			best = s
		}
	}
	return best
}

// speaks says whether a language is spoken on a day, and on which alone.
func (r Result) speaks(code string, on time.Weekday) (State, []time.Weekday) {
	for _, t := range r.Languages {
		if t.Code != code {
			continue
		}
		switch {
		case len(t.Days) > 0:
			return answer(slices.Contains(t.Days, on)), t.Days
		case limiting.MatchString(t.Note): // "one day a week": not which
			return Unknown, nil
		}
		return Yes, nil
	}
	switch {
	case r.Interpreter:
		return Yes, nil
	case len(r.Languages) == 0:
		return Unknown, nil
	}
	return No, nil
}

// limiting finds notes that say when a language is spoken, and not only how well.
var limiting = regexp.MustCompile(`(?i)\d|\b(days?|weekly|weeks?|weekends?|hours?|mornings?|afternoons?|evenings?|sometimes|appointment|request|(mon|tues|wednes|thurs|fri|satur|sun)days?)\b`)

// all is yes if each is, no if one is, and else unknown.
func all(states ...State) State {
	sum := Yes
	for _, s := range states {
		if s == No {
			return No
		}
		if s == Unknown {
			sum = Unknown
		}
	}
	return sum
}
