//go:build failpoint

package seal

// forProofs: this program opens with guesses and holds nothing real.
const forProofs = true
