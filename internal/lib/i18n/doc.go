// Package i18n says things in the reader's language.
//
// Each feature keeps its words in words/<language>.json, in the catalog form
// of go-i18n v2 so that translators' tools can open them: a flat map from a
// dotted key to a text, or to one text for each plural form. Placeholders are
// {{.name}}; {{.count}} picks the plural.
//
// It promises that every language is complete: [Check] finds missing and
// surplus keys, missing plural forms, placeholders that differ and telephone
// numbers written into a text, and the tests fail on each. At run time a word
// that is missing all the same is said in English and logged, once. It keeps
// track of which safety-critical texts a person has reviewed, and forgets a
// review as soon as the text, or the English it was made from, changes.
//
// Its limits: six languages, numbers in Western digits in all of them, the
// 24-hour clock and the Gregorian calendar.
package i18n
