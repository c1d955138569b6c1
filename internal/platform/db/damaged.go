package db

import (
	"errors"

	"github.com/ncruces/go-sqlite3"
)

// IsDamaged says whether SQLite found its file to be none of its own, or not
// as it left it.
func IsDamaged(err error) bool {
	return errors.Is(err, sqlite3.CORRUPT) || errors.Is(err, sqlite3.NOTADB)
}
