package proofs

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

var claimSwap = claim{
	"no swap", "every ciphertext of every table is moved to another row; what is then shown is compared with what is shown where it was broken",
	"100 % refused",
}

// elsewhere are sealed things that are not records, with the reason.
var elsewhere = map[string]string{
	"audit_entries":    "the log, which has a proof of its own",
	"audit_pending":    "the same, until it is in order",
	"contact_requests": "an answer, bound to its key's hash and gone after a quarter of an hour",
	"staff_sessions":   "the session of who reads here; a test of core/staff moves it",
}

// TestProofOfNoSwap moves every sealed thing into the place of another of its
// column, starts the program and reads all that an advocate and the persons
// themselves can read. A thing in the wrong place must show nothing, exactly as
// one that was broken; and no page may show words that belong to another.
func TestProofOfNoSwap(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, e engine) {
		claimSwap.prove(t, e.name, func(t *testing.T) string { return swapped(t, e, size(1, 6)) })
	})
}

func swapped(t *testing.T, e engine, stories int) string {
	h := &reader{T: t, engine: e, canaries: &canaries{}}
	h.run(func(r *running) {
		for range stories {
			tellAll(t, r, h.canaries)
		}
		for _, s := range r.Staff {
			if s.Name == "Ada" {
				h.phrase = s.Passphrase
			}
		}
		ada := signIn(t, r, "Ada")
		ada.open("/staff/queue").send("/staff/contacts/next", nil) // so that she has more than one
		h.find(t, ada)
	})
	d := e.open(t)
	all := tables(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	whole := h.read()
	moved, columns, unmoved, told := 0, 0, []string{}, 0
	for _, c := range sealedColumns(all) {
		if elsewhere[c.table.name] != "" {
			continue
		}
		broken, n := c.with(func(values [][]byte, i int) []byte {
			b := slices.Clone(values[i])
			b[len(b)-1] ^= 1
			return b
		})
		if n < 2 {
			unmoved = append(unmoved, c.name())
			continue
		}
		want := h.readWith(broken, c.column)
		if !maps.EqualFunc(want, whole, slices.Equal) {
			told++
		}
		for offset := range min(n-1, size(1, 5)) {
			other, _ := c.with(func(values [][]byte, i int) []byte { return values[(i+offset+1)%n] })
			h.same(c.name(), want, h.readWith(other, c.column))
			moved += n
		}
		h.put(c.table, c.column)
		columns++
	}
	if !maps.EqualFunc(h.read(), whole, slices.Equal) {
		t.Error("put back, it does not read as before")
	}
	if told < columns/2 {
		t.Errorf("of %d columns only %d are seen to be broken: reading does not reach them", columns, told)
	}
	return fmt.Sprintf("%d ciphertexts of %d columns moved: all refused, as broken ones are (%d of the columns are seen on a page; of %d there was one row only)", moved, columns, told, len(unmoved))
}

// reader reads all that there is to read.
type reader struct {
	*testing.T
	engine
	canaries *canaries
	phrase   string
	pages    []string // of the desk
	codes    []string
}

func (h *reader) run(do func(r *running)) {
	h.Helper()
	r, err := start(h.T, "clew-failpoint", h.env, h.args...)
	if err != nil {
		h.Fatal(err)
	}
	do(r)
	r.kill()
}

func (h *reader) put(one table, column int) {
	h.Helper()
	d := h.open(h.T)
	one.put(h, d, column)
	if err := d.Close(); err != nil {
		h.Fatal(err)
	}
}

// find remembers where there is something to read.
func (h *reader) find(t *testing.T, ada *visitor) {
	for _, at := range []string{"/staff/queue", "/staff/referrals"} {
		page := ada.open(at)
		for n := range page.tree.Descendants() {
			path, _, _ := strings.Cut(attr(n, "href"), "?")
			if strings.HasPrefix(path, "/staff/contacts/") && path != "/staff/contacts/new" {
				h.pages = append(h.pages, path, path+"?show=record")
			}
			if strings.HasPrefix(path, "/staff/referrals/") {
				h.pages = append(h.pages, path, path+"/print", path+"/read")
			}
		}
	}
	slices.Sort(h.pages)
	h.pages = slices.Compact(h.pages)
	for _, c := range h.canaries.list {
		if strings.HasPrefix(c.field, "code") && len(c.text) == 24 {
			h.codes = append(h.codes, c.text)
		}
	}
	if len(h.pages) < 6 || len(h.codes) < 3 {
		t.Fatalf("there is too little to read: %v, %d codes", h.pages, len(h.codes))
	}
}

func (h *reader) readWith(one table, column int) map[string][]string {
	h.Helper()
	h.put(one, column)
	return h.read()
}

// read says which canaries each page shows.
func (h *reader) read() map[string][]string {
	h.Helper()
	shown := map[string][]string{}
	h.run(func(r *running) {
		v := visit(h, r)
		in := v.ask(http.MethodPost, "/staff/signin", urlencoded, url.Values{"name": {"Ada"}, "passphrase": {h.phrase}}.Encode())
		shown["sign-in"] = []string{fmt.Sprint(in.status)}
		for _, path := range h.pages {
			shown[path] = h.of(v.follow(v.ask(http.MethodGet, path, "", "")))
		}
		for _, code := range h.codes {
			shown["mailbox "+code] = h.of(visit(h, r).ask(http.MethodPost, "/en/mailbox", urlencoded, form("code", code)))
		}
	})
	return shown
}

// of is what of the canaries a page shows.
func (h *reader) of(s *seen) (list []string) {
	for _, c := range h.canaries.list {
		if !strings.HasPrefix(c.field, "code") && strings.Contains(s.body, c.text) {
			list = append(list, c.field+" "+c.text)
		}
	}
	return list
}

// same says that what was moved shows no more than what was broken.
func (h *reader) same(what string, broken, moved map[string][]string) {
	h.Helper()
	for page, list := range moved {
		for _, c := range list {
			if !slices.Contains(broken[page], c) {
				h.Errorf("%s moved: %s shows %s, which it does not where that is broken", what, page, c)
			}
		}
	}
}
