package directory

import (
	"strconv"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Query is what somebody looks for. Conditions are cumulative: a result
// satisfies each one that is set. An empty query finds everything.
//
// Unsure widens it to services of which the answer to some condition is not
// known; they come after the others and say what to ask. Unknown is not no.
type Query struct {
	Agency string

	Words string // all of them, or if nothing has all, any

	Place string // ZIP code or city, as people write it; taken with Country
	Near  *Point // or a point; it goes before Place
	KM    float64
	// Nearest asks how far nobody, and sorts by distance; Serves asks, instead of
	// where a service is, whether its area covers the place.
	Nearest, Serves bool

	Needs    []string // any of these
	Stated   bool     // somebody said so; what only reads like one of them is left out
	Language string   // BCP 47; spoken or by interpreter
	OpenNow  bool
	OpenAt   time.Time // open at that moment; zero: not asked
	From     string    // ISO 3166: reachable by phone from this country
	Country  string    // ISO 3166: where the service is
	Age      int       // of the person, 0 not asked
	Gender   Gender    // of the person, Women or Men; "" not asked

	AnyStatus  bool // whatever somebody's status as an immigrant
	Free       bool // costs nothing
	Wheelchair bool
	Room       bool // has a free place, by a figure that is new enough
	Checked    int  // somebody made sure within so many days; 0 not asked

	Unsure bool

	Public bool   // verified services only, as the public may see them
	Status Status // for curators: only these; "" is all
	Source string // for curators: only from this set
	All    bool   // for curators: also inactive services

	Limit int    // 1–200; 0 is 25
	After string // Results.Next of the page before
	start int    // read from After
}

// Point is a place on Earth.
type Point struct{ Lat, Lon float64 }

// Limits of a query.
const (
	maxWords = 400 // bytes
	defKM    = 40
	maxKM    = 20000
	defLimit = 25
	maxLimit = 200

	maxStart       = 100_000
	maxCheckedDays = 3650
)

func (q *Query) clean() error {
	q.Words, _ = clean(q.Words)
	q.Place, _ = clean(q.Place)
	switch {
	case len(q.Words) > maxWords:
		return errs.In("words", "directory.search.too_long")
	case len(q.Place) > maxWords:
		return errs.In("place", "directory.search.too_long")
	case !(q.KM >= 0 && q.KM <= maxKM):
		return errs.In("km", "directory.search.km")
	case q.Age < 0 || q.Age > 130:
		return errs.In("age", "directory.search.age")
	case q.Gender != "" && q.Gender != Women && q.Gender != Men:
		return errs.In("gender", "directory.search.gender")
	case q.Checked < 0 || q.Checked > maxCheckedDays:
		return errs.In("checked", "directory.search.checked")
	case q.Near != nil && !(q.Near.Lat >= -90 && q.Near.Lat <= 90 && q.Near.Lon >= -180 && q.Near.Lon <= 180):
		return errs.In("place", "directory.search.place")
	}
	for _, n := range q.Needs {
		if needBit[n] == 0 {
			return errs.In("need", "directory.search.need")
		}
	}
	if q.KM == 0 {
		q.KM = defKM
	}
	if q.After != "" {
		n, err := strconv.Atoi(q.After)
		if err != nil || n < 0 || n > maxStart {
			return errs.In("after", "directory.search.page")
		}
		q.start = n
	}
	if q.Limit <= 0 {
		q.Limit = defLimit
	}
	q.Limit = min(q.Limit, maxLimit)
	q.From, q.Country = country(q.From), country(q.Country)
	if q.Language != "" {
		if q.Language = languageCode(q.Language); q.Language == "" {
			return errs.In("language", "directory.search.language")
		}
	}
	return nil
}

// Results are what a query found, best first.
type Results struct {
	Total        int // exact, whatever the limit
	Items        []Result
	AnyWord      bool   // nothing had all the words: these have some
	Respelled    bool   // a word stands in no service: it was read as those one letter away
	Place        string // the place as it was understood
	Around       *Point // the place or point from which distances count
	PlaceUnknown bool   // the place was not understood: distance was not asked
	Next         string // After of the next page; "" on the last
}

// Result is one service as it may be shown to who asked: what a hidden
// location may not tell is not in it.
type Result struct {
	ID, Name, Organization string
	OrganizationID         string
	StandIn                bool // the organization's name is not known
	Description            string
	Source                 string
	Active                 bool

	Status  Status
	Checked time.Time
	Due     time.Time

	Phones      []Phone
	URL, Email  string
	Apply       string
	Languages   []Tongue
	Interpreter bool // for any language
	Cost        string
	Papers      string
	Eligibility string
	Immigration Immigration
	Needs       []NeedTag
	Citizens    []string // ISO 3166: an embassy's own country

	Gender     Gender
	Fee        Answer // yes: none
	Wheelchair Answer
	Room       State // has a free place now, as far as may be believed

	Where     Where
	Open      State
	OpenUntil time.Time // in the place's zone; zero: no end in sight, or not open
	OpensAt   time.Time // next opening, in the place's zone
	Hours     []HoursLine

	Why    []Reason // what fits
	Unsure []Reason // what is not known and should be asked
	Unfit  []Reason // what does not fit
}

// Tongue is a language of a service.
type Tongue struct {
	Code        string
	Interpreter bool
	Days        []time.Weekday // on which alone it is spoken; empty: whenever it is open
	Note        string         // what else the source says of it
}

// NeedTag is a need that a service meets; Derived says that a rule read it
// from the text.
type NeedTag struct {
	Code    string
	Derived bool
}

// Where is as much of a place as may be told.
type Where struct {
	Visibility Visibility
	Name       string // of the location
	Address    string
	Town       string
	Region     string
	Country    string
	Known      bool // the distance is known and may be told
	KM         float64
	Approx     bool   // measured to the middle of a town or ZIP area
	Of         int    // one of so many locations, unknown which; 0 or 1: this one
	Guess      bool   // not named by the source: same name, or the only one
	At         *Point // where to draw it; only where the whole address may be told
}

// Reason is one line of an explanation: a key of the catalogs and what goes
// into it.
type Reason struct {
	Key      string
	Need     string // code
	Language string // BCP 47
	KM       int
	Count    int
}

// HoursLine is one line of opening hours for people to read.
type HoursLine struct {
	Days   []time.Weekday
	Opens  string
	Closes string
	Closed bool
	Text   string // in the source's words, where there is no more
}
