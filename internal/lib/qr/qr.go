// Package qr draws a QR code as a picture of the page itself: no file, no address
// of another host, no style that a strict policy would refuse.
package qr

import (
	"html/template"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// border is the free room around a code, in modules (ISO/IEC 18004 asks for four).
const border = 4

// SVG draws a text of at most 1,000 bytes, dark on white whatever the page's
// colours are. label says to who cannot see it what it is.
func SVG(text, label string) (template.HTML, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", err
	}
	size := strconv.Itoa(c.Size + 2*border)
	var b strings.Builder
	b.WriteString(`<svg class="qr" xmlns="http://www.w3.org/2000/svg" width="220" height="220" role="img" viewBox="0 0 ` + size + ` ` + size +
		`" shape-rendering="crispEdges"><title>` + template.HTMLEscapeString(label) + `</title><path fill="#fff" d="M0 0h` + size + `v` + size + `H0z"/><path fill="#000" d="`)
	for y := range c.Size {
		for x := range c.Size {
			if c.Black(x, y) {
				b.WriteString("M" + strconv.Itoa(x+border) + " " + strconv.Itoa(y+border) + "h1v1h-1z")
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil //nolint:gosec // numbers, and a label that is escaped
}
