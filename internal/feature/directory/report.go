package directory

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// Level says how bad a finding is.
type Level uint8

// The levels. An Error stops the import unless Options.SkipBad is set; a
// Warning is something a curator should look at; a Note is what we did of
// ourselves and could do again.
const (
	Note Level = iota
	Warning
	Error
)

func (l Level) String() string { return [...]string{"note", "warning", "error"}[l] }

// Finding is one thing that an import noticed: where, what, and what was done
// about it. It never quotes the value: a report is mailed around, and the value
// may be an address that nobody should have.
type Finding struct {
	Level  Level
	File   string
	Line   int    // 1-based; 0 when it is about the whole file
	Column int    // 1-based position in the line; 0 when unknown
	Field  string // the HSDS field, if it is about one
	Code   string // key in the table below
}

// findings is the closed list of what an import can notice: level, what is
// wrong, what was done.
var findings = map[string]struct {
	level      Level
	what, done string
}{
	"file.unknown":       {Warning, "this file is no HSDS table that we know, and no mapping names it", "left out"},
	"file.too_large":     {Error, "this file is larger than the limit", "left out"},
	"file.unreadable":    {Error, "this file could not be read", "left out"},
	"file.empty":         {Note, "this file has no rows", "nothing to do"},
	"file.api_root":      {Note, "this is the description of an API, not a record", "left out"},
	"file.none":          {Error, "there is nothing here that can be imported", "nothing imported"},
	"encoding.utf16":     {Note, "the text is UTF-16", "read as that"},
	"encoding.latin":     {Warning, "the text is not valid UTF-8", "read as Windows-1252"},
	"text.control":       {Warning, "control or direction-changing characters in the text", "characters taken out"},
	"row.too_long":       {Error, "the row is longer than the limit, or a quote before it is not closed", "rest of the file left out"},
	"record.too_large":   {Error, "more belongs to one record than the limit", "rest of its rows left out"},
	"id.too_often":       {Error, "more rows have this id than the limit", "row left out"},
	"xlsx.unreadable":    {Error, "this is no workbook that can be read", "left out"},
	"xlsx.too_large":     {Error, "the workbook is larger than the limit when it is unpacked", "left out"},
	"map.column_missing": {Warning, "the mapping names a column that is not in this file", "nothing taken for it"},
	"map.column_kept":    {Note, "the mapping does not name this column", "kept aside in the record"},
	"map.column_unused":  {Warning, "the mapping does not name this column", "left out"},
	"map.required":       {Warning, "a value that the mapping requires is missing", "row kept without it"},
	"map.unreadable":     {Warning, "the value is not of the form that the mapping says", "kept as text"},
	"map.private":        {Note, "the value is marked as private", "left out"},
	"map.no_row":         {Warning, "the mapping takes nothing from this row", "left out"},
	"text.too_long":      {Error, "the field is longer than the limit", "field left out"},
	"csv.quotes":         {Error, "quotes are not closed or stand in the wrong place", "row left out"},
	"csv.header_twice":   {Warning, "two columns have the same name", "second one kept under another name"},
	"csv.header_empty":   {Warning, "a column has no name", "kept under a number"},
	"csv.extra_cells":    {Warning, "the row has more cells than the header", "kept under a number"},
	"json.syntax":        {Error, "this is not valid JSON", "rest of the file left out"},
	"json.depth":         {Error, "the JSON is nested too deeply", "rest of the file left out"},
	"json.key_twice":     {Warning, "an object has the same key twice", "last one taken"},
	"json.not_record":    {Warning, "this value is no HSDS record", "kept aside"},
	"rows.too_many":      {Error, "there are more rows than the limit", "rest of the file left out"},
	"id.derived":         {Note, "the id is not a UUID", "UUID derived from source, table and id"},
	"id.missing":         {Note, "the row has no id", "UUID derived from what it says and names"},
	"id.twice":           {Warning, "the id occurs again with other content", "both merged, the first value kept"},
	"id.shared":          {Note, "another source already has this id", "that one stays; what this one says of it is kept beside it"},
	"name.missing":       {Warning, "the record has no name", "kept under a stand-in name"},
	"service.no_name":    {Warning, "the service has no name", "kept as inactive, under a stand-in name"},
	"status.missing":     {Note, "the service has no status", "taken as active"},
	"status.unknown":     {Warning, "the status is none of HSDS", "kept; the service is not offered"},
	"link.organization":  {Warning, "the organization is not in this data", "stand-in organization made"},
	"link.location":      {Warning, "the location is not in this data", "kept, without a place"},
	"link.parent":        {Warning, "the row names a record that is not in this data", "kept; not attached to that record"},
	"link.none":          {Warning, "the row names no record", "kept aside"},
	"link.cycle":         {Warning, "the record is its own ancestor", "kept; parent not used"},
	"address.location":   {Note, "the address belongs to an organization, not to a location", "postal location made for it"},
	"coordinate.range":   {Warning, "the coordinates are not on Earth", "kept; not used"},
	"coordinate.zero":    {Warning, "the coordinates are 0, 0", "kept; not used"},
	"place.derived":      {Note, "the location has no coordinates", "place taken from ZIP code or city"},
	"place.unknown":      {Note, "the place is not known", "not found by distance"},
	"time.unreadable":    {Warning, "the time of day cannot be read", "kept; hours not used"},
	"hours.rule":         {Warning, "the schedule's rule cannot be read", "kept; hours not used"},
	"hours.overlap":      {Warning, "two spans of the same day overlap", "kept; open in either"},
	"text.guard":         {Note, "a quote guards the text from being run as a formula", "quote taken off"},
	"zone.unknown":       {Note, "the time zone is not known", "not counted as open or closed"},
	"phone.empty":        {Note, "the phone has no number", "kept; not shown"},
	"phone.unreadable":   {Warning, "the number is no complete phone number", "kept as printed"},
	"number.unreadable":  {Warning, "this should be a number", "kept as text"},
	"hidden.sealed":      {Note, "the location is confidential", "address sealed, taken out of the record"},
	"hidden.not_kept":    {Warning, "the location is confidential and there is no key to seal it", "address not stored"},
	"hidden.in_text":     {Warning, "the confidential address also stood in a text", "taken out of the text"},
	"verify.reset":       {Warning, "a verified service has changed", "must be verified again"},
	"service.old_weekly": {Note, "the schedule has the form of HSDS 2", "written as a weekly schedule"},
}

