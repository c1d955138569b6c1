package blind

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// phones gives the E.164 form of a number, with its extension if it has one.
// A number without country code is read as one of the country. Digits of every
// script are the same; letters on keys are not read ("1-800-FLOWERS").
//
// Limits: without country and country code a number names nothing. A number
// that a country renumbered is two. A wrong country makes it another number.
func phones(text, country string) (forms []string) {
	text = strings.TrimSpace(ascii(text))
	if len(text) > maxPhone {
		return nil
	}
	if form := phone(text, country); form != "" {
		return []string{form}
	}
	for _, part := range between.Split(text, maxNormals+1) {
		if form := phone(strings.TrimSpace(part), country); form != "" {
			forms = append(forms, form)
		}
	}
	return forms
}

// between stands between two numbers in one field.
var between = regexp.MustCompile(`[;,/|]+|\s(?:or|and|o|y|i|и|или|lub|albo|或|أو|و)\s`)

func phone(text, country string) string {
	if strings.IndexFunc(text, unicode.IsDigit) < 0 || unreadable.MatchString(text) {
		return ""
	}
	for _, try := range []string{text, abroad(text)} {
		n, err := phonenumbers.Parse(try, strings.ToUpper(country))
		if err != nil || !phonenumbers.IsPossibleNumber(n) {
			continue
		}
		if !strings.HasPrefix(try, "+") && !phonenumbers.IsValidNumber(n) {
			continue // a wrong guess of the country, or no number at all
		}
		form := phonenumbers.Format(n, phonenumbers.E164)
		if x := n.GetExtension(); x != "" {
			form += ";ext=" + x
		}
		return form
	}
	return ""
}

// unreadable are letters that are no mark of an extension: the library would dial them.
var unreadable = regexp.MustCompile(`(?i)[a-z]{4,}\d*$`)

// abroad reads "00" as "+", as most of the world dials.
func abroad(text string) string {
	if rest, ok := strings.CutPrefix(text, "00"); ok {
		return "+" + rest
	}
	return text
}

// ascii gives text with the digits of every script as 0 to 9, wide and other
// compatible forms as usual ones, and without marks that are not seen.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r):
			return -1
		case unicode.Is(unicode.Nd, r):
			return digit(r)
		case unicode.Is(unicode.Pd, r) || r == '−':
			return '-'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, norm.NFKC.String(text))
}

// digit gives 0 to 9 for a decimal digit of any script: each script's ten stand
// in a row, and Unicode keeps rows of two scripts apart by other characters, or
// at multiples of ten.
func digit(r rune) rune {
	zero := r
	for zero > 0 && r-zero < 9 && unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return '0' + r - zero
}
