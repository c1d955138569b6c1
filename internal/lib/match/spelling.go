package match

import (
	"cmp"
	"hash/maphash"
	"maps"
	"math"
	"slices"
	"unicode/utf8"
)

// spellings finds the words of a segment that differ from one by a letter: two
// such words are the same once each has lost one.
type spellings struct {
	words []string
	keys  []shorter // by hash
}

type shorter struct {
	hash uint32
	word uint32
}

// shortest is how long a word must be to be read as another.
const shortest = 4

var hashSeed = maphash.MakeSeed()

func hashOf(s string) uint32 { return uint32(maphash.String(hashSeed, s)) } //nolint:gosec // half is enough

// shortened calls f with the word and with each form that lacks one letter.
func shortened(word string, f func(string)) {
	f(word)
	for i, c := range word {
		f(word[:i] + word[i+utf8.RuneLen(c):])
	}
}

func (s *segment) spellings() *spellings {
	if sp := s.near.Load(); sp != nil {
		return sp
	}
	sp := &spellings{words: slices.Sorted(maps.Keys(s.words))}
	for i, w := range sp.words {
		if utf8.ValidString(w) && utf8.RuneCountInString(w) >= shortest {
			shortened(w, func(s string) {
				sp.keys = append(sp.keys, shorter{hashOf(s), uint32(i)}) //nolint:gosec // far fewer
			})
		}
	}
	slices.SortFunc(sp.keys, func(a, b shorter) int { return cmp.Compare(a.hash, b.hash) })
	s.near.Store(sp)
	return sp
}

// like gives the words that differ from one by a letter more, less, other, or
// by two neighbours that changed places.
func (sp *spellings) like(word string) []string {
	found := map[string]bool{}
	if utf8.RuneCountInString(word) < shortest {
		return nil
	}
	shortened(word, func(s string) {
		h := hashOf(s)
		i, _ := slices.BinarySearchFunc(sp.keys, h, func(k shorter, h uint32) int { return cmp.Compare(k.hash, h) })
		for ; i < len(sp.keys) && sp.keys[i].hash == h; i++ {
			if w := sp.words[sp.keys[i].word]; oneApart(w, word) {
				found[w] = true
			}
		}
	})
	return slices.Sorted(maps.Keys(found))
}

func oneApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	switch {
	case len(y) == len(x)+1:
		return slices.Equal(x[i:], y[i+1:])
	case len(x) != len(y) || i == len(x):
		return false
	case slices.Equal(x[i+1:], y[i+1:]):
		return true
	}
	return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && slices.Equal(x[i+2:], y[i+2:])
}

// readWords weighs the words of a query: what stands in few services says more.
func readWords(q *Query, segments []*segment) (words []word, read map[string][]string) {
	all := 0
	for _, s := range segments {
		all += s.n
	}
	count := func(stems []string) (n int) {
		for _, s := range segments {
			for _, stem := range stems {
				n += s.words[stem].size()
			}
		}
		return n
	}
	for _, stems := range q.Words {
		n := count(stems)
		if n == 0 && !q.Exact {
			if near := likeAny(stems, segments); len(near) > 0 {
				if read == nil {
					read = map[string][]string{}
				}
				read[stems[0]] = near
				stems, n = near, count(near)
			}
		}
		words = append(words, word{stems, float32(math.Log(1 + float64(all)/float64(n+1)))})
	}
	return words, read
}

func likeAny(stems []string, segments []*segment) []string {
	var list []string
	for _, s := range segments {
		for _, stem := range stems {
			list = append(list, s.spellings().like(stem)...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
