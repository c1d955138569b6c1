// Package blob keeps files that are sealed already, outside the database: in a
// folder, or in a store that speaks S3.
//
// What it promises: when Put returns, the file is on the disk, whole; a file
// that could not be kept leaves nothing behind; a name is given once and says
// nothing. It never sees what is in a file, nor whose it is.
//
// Limits: it does not notice when a file was changed, cut or put in another's
// place. Whoever opens it does, because the hash of the sealed bytes stands in
// the sealed record (lib/seal). It keeps no list of what belongs to whom:
// whoever writes first notes the name in the database, so that a file whose
// row never came is found and removed.
package blob
