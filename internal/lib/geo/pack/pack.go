// Package pack is the file in which the gazetteer travels inside the program:
// columns of small integers, compressed. Encode is for the script that makes
// the file, Decode for the program that reads it; a round-trip test holds
// them together. The file is our own, so Decode trusts it no further than to
// fail, and never panic, on one that is damaged.
package pack

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

const magic = "clew-geo-1\n"

// Unit is the number of steps a degree: 0.001° is 111 m, enough for a town.
const Unit = 1000

// Admin is a first-level division as GeoNames has it, with its ISO 3166-2
// code where the two are known to be the same.
type Admin struct{ Country, Code, Name, ISO string }

// Table is everything in the file. Places are ordered by the fold of their
// name, then by falling population, so that a search is a binary search.
type Table struct {
	Admins []Admin
	Zones  []string // IANA time zones

	Names      Strings
	Lat, Lon   []int32 // in 1/Unit degrees
	Population []uint32
	Admin      []uint32 // index in Admins
	Zone       []uint32 // index in Zones

	AltKeys   Strings  // folded other names, sorted
	AltPlaces []uint32 // the place each is a name of

	Zips           []uint32 // US ZIP codes, rising
	ZipPlace       []uint32
	ZipLat, ZipLon []int32
}

// Strings is a list of strings held in one, because two hundred thousand
// string headers are more than the names themselves.
type Strings struct {
	text string
	ends []uint32
}

// NewStrings packs a list.
func NewStrings(list []string) Strings {
	var s Strings
	s.text = strings.Join(list, "")
	end := uint32(0)
	for _, x := range list {
		end += uint32(len(x)) //nolint:gosec // names of places: short
		s.ends = append(s.ends, end)
	}
	return s
}

// Len is how many there are.
func (s Strings) Len() int { return len(s.ends) }

// At is the i-th.
func (s Strings) At(i int) string {
	start := uint32(0)
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.text[start:s.ends[i]]
}

// Encode writes the file.
func Encode(w io.Writer, t *Table) error {
	if _, err := io.WriteString(w, magic); err != nil {
		return err
	}
	z, err := flate.NewWriter(w, flate.BestCompression)
	if err != nil {
		return err
	}
	e := &encoder{w: z}
	e.number(uint64(len(t.Admins)))
	for _, a := range t.Admins {
		e.text(a.Country)
		e.text(a.Code)
		e.text(a.Name)
		e.text(a.ISO)
	}
	e.number(uint64(len(t.Zones)))
	for _, zone := range t.Zones {
		e.text(zone)
	}
	e.strings(t.Names)
	e.signed(t.Lat)
	e.signed(t.Lon)
	for _, col := range [][]uint32{t.Population, t.Admin, t.Zone} {
		e.column(col)
	}
	e.strings(t.AltKeys)
	e.column(t.AltPlaces)
	e.rising(t.Zips)
	e.column(t.ZipPlace)
	e.signed(t.ZipLat)
	e.signed(t.ZipLon)
	if e.err != nil {
		return e.err
	}
	return z.Close()
}

type encoder struct {
	w   io.Writer
	err error
}

func (e *encoder) bytes(b []byte) {
	if e.err == nil {
		_, e.err = e.w.Write(b)
	}
}

func (e *encoder) number(n uint64) { e.bytes(binary.AppendUvarint(nil, n)) }

func (e *encoder) text(s string) {
	e.number(uint64(len(s)))
	e.bytes([]byte(s))
}

// strings shares each string's beginning with the one before: they are sorted.
func (e *encoder) strings(s Strings) {
	e.number(uint64(s.Len())) //nolint:gosec // a length
	last := ""
	for i := range s.Len() {
		x := s.At(i)
		n := 0
		for n < len(x) && n < len(last) && n < 255 && x[n] == last[n] {
			n++
		}
		e.number(uint64(n))
		e.text(x[n:])
		last = x
	}
}

// column stores the bytes of equal weight together, which compresses better
// than numbers one after another.
func (e *encoder) column(col []uint32) {
	e.number(uint64(len(col)))
	plane := make([]byte, len(col))
	for shift := 0; shift < 32; shift += 8 {
		for i, v := range col {
			plane[i] = byte(v >> shift) //nolint:gosec // one byte of four is what is wanted
		}
		e.bytes(plane)
	}
}

