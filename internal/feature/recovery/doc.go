// Package recovery is where the hotline sees how a lost key is made good: who
// holds shares of the recovery key, what is asked of them, and what each can do
// now.
//
// It promises that everybody with an account reads of an open request on every
// page of the desk, and that each deed is done in its doer's own session. What
// is shared, and what the shares can do, stands in core/quorum.
//
// Limits: a page that is locked tells nothing, also not that something is asked.
package recovery
