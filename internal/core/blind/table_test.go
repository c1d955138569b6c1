package blind

import (
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// The table finds what a list that is searched from end to end finds, whatever
// is put in, changed, taken out and told apart, in whatever order.
func TestTheTableFindsWhatAPlainListFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab := newTable(rapid.IntRange(0, 4).Draw(t, "size"))
		list, apart := map[ids.Raw][]mark{}, map[pair]bool{}
		record := func() (r ids.Raw) {
			binary.LittleEndian.PutUint32(r[:], uint32(rapid.IntRange(0, 200).Draw(t, "record")))
			return r
		}
		for range rapid.IntRange(0, 300).Draw(t, "deeds") {
			r := record()
			var to row
			if rapid.IntRange(0, 4).Draw(t, "deed") > 0 {
				for range rapid.IntRange(0, 3).Draw(t, "marks") {
					m := mark{kind: Kind(rapid.IntRange(1, 2).Draw(t, "kind"))}
					m.mac[0] = byte(rapid.IntRange(0, 40).Draw(t, "mark"))
					if !slices.Contains(to.marks, m) {
						to.marks = append(to.marks, m)
					}
				}
				if other := record(); rapid.IntRange(0, 9).Draw(t, "apart") == 0 && other != r {
					to.apart = append(to.apart, other)
					apart[pairOf(r, other)] = true
				}
			}
			tab.put(r, to)
			list[r] = to.marks
		}
		for r, marks := range list {
			want, got := map[ids.Raw]int{}, map[ids.Raw]int{}
			for other, theirs := range list {
				for _, m := range theirs {
					if other != r && slices.Contains(marks, m) && !apart[pairOf(r, other)] {
						want[other]++
					}
				}
			}
			tab.sharing(r, func(other ids.Raw, _ Kind) { got[other]++ })
			if len(want) != len(got) {
				t.Fatalf("found %v, want %v", got, want)
			}
			for other, n := range want {
				if got[other] != n {
					t.Fatalf("found %v, want %v", got, want)
				}
			}
		}
	})
}

func TestARowIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r row
		bytes16 := rapid.SliceOfN(rapid.Byte(), 16, 16)
		for range rapid.IntRange(0, maxMarks).Draw(t, "marks") {
			r.marks = append(r.marks, mark{rapid.SampledFrom(Kinds).Draw(t, "kind"), [markSize]byte(bytes16.Draw(t, "mac"))})
		}
		for range rapid.IntRange(0, 10).Draw(t, "apart") {
			r.apart = append(r.apart, ids.Raw(bytes16.Draw(t, "id")))
		}
		got, err := decodeRow(r.encode())
		if err != nil || !slices.Equal(got.marks, r.marks) || !slices.Equal(got.apart, r.apart) {
			t.Fatalf("%+v became %+v (%v)", r, got, err)
		}
	})
}

func FuzzRow(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 2, 3})
	f.Add(row{marks: []mark{{kind: Phone}}, apart: []ids.Raw{{1}}}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := decodeRow(b); err == nil && string(r.encode()) != string(b) {
			t.Fatalf("%x became %x", b, r.encode())
		}
	})
}
