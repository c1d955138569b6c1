package app

import (
	"io"
	"os"

	"golang.org/x/term"
)

// askTerminal reads a secret from a terminal without showing it. ok is false
// where the input is none.
func askTerminal(s Streams) (text string, ok bool, err error) {
	f, isFile := s.In.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return "", false, nil
	}
	b, err := term.ReadPassword(int(f.Fd()))
	return string(b), true, err
}

// oneByte reads no further than asked, so that the next question finds the
// next line.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) {
	if len(p) > 1 {
		p = p[:1]
	}
	return o.r.Read(p)
}
