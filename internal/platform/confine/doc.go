// Package confine gives away, at the start, what the program will never need:
// files of others, ports of others, a core file with everybody's keys in it.
// Whoever finds a hole in the program later gets no more than it kept.
//
// It promises what it says that it did, and that is as much as the system can
// do: on Linux, Landlock (5.13 for files, 6.7 for ports) and no core file or
// debugger; elsewhere nothing. It is a second wall. A file that was opened before
// stays open; a network connection of a kind that Landlock does not know
// (UDP, Multipath TCP) is not held back; and root is held back by nothing.
//
// It does not lock memory. Go moves and copies what is on its heap, and its
// collector erases nothing, so pages that held a key can be any pages: to lock some
// would be no promise, and to lock all takes more than a small machine
// has. Swap is kept away by the service manager (MemorySwapMax=0), and the
// doctor warns where it lies on a disk unencrypted.
package confine
