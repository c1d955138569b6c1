package picture

import (
	"bytes"
	"encoding/binary"
)

// orientation reads from a JPEG how its camera was held: EXIF's tag 0x0112, 1
// to 8. It is the one thing of EXIF that is needed, so nothing else of it is
// read. 1, upright, is the answer to whatever is not as it should be. Pictures
// of other kinds are taken as they are.
//
// Form: EXIF 2.32 (CIPA DC-008), 4.5.4 and 4.6.2; TIFF 6.0, section 2.
func orientation(file []byte) int {
	if !bytes.HasPrefix(file, magic[JPEG]) {
		return 1
	}
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker, size := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		end := at + 2 + size
		if marker == 0xda || size < 2 || end > len(file) { // the picture itself begins
			return 1
		}
		if body, ok := bytes.CutPrefix(file[at+4:end], []byte("Exif\x00\x00")); marker == 0xe1 && ok {
			return tiffOrientation(body)
		}
		at = end
	}
	return 1
}

func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	first := int64(order.Uint32(b[4:]))
	if first+2 > int64(len(b)) {
		return 1
	}
	entries := b[first+2:]
	for range order.Uint16(b[first:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}
