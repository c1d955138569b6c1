// Package listen answers on a socket: over HTTPS if it has a certificate or
// may get one, and so that nobody who is slow keeps others out.
//
// It promises that a connection has an end whatever its other side does, that
// a request which has arrived is never cut off to make room for another, and
// that who comes when all places are taken waits or takes the place of whoever
// kept us waiting longest. It tells nobody apart by address: behind a proxy,
// Tor or a mobile network, many people have the same one. It writes no
// address anywhere.
//
// It is no help against more traffic than the line carries.
package listen
