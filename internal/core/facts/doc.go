// Package facts keeps what may be counted. When a contact has been wrapped up
// or a referral has ended, the feature appends a fact: a month and codes. The
// figures are made from facts and from nothing else.
//
// What it promises:
//
//   - No text gets in. Every code and every value comes from a closed list
//     (Kinds), or is a code of ISO 639 or ISO 3166. Anything else is refused.
//   - Nothing leads back. A fact has no identifier, no time below the month and
//     no place in a sequence. Facts that are alike are one line with a number,
//     and which line stands where is decided by the lines alone: the same
//     facts appended in another order leave the same bytes.
//   - The four ways of not knowing stay apart: unknown, declined, not_asked, and
//     a plain no where there is one.
//   - A correction takes the old fact out and puts the new one in, and raises
//     the month's revision, which figures state.
//
// What it does not promise: whoever compares two copies of the database made
// before and after one contact sees which line grew. And what is rare stays
// rare: exact counts are for the hotline's own staff; what may be published is
// decided in feature/stats.
package facts
