package directory

import "encoding/json"

// merge adds to old what only new says. It is false if they contradict.
func merge(old, add Object) bool {
	agree := true
	for k, v := range add {
		was, ok := old[k]
		if !ok || empty(was) {
			old[k] = v
			continue
		}
		if empty(v) {
			continue
		}
		wasList, a := was.([]any)
		list, b := v.([]any)
		if a && b {
			for _, item := range list {
				wasList = addTo(wasList, item)
			}
			old[k] = wasList
			continue
		}
		if !equal(was, v) {
			agree = false
		}
	}
	return agree
}

// addTo appends to a list, merging objects that have the same id.
func addTo(list []any, v any) []any {
	c, ok := v.(Object)
	if !ok {
		for _, w := range list {
			if equal(w, v) {
				return list
			}
		}
		return append(list, v)
	}
	id := str(c, "id")
	for _, w := range list {
		if o, ok := w.(Object); ok && id != "" && str(o, "id") == id {
			merge(o, c)
			return list
		}
	}
	return append(list, v)
}

func equal(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

// stripLines takes the reader's line marks out of a value.
func stripLines(v any) any {
	switch v := v.(type) {
	case Object:
		delete(v, lineKey)
		for _, c := range v {
			stripLines(c)
		}
	case []any:
		for _, c := range v {
			stripLines(c)
		}
	}
	return v
}
