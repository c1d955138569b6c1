package seal

import "encoding/binary"

// The sizes a padded value can have. Above the last, the next multiple of it.
// Without padding the length of "yes" and of a story would differ on disk.
var sizes = [...]int{256, 1 << 10, 4 << 10, 16 << 10}

func padded(n int) int {
	for _, s := range sizes {
		if n <= s {
			return s
		}
	}
	last := sizes[len(sizes)-1]
	return (n + last - 1) / last * last
}

// pad puts the length first and fills the rest with zeros: no guessing, when
// opening, where the value ends.
func pad(plain []byte) []byte {
	out := make([]byte, padded(len(plain)+4))
	binary.BigEndian.PutUint32(out, uint32(len(plain))) //nolint:gosec // inputs are limited far below 4 GiB
	copy(out[4:], plain)
	return out
}

func unpad(b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, ErrSealed
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, ErrSealed
	}
	return b[4 : 4+n], nil
}
