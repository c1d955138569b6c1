//go:build !failpoint

package seal

// forProofs is never so in a program that people install.
const forProofs = false
