// Package stats makes the hotline's figures: a page for each month, exact for
// the staff who may see it, and a version that can be published.
//
// What it promises:
//
//   - It counts facts (core/facts) and reads nothing else: it imports no
//     feature, so no figure can ever be made from a record.
//   - In what is published nobody can be told to be one of a few. A figure from
//     1 to 9 (the threshold can be set) is withheld, and so much beside it that
//     it cannot be worked out again, not even by somebody who has every
//     published table and knows the rule. See withhold.go.
//   - What was published stays as it was. A month is published when it is over,
//     and again only when so much has changed that the difference between the
//     two says nothing about one person. See release.go.
//   - The same month, in the same language, gives the same bytes.
//   - Every figure brings its definition.
//
// What it does not promise: exact figures are exact. Whoever reads them, or
// the table of releases in the database, sees small numbers. And what the
// hotline says elsewhere (a report with a sum over other facts, the same month
// counted by other months' borders) is not taken into account here.
package stats
