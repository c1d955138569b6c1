package db

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"lukechampine.com/adiantum"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// KeySize is the length of Config.Key in bytes.
const KeySize = 32

// ErrKey is why Open fails when the key does not fit the file.
var ErrKey = errors.New("wrong key or damaged file")

// cipherBlock is the length of what the encryption takes as one.
const cipherBlock = 4096

// How SQLite's three files begin.
var magics = []struct{ suffix, start string }{
	{"", "SQLite format 3\x00"},
	{"-wal", "\x37\x7f\x06"},
	{"-journal", "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"},
}

// checkKey tries the key on the files before SQLite sees them. SQLite itself
// would take a log that it cannot read for an empty one, and throw it away on
// closing, with whatever was committed to it.
//
// One readable beginning is enough: a power cut may have torn the first block
// of one file, but then another one still holds what belongs there.
func checkKey(path string, key []byte) error {
	cipher := adiantum.New(key)
	empty := true
	for _, m := range magics {
		head, err := readHead(path + m.suffix)
		if err != nil {
			return explain(err)
		}
		if len(head) == 0 {
			continue
		}
		if m.suffix != "-journal" { // which alone holds nothing to lose
			empty = false
		}
		if len(head) < cipherBlock {
			continue
		}
		head = cipher.Decrypt(head, binary.LittleEndian.AppendUint64(nil, 0))
		if strings.HasPrefix(string(head), m.start) {
			return nil
		}
	}
	if empty {
		return nil
	}
	return errs.New(errs.Unavailable, wordStorage, ErrKey)
}

// readHead gives the first block of a file, or less if there is less.
func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return io.ReadAll(io.LimitReader(f, cipherBlock))
}
