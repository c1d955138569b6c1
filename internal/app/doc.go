// Package app joins the features into one program: it opens the database,
// lists the features, couples them, starts them, answers requests and stops
// without losing any.
//
// Everything that one feature needs of another is in couplings.go, and every
// feature is one line in features.go. The commands are one file each.
package app
