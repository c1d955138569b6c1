package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"

	"golang.org/x/image/draw"
)

// ErrPicture is why a file is not shown: it is none of our kinds, too large, or broken.
var ErrPicture = errors.New("picture: this cannot be shown")

// MaxShown is the longest side of what Show gives, in points: a screen of the
// desk is filled, and no more of a large picture is sent than is seen.
const MaxShown = 1600

// quality of the JPEG that is shown, as its encoder counts.
const quality = 85

// turn lets one picture at a time be decoded.
var turn = make(chan struct{}, 1)

// Show draws a picture anew, upright, no larger than MaxShown on a side, as a
// JPEG that holds nothing else; what is clear is drawn on white. It waits its
// turn until ctx ends, and fails with ErrPicture for what cannot be shown.
func Show(ctx context.Context, file []byte) (_ []byte, err error) {
	if len(file) > MaxBytes || Look(file[:min(len(file), HeadSize)]) == None {
		return nil, ErrPicture
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() {
		if p := recover(); p != nil { // a decoder that a picture was made for
			err = fmt.Errorf("%w: %T", ErrPicture, p)
		}
	}()
	from, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, ErrPicture
	}
	var out bytes.Buffer
	err = jpeg.Encode(&out, upright(small(from), orientation(file)), &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// small draws a picture on white, scaled down to MaxShown if it is larger.
func small(from image.Image) *image.RGBA {
	b := from.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > MaxShown {
		w, h = max(1, w*MaxShown/long), max(1, h*MaxShown/long)
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(to, to.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(to, to.Bounds(), from, b, draw.Over, nil)
	return to
}

// upright turns and mirrors a picture as EXIF's orientation says, 1 to 8.
func upright(from *image.RGBA, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return from
	}
	w, h := from.Rect.Dx(), from.Rect.Dy()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := place(orientation, x, y, w, h)
			to.SetRGBA(tx, ty, from.RGBAAt(x, y))
		}
	}
	return to
}

// place is where a point of a picture of w by h belongs.
func place(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	}
	return y, w - 1 - x // 8
}
