package blind

import (
	"strings"
	"unicode"
)

// plate gives the letters and digits of a vehicle's plate. Letters that look
// alike in Latin, Cyrillic and Greek are one: the countries that write with those
// allow on plates only what looks Latin.
//
// Limits: the country or state is not part of it, since nobody is sure whose
// plate they saw, so two states' vehicles can have one form. 0 and O, 1 and I
// stay different. Fewer than four characters, or no digit, name nothing.
func plate(text string) []string {
	digits := false
	form := strings.Map(func(r rune) rune {
		if to, looks := latin[r]; looks {
			return to
		}
		switch {
		case r >= '0' && r <= '9':
			digits = true
			return r
		case unicode.IsLetter(r):
			return r
		}
		return -1
	}, strings.ToUpper(ascii(text)))
	if n := len([]rune(form)); !digits || n < 4 || n > 12 || len(form) > maxPlate {
		return nil
	}
	return []string{form}
}

// latin are the letters of other scripts that plates show as Latin ones.
var latin = map[rune]rune{
	'А': 'A', 'В': 'B', 'Е': 'E', 'К': 'K', 'М': 'M', 'Н': 'H', 'О': 'O', 'Р': 'P', 'С': 'C', 'Т': 'T', 'У': 'Y', 'Х': 'X', 'І': 'I',
	'Α': 'A', 'Β': 'B', 'Ε': 'E', 'Ζ': 'Z', 'Η': 'H', 'Ι': 'I', 'Κ': 'K', 'Μ': 'M', 'Ν': 'N', 'Ο': 'O', 'Ρ': 'P', 'Τ': 'T', 'Υ': 'Y', 'Χ': 'X',
}
