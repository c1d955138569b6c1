// Package seal keeps what people tell us unreadable to whoever may not read it.
//
// It has three tools. A Pair is somebody who can receive secrets: a colleague,
// a group, a record, the holder of a mailbox code. Wrap and To seal to the
// public half, so the server can take in a story while nobody is signed in and
// be unable to read it back. A Key is the symmetric key of one record; its
// fields are sealed under keys derived from it.
//
// Promises: a sealed value opens only with the right key and only in the Place
// it was sealed for, so a ciphertext moved to another row, record, agency or
// epoch is refused; its length shows only which of a few sizes it fits.
//
// Limits: an older value put back into the same place opens (the audit log
// finds that), and nothing here protects against whoever controls the running
// server.
//
// Building blocks: RFC 9180 HPKE with MLKEM768X25519, HKDF-SHA256 and
// ChaCha20-Poly1305; AES-256-GCM with random nonces (SP 800-38D); Argon2id
// (RFC 9106).
package seal