func (e *encoder) signed(col []int32) {
	u := make([]uint32, len(col))
	for i, v := range col {
		u[i] = uint32(v + 360*Unit) //nolint:gosec // degrees: never below -360
	}
	e.column(u)
}

func (e *encoder) rising(col []uint32) {
	u := make([]uint32, len(col))
	last := uint32(0)
	for i, v := range col {
		u[i], last = v-last, v
	}
	e.column(u)
}

// Decode reads the file.
func Decode(data []byte) (*Table, error) {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return nil, errors.New("geo: not a gazetteer file")
	}
	d := &decoder{r: bufio.NewReaderSize(flate.NewReader(bytes.NewReader(rest)), 1<<16)}
	t := new(Table)
	for range d.count() {
		t.Admins = append(t.Admins, Admin{d.text(), d.text(), d.text(), d.text()})
	}
	for range d.count() {
		t.Zones = append(t.Zones, d.text())
	}
	t.Names = d.strings()
	t.Lat, t.Lon = d.signed(), d.signed()
	t.Population, t.Admin, t.Zone = d.column(), d.column(), d.column()
	t.AltKeys = d.strings()
	t.AltPlaces = d.column()
	t.Zips = d.column()
	for i := 1; i < len(t.Zips); i++ {
		t.Zips[i] += t.Zips[i-1]
	}
	t.ZipPlace = d.column()
	t.ZipLat, t.ZipLon = d.signed(), d.signed()
	if d.err != nil {
		return nil, fmt.Errorf("geo: damaged gazetteer: %w", d.err)
	}
	return t, t.check()
}

// check makes sure that no index can point outside its list.
func (t *Table) check() error {
	n := t.Names.Len()
	bad := len(t.Lat) != n || len(t.Lon) != n || len(t.Population) != n || len(t.Admin) != n || len(t.Zone) != n ||
		t.AltKeys.Len() != len(t.AltPlaces) ||
		len(t.ZipPlace) != len(t.Zips) || len(t.ZipLat) != len(t.Zips) || len(t.ZipLon) != len(t.Zips) ||
		over(t.Admin, len(t.Admins)) || over(t.Zone, len(t.Zones)) ||
		over(t.AltPlaces, n) || over(t.ZipPlace, n)
	if bad {
		return errors.New("geo: damaged gazetteer: columns do not fit together")
	}
	return nil
}

func over(col []uint32, limit int) bool {
	for _, v := range col {
		if int(v) >= limit {
			return true
		}
	}
	return false
}

const most = 1 << 20 // of anything

type decoder struct {
	r   *bufio.Reader
	err error
}

func (d *decoder) number(limit uint64) int {
	if d.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(d.r)
	if err == nil && n > limit {
		err = errors.New("number out of range")
	}
	if err != nil {
		d.err = err
		return 0
	}
	return int(n) //nolint:gosec // no more than limit
}

func (d *decoder) count() int { return d.number(most) }

func (d *decoder) read(b []byte) {
	if d.err == nil {
		_, d.err = io.ReadFull(d.r, b)
	}
}

func (d *decoder) text() string {
	b := make([]byte, d.number(1000))
	d.read(b)
	return string(b)
}

func (d *decoder) strings() Strings {
	n := d.count()
	s := Strings{ends: make([]uint32, 0, n)}
	var all, last []byte
	for range n {
		share := d.number(255)
		if share > len(last) {
			d.err = errors.New("shared beginning too long")
		}
		tail := d.number(1000)
		if d.err != nil {
			return Strings{}
		}
		from := len(all)
		all = append(all, last[:share]...)
		for range tail {
			c, err := d.r.ReadByte()
			if err != nil {
				d.err = err
				return Strings{}
			}
			all = append(all, c)
		}
		last = all[from:]
		s.ends = append(s.ends, uint32(len(all))) //nolint:gosec // at most 2²⁰ strings of 1,255 bytes
	}
	s.text = string(all)
	return s
}

func (d *decoder) column() []uint32 {
	n := d.count()
	col := make([]uint32, n)
	plane := make([]byte, n)
	for shift := 0; shift < 32; shift += 8 {
		d.read(plane)
		for i, b := range plane {
			col[i] |= uint32(b) << shift
		}
	}
	return col
}

func (d *decoder) signed() []int32 {
	u := d.column()
	out := make([]int32, len(u))
	for i, v := range u {
		out[i] = int32(v) - 360*Unit //nolint:gosec // a damaged file gives a wrong place, and no harm
	}
	return out
}
