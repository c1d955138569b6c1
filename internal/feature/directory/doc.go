// Package directory is the list of those who help: organizations, their
// services, where and when those are open, how they are reached, and when
// somebody last made sure of it. Terms and forms are those of HSDS 3.1 (Human
// Services Data Specification, Open Referral).
//
// It promises:
//   - what is imported is kept: a value that we cannot use is reported, kept in
//     its record, and not acted on;
//   - an import happens whole or not at all, and twice is the same as once;
//   - the public sees verified services only (see verify.go);
//   - of a hidden location nothing leaves this package but the country: no
//     address, coordinate or distance, and no order that follows from them
//     more finely than a cell some 80 km wide (see place.go);
//   - every search result says why it is there and what is not known of it;
//   - what somebody checked changes by no other source than its own: what sources do
//     not agree on waits for a person (see voices.go and weigh.go).
//
// What is searched lies in memory (lib/match) and follows the changes in the
// database by a sequence in the order of commits; any node makes it anew.
//
// Its rooms, by the names of files:
//   - in: import*, read* (forms), map* and oldtables (other people's columns),
//     assemble*, link and unite (rows to records), scratch, report, invent, starter;
//   - records: hsds, values, fit, store, edit, undo, merge, duplicates;
//   - what several sources say: voices, weigh, stated, order, conflict;
//     subscription* fetches them;
//   - what is known of a service: needs, intake, immigration, languages, reach
//     (numbers), hours with pattern and clock, place and area, hidden* and secrets;
//   - search: query, index, build, facts, follow, search, explain, result, words,
//     say; hotlines and coverage;
//   - is it true: verify, recheck, rules, provider, suggest, vetting, signs;
//   - out: published*, shelf*, fragments, render and compose make what anybody may
//     have, offer* and changes answer package hsds, export and tabular write files;
//   - the desk: pages*.
//
// Its limits: what is kept in memory of a service takes some 12 kB with its
// organization and places (measured on the Illinois set: 9.1 to search, 3.2 to
// publish); it reads schedules whose frequency is weekly or monthly, as HSDS has it;
// rules that guess a need read English only, and say that they guessed.
package directory
