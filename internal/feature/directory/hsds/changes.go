package hsds

import (
	"bufio"
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

const changesPath = root + "/changes"

// changesParameters are what the feed of changes takes. The document for
// programs is made of these, too.
var changesParameters = []struct{ name, kind, help string }{
	{"after", "string", "The cursor of the last change that is known, or next of the last page. Without it, all that is published."},
	{"per_page", "integer", "How many changes a page has: 1 to 1000, else 50."},
	{"full", "boolean", "With the services themselves, with everything inside."},
	{"format", "string", "json, or ndjson: all changes, one on each line, without pages."},
}

// changes tells who keeps a copy what is another since. A service is there
// once, where it last changed; one that is gone with its id and when, whatever
// the reason.
//
//	GET /hsds/changes?after=…
//
//	200 {"size": 2, "more": false, "next": "…", "contents": [{"cursor": "…", "id": "…", "date": "…", "gone": false}, …]}
//	410 the cursor is too old: start again without it
func (f *Feature) changes(w http.ResponseWriter, r *http.Request) error {
	ask, format, err := readChanges(w, r)
	if err != nil {
		return err
	}
	ask.Agency = f.Agency
	list, err := f.Directory.Changes(r.Context(), ask)
	if err != nil {
		return err
	}
	if unchanged(w, r, list.ETag()) {
		return nil
	}
	if format == directory.NDJSON {
		return f.streamChanges(w, r, ask, list)
	}
	b := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // the pool holds nothing else
	defer buffers.Put(b)
	b.Reset()
	b.WriteString(`{"size":` + strconv.Itoa(len(list.Items)) + `,"more":` + strconv.FormatBool(list.More) + `,"next":"` + list.Next + `","contents":[`)
	for i, c := range list.Items {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(changeJSON(c))
	}
	b.WriteString("]}\n")
	return web.Document(w, r, "application/json", b.Bytes())
}

func readChanges(w http.ResponseWriter, r *http.Request) (ask directory.AskChanges, format directory.Format, err error) {
	values, err := given(w, r)
	if err != nil {
		return ask, format, err
	}
	ask.Limit, format = perPage, directory.JSON
	taken := 0
	for _, p := range changesParameters {
		value, ok := first(values, p.name)
		if !ok {
			continue
		}
		if taken++; value == "" {
			continue // as a form sends a field that nobody filled in
		}
		switch p.name {
		case "after":
			ask.After = value
		case "per_page":
			ask.Limit, err = whole(p.name, value, MaxPerPage)
		case "full":
			ask.Full, err = yes(p.name, value)
		case "format":
			if format = directory.Format(strings.ToLower(value)); format != directory.JSON && format != directory.NDJSON {
				err = errs.In(p.name, "directory.hsds.format")
			}
		}
		if err != nil {
			return ask, format, err
		}
	}
	if taken < len(values) {
		return ask, format, errs.In("", "directory.hsds.unknown")
	}
	return ask, format, nil
}

// changeJSON writes one change.
func changeJSON(c directory.Changed) []byte {
	b := append([]byte(`{"cursor":"`), c.Cursor...)
	b = append(append(b, `","id":"`...), c.ID...)
	b = c.At.AppendFormat(append(b, `","date":`...), `"2006-01-02T15:04:05.000Z"`)
	b = strconv.AppendBool(append(b, `,"gone":`...), c.Gone)
	if c.Record != nil {
		b = append(append(b, `,"service":`...), c.Record...)
	}
	return append(b, '}')
}

// streamChanges writes all changes from those at hand on, page after page.
func (f *Feature) streamChanges(w http.ResponseWriter, r *http.Request, ask directory.AskChanges, list directory.Changes) error {
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := bufio.NewWriterSize(patient{w, http.NewResponseController(w)}, 64<<10)
	for {
		for _, c := range list.Items {
			if _, err := out.Write(append(changeJSON(c), '\n')); err != nil {
				return err
			}
		}
		if !list.More {
			return out.Flush()
		}
		var err error
		ask.After = list.Next
		if list, err = f.Directory.Changes(r.Context(), ask); err != nil {
			_ = out.Flush() // what is there is right; who reads goes on behind its last line
			return err
		}
	}
}

// describeChanges is the feed's part of the document for programs.
func describeChanges() object {
	var params []any
	for _, p := range changesParameters {
		params = append(params, object{"name": p.name, "in": "query", "required": false, "description": p.help, "schema": object{"type": p.kind}})
	}
	item := object{
		"type": "object", "required": []string{"cursor", "id", "date", "gone"},
		"properties": object{
			"cursor": object{"type": "string", "description": "Goes on behind this change."}, "id": object{"type": "string", "format": "uuid"},
			"date":    object{"type": "string", "format": "date-time", "description": "When it changed."},
			"gone":    object{"type": "boolean", "description": "It is not published any more. Why is not told."},
			"service": recordSchema(directory.Services),
		},
	}
	page := object{
		"type": "object", "required": []string{"size", "more", "next", "contents"},
		"properties": object{
			"size": object{"type": "integer"}, "more": object{"type": "boolean"},
			"next":     object{"type": "string", "description": "The cursor to go on with, also when nothing has changed yet."},
			"contents": object{"type": "array", "items": item},
		},
	}
	return object{"get": object{
		"operationId": "changes", "summary": "what changed in services since a cursor, in the order of commits", "parameters": params,
		"responses": object{
			"200": answer("A page of changes.", page),
			"410": problem("The cursor is too old, or of another directory. Start again without one."),
			"422": problem("A parameter has no meaning here, or is not known."),
		},
	}}
}
