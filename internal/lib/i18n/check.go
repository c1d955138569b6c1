package i18n

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"sort"
	"strings"
)

// Check reports all that is wrong with catalogs, for tests:
//
//	for _, problem := range i18n.Check(words) {
//		t.Error(problem)
//	}
//
// Missing, surplus, repeated and empty texts; plural forms that a language
// needs or does not have; placeholders that differ from the English; and
// telephone numbers written into a text, where right-to-left order would turn
// them round and where they would outlive the number: numbers are facts, and
// go in through [Phone].
func Check(systems ...fs.FS) []string {
	var problems []string
	for _, fsys := range systems {
		problems = append(problems, checkOne(fsys)...)
	}
	sort.Strings(problems)
	return problems
}

func checkOne(fsys fs.FS) (problems []string) {
	report := func(lang, key, format string, args ...any) {
		problems = append(problems, lang+": "+key+": "+fmt.Sprintf(format, args...))
	}
	english, err := readCatalog(fsys, English)
	if err != nil {
		return []string{err.Error()}
	}
	for _, r := range rows {
		c, err := readCatalog(fsys, r.Code)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		for _, key := range repeated(fsys, r.Code+".json") {
			report(r.Code, key, "written twice")
		}
		for key := range english {
			if c[key] == nil {
				report(r.Code, key, "missing")
			}
		}
		for key, t := range c {
			if english[key] == nil {
				report(r.Code, key, "not in English")
				continue
			}
			for _, p := range checkText(r, t, english[key]) {
				report(r.Code, key, "%s", p)
			}
		}
	}
	return problems
}

// A run of digits that somebody might dial: three or more digits after a plus
// sign, or seven or more with the usual separators between them.
var dialled = regexp.MustCompile(`\+\d[\d \-.()–\x{00a0}]{2,}|\d(?:[ \-.()–\x{00a0}]?\d){6,}`)

// overrides are the characters that turn text round. Our own texts never need
// them: T isolates what goes into a placeholder.
const overrides = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u0000\ufffd"

func checkText(r *row, t, english *text) (problems []string) {
	if english.counted() {
		needed := map[string]bool{}
		for _, form := range r.forms {
			needed[form] = true
			if strings.TrimSpace(t.forms[form]) == "" {
				problems = append(problems, "no plural form "+form)
			}
		}
		for form := range t.forms {
			if !needed[form] {
				problems = append(problems, "has no use for the plural form "+form)
			}
		}
	} else if t.counted() {
		problems = append(problems, "has plural forms and the English has none")
	}
	want := english.names("other")
	for form, s := range t.forms {
		if strings.TrimSpace(s) == "" {
			problems = append(problems, "empty")
		}
		if got := t.names(form); got != want && !(form != "other" && withoutCount(got) == withoutCount(want)) {
			problems = append(problems, fmt.Sprintf("placeholders are [%s], in English [%s]", got, want))
		}
		if n := dialled.FindString(s); n != "" {
			problems = append(problems, fmt.Sprintf("has a telephone number in it: %q", n))
		}
		if strings.ContainsAny(s, overrides) {
			problems = append(problems, "has a control character in it")
		}
	}
	return problems
}

// names lists the placeholders of a form, sorted. A form such as "one" or
// "two" may say the number itself, so only there may count be absent.
func (t *text) names(form string) string {
	seen := map[string]bool{}
	for _, p := range t.cut[form] {
		if p.name != "" {
			seen[p.name] = true
		}
	}
	out := make([]string, 0, len(seen))
	for n := range seen {
		out = append(out, n)
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

func withoutCount(names string) string {
	var out []string
	for n := range strings.FieldsSeq(names) {
		if n != "count" {
			out = append(out, n)
		}
	}
	return strings.Join(out, " ")
}

// repeated finds keys that stand twice in one file: the decoder keeps the
// last one without a word.
func repeated(fsys fs.FS, file string) (keys []string) {
	data, _, err := readWords(fsys, file)
	if err != nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	seen := map[string]bool{}
	depth, isKey := 0, false
	for {
		token, err := d.Token()
		if err != nil {
			return keys
		}
		switch token := token.(type) {
		case json.Delim:
			if token == '{' || token == '[' {
				depth++
			} else {
				depth--
			}
			isKey = depth == 1
		case string:
			if depth != 1 {
				continue
			}
			if isKey {
				if seen[token] {
					keys = append(keys, token)
				}
				seen[token] = true
			}
			isKey = !isKey
		}
	}
}

// used finds the keys that a page names: {{t "key"}} and {{th "key"}}.
var used = regexp.MustCompile(`\bth? "([a-z0-9_]+(?:\.[a-z0-9_]+)+)"`)

// CheckPages reports the keys that pages (files ending in .html) name and no
// catalog has.
func CheckPages(w *Words, pages fs.FS) []string {
	var problems []string
	err := fs.WalkDir(pages, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".html") {
			return err
		}
		data, err := fs.ReadFile(pages, name)
		if err != nil {
			return err
		}
		for _, m := range used.FindAllSubmatch(data, -1) {
			if !w.Has(string(m[1])) {
				problems = append(problems, name+": no text "+string(m[1]))
			}
		}
		return nil
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	return problems
}
