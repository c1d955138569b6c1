package archive

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The bytes before values.
const (
	isNull = iota
	isText
	isBigint
	isBytea
)

// appendRow adds the body of a row: nil, int64, string or []byte for each column.
func appendRow(to []byte, columns []Column, values []any) ([]byte, error) {
	if len(values) != len(columns) {
		return nil, fmt.Errorf("a row of %d values for %d columns", len(values), len(columns))
	}
	for i, v := range values {
		kind := columns[i].Type
		switch v := v.(type) {
		case nil:
			to = append(to, isNull)
			continue
		case string:
			to = append(to, isText)
			to = append(binary.AppendUvarint(to, uint64(len(v))), v...)
			if kind == Text {
				continue
			}
		case int64:
			to = binary.AppendVarint(append(to, isBigint), v)
			if kind == Bigint {
				continue
			}
		case []byte:
			to = append(to, isBytea)
			to = append(binary.AppendUvarint(to, uint64(len(v))), v...)
			if kind == Bytea {
				continue
			}
		}
		return nil, fmt.Errorf("column %s: a %T is no %s", columns[i].Name, v, kind)
	}
	return to, nil
}

// readRow is the reverse. The values that are bytes lie in body.
func readRow(body []byte, columns []Column) ([]any, error) {
	values := make([]any, len(columns))
	for i, c := range columns {
		if len(body) == 0 {
			return nil, damaged("a row ends early")
		}
		kind := body[0]
		body = body[1:]
		var err error
		switch {
		case kind == isNull:
		case kind == isBigint && c.Type == Bigint:
			values[i], body, err = takeNumber(body)
		case kind == isText && c.Type == Text:
			var b []byte
			b, body, err = takeBytes(body)
			values[i] = string(b)
		case kind == isBytea && c.Type == Bytea:
			values[i], body, err = takeBytes(body)
		default:
			err = damaged("a value is not of its column's type")
		}
		if err != nil {
			return nil, err
		}
	}
	if len(body) > 0 {
		return nil, damaged("a row is too long")
	}
	return values, nil
}

func takeNumber(b []byte) (int64, []byte, error) {
	n, size := binary.Varint(b)
	if size <= 0 {
		return 0, nil, damaged("a number in a row")
	}
	return n, b[size:], nil
}

func takeBytes(b []byte) (value, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > math.MaxInt32 || int(n) > len(b)-size {
		return nil, nil, damaged("a length in a row")
	}
	end := size + int(n)
	return b[size:end:end], b[end:], nil
}
