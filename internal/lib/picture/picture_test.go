package picture

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

var (
	red  = color.RGBA{0xff, 0, 0, 0xff}
	blue = color.RGBA{0, 0, 0xff, 0xff}
)

// halves is red at the left and blue at the right.
func halves(w, h int) *image.Paletted {
	m := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{red, blue})
	for y := range h {
		for x := w / 2; x < w; x++ {
			m.SetColorIndex(x, y, 1)
		}
	}
	return m
}

func encoded(t testing.TB, kind Kind, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch kind {
	case JPEG:
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 95})
	case PNG:
		err = png.Encode(&b, m)
	case GIF:
		err = gif.Encode(&b, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// dot is a WebP of one point, which is black and clear.
func dot(t testing.TB) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const secret = "GPS 40.7128 N 74.0060 W, by Maria's phone"

// withExif puts an EXIF of one entry, and a comment, into a JPEG.
func withExif(jpg []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := []byte("II*\x00")
	if order.AppendUint16(nil, 1)[1] == 1 {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, entry := range [][4]uint16{{0x010f, 2, 0, 0}, {0x0112, 3, 1, orientation}} {
		tiff = order.AppendUint16(order.AppendUint16(tiff, entry[0]), entry[1])
		tiff = order.AppendUint32(tiff, uint32(entry[2]))
		tiff = order.AppendUint16(order.AppendUint16(tiff, entry[3]), 0)
	}
	out := append([]byte{}, jpg[:2]...)
	for marker, body := range map[byte][]byte{0xe1: append([]byte("Exif\x00\x00"), append(tiff, secret...)...), 0xfe: []byte(secret), 0xe2: []byte("ICC_PROFILE\x00" + secret)} {
		out = binary.BigEndian.AppendUint16(append(out, 0xff, marker), uint16(len(body)+2))
		out = append(out, body...)
	}
	return append(out, jpg[2:]...)
}

func shown(t *testing.T, file []byte) image.Image {
	t.Helper()
	b, err := Show(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// near says whether a point has a colour, as far as JPEG keeps it.
func near(m image.Image, x, y int, want color.RGBA) bool {
	r, g, b, _ := m.At(x, y).RGBA()
	for _, pair := range [][2]int{{int(r >> 8), int(want.R)}, {int(g >> 8), int(want.G)}, {int(b >> 8), int(want.B)}} {
		if d := pair[0] - pair[1]; d > 40 || d < -40 {
			return false
		}
	}
	return true
}

func TestEachKindIsShown(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{JPEG, PNG, GIF} {
		file := encoded(t, kind, halves(64, 32))
		if got := Look(file); got != kind {
			t.Errorf("%s was taken for %q", kind, got)
		}
		m := shown(t, file)
		if b := m.Bounds(); b.Dx() != 64 || b.Dy() != 32 || !near(m, 10, 16, red) || !near(m, 54, 16, blue) {
			t.Errorf("%s does not look as it did: %v", kind, b)
		}
	}
	if m := shown(t, dot(t)); Look(dot(t)) != WebP || m.Bounds().Dx() != 1 {
		t.Error("WebP is not shown")
	}
}

func TestNothingButPointsIsShown(t *testing.T) {
	t.Parallel()
	file := withExif(encoded(t, JPEG, halves(64, 64)), binary.BigEndian, 1)
	if !bytes.Contains(file, []byte(secret)) {
		t.Fatal("nothing was hidden in the picture")
	}
	b, err := Show(t.Context(), append(file, "PK\x03\x04"+secret...))
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range []string{secret, "Exif", "ICC_PROFILE", "PK\x03\x04"} {
		if bytes.Contains(b, []byte(found)) {
			t.Errorf("%q is in what is shown", found)
		}
	}
	for at := 2; b[at+1] != 0xda; at += 2 + int(binary.BigEndian.Uint16(b[at+2:])) {
		if marker := b[at+1]; marker >= 0xe0 && marker <= 0xef || marker == 0xfe {
			t.Errorf("a segment %x of a program's own is in what is shown", marker)
		}
	}
}

// However the camera was held, red is where it was in front of it: here at
// the left for 1, and where the turn brings it for the others.
func TestAPictureStandsUpright(t *testing.T) {
	t.Parallel()
	where := map[uint16][4]int{ // red x, y; blue x, y
		1: {8, 16, 56, 16}, 2: {56, 16, 8, 16}, 3: {56, 16, 8, 16}, 4: {8, 16, 56, 16},
		5: {16, 8, 16, 56}, 6: {16, 8, 16, 56}, 7: {16, 56, 16, 8}, 8: {16, 56, 16, 8},
		0: {8, 16, 56, 16}, 9: {8, 16, 56, 16},
	}
	for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
		for o, p := range where {
			m := shown(t, withExif(encoded(t, JPEG, halves(64, 32)), order, o))
			if !near(m, p[0], p[1], red) || !near(m, p[2], p[3], blue) {
				t.Errorf("%v, orientation %d: not as it was held; %v", order, o, m.Bounds())
			}
		}
	}
}

func TestALargePictureIsShownSmaller(t *testing.T) {
	t.Parallel()
	m := shown(t, encoded(t, PNG, halves(4000, 10)))
	if b := m.Bounds(); b.Dx() != MaxShown || b.Dy() != 4 {
		t.Errorf("shown as %v", b)
	}
}

// A bomb says in its head how large it would be. It is no picture, and no
// decoder sees it.
func TestABombIsNoPicture(t *testing.T) {
	t.Parallel()
	bomb := encoded(t, PNG, halves(8, 8))
	binary.BigEndian.PutUint32(bomb[16:], 60_000)
	binary.BigEndian.PutUint32(bomb[20:], 60_000)
	crc := pngSum(bomb[12:29])
	binary.BigEndian.PutUint32(bomb[29:], crc)
	if _, err := png.DecodeConfig(bytes.NewReader(bomb)); err != nil {
		t.Fatal("the bomb is not even a PNG:", err)
	}
	strip := encoded(t, GIF, halves(30_000, 1))
	for name, file := range map[string][]byte{
		"a bomb": bomb, "a strip": strip, "text": []byte("hello"), "nothing": nil, "a page": []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		"a head alone": []byte("\x89PNG\r\n\x1a\n"), "HEIC": []byte("\x00\x00\x00\x18ftypheic"),
	} {
		if kind := Look(file); kind != None {
			t.Errorf("%s is taken for %s", name, kind)
		}
		if _, err := Show(t.Context(), file); !errors.Is(err, ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABrokenPictureIsRefusedAndTheNextIsShown(t *testing.T) {
	t.Parallel()
	file := encoded(t, PNG, halves(64, 64))
	if _, err := Show(t.Context(), file[:len(file)-30]); !errors.Is(err, ErrPicture) {
		t.Errorf("half a picture: %v", err)
	}
	shown(t, file)
}

func TestWhoWaitsCanGoAway(t *testing.T) {
	t.Parallel()
	file := encoded(t, PNG, halves(8, 8))
	turn <- struct{}{} // somebody else's picture is at work
	ctx, leave := context.WithCancel(t.Context())
	leave()
	_, err := Show(ctx, file)
	<-turn
	if !errors.Is(err, context.Canceled) {
		t.Errorf("who went away got %v", err)
	}
}

func pngSum(b []byte) uint32 {
	sum := ^uint32(0)
	for _, v := range b {
		sum ^= uint32(v)
		for range 8 {
			sum = sum>>1 ^ 0xedb88320&-(sum&1)
		}
	}
	return ^sum
}

// FuzzShow: whatever comes, it is shown or refused, and what is shown is a
// JPEG of bounded size.
func FuzzShow(f *testing.F) {
	for _, kind := range []Kind{JPEG, PNG, GIF} {
		f.Add(encoded(f, kind, halves(16, 8)))
	}
	f.Add(dot(f))
	f.Add(withExif(encoded(f, JPEG, halves(16, 8)), binary.LittleEndian, 6))
	f.Fuzz(func(t *testing.T, file []byte) {
		if kind := Look(file); kind != None {
			if c, _, err := image.DecodeConfig(bytes.NewReader(file)); err != nil || c.Width*c.Height > 1<<20 {
				t.Skip() // large pictures are right and slow
			}
		}
		b, err := Show(t.Context(), file)
		if err != nil {
			if !errors.Is(err, ErrPicture) {
				t.Errorf("neither shown nor refused: %v", err)
			}
			return
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(b))
		if err != nil || c.Width > MaxShown || c.Height > MaxShown {
			t.Errorf("shown as %dx%d: %v", c.Width, c.Height, err)
		}
	})
}

func FuzzOrientation(f *testing.F) {
	f.Add(withExif([]byte{0xff, 0xd8, 0xff, 0xd9}, binary.BigEndian, 3))
	f.Add(withExif([]byte{0xff, 0xd8, 0xff, 0xd9}, binary.LittleEndian, 8))
	f.Fuzz(func(t *testing.T, file []byte) {
		if o := orientation(file); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

func BenchmarkShow(b *testing.B) {
	file := encoded(b, JPEG, halves(4000, 3000))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Show(b.Context(), file); err != nil {
			b.Fatal(err)
		}
	}
}
