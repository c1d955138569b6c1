// Package match finds, among services at their places, those that fit a
// person: words, tags (needs, languages, country, cost …), age, place, opening
// hours, free places, verification. It holds everything in memory and asks no
// database and no network.
//
// It promises:
//   - a total is exact, and equals what a look at every service would count;
//   - an answer is yes, no or not known, and unknown is never taken for no: a
//     query that is widened ([Query.Unsure]) finds those too, after the others;
//   - readers take no lock: a search sees the directory as it was at one moment;
//   - of a place that is hidden no answer depends on more than its coarse cell.
//
// Services are numbered in the order of the cells of the globe that they lie
// in (S2), so that what is near a point is a few ranges of numbers. Each tag is a
// set of numbers; conditions are ands of sets within those ranges. Changes go
// into small segments beside the large one; what they replace is struck out
// there, and segments are merged as they pile up.
//
// Its limits: four thousand million services; distances are on a round earth;
// what is struck out still counts in how rare a word is, until it is merged away.
package match
