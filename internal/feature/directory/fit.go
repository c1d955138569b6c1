package directory

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What the schemas of HSDS 3.1 demand of a field beyond its being text.
var (
	uriFields = []string{
		"accessibility.url", "location.url", "organization.website", "organization.uri", "required_document.uri", "schedule.schedule_link",
		"service.url", "taxonomy.uri", "taxonomy_term.term_uri", "unit.uri", "url.url",
	}
	emailFields  = []string{"contact.email", "organization.email", "service.email", "service.assurer_email"}
	momentFields = []string{"service.last_modified", "service_capacity.updated"}
	// enums are the values of a field; the first stands for none.
	enums = map[string][]string{
		"service.status":         {"active", "inactive", "defunct", "temporarily closed"},
		"location.location_type": {"physical", "postal", "virtual"},
		"address.address_type":   {"physical", "postal", "virtual"},
		"schedule.freq":          {"WEEKLY", "MONTHLY"},
		"schedule.wkst":          {"MO", "TU", "WE", "TH", "FR", "SA", "SU"},
	}
)

// fit gives a value as the schema has it for a known field; nil if there is
// none that means the same. It is false if what is given says less than v, so
// that v has to stand somewhere else.
func fit(kind, field string, v any) (any, bool) {
	if numeric[field] {
		return fitNumber(v)
	}
	var text string
	switch v := v.(type) {
	case nil:
		return nil, true
	case json.Number:
		text = v.String()
	case bool:
		text = strconv.FormatBool(v)
	case string:
		text = v
	default:
		return nil, false // a list or an object where HSDS has a text
	}
	name := kind + "." + field
	switch {
	case text == "":
		if enums[name] != nil || slices.Contains(uriFields, name) || slices.Contains(emailFields, name) || slices.Contains(momentFields, name) || strings.HasSuffix(field, "_id") {
			return nil, true
		}
		return "", true
	case enums[name] != nil:
		for _, option := range enums[name] {
			if strings.EqualFold(option, text) {
				return option, option == text
			}
		}
		return nil, false
	case slices.Contains(uriFields, name):
		return fitURI(text)
	case slices.Contains(emailFields, name):
		if !emailForm.MatchString(text) {
			return nil, false
		}
	case slices.Contains(momentFields, name):
		return fitMoment(text)
	}
	return text, true
}

func fitNumber(v any) (any, bool) {
	switch v := v.(type) {
	case nil, json.Number:
		return v, true
	case string:
		if v == "" {
			return nil, true
		}
		if isNumber(v) {
			return json.Number(v), true
		}
	}
	return nil, false
}

// Of RFC 3986 what an address on the web can have, and of RFC 5322 the usual.
var (
	uriForm   = regexp.MustCompile(`^(?i:[a-z][a-z0-9+.-]*):(?://(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*(?:@(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+(?::[0-9]+)?)?(?:/|$|[?#]))?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?$`)
	hostForm  = regexp.MustCompile(`^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:[:/?#]|$)`)
	emailForm = regexp.MustCompile("^(?i:[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$")
)

// harmless are the schemes of an address that somebody may put into a link as it
// is: another page's script is an address, too.
var harmless = regexp.MustCompile(`^(?i:https?|mailto|tel|sms|geo|urn|doi):`)

// fitURI mends what people write for an address: without "http", with spaces
// around, with letters of their own script.
func fitURI(text string) (any, bool) {
	if isURI(text) {
		return text, true
	}
	mended := strings.TrimSpace(text)
	if hostForm.MatchString(mended) {
		mended = "http://" + mended
	}
	if u, err := url.Parse(mended); err == nil {
		mended = u.String()
	}
	if isURI(mended) {
		return mended, false
	}
	return nil, false
}

func isURI(text string) bool {
	if !uriForm.MatchString(text) || !harmless.MatchString(text) {
		return false
	}
	u, err := url.Parse(text)
	return err == nil && (u.Port() == "" || isNumber(u.Port()))
}

// fitMoment reads a date with or without a time and zone; without one it is
// taken for UTC.
func fitMoment(text string) (any, bool) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil && t.Year() > 0 && !strings.Contains(text, ",") {
		return text, true
	}
	for _, form := range []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t.Format("2006-01-02T15:04:05.000Z"), false
		}
	}
	return nil, false
}

// asWritten puts back what an export of ours wrote beside a field because
// HSDS takes no such value in it. Where something else stands in the field, no
// export of ours wrote it.
func asWritten(e *entity, o Object) {
	for k := range o {
		if strings.HasSuffix(k, suffix) {
			putBack(e, o)
			return
		}
	}
}

func putBack(e *entity, o Object) {
	for _, k := range sortedKeys(o) {
		field, aside := strings.CutSuffix(k, suffix)
		if !aside || !slices.Contains(e.columns, field) && entityByList[field] == nil {
			continue
		}
		instead, whole := fit(e.name, field, o[k])
		if instead == nil {
			instead = firstOf(e.name, field)
		}
		if !whole && (empty(o[field]) || equal(o[field], instead)) {
			o[field] = o[k]
			delete(o, k)
		}
	}
}
