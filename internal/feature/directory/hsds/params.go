package hsds

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Limits of a request.
const (
	MaxPerPage = 1000
	perPage    = 50
	maxPage    = 1 << 30
	maxGiven   = 8 << 10 // bytes of parameters, wherever they stand
	maxMetres  = 20_000_000
)

// pageAs is the page that was asked for. Size 0 is all.
type pageAs struct {
	directory.PageOf
	format directory.Format
}

// given reads the parameters of a request: of its address, and of a POST also
// those of its body, as a form or as a JSON object.
func given(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if len(r.URL.RawQuery) > maxGiven {
		return nil, errs.New(errs.TooLarge, "", nil)
	}
	all, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errs.New(errs.Malformed, "", nil) // not err, which says what was sent
	}
	if r.Method == http.MethodPost {
		if err := addBody(w, r, all); err != nil {
			return nil, err
		}
	}
	for name, values := range all {
		if len(values) > 1 {
			return nil, errs.In(known(name), "directory.hsds.twice")
		}
	}
	return all, nil
}

func addBody(w http.ResponseWriter, r *http.Request, all url.Values) error {
	body, err := web.Body(w, r, maxGiven)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return errs.New(errs.Malformed, "", nil)
		}
		for name, values := range form {
			all[name] = append(all[name], values...)
		}
		return nil
	case "application/json":
		return addJSON(body, all)
	}
	return errs.New(errs.Unsupported, "", nil)
}

func addJSON(body []byte, all url.Values) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	object := map[string]any{}
	if dec.Decode(&object) != nil || dec.More() {
		return errs.New(errs.Malformed, "", nil)
	}
	for name, value := range object {
		switch v := value.(type) {
		case string:
			all.Add(name, v)
		case json.Number:
			all.Add(name, v.String())
		case bool:
			all.Add(name, strconv.FormatBool(v))
		case nil:
		default:
			return errs.In(known(name), "directory.hsds.value")
		}
	}
	return nil
}

// known is a parameter's name, or nothing: an error repeats only what is ours.
func known(name string) string {
	if name == "after" || slices.ContainsFunc(parameters, func(p parameter) bool { return p.name == name }) {
		return name
	}
	return ""
}

// reading is one run through the parameters of a request.
type reading struct {
	ask  directory.Ask
	page pageAs
}

// read makes of parameters what is asked of a feed.
func read(feed directory.Feed, values url.Values) (directory.Ask, pageAs, error) {
	in := &reading{ask: directory.Ask{Feed: feed}, page: pageAs{directory.PageOf{Number: 1, Size: perPage}, directory.JSON}}
	taken := 0
	for _, p := range parameters {
		value, ok := first(values, p.name)
		if !ok || !slices.Contains(p.feeds, feed) {
			continue
		}
		taken++
		if value == "" {
			continue // as a form sends a field that nobody filled in
		}
		if err := p.take(in, value); err != nil {
			return in.ask, in.page, err
		}
	}
	if taken < len(values) {
		return in.ask, in.page, errs.In("", "directory.hsds.unknown")
	}
	q := &in.ask.Query
	if at := q.Near; at != nil && (values.Get("latitude") == "" || values.Get("longitude") == "" || in.ask.Postcode != "") {
		return in.ask, in.page, errs.In("latitude", "directory.hsds.point")
	}
	if in.ask.Metres > 0 && q.Near == nil && in.ask.Postcode == "" {
		return in.ask, in.page, errs.In("proximity", "directory.hsds.proximity")
	}
	if in.ask.Minimal && values.Get("per_page") == "" {
		in.page.Size = 0 // what compares its copy wants all of it
	}
	return in.ask, in.page, nil
}

// readOne reads what a single record takes.
func readOne(feed directory.Feed, values url.Values) (withServices bool, err error) {
	for name := range values {
		if feed != directory.Organizations || name != "full_service" {
			return false, errs.In("", "directory.hsds.unknown")
		}
		if value := values.Get(name); value != "" {
			if withServices, err = yes(name, value); err != nil {
				return false, err
			}
		}
	}
	return withServices, nil
}

func first(values url.Values, name string) (string, bool) {
	v, ok := values[name]
	if !ok || len(v) == 0 {
		return "", false
	}
	return strings.TrimSpace(v[0]), true
}

func yes(name, value string) (bool, error) {
	switch strings.ToLower(value) {
	case "true", "1", "yes":
		return true, nil
	case "false", "0", "no":
		return false, nil
	}
	return false, errs.In(name, "directory.hsds.yes")
}

func whole(name, value string, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		return 0, errs.In(name, "directory.hsds.number")
	}
	return n, nil
}

func degrees(name, value string, most float64) (float64, error) {
	d, err := strconv.ParseFloat(value, 64)
	if err != nil || !(d >= -most && d <= most) {
		return 0, errs.In(name, "directory.hsds.number")
	}
	return d, nil
}

// moment reads a time as RFC 3339 has it, or a day, which begins at midnight UTC.
func moment(name, value string) (time.Time, error) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if t, err := time.Parse(form, value); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errs.In(name, "directory.hsds.moment")
}
