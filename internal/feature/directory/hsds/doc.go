// Package hsds is the directory's interface for other directories and for
// programs, as HSDS 3.1 describes it: lists and records of services, of the
// organizations that give them, of where they are given, and of the terms
// that describe them.
//
// It promises:
//   - what is listed was verified, and is not long overdue; of a confidential
//     place there is only that it is there (see [directory.Feature.Offer]);
//   - conditions are cumulative: what is listed satisfies each, and one that is
//     not known here is refused, for an answer that leaves it out would be a
//     wrong one;
//   - every list and record has the form of the schemas of HSDS 3.1;
//   - each answer is signed, so that a copy can be held to who gave it, whatever
//     it came through (see signed.go);
//   - what somebody looks for need not stand in an address: each list takes a
//     POST with the same parameters.
//
// Who keeps a copy goes on from a cursor at /hsds/changes: which services are
// another, and which are gone. It tells of the same services, and of one that is
// gone its id and when, so that one that had to hide looks like any other.
//
// It needs no key and reads no cookie. Its limits: a page has at most
// [MaxPerPage] records; ndjson has all of them, and is sent piece by piece.
package hsds
