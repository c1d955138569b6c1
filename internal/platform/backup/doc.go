// Package backup writes what a hotline keeps into two encrypted files, and
// makes a hotline of them again, on either engine.
//
// What it promises:
//
//   - Both files show one moment of the database, taken while it is at work.
//   - They are encrypted to keys whose secret half the machine does not have,
//     and signed by the installation, so that nobody can put one in their place.
//   - What opens records stands in the second file only. The first can be kept
//     as long as one likes: without the second it opens for nobody, not even
//     with every pass phrase. The second is kept for 30 days, and what was
//     shredded is unreadable in every backup when those are over.
//   - A restore gives all or nothing: a file that is cut off, changed, of
//     another key or of a newer program leaves nothing behind.
//
// Limits: the signature says that the installation wrote the file, to whoever
// knows its fingerprint; who has been inside the machine can sign too. It
// does not make files vanish that were copied out of the folder. A backup
// does not show which rows were written when, except by its columns.
//
// A file is lib/archive, in gzip, in age (age-encryption.org/v1): age and
// gunzip read it without this program.
package backup
