package i18n

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
)

// text is one catalog entry, cut up once when it is loaded.
type text struct {
	forms map[string]string // "other" alone when nothing is counted
	cut   map[string][]piece
}

// piece is a run of literal text, or the name of a placeholder.
type piece struct {
	literal string
	name    string
}

// catalog is what one file system says in one language.
type catalog map[string]*text

// readCatalog reads words/<code>.json, or <code>.json at the top.
func readCatalog(fsys fs.FS, code string) (catalog, error) {
	data, name, err := readWords(fsys, code+".json")
	if err != nil {
		return nil, err
	}
	file, err := goi18n.ParseMessageFileBytes(data, code+".json",
		map[string]goi18n.UnmarshalFunc{"json": json.Unmarshal})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c := make(catalog, len(file.Messages))
	for _, m := range file.Messages {
		t := &text{forms: map[string]string{}, cut: map[string][]piece{}}
		for form, s := range map[string]string{
			"zero": m.Zero, "one": m.One, "two": m.Two,
			"few": m.Few, "many": m.Many, "other": m.Other,
		} {
			if s == "" {
				continue
			}
			t.forms[form] = s
			if t.cut[form], err = cut(s); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", name, m.ID, err)
			}
		}
		c[m.ID] = t
	}
	return c, nil
}

func readWords(fsys fs.FS, file string) (data []byte, name string, err error) {
	name = path.Join("words", file)
	data, err = fs.ReadFile(fsys, name)
	if err != nil {
		name = file
		data, err = fs.ReadFile(fsys, name)
	}
	return data, name, err
}

// cut splits a text at its placeholders. Nothing but {{.name}} is a
// placeholder: a catalog is data and runs no template code.
func cut(s string) ([]piece, error) {
	var out []piece
	for s != "" {
		open := strings.Index(s, "{{")
		if open < 0 {
			return append(out, piece{literal: s}), nil
		}
		if open > 0 {
			out = append(out, piece{literal: s[:open]})
		}
		s = s[open+2:]
		end := strings.Index(s, "}}")
		if end < 0 || !strings.HasPrefix(s, ".") || end < 2 || strings.ContainsAny(s[:end], " {") {
			return nil, fmt.Errorf("a placeholder is written {{.name}}")
		}
		out = append(out, piece{name: s[1:end]})
		s = s[end+2:]
	}
	return out, nil
}

// plain is all that the entry says, in a fixed order, for hashing.
func (t *text) plain() string {
	if t == nil {
		return ""
	}
	keys := make([]string, 0, len(t.forms))
	for k := range t.forms {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(k + "\x00" + t.forms[k] + "\x00")
	}
	return b.String()
}

func (t *text) counted() bool { return len(t.forms) > 1 || t.forms["other"] == "" }
