// Package errs is the closed list of ways a request can fail.
//
// An error has a kind, which decides the status; a word key, which a person
// reads in their own language; and a private cause, which only the log sees.
// Neither may hold anything personal: what somebody typed stays in the form,
// never in an error.
package errs

import (
	"errors"
	"fmt"
	"net/http"
)

// Kind says what went wrong in terms the caller can act on.
type Kind uint8

// The kinds. "Not allowed" has none of its own: whoever may not see a thing
// must not learn that it exists, so it is NotFound.
const (
	Internal    Kind = iota
	Malformed        // cannot be read at all
	Unsupported      // a kind of content that we do not take
	Invalid
	TooLarge
	Unauthenticated
	NotFound
	Method // a program asked with a verb that the address does not take
	Conflict
	Gone // it was there, and cannot be had any more
	Busy
	Unavailable
)

type row struct {
	status int
	word   string // what a person reads when no better key was given
}

// table is the one place that ties a kind to a status and a default sentence.
var table = [...]row{
	Internal:        {http.StatusInternalServerError, "error.internal"},
	Malformed:       {http.StatusBadRequest, "error.malformed"},
	Unsupported:     {http.StatusUnsupportedMediaType, "error.unsupported"},
	Invalid:         {http.StatusUnprocessableEntity, "error.invalid"},
	TooLarge:        {http.StatusRequestEntityTooLarge, "error.too_large"},
	Unauthenticated: {http.StatusUnauthorized, "error.sign_in"},
	NotFound:        {http.StatusNotFound, "error.not_found"},
	Method:          {http.StatusMethodNotAllowed, "error.method"},
	Conflict:        {http.StatusConflict, "error.conflict"},
	Gone:            {http.StatusGone, "error.not_found"},
	Busy:            {http.StatusTooManyRequests, "error.busy"},
	Unavailable:     {http.StatusServiceUnavailable, "error.unavailable"},
}

// Error is a failure with its kind and the words for it.
type Error struct {
	Kind  Kind
	Word  string // key in the word catalogs
	Field string // the input that was wrong, if one was
	Cause error  // for the log; may be nil; never personal
}

// New makes an error of a kind. An empty word takes the kind's own sentence;
// cause may be nil.
func New(kind Kind, word string, cause error) *Error {
	if word == "" {
		word = table[kind].word
	}
	return &Error{Kind: kind, Word: word, Cause: cause}
}

// In is New for one field of a form or document.
func In(field, word string) *Error {
	return &Error{Kind: Invalid, Word: word, Field: field}
}

func (e *Error) Error() string {
	s := e.Word
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// Status is the HTTP status of the kind.
func (k Kind) Status() int { return table[k].status }

// Of finds the Error in err's chain. Anything else is Internal: a failure
// that nobody foresaw is never shown to the person it happened to.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return New(Internal, "", err)
}

// Is says whether err is of a kind.
func Is(err error, kind Kind) bool {
	return err != nil && Of(err).Kind == kind
}

// Wrap says where an error passed, for the log:
//
//	defer errs.Wrap(&err, "contact.Take")
func Wrap(err *error, where string) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", where, *err)
	}
}

// First is the first error that is one.
func First(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}
