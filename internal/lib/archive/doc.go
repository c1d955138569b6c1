// Package archive is the form in which tables are written down outside a
// database: the same for every engine, in one pass, with little memory.
//
// It promises that a reader which was told of the end (io.EOF from NextTable)
// has read exactly what was written, by whom the header names: every table's
// count and hash, the hash of the whole and the signature over it were right,
// and nothing followed. Until then nothing that was read may be trusted.
//
// It does not encrypt, and does not say whether the signer is the right one:
// whoever reads compares Fingerprint with the one they know.
//
// # Format 1
//
// A file is the line "clew archive 1\n" and then frames. A frame is one byte
// for its kind, the length of its body as an unsigned LEB128 number, and the
// body. The frames are, in this order:
//
//	'H'  the Header, as JSON
//	'T'  a table: {"name":…, "columns":[{"name":…, "type":"TEXT|BIGINT|BYTEA"}, …]}
//	'R'  a row of it; any number
//	'E'  the end of the table: {"rows":…, "sha256":…} over the T frame and all R frames
//	     T to E repeat, the names of tables ascending byte by byte
//	'Z'  the end: {"tables":…, "rows":…, "sha256":…, "signature":…}
//
// The body of a row has one value for each column: the byte 0 for NULL; 1, a
// length and UTF-8 for TEXT; 2 and a zigzag LEB128 number for BIGINT; 3, a
// length and bytes for BYTEA. Lengths are unsigned LEB128 numbers.
//
// The hash in 'Z' is over every byte before that frame. The signature is
// Ed25519 by the key that the header names ("signer"), over the text
// "clew archive 1 signature" and that hash. Hashes are lower-case hexadecimal,
// signature and key base64. testdata/format1.txt is an example to test against.
package archive
