package staff

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// What is guessed first is refused in any script, with the words that help; and
// there is no rule of what a pass phrase must be made of.
func TestStrength(t *testing.T) {
	for phrase, why := range map[string]string{
		"":                               "",
		"short":                          "",
		"            x":                  "",
		"x            ":                  "",
		strings.Repeat("x y", 70):        "",
		"aaaaaaaaaaaa":                   ".row",
		"abababababab":                   ".row",
		"abcdefghijkl":                   ".row",
		"zxcvbnm,./zxcvbnm":              ".row",
		"SueSueSueSueSue":                ".row",
		"Sue 31.12.2026":                 ".row",
		"Hope Line 2026!":                ".known",
		"hope-line-hope":                 ".known",
		"supervisor1234":                 ".known",
		"$uperv1sor1234":                 ".known",
		"sunshine passw0rd":              ".guessed",
		"Summer2026!?":                   ".guessed",
		"секретная":                      "",
		"секретная фраза":                ".guessed",
		strings.Repeat("пароль ", 3):     ".row",
		"пароль123456":                   ".guessed",
		"密码密码密码密码密码密码":                   ".row",
		strings.Repeat("مرحبا ", 3):      ".row",
		"correct horse battery":          "ok",
		" four words for Sue to keep ":   "ok",
		"nur kleine buchstaben hier":     "ok",
		"zażółć gęślą jaźń":              "ok",
		"contraseña larga para el turno": "ok",
		"длинная зимняя дорога домой": "ok",
		"نافذة زرقاء تمشي في المطر":   "ok",
		"蓝色茶壶在窗边慢慢唱歌看雪":               "ok",
		NewPassphrase(): "ok",
	} {
		err := checkPassphrase(phrase, "Sue", "Hope Line", "supervisor")
		got := "ok"
		if err != nil {
			got = strings.TrimPrefix(errs.Of(err).Word, "staff.error.passphrase")
		}
		if got != why {
			t.Errorf("%q: %q, want %q", phrase, got, why)
		}
	}
}

// No form of words makes the estimator fall, or say that its own pass phrases
// are weak; and what is added to a name alone is not enough.
func TestStrengthOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		phrase, name := rapid.String().Draw(t, "phrase"), rapid.String().Draw(t, "name")
		if err := checkPassphrase(phrase, name); err != nil && !errs.Is(err, errs.Invalid) {
			t.Fatal(err)
		}
		if err := checkPassphrase(NewPassphrase(), name); err != nil {
			t.Fatal(err)
		}
		if len(plainForm(phrase)) > estimated {
			t.Fatal("it looks at more than it may")
		}
	})
}

// BenchmarkStrength is the worst that we know: nothing but signs that stand for letters.
func BenchmarkStrength(b *testing.B) {
	for b.Loop() {
		_ = checkPassphrase(strings.Repeat("4@8({[<369&#!1/|0$5+7%2", 8), "Sue", "Hope Line")
	}
}
