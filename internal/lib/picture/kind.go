package picture

import (
	"bytes"
	"image"
	_ "image/gif" // how each kind's head is read
	_ "image/jpeg"
	_ "image/png"

	_ "golang.org/x/image/webp"
)

// Kind is a form of picture that can be shown.
type Kind string

// The kinds. None is everything else.
const (
	None Kind = ""
	JPEG Kind = "jpeg"
	PNG  Kind = "png"
	GIF  Kind = "gif"
	WebP Kind = "webp"
)

// Bounds of what is decoded.
const (
	// HeadSize is how many bytes of a file's beginning tell its kind and its
	// size in points. A JPEG may have a good deal before that.
	HeadSize = 256 << 10
	// MaxPoints is the most that a picture may have: twice what cameras of
	// telephones usually make. In memory that is up to 200 MB for a PNG of 16 bits
	// and 375 MB for a progressive JPEG.
	MaxPoints = 25_000_000
	// maxSide is the most on one side: a strip of a million points is no picture.
	maxSide = 20_000
	// MaxBytes is the most that a picture's file may have.
	MaxBytes = 32 << 20
)

// magic are the first bytes of each kind.
var magic = map[Kind][]byte{JPEG: {0xff, 0xd8, 0xff}, PNG: []byte("\x89PNG\r\n\x1a\n"), GIF: []byte("GIF8"), WebP: []byte("RIFF")}

// Look tells by the beginning of a file, and never by its name, whether it is
// a picture that can be shown. One that is too large, or whose head is broken,
// is none: it is kept as any other file.
func Look(head []byte) Kind {
	for kind, begin := range magic {
		if !bytes.HasPrefix(head, begin) {
			continue
		}
		c, format, err := image.DecodeConfig(bytes.NewReader(head))
		if err != nil || format != string(kind) || !fits(c.Width, c.Height) {
			return None
		}
		return kind
	}
	return None
}

func fits(width, height int) bool {
	return width > 0 && height > 0 && width <= maxSide && height <= maxSide && width*height <= MaxPoints
}
