// Package retention lets go of what the hotline was told, when it is no longer
// needed or the person wants it gone, and proves that it did.
//
// An administrator sets rules: how long after closing a part of a contact, or
// the whole, is kept. A supervisor can hold a contact, which stops every
// deletion of it. What is due stands on the supervisors' desk days before. A
// nightly run deletes it, and leaves a certificate of numbers. Nobody picks
// one contact to delete: only a rule does, or the person it came from.
//
// It promises:
//   - nothing is deleted by rule before somebody has set or accepted the rules,
//     nor earlier than the rule, the notice and every hold allow. Where a time
//     is known by its month or day only, its end counts;
//   - a contact's keys and content go in one transaction: whole or not at all,
//     wherever the program was killed;
//   - a person who asked with their code is deleted no sooner than seven days
//     later and only after a colleague confirmed it over the person's safe way;
//     until then the code takes it back;
//   - what is left are numbers, and entries of the log, whose tags nobody can match
//     any more.
//
// Limits: who reads the log still reads, for ever, that a contact of some id was
// opened, held or deleted, by whom, and the words that a colleague gave as a reason;
// so the forms ask for none about the person. Backups hold keys for up to 30 days (internal/platform/backup), other
// copies for as long as somebody keeps them; the doctor names those it sees.
// In clear stand which contact is held or was asked for, and the day.
package retention
