package directory

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Mapping says what the columns of somebody's tables mean. Its form is that of
// the HSDS transformer: file, then columns, then for each column one target or
// several, with model, field, required and append:
//
//	services.csv:
//	  columns:
//	    Services-ID:
//	      - model: services
//	        field: id
//	        required: true
//	      - model: phones
//	        field: service_id
//
// What we add to that form, so that nothing is lost:
//
//	keep: services        columns that are not named are kept in the rows of this model, unpublished
//	when: {Kind: Agency}  only for rows whose columns say so; a file then has a list of such blocks
//	set: [...]            targets with a value of their own
//	private: {A: [B, C*]} if column A says yes, B and what begins with C are not kept
//
// and for a target: as (several rows of one model, told apart by this name), read
// (how to read the value, see reading), values (what words of theirs are in ours),
// with (fields that come along), private (a column that, if it says yes, keeps
// this value out), append with a text that stands between.
type Mapping struct{ tables []*mapped }

// mapped is one block: of which files, for which rows, what the columns are.
type mapped struct {
	file    string // name or pattern
	when    map[string][]string
	keep    string
	columns map[string][]target
	order   []string // of the columns, as the mapping has them
	set     []target
	private map[string][]string // column that says so → columns that are then not kept, as patterns
}

// target is one thing that a column gives.
type target struct {
	model, field, as string
	required         bool
	add              bool // to what is there already
	between          string
	read             string
	split            string
	value            string
	values           map[string]string
	with             map[string]string
	private          string
}

// maxMapping bounds a mapping, in bytes.
const maxMapping = 256 << 10

//go:embed maps/*.yaml
var mapFiles embed.FS

// Maps are the names of the mappings that come with the program.
func Maps() (names []string) {
	files, _ := fs.Glob(mapFiles, "maps/*.yaml") // the pattern is right
	for _, f := range files {
		names = append(names, strings.TrimSuffix(path.Base(f), ".yaml"))
	}
	return names
}

// MapText is the text of one of them.
func MapText(name string) ([]byte, error) {
	if !slices.Contains(Maps(), name) {
		return nil, badMapping(0, "there is none of this name; those that come along are "+strings.Join(Maps(), ", "))
	}
	return mapFiles.ReadFile("maps/" + name + ".yaml")
}

// NamedMapping is one that comes with the program.
func NamedMapping(name string) (*Mapping, error) {
	text, err := MapText(name)
	if err != nil {
		return nil, err
	}
	return ParseMapping(text)
}

// badMapping says what is wrong in a mapping, and where.
func badMapping(line int, what string) error {
	if line > 0 {
		return fmt.Errorf("the mapping, line %d: %s", line, what)
	}
	return errors.New("the mapping: " + what)
}

// ParseMapping reads a mapping.
func ParseMapping(text []byte) (*Mapping, error) {
	if len(text) > maxMapping {
		return nil, badMapping(0, "it is longer than 256 kB")
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, badMapping(0, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return nil, badMapping(0, "it is empty")
	}
	m := &Mapping{}
	err := pairs(doc.Content[0], func(key, value *yaml.Node) error {
		if strings.HasPrefix(key.Value, "x-") { // anchors that blocks share
			return nil
		}
		return m.file(key.Value, value)
	})
	if err == nil && len(m.tables) == 0 {
		err = badMapping(0, "it names no file")
	}
	return m, err
}

func (m *Mapping) file(name string, value *yaml.Node) error {
	if _, err := path.Match(name, ""); err != nil {
		return badMapping(value.Line, "this is no pattern of file names")
	}
	blocks := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		blocks = value.Content
	}
	for _, b := range blocks {
		t := &mapped{file: name, columns: map[string][]target{}}
		if err := pairs(b, t.block); err != nil {
			return err
		}
		if len(t.columns) == 0 {
			return badMapping(b.Line, "there are no columns")
		}
		m.tables = append(m.tables, t)
	}
	return nil
}

