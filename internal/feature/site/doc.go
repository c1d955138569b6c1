// Package site is what the public sees: the pages on which somebody asks for
// help, reads our answer with a code, finds a service, and leaves.
//
// It promises that every page works without a script and without a cookie,
// that nothing typed is kept by the page or its address, that leaving is one
// tap from anywhere, that no sentence about the hotline is shown unless the
// hotline has set that fact, and that a first contact is never refused for
// what the browser does or does not send.
//
// The language is the first part of the path (/es/contact), or what the
// browser asks for where there is none; the country is ?c=XX. Both stay on
// every link, so that no cookie is needed to remember them.
//
// Its limits: it does not erase the browser's history and does not say so; it
// cannot see who reads along on the line or the screen; and it stores
// nothing: contacts, mailboxes, services and facts are behind the function
// fields of [Feature].
package site
