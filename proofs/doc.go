// Package proofs tries to break what Clew promises. It builds the program and
// drives it from outside: over HTTP, by files, by signals, on both databases.
//
// Each line of the table "What proves it" of the specification is one claim
// here, in a file of its own: a claimXxx that says what is claimed, how it is
// tried and what shall be reached, and a test that tries. What was reached
// goes into a table: docs/proofs.md, written by a full run and by nothing else.
// Beside them stand journeys: people's ways through the program, in a browser too.
//
// A test takes the size that fits every push, or with CLEW_PROOFS=full the size
// that the claim names: `make proofs`, `make proofs FULL=1`. Chance follows
// from one seed, printed at the start, and CLEW_PROOFS_SEED sets it. A full run that
// was interrupted goes on where it was.
//
// Two programs are built: "clew" as people install it, and
// "clew-failpoint", which dies, or finds its disk broken, at moments that a test
// chooses, and whose pass phrases cost nothing (platform/fault). The second is for
// proofs alone; a test shows that nothing of it is in the first.
package proofs
