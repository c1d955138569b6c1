// Package oidc asks an organisation's OpenID provider who somebody is, and
// believes it in nothing else: no name, no address, no role comes from there.
//
// It promises that an answer counts only for the request that it answers (state,
// nonce, PKCE), from the provider that was named, for us, signed with a public
// key of its own, and now. The provider is looked for when somebody wants it, not
// when the program starts; nothing else waits for it. What it says is read up to
// a size, and its word to go elsewhere is not followed.
//
// The provider learns who signs in at the hotline, when, and from where. It is
// told nothing else.
package oidc
