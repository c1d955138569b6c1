package seal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"filippo.io/age"
)

// FileKey opens one sealed file and no other. It is made for that file, and
// kept sealed itself.
type FileKey struct{ identity *age.HybridIdentity }

// NewFileKey makes a fresh key.
func NewFileKey() (FileKey, error) {
	id, err := age.GenerateHybridIdentity()
	return FileKey{id}, err
}

// ParseFileKey reads what String gave.
func ParseFileKey(s string) (FileKey, error) {
	id, err := age.ParseHybridIdentity(s)
	if err != nil {
		return FileKey{}, ErrSealed
	}
	return FileKey{id}, nil
}

// String is the secret of the key, in the form that the program age reads.
func (k FileKey) String() string { return k.identity.String() }

// FileSum is what a sealed file has to be, byte for byte. It stands in a
// sealed place, so that nobody who can write to the disk can put another file
// there, or an older one.
type FileSum struct {
	Size   int64  `json:"size"`   // in bytes, as it was before it was sealed
	Sealed int64  `json:"sealed"` // in bytes, as it is kept
	Sum    string `json:"sum"`    // SHA-256 of the sealed bytes, in hexadecimal
}

// fileStep is what the size of a file is padded to, in bytes: a picture that
// somebody else has too must not be told by its size.
const fileStep = 64 << 10

// FileSealer seals what is written into it. Close ends the file; without it
// nothing opens.
type FileSealer struct {
	age   io.WriteCloser
	below *summing
	size  int64
}

// SealFile begins a file that is sealed to w in one pass, as age
// (age-encryption.org/v1) to a hybrid key. Memory does not grow with the file.
func (k FileKey) SealFile(w io.Writer) (*FileSealer, error) {
	below := &summing{w: w, sum: sha256.New()}
	a, err := age.Encrypt(below, k.identity.Recipient())
	return &FileSealer{age: a, below: below}, err
}

func (s *FileSealer) Write(b []byte) (int, error) {
	n, err := s.age.Write(b)
	s.size += int64(n)
	return n, err
}

// Close pads and ends the file and gives what it came to.
func (s *FileSealer) Close() (FileSum, error) {
	if short := s.size % fileStep; short > 0 || s.size == 0 {
		if _, err := s.age.Write(make([]byte, fileStep-short)); err != nil {
			return FileSum{}, err
		}
	}
	if err := s.age.Close(); err != nil {
		return FileSum{}, err
	}
	return FileSum{Size: s.size, Sealed: s.below.n, Sum: hex.EncodeToString(s.below.sum.Sum(nil))}, nil
}

// Check reads a sealed file to its end and says ErrSealed unless it is, byte
// for byte, what was sealed. Nothing of a file may be shown before.
func (f FileSum) Check(sealed io.Reader) error {
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(sealed, f.Sealed+1))
	if err != nil {
		return fmt.Errorf("seal: a file cannot be read: %w", err)
	}
	if n != f.Sealed || hex.EncodeToString(sum.Sum(nil)) != f.Sum {
		return ErrSealed
	}
	return nil
}

// OpenFile gives what was sealed, as it is read. Call Check on the same bytes
// first: here a file that was changed is found only when the reader gets there.
func (k FileKey) OpenFile(f FileSum, sealed io.Reader) (io.Reader, error) {
	r, err := age.Decrypt(sealed, k.identity)
	if err != nil {
		return nil, ErrSealed
	}
	return &opening{io.LimitReader(r, f.Size)}, nil
}

// opening says ErrSealed for whatever age has against a file.
type opening struct{ r io.Reader }

func (o *opening) Read(b []byte) (int, error) {
	n, err := o.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = ErrSealed
	}
	return n, err
}

// summing hashes and counts what passes.
type summing struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func (s *summing) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	s.sum.Write(b[:n])
	s.n += int64(n)
	return n, err
}
