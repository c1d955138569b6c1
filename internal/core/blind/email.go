package blind

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// email gives an address in small letters, its host in ASCII (UTS 46).
//
// Limits: capital letters before the @ could by the standard be another mailbox;
// no provider of today makes them one. What a provider ignores (a dot, what
// follows a plus) is kept, since another provider does not.
func email(text string) []string {
	text = strings.Trim(strings.TrimSpace(ascii(text)), "<>")
	text = strings.ToLower(text)
	text = strings.TrimPrefix(text, "mailto:")
	local, host, found := strings.Cut(text, "@")
	if !found || local == "" || len(text) > maxEmail || strings.Contains(host, "@") || strings.ContainsFunc(text, unicode.IsSpace) {
		return nil
	}
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".") {
		return nil
	}
	return []string{local + "@" + host}
}
