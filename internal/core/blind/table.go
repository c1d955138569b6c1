package blind

import (
	"encoding/binary"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// table holds the marks of all records in memory: a hash table by mark and one by
// record, both chained through the entries, so that a million marks take some
// sixty megabytes. It is not safe for concurrent use.
type table struct {
	entries  []entry
	free     uint32 // 1 + the first entry that is free, chained by nextMark
	used     int
	byMark   []uint32 // 1 + the first entry of each bucket
	byRecord []uint32
	apart    map[pair]struct{}
}

type entry struct {
	mark                 mark
	record               ids.Raw
	nextMark, nextRecord uint32 // 1 + the next entry of the bucket
}

// pair are two records that somebody told apart, the smaller first.
type pair [2]ids.Raw

func pairOf(a, b ids.Raw) pair {
	if string(a[:]) > string(b[:]) {
		a, b = b, a
	}
	return pair{a, b}
}

func newTable(size int) *table {
	t := &table{apart: map[pair]struct{}{}}
	t.resize(max(64, size))
	return t
}

// Marks and ids are random bytes, so their own first ones spread them well.
func (t *table) markBucket(m mark) *uint32 {
	return &t.byMark[binary.LittleEndian.Uint32(m.mac[:])%uint32(len(t.byMark))] //nolint:gosec // far below 2^32
}

func (t *table) recordBucket(r ids.Raw) *uint32 {
	return &t.byRecord[binary.LittleEndian.Uint32(r[:])%uint32(len(t.byRecord))] //nolint:gosec // as above
}

// resize makes room for so many marks.
func (t *table) resize(size int) {
	t.byMark, t.byRecord = make([]uint32, size), make([]uint32, size)
	if cap(t.entries) < size {
		t.entries = append(make([]entry, 0, size), t.entries...)
	}
	for n := range t.entries {
		if t.entries[n].mark.kind != 0 {
			t.chain(uint32(n) + 1) //nolint:gosec // far below 2^32
		}
	}
}

func (t *table) chain(n uint32) {
	e := &t.entries[n-1]
	first := t.markBucket(e.mark)
	e.nextMark, *first = *first, n
	first = t.recordBucket(e.record)
	e.nextRecord, *first = *first, n
}

// put makes a record's marks these, and adds whom it was told apart from.
func (t *table) put(record ids.Raw, r row) {
	t.drop(record)
	for _, m := range r.marks {
		if t.used == len(t.byMark) {
			t.resize(2 * len(t.byMark))
		}
		n := t.free
		if n == 0 {
			t.entries = append(t.entries, entry{})
			n = uint32(len(t.entries)) //nolint:gosec // far below 2^32
		} else {
			t.free = t.entries[n-1].nextMark
		}
		t.entries[n-1] = entry{mark: m, record: record}
		t.chain(n)
		t.used++
	}
	for _, other := range r.apart {
		t.apart[pairOf(record, other)] = struct{}{}
	}
}

// drop takes a record's marks out.
func (t *table) drop(record ids.Raw) {
	for from := t.recordBucket(record); *from != 0; {
		n := *from
		e := &t.entries[n-1]
		if e.record != record {
			from = &e.nextRecord
			continue
		}
		*from = e.nextRecord
		at := t.markBucket(e.mark)
		for *at != n {
			at = &t.entries[*at-1].nextMark
		}
		*at = e.nextMark
		*e = entry{nextMark: t.free}
		t.free = n
		t.used--
	}
}

// sharing calls each for every mark that another record shares with this one,
// unless somebody told the two apart.
func (t *table) sharing(record ids.Raw, each func(other ids.Raw, kind Kind)) {
	for n := *t.recordBucket(record); n != 0; n = t.entries[n-1].nextRecord {
		own := t.entries[n-1]
		if own.record != record {
			continue
		}
		for n := *t.markBucket(own.mark); n != 0; n = t.entries[n-1].nextMark {
			e := t.entries[n-1]
			if e.mark != own.mark || e.record == record {
				continue
			}
			if _, apart := t.apart[pairOf(record, e.record)]; !apart {
				each(e.record, e.mark.kind)
			}
		}
	}
}
