package fold

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSpellingsThatAreTheSame(t *testing.T) {
	for _, same := range [][]string{
		{"Kraków", "krakow", "KRAKOW ", "Krako\u0301w"},
		{"St. Louis", "Saint Louis", "st louis", "ST  LOUIS"},
		{"Coeur d'Alene", "Cœur d’Alene", "coeur dalene"},
		{"Łódź", "lodz"},
		{"Москва", "МОСКВА"},
		{"Орёл", "орел"},
		{"القاهرة", "القاهره", "القَاهِرة"},
		{"İstanbul", "istanbul", "Istanbul"},
		{"Winston-Salem", "winston salem"},
	} {
		for _, s := range same[1:] {
			if Key(s) != Key(same[0]) {
				t.Errorf("Key(%q) = %q, Key(%q) = %q", s, Key(s), same[0], Key(same[0]))
			}
		}
	}
	for _, differ := range [][2]string{{"Austin", "Boston"}, {"Saint", "St"}, {"北京", "南京"}, {"", "a"}} {
		if Key(differ[0]) == Key(differ[1]) {
			t.Errorf("%q and %q fold to one key", differ[0], differ[1])
		}
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if k := Key(s); Key(k) != k {
			t.Fatalf("%q → %q → %q", s, k, Key(k))
		}
	})
}

// Text is for finding: a part of a text is found in it, whatever stands around.
func TestAPartFoldsToAPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, s, after := rapid.String().Draw(t, "before"), rapid.String().Draw(t, "s"), rapid.String().Draw(t, "after")
		if !strings.Contains(Text(before+s+after), Text(s)) {
			t.Fatalf("%q is not in %q", Text(s), Text(before+s+after))
		}
	})
	for s, want := range map[string]string{"hu\u00adman": "human", "مى\u200cشود": "ميشود", "Saint-Louis, Fort 5": "saint louis fort 5", "": "", "…": ""} {
		if got := Text(s); got != want {
			t.Errorf("Text(%q) = %q, want %q", s, got, want)
		}
	}
}

// What is looked up is what would come of taking the letter apart.
func TestQuickLettersAreAsTakenApart(t *testing.T) {
	for r := rune(utf8.RuneSelf); r < endOfQuick; r++ {
		for _, seen := range []bool{false, true} {
			slow := folding{seen: seen}
			slow.letter('a')
			for _, piece := range apart(r) {
				slow.letter(piece)
			}
			slow.letter('b')
			if got, want := (folding{seen: seen}).of("a"+string(r)+"b"), slow.b.String(); got != want {
				t.Errorf("%q: %q, taken apart %q", r, got, want)
			}
		}
	}
}

func BenchmarkText(b *testing.B) {
	for name, s := range map[string]string{
		"english": "He keeps my papers; it is a farm. ", "spanish": "No me deja salir después de las ocho, él tiene mis papeles. ",
		"russian": "Он забрал мои документы, я не могу уйти. ", "arabic": "أخذ أوراقي ولا أستطيع المغادرة. ", "chinese": "他拿走了我的证件，我不能离开。",
	} {
		s = strings.Repeat(s, 4096/len(s))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Text(s)
			}
		})
	}
}
