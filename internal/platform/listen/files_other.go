//go:build !unix

package listen

// mostOf is how many connections the system lets us hold, at most n.
func mostOf(n int) int { return n }
