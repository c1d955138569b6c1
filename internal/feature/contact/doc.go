// Package contact is the hotline's main work: somebody reaches us, an advocate
// takes the contact, answers, records it in the field's terms and closes it.
//
// A contact is an append-only, numbered, sealed conversation with one
// structured record. Channels (web form, interface for programs, and later
// text, chat, e-mail, telephone) are adapters: each makes an Incoming and
// hands it to Open.
//
// Promises: what Open acknowledged is on disk and readable only by members of
// the intake group; the same idempotency key never makes two contacts; the
// code that the person gets opens our replies and never their own words; who
// may not see a contact cannot tell that it exists.
//
// Limits: in clear stay, while a contact is open, when it came, its state,
// channel, language and severity, because the queue needs them. At closing
// the times are coarsened to the month, channel and language are left sealed only.
package contact