func (f Finding) String() string {
	where := f.File
	if f.Line > 0 {
		where += fmt.Sprintf(":%d", f.Line)
		if f.Column > 0 {
			where += fmt.Sprintf(":%d", f.Column)
		}
	}
	if f.Field != "" {
		where += " (" + f.Field + ")"
	}
	t := findings[f.Code]
	return fmt.Sprintf("%s: %s: %s; %s", f.Level, where, t.what, t.done)
}

// maxFindings bounds what a report keeps line by line; the counts go on.
const maxFindings = 20000

// Report is what an import did or, in a dry run, would do.
type Report struct {
	DryRun   bool
	Imported bool           // false after a dry run and when errors stopped it
	Files    []string       // read, in order
	Rows     map[string]int // rows read, by file
	Records  map[string]int // records in the data, by entity
	Nested   map[string]int // things kept inside those records, by entity
	Added    int            // records that were new
	Changed  int            // records that were there and differ
	Same     int            // records that were there and are equal
	Removed  int            // records of this source that the data no longer has
	Counts   map[string]int // findings, by code
	Findings []Finding

	before map[string]int // counts before the transaction
	listed int            // findings before it
}

func newReport() *Report {
	return &Report{Rows: map[string]int{}, Records: map[string]int{}, Nested: map[string]int{}, Counts: map[string]int{}}
}

// again forgets what a transaction has reported that runs once more.
func (r *Report) again() {
	if r.before == nil {
		r.before = maps.Clone(r.Counts)
		r.listed = len(r.Findings)
		return
	}
	r.Counts, r.Findings = maps.Clone(r.before), r.Findings[:r.listed]
}

func (r *Report) add(code, file string, line, column int, field string) {
	f, ok := findings[code]
	if !ok {
		panic("directory: finding " + code + " is not in the table")
	}
	r.Counts[code]++
	if len(r.Findings) < maxFindings {
		r.Findings = append(r.Findings, Finding{Level: f.level, File: file, Line: line, Column: column, Field: field, Code: code})
	}
}

// Errors is how many findings stop an import.
func (r *Report) Errors() int {
	n := 0
	for code, c := range r.Counts {
		if findings[code].level == Error {
			n += c
		}
	}
	return n
}

// Sorted are the findings, what is worst first, then as they stand in the files.
func (r *Report) Sorted() []Finding {
	list := slices.Clone(r.Findings)
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return list
}

// Summary is the report in lines for a terminal: what was read, what is in it,
// then each kind of finding with its count and its first place; or every one.
func (r *Report) Summary(all ...bool) string {
	var b strings.Builder
	for _, f := range r.Files {
		fmt.Fprintf(&b, "read     %7d  %s\n", r.Rows[f], f)
	}
	for _, m := range []struct {
		title string
		n     map[string]int
	}{{"records", r.Records}, {"inside", r.Nested}} {
		for _, k := range sortedKeys(m.n) {
			fmt.Fprintf(&b, "%-8s %7d  %s\n", m.title, m.n[k], k)
		}
	}
	fmt.Fprintf(&b, "added %d, changed %d, the same %d, gone %d\n", r.Added, r.Changed, r.Same, r.Removed)
	seen := map[string]bool{}
	for _, f := range r.Sorted() {
		if len(all) > 0 && all[0] {
			fmt.Fprintln(&b, f)
		} else if !seen[f.Code] {
			seen[f.Code] = true
			fmt.Fprintf(&b, "%d × %s\n", r.Counts[f.Code], f)
		}
	}
	switch {
	case r.Imported:
		b.WriteString("imported\n")
	case r.DryRun:
		b.WriteString("dry run: nothing was written\n")
	default:
		b.WriteString("nothing was imported\n")
	}
	return b.String()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
