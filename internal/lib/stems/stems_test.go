package stems

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Whoever looks for a word finds the text that has it in another form, in
// each language of the house.
func TestQueryFindsOtherForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, query string }{
		{"Emergency shelters for women and children", "shelter children's emergencies"},
		{"Refugios de emergencia para las mujeres y sus hijos en la ciudad", "refugio mujer emergencias"},
		{"Aide juridique pour les femmes et les enfants dans la région", "juridiques femme enfant regions"},
		{"Pomoc prawna dla kobiet i dzieci w schroniskach", "prawnej schronisko kobieta"},
		{"Приюты для женщин с детьми, бесплатная помощь", "приют женщина бесплатно"},
		{"مأوى للنساء والأطفال والمساعدات القانونية", "المأوى قانونية"},
		{"紧急庇护所和法律援助", "庇护 法律"},
		{"Opieka dla osób w Łodzi", "lodz opieki"},
		{"ÍMMIGRATION clinic", "immigration clinics"},
	} {
		have := Of(c.text)
		found := 0
		list := Query(c.query, 16)
		for _, w := range list {
			for _, stem := range w {
				if slices.Contains(have, stem) {
					found++
					break
				}
			}
		}
		if found < len(list) {
			t.Errorf("%q finds %d of %d in %q: %v in %v", c.query, found, len(list), c.text, list, have)
		}
	}
}

func TestQueryWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"": 0, "the": 1, "the shelter": 1, "a of": 2, "shelter shelters": 1, "庇": 1, "庇护所": 2, "\xff\xfe": 0,
		strings.Repeat("x", 200): 0, strings.Repeat("a1 b2 c3 d4 e5 f6 ", 9): 4,
	} {
		if got := Query(in, 4); len(got) != want {
			t.Errorf("%q has words %v, want %d", in, got, want)
		}
	}
}

func FuzzStems(f *testing.F) {
	f.Add("Emergency shelters, 庇护 приют مأوى")
	f.Fuzz(func(t *testing.T, text string) {
		a, b := fmt.Sprint(Of(text)), fmt.Sprint(Of(text))
		if a != b {
			t.Error("not the same twice")
		}
		if len(Query(text, 5)) > 5 {
			t.Error("too many words")
		}
	})
}
