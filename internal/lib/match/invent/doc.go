// Package invent makes directories of services that do not exist, of any size,
// from a seed: to measure with, and to fill a directory that is to be looked at.
//
// The shares are those of real directories as far as we know them: a description
// of 49 words at the median, 2.3 languages and 6.4 taxonomy terms a service,
// hours for 64 of 100, coordinates finer than the town for 55. Services lie where
// people live. The same seed and number give the same service, whatever else is
// made and in whatever order.
//
// Its limits: texts are English words in no order that means anything, mixed
// with made-up ones; telephone numbers are from the ranges kept for fiction only
// in the USA, and answer nobody elsewhere because they are too short.
package invent
