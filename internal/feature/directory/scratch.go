package directory

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"os"
	"slices"
)

// scratch keeps the pieces of an import until they are joined: a large set is
// larger than memory. Beyond a little they go to a file that has no name any more
// when its first byte is written, sealed under a key that only this value has. So
// nothing of an address that must be hidden is ever on the disk in clear, and a
// program that dies leaves nothing that anybody can read.
type scratch struct {
	dir    string
	box    cipher.AEAD
	memory []byte // what is not in the file yet
	file   *os.File
	away   func()
	size   int64 // bytes in the file
}

// span is where a piece lies.
type span struct {
	at  int64
	len int32
}

// inMemory is how much stays there before it goes to the file.
const inMemory = 16 << 20

var errScratch = errors.New("directory: what was put aside cannot be read again")

// newScratch makes one whose file, if it needs one, is in dir ("" is the
// system's own folder for such).
func newScratch(dir string) (*scratch, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	box, err := cipher.NewGCM(block)
	return &scratch{dir: dir, box: box}, err
}

// nonce is the place of a piece: each is written once.
func (s *scratch) nonce(at int64) []byte {
	n := make([]byte, 12)
	binary.BigEndian.PutUint64(n[4:], uint64(at)) //nolint:gosec // never negative
	return n
}

func (s *scratch) add(b []byte) (span, error) {
	at := s.size + int64(len(s.memory))
	before := len(s.memory)
	s.memory = s.box.Seal(slices.Grow(s.memory, len(b)+s.box.Overhead()), s.nonce(at), b, nil)
	piece := span{at, int32(len(s.memory) - before)} //nolint:gosec // a piece is limited to megabytes
	if len(s.memory) < inMemory {
		return piece, nil
	}
	return piece, s.flush()
}

func (s *scratch) flush() (err error) {
	if s.file == nil {
		if s.file, s.away, err = nameless(s.dir); err != nil {
			return err
		}
	}
	n, err := s.file.WriteAt(s.memory, s.size)
	s.size += int64(n)
	s.memory = s.memory[:0]
	return err
}

func (s *scratch) get(piece span) ([]byte, error) {
	b := make([]byte, piece.len)
	if from := piece.at - s.size; from >= 0 {
		copy(b, s.memory[from:])
	} else if _, err := s.file.ReadAt(b, piece.at); err != nil {
		return nil, err
	}
	out, err := s.box.Open(b[:0], s.nonce(piece.at), b, nil)
	if err != nil {
		return nil, errScratch
	}
	return out, nil
}

func (s *scratch) close() {
	if s.file != nil {
		_ = s.file.Close() // nothing in it is wanted any more
		s.away()
	}
}

// nameless makes a file and takes its name away. Where the system keeps the
// name of an open file, away removes it when the file is closed.
func nameless(dir string) (f *os.File, away func(), err error) {
	f, err = os.CreateTemp(dir, "import-*.part")
	if err != nil {
		return nil, nil, err
	}
	name := f.Name()
	if os.Remove(name) == nil {
		return f, func() {}, nil
	}
	return f, func() { _ = os.Remove(name) }, nil
}
