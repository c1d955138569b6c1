// Package audit remembers who did what to which record, in the same
// transaction as the deed, so that neither happens without the other, and in a
// form in which nobody can change it later without being found.
//
// # What an entry says, and to whom
//
// The colleague, the action, the record, the time and the reason are sealed
// under the key of a book. A book's key is wrapped once to the group "audit"
// and is in memory while the book is in use, at most ten minutes or a thousand
// entries: what was written before, the server cannot read back. Who runs the
// system is not in the group.
//
// In clear stands only that there is an entry. One about a contact carries a
// tag, which is an HMAC under a key derived from the contact's own: who can
// open the contact finds its entries, and nobody else learns which they are.
// The tag changes with the day, so what a disk shows is which entries of one
// day are about the same contact, and not about which. Entries about anything
// else carry random bytes in its place.
//
// # From when on it is protected
//
// With its deed an entry is put down durably and in no order, so that writers do
// not wait for one another. About a second later (Run), or when somebody asks
// (Sequence), the waiting entries are appended to a Merkle tree (RFC 6962, as
// golang.org/x/mod/sumdb/tlog makes it) and its new head is signed. A crash in
// between loses nothing: they are appended after the start. So:
//
//   - Until it is appended, an entry can be taken out or put in by whoever
//     writes to the database. It cannot be read, nor made to look like a colleague's
//     without the key of its book.
//   - From then on, changing, dropping or moving any entry is found by Verify,
//     as long as the head in the database is genuine.
//   - Whoever holds the whole database, with the key that signs, can write
//     another log with another head. That is found by whoever kept a
//     checkpoint outside, for all that the checkpoint covers.
//
// # Limits
//
// The log says what went through this program. Whoever reads the database with
// a stolen key leaves no entry. An entry that could not be put down makes its
// deed fail.
package audit
