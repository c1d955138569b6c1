package blind

import "slices"

// Kind is what sort of thing somebody named. Its number is part of every mark
// and never changes.
type Kind byte

// The kinds.
const (
	Phone Kind = iota + 1
	Email
	Plate
	Address
)

// Kinds are all of them.
var Kinds = []Kind{Phone, Email, Plate, Address}

// Code is the kind's name in keys and words.
func (k Kind) Code() string {
	switch k {
	case Phone:
		return "phone"
	case Email:
		return "email"
	case Plate:
		return "plate"
	case Address:
		return "address"
	}
	return ""
}

// Named is one thing as somebody wrote it.
type Named struct {
	Kind    Kind   `json:"k"`
	Text    string `json:"t"`
	Place   string `json:"p,omitempty"` // town, for a street address
	Country string `json:"c,omitempty"` // ISO 3166-1: where a number without code, or a street, is
}

// Limits of what is looked at, in bytes. What is longer is no number or
// address, and names nothing.
const (
	maxPhone   = 100
	maxEmail   = 254 // RFC 5321
	maxPlate   = 24
	maxAddress = 300
	// maxNormals is how many numbers are taken out of one field.
	maxNormals = 3
)

// Normal gives the forms by which a thing is compared, none if it is not what
// it is said to be. Two spellings of one thing have one form, as far as the rules
// beside each kind go; two different things never do.
func (n Named) Normal() []string {
	var forms []string
	switch n.Kind {
	case Phone:
		forms = phones(n.Text, n.Country)
	case Email:
		forms = email(n.Text)
	case Plate:
		forms = plate(n.Text)
	case Address:
		forms = address(n.Text, n.Place, n.Country)
	}
	slices.Sort(forms)
	forms = slices.Compact(forms)
	return forms[:min(len(forms), maxNormals)]
}
