// Package signin is how a colleague comes to the desk and goes again: signing
// in, the lock and the step that opens it, their own pass phrase and account,
// whether they take contacts now, and the hints that tell an open page to look
// again.
//
// It promises that a wrong name and a wrong pass phrase look alike; that
// nobody is sent anywhere but to a page of the desk after signing in; and that
// whoever made an account can do nothing with it once its owner has chosen a
// pass phrase. The organisation's own provider, where there is one, says who
// somebody is and opens nothing.
//
// The stream of hints works behind a locked screen and carries topics only:
// "queue", "contact:<id>", "people", "new" for the neutral alert, "*" when
// anything may have changed. Features publish them as "queue:<agency>",
// "contact:<agency>:<id>", "people:<agency>" and "new:<agency>".
//
// Limits: a pass phrase that was lost cannot be set anew, because it is all
// that opens its key; the account gets another key and is admitted again.
package signin
