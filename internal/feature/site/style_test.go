package site_test

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/feature/site"
)

// luminance and contrast are those of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("%q is no colour", hex)
	}
	channel := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(n>>16) + 0.7152*channel(n>>8) + 0.0722*channel(n)
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// Everything that is read has 7:1 on its ground, in the light and in the dark,
// and the lines around fields have 3:1.
func TestContrast(t *testing.T) {
	css, err := fs.ReadFile(site.Assets, "s/site.css")
	if err != nil {
		t.Fatal(err)
	}
	themes := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1)
	if len(themes) != 2 {
		t.Fatalf("%d themes, want light and dark", len(themes))
	}
	for i, theme := range themes {
		token := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]+);`).FindAllStringSubmatch(theme[1], -1) {
			token[m[1]] = m[2]
		}
		for _, pair := range []struct {
			text, ground string
			least        float64
		}{
			{"ink", "ground", 7},
			{"ink", "panel", 7},
			{"quiet", "ground", 7},
			{"quiet", "panel", 7},
			{"accent", "ground", 7},
			{"accent", "panel", 7},
			{"on-accent", "accent", 7},
			{"danger", "ground", 7},
			{"danger", "panel", 7},
			{"warn", "ground", 7},
			{"ground", "warn", 7},
			{"done", "ground", 7},
			{"line", "ground", 3},
			{"line", "panel", 3},
		} {
			if c := contrast(t, token[pair.text], token[pair.ground]); c < pair.least {
				t.Errorf("theme %d: %s on %s is %.1f:1, at least %.0f:1", i, pair.text, pair.ground, c, pair.least)
			}
		}
	}
}

// One sheet serves both directions of writing, loads nothing and moves nothing.
func TestStyleSheet(t *testing.T) {
	css, err := fs.ReadFile(site.Assets, "s/site.css")
	if err != nil {
		t.Fatal(err)
	}
	banned := regexp.MustCompile(`(?m)(^|[\s{;-])(left|right)\b|url\(|@import|@font-face|animation|transition|!important`)
	if found := banned.FindString(string(css)); found != "" {
		t.Errorf("the style sheet has %q", strings.TrimSpace(found))
	}
	script, err := fs.ReadFile(site.Assets, "s/site.js")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`https?://|fetch\(|XMLHttp|localStorage|cookie|eval\(`).FindString(string(script)); found != "" {
		t.Errorf("the script has %q", found)
	}
}
