package phrases

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var expressions = []string{
	`\b(hot ?lines?|help ?lines?|crisis (phone )?lines?)\b`,
	`\b(pantry|pantries|child(ren)?'?s? homes?)\b`,
	`\b(do|does|will) not ask (\w+ ){0,4}(immigration|citizenship|papers)`,
	`^\s*(none|free|no)\s*[.!]?\s*$|\bfree of charge\b`,
	`\b(kiosks?|säle){1,2}\b`,
	`a*`,
	`[ab]c|[kd]+`,
	`(x|)y?`,
}

// Whatever text: a rule says what its expression says.
func TestARuleSaysWhatItsExpressionSays(t *testing.T) {
	t.Parallel()
	words := []string{"Hot", "LINE", "hotlines", "help line", "crisis", "phone lines", "pantrY", "children's", "homes", "does not ask", "for your", "papers", " none.", "free of", "charge", "K", "ſ", "\u212aiosk", "kio\u017fk", "SÄLE", "säle", "İ", "\xff", "\n", " ", "ac", "y"}
	rules := map[string]*Rule{}
	for _, e := range expressions {
		rules[e] = MustCompile(e)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(words), rapid.String())).Draw(t, "words"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		for e, rule := range rules {
			if want := regexp.MustCompile("(?i)" + e).MatchString(text); rule.In(Read(text)) != want {
				t.Fatalf("%s in %q: not %t", e, text, want)
			}
		}
	})
}

func TestThePiecesOfAnExpression(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string][]string{
		`\b(safe ?houses?|refuges?)\b`: {"house", "refuge"},
		`\b(pantry|pantries|Food)\b`:   {"pantr", "food"},
		`\bproof of (status|papers)\b`: {"proof of "},
		`\b(men|boys) only\b`:          {" only"},
		`(none|no)?`:                   nil,
	} {
		if got := MustCompile(expression).has; !slices.Equal(got, want) {
			t.Errorf("%s: %q, not %q", expression, got, want)
		}
	}
}

func BenchmarkNoPhrase(b *testing.B) {
	rule := Any(`hot ?lines?`, `help ?lines?`, `crisis (phone )?lines?`)
	text := strings.Repeat("We help families to find a flat, work and a doctor. ", 10)
	b.Run("rule", func(b *testing.B) {
		for b.Loop() {
			rule.In(Read(text))
		}
	})
	b.Run("expression", func(b *testing.B) {
		for b.Loop() {
			rule.whole.MatchString(text)
		}
	})
}
