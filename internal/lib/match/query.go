package match

import "time"

// Query is what is looked for. Conditions are cumulative.
type Query struct {
	// Words, each with the stems that it may have. A service must have all of
	// them, or with Any at least one; it has a word if it has one of its stems.
	Words [][]string
	Any   bool
	// Exact takes words as they are written. Otherwise a word that stands in no
	// service is read as those that differ from it by one letter.
	Exact bool

	Where []Condition
	Near  *Near
	Age   int       // of the person; 0 not asked
	Open  time.Time // open at that moment; zero not asked
	Room  bool      // has a free place, as far as is known now
	// CheckedSince asks that somebody made sure after that; zero not asked.
	CheckedSince time.Time

	Unsure bool // also services of which the answer to some condition is not known

	Now    time.Time
	Public bool   // only what the public may see now
	Status Status // only these

	Offset, Limit int
}

// Condition is answered by a service's tags: yes if it has one of Yes; not
// known if it has one of Unknown; no otherwise.
type Condition struct{ Yes, Unknown []string }

// Near asks for services near a point, nearest first.
type Near struct {
	Lat, Lon float64
	KM       float64 // 0: however far
	// Else is asked of services of which no place is known: a no puts them out,
	// anything else leaves them unknown.
	Else *Condition
}

// Status is how a service stands with verification.
type Status uint8

// What a query may ask for.
const (
	AnyStatus Status = iota
	Verified
	Overdue
	Never
)

// Found is what a query found, best first.
type Found[P any] struct {
	Total int // exact, whatever the limit
	Hits  []Hit[P]
	Read  map[string][]string // words that stand nowhere, and as what they were read
}

// Hit is one service that fits.
type Hit[P any] struct {
	Payload P
	ID      ID
	Matched int     // words that it has
	Unsure  int     // conditions of which the answer is not known
	KM      float64 // +Inf where no place is known, or none was asked for
	Spot    int     // which of its places is meant; -1 none
	Score   float32
}
