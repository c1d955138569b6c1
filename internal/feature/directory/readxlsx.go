package directory

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Limits of a workbook: it is unpacked in memory, and a few kilobytes can
// unpack to gigabytes.
const (
	maxWorkbook = 64 << 20
	maxUnpacked = 256 << 20
	maxSheets   = 100
)

// readXLSX reads each sheet as a table of its name. A workbook with one sheet is
// a table of the file's name, if the sheet's says nothing.
func (s *set) readXLSX(name string, from io.Reader, lim limits, to sink) error {
	data, err := io.ReadAll(io.LimitReader(from, maxWorkbook+1))
	switch {
	case err != nil:
		s.rep.add("file.unreadable", name, 0, 0, "")
		return nil
	case len(data) > maxWorkbook:
		s.rep.add("file.too_large", name, 0, 0, "")
		return nil
	}
	// Both limits alike: above the second the library would put parts into files, in clear.
	book, err := openBook(data)
	if err != nil {
		code := "xlsx.unreadable"
		if strings.Contains(err.Error(), "limit") {
			code = "xlsx.too_large"
		}
		s.rep.add(code, name, 0, 0, "")
		return nil
	}
	defer func() { _ = book.Close() }() // it was only read
	sheets := book.GetSheetList()
	for _, sheet := range sheets[:min(len(sheets), maxSheets)] {
		if err := s.readSheet(book, name, sheet, len(sheets) == 1, lim, to); err != nil {
			return err
		}
	}
	return nil
}

// openBook opens a workbook; a broken one can make the library panic.
func openBook(data []byte) (book *excelize.File, err error) {
	defer func() {
		if recover() != nil {
			err = errNoBook
		}
	}()
	return excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
}

var errNoBook = errors.New("no workbook")

func (s *set) readSheet(book *excelize.File, name, sheet string, only bool, lim limits, to sink) (err error) {
	stem := strings.ToLower(strings.TrimSpace(sheet))
	t := s.table(sheet+".csv", stem, lim, to)
	if t == nil && only {
		t = s.table(name, strings.TrimSuffix(strings.ToLower(name), ".xlsx"), lim, to)
	}
	place := name + "/" + sheet
	if t == nil {
		s.rep.add("file.unknown", place, 0, 0, "")
		return nil
	}
	t.file = place
	taking := false
	defer func() {
		if p := recover(); p != nil && !taking {
			s.rep.add("xlsx.unreadable", place, 0, 0, "")
			err = nil
		} else if p != nil {
			panic(p)
		}
	}()
	rows, err := book.Rows(sheet)
	if err != nil {
		s.rep.add("xlsx.unreadable", place, 0, 0, "")
		return nil
	}
	defer func() { _ = rows.Close() }()
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			s.rep.add("xlsx.unreadable", place, line, 0, "")
			return nil
		}
		if !slicesSay(cells) {
			continue
		}
		taking = true
		if err := t.take(line, cells, func(i int) int { return i + 1 }); err != nil {
			return err
		}
		taking = false
	}
	return nil
}

// slicesSay says whether any cell of a row says something.
func slicesSay(cells []string) bool {
	for _, c := range cells {
		if c != "" {
			return true
		}
	}
	return false
}
