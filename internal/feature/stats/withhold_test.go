package stats

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// outside is all that an outsider sees of a table: the total, what is shown,
// and, unless its list of values is open, which values are withheld.
func outside(cells []int, threshold int, open bool) string {
	counts := map[string]int{}
	total := 0
	for i, n := range cells {
		if n > 0 || !open {
			counts[fmt.Sprint(i)] = n
		}
		total += n
	}
	if total > 0 && total < threshold {
		return "" // the whole section
	}
	w := withhold(counts, open, threshold)
	var b strings.Builder
	fmt.Fprintf(&b, "%d:", total)
	for i, n := range cells {
		switch {
		case w[fmt.Sprint(i)] || open && n == 0:
			b.WriteString(" ?")
		default:
			fmt.Fprintf(&b, " %d", n)
		}
	}
	return b.String()
}

// everyTable gives every table of so many cells up to a total.
func everyTable(cells, most int, fn func([]int)) {
	t := make([]int, cells)
	var fill func(i, left int)
	fill = func(i, left int) {
		if i == cells {
			fn(t)
			return
		}
		for n := 0; n <= left; n++ {
			t[i] = n
			fill(i+1, left-n)
		}
		t[i] = 0
	}
	fill(0, most)
}

// The outsider sorts all tables there are by what they would have seen of
// them. What a withheld figure can be is what it is in the tables that look
// like the one published. There must be two, and one that is not small.
func TestNoWithheldFigureCanBeTold(t *testing.T) {
	for _, open := range []bool{false, true} {
		for threshold := 3; threshold <= 6; threshold++ {
			for cells := 1; cells <= 5; cells++ {
				looks := map[string][][]int{}
				everyTable(cells, 18+threshold, func(c []int) {
					look := outside(c, threshold, open)
					looks[look] = append(looks[look], append([]int(nil), c...))
				})
				withheld := 0
				for look, alike := range looks {
					if look == "" {
						continue
					}
					for i, shown := range strings.Fields(look)[1:] {
						if shown != "?" {
							continue
						}
						most, values := 0, map[int]bool{}
						for _, c := range alike {
							values[c[i]] = true
							most = max(most, c[i])
						}
						if open && (most == 0 || full(look, threshold)) {
							continue
						}
						withheld++
						if len(values) < 2 || most < threshold-1 {
							t.Fatalf("threshold %d, open %v: of %q figure %d can only be %v", threshold, open, look, i, values)
						}
					}
				}
				if cells > 1 && withheld == 0 {
					t.Fatalf("threshold %d, %d cells: nothing was withheld, so nothing was tested", threshold, cells)
				}
			}
		}
	}
}

// full says that an open list was too short for the test: what is withheld
// fills every value that it has left. A real one has hundreds.
func full(look string, threshold int) bool {
	var rest, unnamed int
	total, cells, _ := strings.Cut(look, ":")
	fmt.Sscan(total, &rest)
	for c := range strings.FieldsSeq(cells) {
		var n int
		if _, err := fmt.Sscan(c, &n); err != nil {
			unnamed++
		}
		rest -= n
	}
	return rest >= unnamed*(threshold-1)
}

// Two tables of the same facts give no more away than each alone: whatever
// the outsider holds possible in one is possible beside the other.
func TestTablesShareOnlyTheirTotal(t *testing.T) {
	const threshold, most = 3, 7
	alone := map[string]map[string]bool{} // look of one → rows it can be
	joint := map[string]map[string]bool{} // looks of both → rows that the first can be
	add := func(m map[string]map[string]bool, look, row string) {
		if m[look] == nil {
			m[look] = map[string]bool{}
		}
		m[look][row] = true
	}
	// Every cross table of 3 × 2 is a set of facts; its margins are the two tables.
	everyTable(6, most, func(c []int) {
		rows := []int{c[0] + c[1], c[2] + c[3], c[4] + c[5]}
		columns := []int{c[0] + c[2] + c[4], c[1] + c[3] + c[5]}
		a, b := outside(rows, threshold, false), outside(columns, threshold, false)
		if a == "" {
			return
		}
		add(alone, a, fmt.Sprint(rows))
		add(joint, a+" | "+b, fmt.Sprint(rows))
	})
	for looks, rows := range joint {
		first, _, _ := strings.Cut(looks, " | ")
		if len(rows) != len(alone[first]) {
			t.Errorf("%s: beside the second table the first can be %d tables, alone %d", looks, len(rows), len(alone[first]))
		}
	}
}

// At the real threshold and size, where not all tables can be gone through:
// for each withheld figure there is another table that looks the same, found
// by moving some from one withheld figure to another.
func TestWithheldAtRealSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const threshold = 10
		small := rapid.IntRange(0, 14)
		cells := rapid.SliceOfN(rapid.OneOf(small, small, rapid.IntRange(10, 400)), 2, 12).Draw(t, "cells")
		look := outside(cells, threshold, false)
		if look == "" {
			return
		}
		shown := strings.Fields(look)[1:]
		for i := range cells {
			if shown[i] != "?" {
				continue
			}
			other, big := false, cells[i] >= threshold-1
			for j := range cells {
				if j == i || shown[j] != "?" {
					continue
				}
				for move := -cells[i]; move <= cells[j]; move++ {
					c := append([]int(nil), cells...)
					c[i] += move
					c[j] -= move
					if move != 0 && outside(c, threshold, false) == look {
						other = true
						big = big || c[i] >= threshold-1
					}
				}
			}
			if !other {
				t.Fatalf("%v is published as %q: figure %d can be told", cells, look, i)
			}
			if !big {
				// One figure alone may not hold enough; then two do.
				big = twoMoves(cells, i, threshold, look, shown)
			}
			if !big {
				t.Fatalf("%v is published as %q: figure %d can be told to be small", cells, look, i)
			}
		}
	})
}

// twoMoves looks for a table of the same look in which figure i is not small,
// taking greedily from every other withheld figure.
func twoMoves(cells []int, i, threshold int, look string, shown []string) bool {
	c := append([]int(nil), cells...)
	for j := range c {
		for j != i && shown[j] == "?" && c[j] > 0 && c[i] < threshold-1 {
			c[i]++
			c[j]--
			if c[i] >= threshold-1 && outside(c, threshold, false) == look {
				return true
			}
		}
	}
	return false
}

func TestWithholding(t *testing.T) {
	for _, c := range []struct {
		name, cells, want string
	}{
		{"nothing small", "40 30 20", "90: 40 30 20"},
		{"zeros are shown where nothing is small", "40 0 20", "60: 40 0 20"},
		{"a small one takes the least of the others along", "40 3 20 30", "93: 40 ? ? 30"},
		{"and all that equal it", "40 3 20 20", "83: 40 ? ? ?"},
		{"and the zeros", "40 3 0 20 30", "93: 40 ? ? ? 30"},
		{"small ones that are enough together", "40 6 7 20", "73: 40 ? ? 20"},
		{"but not if all would have to be nine", "40 9 9 20", "78: 40 ? ? ?"},
		{"nine is small, ten is not", "40 9 10 30", "89: 40 ? ? 30"},
		{"a small total", "3 4", ""},
		{"nobody", "0 0", "0: 0 0"},
	} {
		var cells []int
		for f := range strings.FieldsSeq(c.cells) {
			var n int
			fmt.Sscan(f, &n)
			cells = append(cells, n)
		}
		if got := outside(cells, 10, false); got != c.want {
			t.Errorf("%s: %s gives %q, want %q", c.name, c.cells, got, c.want)
		}
	}
}
