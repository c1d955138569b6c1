package proofs

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// canaries are texts that are written into the program and must not be found
// in what it leaves behind.
type canaries struct {
	list    []canary
	starts  map[uint64][]int // the first eight bytes of each form
	needles []needle
}

type canary struct{ field, text string }

// needle is one way in which a canary could lie in a file.
type needle struct {
	canary
	form  string
	bytes []byte
}

// put keeps a text that is a canary as it is.
func (c *canaries) put(field, text string) string {
	c.list = append(c.list, canary{field, text})
	c.starts = nil
	return text
}

// say gives a sentence with a canary in it.
func (c *canaries) say(field string) string {
	return "Wróbel " + field + " " + c.put(field, "q"+ids.New()[:15]) + " ¿y qué?"
}

// word gives a canary that is letters and digits alone.
func (c *canaries) word(field string) string { return c.put(field, "q"+ids.New()[:15]) }

// phone gives a number of the range that is kept for stories.
func (c *canaries) phone(field string) string {
	n := fmt.Sprintf("%04d", 100+rand.IntN(100)) //nolint:gosec // chance, not secrecy
	area := strconv.Itoa(212 + rand.IntN(700))   //nolint:gosec // as above
	c.put(field, area+"555"+n)
	c.put(field, area+"-555-"+n)
	c.put(field, area+") 555-"+n)
	return "+1 " + area + "-555-" + n
}

// code keeps a mailbox code: as it is written and as it is typed, and its
// secret part alone.
func (c *canaries) code(field, code string) string {
	digits := strings.ReplaceAll(code, " ", "")
	c.put(field, code)
	c.put(field, digits)
	c.put(field, digits[7:])
	return code
}

// forms are all ways in which text is looked for.
func forms(text string) map[string][]byte {
	f := map[string][]byte{
		"as it is": []byte(text), "lower case": []byte(strings.ToLower(text)), "upper case": []byte(strings.ToUpper(text)),
		"hex": []byte(hex.EncodeToString([]byte(text))), "HEX": []byte(strings.ToUpper(hex.EncodeToString([]byte(text)))),
		"JSON": []byte(strings.Trim(strconv.QuoteToASCII(text), `"`)),
	}
	var little, big []byte
	for _, u := range utf16.Encode([]rune(text)) {
		little, big = binary.LittleEndian.AppendUint16(little, u), binary.BigEndian.AppendUint16(big, u)
	}
	f["UTF-16LE"], f["UTF-16BE"] = little, big
	for shift := range 3 {
		// What stands before and after decides the first and the last
		// letters: only those between are the text's own.
		padded := append(make([]byte, shift), text...)
		whole := padded[:len(padded)/3*3]
		for name, alphabet := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			own := alphabet.EncodeToString(whole)[[]int{0, 2, 3}[shift]:]
			f[name+"+"+strconv.Itoa(shift)] = []byte(own)
		}
	}
	return f
}

func (c *canaries) prepare() {
	c.needles, c.starts = nil, map[uint64][]int{}
	for _, one := range c.list {
		for form, b := range forms(one.text) {
			if len(b) < 8 {
				panic("the canary of " + one.field + " is too short to be found")
			}
			at := binary.LittleEndian.Uint64(b)
			c.starts[at] = append(c.starts[at], len(c.needles))
			c.needles = append(c.needles, needle{one, form, b})
		}
	}
}

// find gives what of the canaries is in b, also where b is compressed.
func (c *canaries) find(b []byte) (found []string) {
	if c.starts == nil {
		c.prepare()
	}
	for i := 0; i+8 <= len(b); i++ {
		for _, n := range c.starts[binary.LittleEndian.Uint64(b[i:])] {
			if bytes.HasPrefix(b[i:], c.needles[n].bytes) {
				found = append(found, c.needles[n].field+" ("+c.needles[n].form+")")
			}
		}
	}
	if bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		if z, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
			plain, _ := io.ReadAll(io.LimitReader(z, 64<<20))
			found = append(found, c.find(plain)...)
		}
	}
	return found
}

func TestTheCanariesAreFoundInEveryForm(t *testing.T) {
	t.Parallel()
	var c canaries
	word, number := c.word("word"), c.phone("number")
	long := c.put("sentence", "Łódź está añorada por niño Ñandú")
	all := 0
	for _, one := range c.list {
		for form, b := range forms(one.text) {
			all++
			hay := append([]byte("##"), append(b, "##"...)...)
			if found := c.find(hay); len(found) == 0 {
				t.Errorf("%q is not found as %s", one.text, form)
			}
		}
	}
	for shift := range 6 {
		hay := base64.StdEncoding.EncodeToString([]byte("xxxxxx"[:shift] + word + "yyyy" + number + "zz" + long))
		if found := c.find([]byte(hay)); len(found) < 3 {
			t.Errorf("in base64 after %d bytes only %v are found", shift, found)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, strings.Repeat("sparrow ", 99)+word)
	_ = z.Close()
	if len(c.find(packed.Bytes())) == 0 {
		t.Error("it is not found in what is compressed")
	}
	if found := c.find([]byte(strings.Repeat("nothing to see here ", 999))); len(found) > 0 {
		t.Errorf("found where nothing is: %v", found)
	}
	if all < 40 {
		t.Errorf("only %d forms were tried", all)
	}
}