func (t *mapped) block(key, value *yaml.Node) (err error) {
	switch key.Value {
	case "columns":
		return pairs(value, t.column)
	case "keep":
		t.keep = value.Value
		if entityByFile[t.keep] == nil {
			err = badMapping(value.Line, "there is no model "+value.Value)
		}
		return err
	case "set":
		t.set, err = targetsOf(value)
		return err
	case "private":
		return value.Decode(&t.private)
	case "when":
		t.when = map[string][]string{}
		return pairs(value, func(key, value *yaml.Node) error {
			var list []string
			if value.Kind == yaml.SequenceNode {
				err := value.Decode(&list)
				t.when[key.Value] = list
				return err
			}
			t.when[key.Value] = []string{value.Value}
			return nil
		})
	}
	return badMapping(key.Line, "nobody knows what "+key.Value+" means here")
}

func (t *mapped) column(key, value *yaml.Node) (err error) {
	name, _ := clean(key.Value)
	list, err := targetsOf(value)
	if err != nil {
		return err
	}
	if _, twice := t.columns[name]; !twice {
		t.order = append(t.order, name)
	}
	t.columns[name] = append(t.columns[name], list...)
	return nil
}

func targetsOf(value *yaml.Node) (list []target, err error) {
	nodes := []*yaml.Node{value}
	if value = meant(value); value.Kind == yaml.SequenceNode {
		nodes = value.Content
	}
	for _, n := range nodes {
		var g target
		if err := pairs(n, g.member); err != nil {
			return nil, err
		}
		if g.model == "" || g.field == "" {
			return nil, badMapping(n.Line, "a target needs a model and a field")
		}
		if _, ok := readings[g.read]; !ok {
			return nil, badMapping(n.Line, "there is no way of reading that is called "+g.read)
		}
		list = append(list, g)
	}
	return list, nil
}

func (g *target) member(key, value *yaml.Node) (err error) {
	switch key.Value {
	case "model":
		g.model = value.Value
	case "field":
		g.field = value.Value
	case "as":
		g.as = value.Value
	case "required":
		err = value.Decode(&g.required)
	case "append":
		g.add = true
		if value.Tag != "!!bool" {
			g.between = value.Value
		} else {
			err = value.Decode(&g.add)
		}
	case "read":
		g.read = value.Value
	case "split":
		g.split = value.Value
	case "value":
		g.value = value.Value
	case "private":
		g.private = value.Value
	case "values":
		err = value.Decode(&g.values)
	case "with":
		err = value.Decode(&g.with)
	default:
		err = badMapping(key.Line, "nobody knows what "+key.Value+" means here")
	}
	return err
}

// pairs goes through a YAML map in its own order. What another map brings in
// (<<: *shared) comes first, and what stands here counts.
func pairs(n *yaml.Node, do func(key, value *yaml.Node) error) error {
	n = meant(n)
	if n.Kind != yaml.MappingNode {
		return badMapping(n.Line, "here should be names with values")
	}
	own := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		own[n.Content[i].Value] = true
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "<<" {
			continue
		}
		shared := meant(n.Content[i+1])
		for j := 0; shared.Kind == yaml.MappingNode && j+1 < len(shared.Content); j += 2 {
			if own[shared.Content[j].Value] {
				continue
			}
			if err := do(shared.Content[j], meant(shared.Content[j+1])); err != nil {
				return err
			}
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "<<" {
			continue
		}
		if err := do(n.Content[i], meant(n.Content[i+1])); err != nil {
			return err
		}
	}
	return nil
}

// meant follows an alias.
func meant(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// of are the blocks for a file: those that name it, else those whose pattern
// fits.
func (m *Mapping) of(file string) (list []*mapped) {
	for _, t := range m.tables {
		if strings.EqualFold(t.file, file) {
			list = append(list, t)
		}
	}
	if list != nil {
		return list
	}
	for _, t := range m.tables {
		if ok, _ := path.Match(t.file, file); ok {
			list = append(list, t)
		}
	}
	return list
}
