package quorum

import "github.com/clew-hotline/clew/internal/lib/seal"

// ReleasePlace is where what an officer gives is sealed for.
func (r Request) ReleasePlace() seal.Place { return r.place() }

// Forget makes a server as one that has just started, but for the keys that it holds.
func (k *Keeper) Forget() { k.seen = nil }
