// Package web answers HTTP: it takes the features' routes, sees that every
// one says who may use it, sets the headers, renders pages in the person's
// language, and writes every error in one place.
//
// It promises that no route starts without an Access, that no page loads
// anything from another host, that nothing a person typed comes back in an
// error or goes into the log, and that a failure nobody foresaw is answered
// with a page and not with its text. It never reads the address of a caller.
//
// Three zones differ in headers and in the form of errors: the public pages,
// the desk under /staff/, and the interface for programs under /api/ .
package web
