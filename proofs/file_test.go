package proofs

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// sendFile sends a text and a picture, with canaries in their names and all
// through them, also where a camera says who took it.
func sendFile(t *testing.T, to, cookie string, c *canaries, field string, want int, values map[string]string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range values {
		must(t, w.WriteField(name, value))
	}
	part, err := w.CreateFormFile("file", c.word(field+": name of a text")+".txt")
	must(t, err)
	_, err = io.WriteString(part, strings.Repeat(c.say(field+": text")+"\n", 2000))
	must(t, err)
	part, err = w.CreateFormFile("file", c.word(field+": name of a picture")+".png")
	must(t, err)
	_, err = part.Write(pictureWith(t, c.word(field+": who took the picture")))
	must(t, err)
	must(t, w.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, &body)
	must(t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Idempotency-Key", ids.New())
	if cookie != "" {
		req.Header.Set("Cookie", "desk="+cookie)
	}
	resp, err := noRedirects.Do(req)
	must(t, err)
	defer resp.Body.Close()
	if answer, err := io.ReadAll(resp.Body); resp.StatusCode != want && resp.StatusCode != http.StatusSeeOther || err != nil {
		t.Fatalf("%s: %d %v %.500s", field, resp.StatusCode, err, answer)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pictureWith is a picture that says something beside what it shows.
func pictureWith(t *testing.T, author string) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 40))))
	end := bytes.Index(b.Bytes(), []byte("IEND")) - 4
	text := "Author\x00" + author
	chunk := []byte{0, 0, 0, byte(len(text)), 't', 'E', 'X', 't'}
	chunk = append(chunk, text...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(append([]byte{}, b.Bytes()[:end]...), chunk...), b.Bytes()[end:]...)
}
