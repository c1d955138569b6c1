// Package renewal seals anew what a group could open, after somebody left it.
//
// Who left may have kept the group's key of then, and records from then are
// sealed under it. So while a colleague who holds the group's keys is signed in,
// each record gets a new key that only those who stayed can open, and the keys
// before it are dropped.
//
// It promises that it works with the key of somebody who is signed in and
// unlocked, and stops when they are not; that it goes on where it was after a
// crash, on any node; that no record is changed by halves; and that a record
// which somebody cannot open in full is left to a colleague who can.
//
// Limits: what the leaver read while they were here they may have copied. The log
// of deeds keeps its keys: its entries are under one another's hashes.
package renewal
