// Package fault breaks things on purpose, so that tests can show what holds.
//
// Disk is a disk for SQLite that fails, or whose power is cut. Step marks a
// moment at which a test may want the program to die.
//
// A program does neither unless it was built with the tag "failpoint": then it
// does what the file says that CLEW_FAULTS names. In the program that people
// install, Step is empty, OnDisk gives nothing and the variable is not read;
// a test looks into the built file for that. Building with that tag also makes pass
// phrases cheap to guess (lib/seal), so it is for tests and nothing else.
package fault
