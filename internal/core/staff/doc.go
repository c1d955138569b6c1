// Package staff knows the people who work at the hotline: their accounts,
// their sessions, and what each role may do.
//
// It promises that a pass phrase is stored nowhere, that a colleague's key is
// on disk only sealed (under the pass phrase, and under the cookie while
// signed in), that a screen left alone for fifteen minutes drops its key, and
// that a wrong name and a wrong pass phrase take the same time and say the
// same thing.
//
// Limits: whoever controls the running server can see the key of somebody
// who is signed in.
package staff
