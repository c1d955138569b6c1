package archive

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
)

// Reader reads an archive. It is used by one goroutine; after an error it
// gives nothing more.
type Reader struct {
	r      *bufio.Reader
	header Header
	whole  hash.Hash
	part   hash.Hash
	table  *Table // whose rows are being read
	last   string
	rows   int64
	sum    Closing
	closed bool
}

// NewReader begins to read. It fails with ErrDamaged if this is no archive,
// with ErrFormat if it is one of a later format.
func NewReader(r io.Reader) (*Reader, error) {
	a := &Reader{r: bufio.NewReaderSize(r, 64<<10), whole: sha256.New(), part: sha256.New()}
	line := make([]byte, len(magic))
	if _, err := io.ReadFull(a.r, line); err != nil {
		return nil, cut(err)
	}
	if string(line) != magic {
		if bytes.HasPrefix(line, []byte("clew archive ")) {
			return nil, ErrFormat
		}
		return nil, damaged("this is no archive of Clew")
	}
	a.whole.Write(line)
	kind, body, err := a.frame()
	if err != nil {
		return nil, err
	}
	if kind != frameHeader {
		return nil, damaged("it has no header")
	}
	if err := json.Unmarshal(body, &a.header); err != nil || len(a.header.Signer) != ed25519.PublicKeySize {
		return nil, damaged("its header")
	}
	return a, nil
}

// Header is what the archive says it is. It is proved only by the end.
func (a *Reader) Header() Header { return a.header }

// Closing is what the archive came to, once NextTable gave io.EOF.
func (a *Reader) Closing() Closing { return a.sum }

// NextTable goes on to the next table, over what rows are left of this one.
// io.EOF says that the archive was read to its end and everything was right.
func (a *Reader) NextTable() (t Table, err error) {
	for a.table != nil {
		if _, err := a.Row(); err != nil && !errors.Is(err, io.EOF) {
			return t, err
		}
	}
	if a.closed {
		return t, io.EOF
	}
	before := a.whole.Sum(nil)
	a.part.Reset()
	kind, body, err := a.frame()
	if err != nil {
		return t, err
	}
	switch kind {
	case frameTable:
		return a.begin(body)
	case frameClose:
		return t, a.close(before, body)
	}
	return t, damaged("something stands where a table should")
}

func (a *Reader) begin(body []byte) (t Table, err error) {
	if err := json.Unmarshal(body, &t); err != nil || t.check() != nil {
		return t, damaged("a table's description")
	}
	if t.Name <= a.last {
		return t, damaged("its tables are out of order")
	}
	a.table, a.last, a.rows = &t, t.Name, 0
	a.sum.Tables++
	return t, nil
}

// Row gives the next row: nil, int64, string or []byte for each column. io.EOF
// says that these were all rows of the table.
func (a *Reader) Row() ([]any, error) {
	if a.table == nil {
		return nil, io.EOF
	}
	kind, body, err := a.frame()
	if err != nil {
		return nil, err
	}
	switch kind {
	case frameRow:
		a.rows++
		return readRow(body, a.table.Columns)
	case frameEnd:
		var end End
		if json.Unmarshal(body, &end) != nil || end.Rows != a.rows || end.Sum != hex.EncodeToString(a.part.Sum(nil)) {
			return nil, damaged("table %s is not what was written", a.table.Name)
		}
		a.sum.Rows += a.rows
		a.table = nil
		return nil, io.EOF
	}
	return nil, damaged("something stands where a row should")
}

// close checks the whole, and that nothing follows.
func (a *Reader) close(sum, body []byte) error {
	var said Closing
	if json.Unmarshal(body, &said) != nil {
		return damaged("its end")
	}
	a.sum.Sum, a.sum.Signature = hex.EncodeToString(sum), said.Signature
	// Byte for byte, since no hash is over this frame.
	if want, err := json.Marshal(a.sum); err != nil || !bytes.Equal(body, want) {
		return damaged("it is not what was written")
	}
	if !ed25519.Verify(a.header.Signer, signed(sum), said.Signature) {
		return damaged("its signature is not of the key that it names")
	}
	if _, err := a.r.ReadByte(); !errors.Is(err, io.EOF) {
		if err != nil {
			return cut(err)
		}
		return damaged("something follows its end")
	}
	a.closed = true
	return io.EOF
}

// frame reads one frame and adds it to the sums that it belongs to.
func (a *Reader) frame() (kind byte, body []byte, err error) {
	kind, size, head, err := a.head()
	if err != nil {
		return 0, nil, cut(err)
	}
	limit := uint64(maxOther)
	if kind == frameRow {
		limit = maxRow
	}
	if size > limit {
		return 0, nil, damaged("a piece of it is too long")
	}
	if body, err = take(a.r, int(size)); err != nil {
		return 0, nil, cut(err)
	}
	for _, b := range [][]byte{head, body} {
		a.whole.Write(b)
		if kind == frameTable || kind == frameRow {
			a.part.Write(b)
		}
	}
	return kind, body, nil
}

// head reads a frame's kind and length, and gives the bytes that they were.
func (a *Reader) head() (kind byte, size uint64, head []byte, err error) {
	for len(head) < 1+binary.MaxVarintLen64 {
		b, err := a.r.ReadByte()
		if err != nil {
			return 0, 0, nil, err
		}
		head = append(head, b)
		if len(head) > 1 && b < 0x80 {
			size, n := binary.Uvarint(head[1:])
			if n <= 0 {
				break
			}
			return head[0], size, head, nil
		}
	}
	return 0, 0, nil, damaged("a length")
}

// take reads so many bytes. What is long is read by and by: a length is only
// believed when the bytes are there.
func take(r io.Reader, size int) ([]byte, error) {
	const believed = 1 << 20
	if size <= believed {
		b := make([]byte, size)
		_, err := io.ReadFull(r, b)
		return b, err
	}
	var b bytes.Buffer
	n, err := io.CopyN(&b, r, int64(size))
	if err == nil && n < int64(size) {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

// cut says in words that a file ends too early; other errors are the reader's.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return damaged("it ends too early")
	}
	return err
}
