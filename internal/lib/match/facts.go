package match

import (
	"time"

	"github.com/golang/geo/s2"
)

// State is an answer that may be unknown: unknown is not no.
type State uint8

// The answers.
const (
	Unknown State = iota
	Yes
	No
)

// ID names a service, as the bytes of its UUID.
type ID [16]byte

// Facts is all that a search asks of a service.
type Facts struct {
	ID    ID
	Name  string // decides the order where nothing else does
	Words []Word // stems, each once
	Tags  []string
	// Spots are the places where it is given; OneOf says that it is one of them,
	// unknown which.
	Spots []Spot
	OneOf bool
	Hours Hours // of the service itself, before those of its places; may be nil

	MinAge, MaxAge int // of people; MaxAge < 0: no limit known. 0 and -1: nothing is said

	Callable bool // somebody can be called: goes before others

	Checked, Due, Hide time.Time // verification; zero: never

	Free      int       // places free now
	FreeUntil time.Time // how long that may be believed; zero: not told
}

// Word is a stem with how much it says about the service.
type Word struct {
	Stem   string
	Weight uint8
	// Number may be given instead of looking the stem up: above 0, small, and the
	// same only for the same stem in all that one loader is given.
	Number int
}

// Spot is a place of a service.
type Spot struct {
	Lat, Lon float64
	Known    bool      // there are coordinates
	Cell     s2.CellID // of a hidden place: all that is known of it; 0 otherwise
	Hours    Hours     // may be nil
}

// Hours answer whether a place is open.
type Hours interface {
	// Key is the same for hours that always give the same answers.
	Key() string
	// Open answers for a moment, and says until when the answer surely holds.
	Open(at time.Time) (State, time.Time)
}
