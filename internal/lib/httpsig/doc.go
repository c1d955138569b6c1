// Package httpsig signs answers to requests and checks such signatures, as RFC 9421
// and RFC 9530 describe them, with Ed25519 alone.
//
// It promises that what is accepted is what the holder of the key answered, with
// this status, to this method, path and query, and not one byte otherwise: each
// of these is covered, or the signature does not count.
//
// Its limits: the host is not covered (a hotline may be reached by several
// names), nor the body of a request; a signature may come with the head or, of an
// answer that is written piece by piece, behind it.
package httpsig
