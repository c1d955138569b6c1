package confine

import "errors"

// ErrUnable is given where the system has no such walls.
var ErrUnable = errors.New("confine: this system cannot")

// Needs are what a process goes on to need.
type Needs struct {
	Write []string // folders, with all that is in them
	Read  []string // folders and files; what is not there is left out
	Ports []uint16 // of other machines, by TCP
}
