package quorum

import "github.com/clew-hotline/clew/internal/lib/seal"

// ReleasePlace is where what an officer gives is sealed for.
func ReleasePlace(agency, request string) seal.Place {
	return Request{Agency: agency, ID: request}.place()
}
