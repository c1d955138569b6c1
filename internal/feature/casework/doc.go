// Package casework is what follows a contact for one person. Its first slice
// is the referral: a person is passed, with their consent, to a service, and
// followed until it has worked or has not.
//
// A referral begins with a release: what is shared (each line word for word),
// with whom, what for, until when, who agreed and how. Its course is a list of
// events that only grows; where it stands follows from them, see steps.go.
//
// It promises:
//   - nothing is shared by itself: no line is sent anywhere, a colleague reads
//     it out or prints it, and sees exactly what the release has and no more;
//   - a release that was taken back or has ended gives nothing any more, and
//     one taken back holds nothing any more either: the values are erased;
//   - nothing depends on consent: without it a service's number can be given,
//     which shares nothing and is recorded as just that;
//   - all of it is sealed under the key of the contact, the service among it,
//     because where somebody was sent tells where they may be;
//   - who may not open the contact cannot tell that there is a referral;
//   - every deed is in the audit log, in the same transaction.
//
// In clear stay the state, the day of the next look, which contact it belongs
// to and which colleague follows it, because the list needs them.
//
// Limits: what a service was told cannot be taken back, and the pages say so.
// The values of a release that has merely ended are hidden, and stay sealed on
// disk until the contact's key is shredded.
package casework
