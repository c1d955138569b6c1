package hsds

import (
	"net/http"
	"strings"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Feature answers under /hsds/.
type Feature struct {
	Directory *directory.Feature
	Agency    string
	Key       Key // nil signs nothing
}

// Version of HSDS that is spoken, and where it is described.
const (
	Version = "3.1"
	Profile = "https://docs.openreferral.org/en/3.1/"
)

const root = "/hsds"

// feeds are the lists that are served, in the order of HSDS.
var feeds = []directory.Feed{directory.Services, directory.Organizations, directory.ServicesAt, directory.Taxonomies, directory.Terms}

// Routes are all addresses. Each answers the question that a browser asks
// before another site's script may post to it.
func (f *Feature) Routes() []web.Route {
	all := []web.Route{
		{Pattern: "GET " + root, Access: web.Public, Handle: about},
		{Pattern: "GET " + root + "/{$}", Access: web.Public, Handle: about},
		{Pattern: "GET " + root + "/openapi.json", Access: web.Public, Handle: describe},
		{Pattern: "GET " + root + "/keys", Access: web.Public, Handle: f.keys},
		{Pattern: "GET " + changesPath, Access: web.Public, Handle: f.changes},
		{Pattern: "OPTIONS " + changesPath, Access: web.Public, Handle: mayAsk("GET, HEAD, OPTIONS")},
	}
	for _, feed := range feeds {
		at := root + "/" + string(feed)
		all = append(all,
			web.Route{Pattern: "GET " + at, Access: web.Public, Handle: f.list(feed)},
			web.Route{Pattern: "POST " + at, Access: web.Public, Handle: f.list(feed)},
			web.Route{Pattern: "OPTIONS " + at, Access: web.Public, Handle: mayAsk("GET, HEAD, OPTIONS, POST")},
			web.Route{Pattern: "GET " + at + "/{id}", Access: web.Public, Handle: f.one(feed)},
			web.Route{Pattern: "OPTIONS " + at + "/{id}", Access: web.Public, Handle: mayAsk("GET, HEAD, OPTIONS")},
		)
	}
	for i := range all {
		all[i].Handle = f.signed(all[i].Handle)
	}
	return all
}

// mayAsk tells a browser what scripts of other sites may send: this is open to all.
func mayAsk(methods string) web.Handler {
	return func(w http.ResponseWriter, _ *http.Request) error {
		h := w.Header()
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "Content-Type, If-None-Match")
		h.Set("Access-Control-Max-Age", "86400")
		h.Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// about is the first page of the interface: which HSDS it speaks.
//
//	GET /hsds/
//
//	200 {"version": "3.1", "profile": "…", "openapi_url": "…"}
func about(w http.ResponseWriter, r *http.Request) error {
	return web.JSON(w, http.StatusOK, struct {
		Version     string `json:"version"`
		Profile     string `json:"profile"`
		OpenAPI     string `json:"openapi_url"`
		Description string `json:"description"`
	}{Version, Profile, web.Origin(r) + root + "/openapi.json", "Services that somebody has checked, the organizations that give them, and where."})
}

// list answers with a page of a feed, or with all of it.
//
//	GET /hsds/services?organization_id=…&page=2
//
//	200 {"total_items": 61, "total_pages": 2, "page_number": 2, …, "contents": [{…}]}
func (f *Feature) list(feed directory.Feed) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		given, err := given(w, r)
		if err != nil {
			return err
		}
		ask, page, err := read(feed, given)
		if err != nil {
			return err
		}
		ask.Query.Agency = f.Agency
		found, err := f.Directory.Offer(r.Context(), ask)
		if err != nil {
			return renamed(err)
		}
		if !ask.Query.OpenNow && r.Method != http.MethodPost && unchanged(w, r, found.ETag()) {
			return nil
		}
		page.Total = found.Total
		if page.Size == 0 {
			page.Size = max(1, found.Total)
		}
		return send(w, r, found, page.format, page.PageOf)
	}
}

// one answers with one record and everything inside it.
func (f *Feature) one(feed directory.Feed) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		given, err := given(w, r)
		if err != nil {
			return err
		}
		withServices, err := readOne(feed, given)
		if err != nil {
			return err
		}
		b, tag, err := f.Directory.OfferOne(r.Context(), f.Agency, feed, r.PathValue("id"), withServices)
		if err != nil {
			return err
		}
		if unchanged(w, r, tag) {
			return nil
		}
		return web.Document(w, r, "application/json", b)
	}
}

// unchanged says that who asks already has this, and tells them. The tag is
// weak: packed or not, it is the same.
func unchanged(w http.ResponseWriter, r *http.Request, tag string) bool {
	w.Header().Set("ETag", "W/"+tag)
	for _, line := range r.Header.Values("If-None-Match") {
		for known := range strings.SplitSeq(line, ",") {
			if known = strings.TrimSpace(known); known == "*" || strings.TrimPrefix(known, "W/") == tag {
				w.WriteHeader(http.StatusNotModified)
				return true
			}
		}
	}
	return false
}

// renamed gives an error of the search the name that the parameter has here.
func renamed(err error) error {
	e := errs.Of(err)
	if e.Kind != errs.Invalid {
		return err
	}
	names := map[string]string{"words": "search", "km": "proximity", "place": "latitude"}
	if name := names[e.Field]; name != "" {
		return errs.In(name, e.Word)
	}
	return err
}
