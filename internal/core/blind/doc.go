// Package blind finds records that name the same telephone number, e-mail
// address, vehicle plate or street address, without storing any of them.
//
// # How
//
// What somebody named is brought into one normal form (Normal) and put through
// HMAC-SHA-256 with a key of the agency and the kind of thing. The first 128
// bits are its mark. Records with one mark name the same thing.
//
// The key behind all this, the index key, is made by the server, wrapped to
// a group and forgotten. It comes back into memory with the first request of a
// signed-in member after a start (Unlock), and stays there until the program
// ends: whoever calls at night is recognised too. Until then the index is sealed:
// what came in lies sealed to its public half and waits (Prepared), and is linked
// afterwards (Run), on any node, in the order in which it came.
//
// # Promises
//
// Without a member's key nobody computes a mark or opens a row, whatever of
// the disk they hold. The disk does not even show which records share a mark:
// each record has one sealed row of one size, also a record that names nothing.
// Marks are compared in memory alone. A crash at any moment loses no record that
// waits, and links none twice.
//
// When somebody leaves the group, the index turns to another key (see Ensure).
// The mark under it is made from the mark under the one before, so that old
// rows are sealed anew without anybody opening a record, and what the leaver may
// have kept opens nothing that came since.
//
// # Limits
//
// Whoever holds the index key can try all telephone numbers: North America's take
// some hours. Whoever controls the running server has the key. Two
// people can share a number: a match is a hint for a colleague (see Apart). With a
// million different things of a kind, the chance that any two of them
// share a mark is one in 10^27. What each normal form takes for the same is
// said beside it.
package blind
