package desk

// Admission says whether an account opens what its role works with. The part
// "admission" shows it.
type Admission string

// How far an account is admitted.
const (
	NotNeeded Admission = "not_needed" // the role reads nothing that a group opens
	Waits     Admission = "waits"
	Admitted  Admission = "admitted"
	Fresh     Admission = "fresh" // must first choose a pass phrase of their own
)
