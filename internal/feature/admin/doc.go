// Package admin is how people come to the desk and who runs it: signing in,
// locking and unlocking, accounts, admitting a colleague to the intake group,
// and the hotline's own facts that fill the public pages.
//
// It promises that a wrong name and a wrong pass phrase look alike; that
// nobody is sent anywhere but to a page of the desk after signing in; that an
// administrator makes accounts and admits nobody, and a supervisor admits and
// makes none; that the last person who opens contacts is not shut out; that a
// generated pass phrase is shown once and kept nowhere; and that nothing is
// said in public that nobody has set.
//
// The stream of hints works behind a locked screen and carries topics only:
// "queue", "contact:<id>", "people", "new" for the neutral alert, "*" when
// anything may have changed. Features publish them as "queue:<agency>",
// "contact:<agency>:<id>", "people:<agency>" and "new:<agency>".
//
// Limits: a pass phrase that was lost cannot be set anew, because it is all
// that opens its key; the colleague gets a new account and is admitted again.
// Opening hours have one span a day.
package admin
