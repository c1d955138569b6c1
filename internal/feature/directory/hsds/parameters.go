package hsds

import (
	"strings"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/errs"
)

// parameter is one that lists take. The document for programs is made of
// these, too.
type parameter struct {
	name  string
	feeds []directory.Feed
	kind  string // in the document: string, integer, number, boolean
	help  string
	ours  bool // not of HSDS
	take  func(in *reading, value string) error
}

var (
	everywhere = feeds
	ofServices = []directory.Feed{directory.Services, directory.ServicesAt}
	ofRecords  = []directory.Feed{directory.Services, directory.ServicesAt, directory.Organizations}
	ofTaxonomy = []directory.Feed{directory.Services, directory.ServicesAt, directory.Organizations, directory.Terms}
)

func only(feed directory.Feed) []directory.Feed { return []directory.Feed{feed} }

var parameters = []parameter{
	{"search", everywhere, "string", "All of these words are in it.", false, func(in *reading, v string) error {
		in.ask.Query.Words = v
		return nil
	}},
	{"page", everywhere, "integer", "Which page, from 1.", false, func(in *reading, v string) (err error) {
		in.page.Number, err = whole("page", v, maxPage)
		return err
	}},
	{"per_page", everywhere, "integer", "How many records a page has: 1 to 1000, else 50. A minimal list has all on one page.", false, func(in *reading, v string) (err error) {
		in.page.Size, err = whole("per_page", v, MaxPerPage)
		return err
	}},
	{"format", everywhere, "string", "json, or ndjson: all records, one on each line, without pages.", false, func(in *reading, v string) error {
		in.page.format = directory.Format(strings.ToLower(v))
		if in.page.format != directory.JSON && in.page.format != directory.NDJSON {
			return errs.In("format", "directory.hsds.format")
		}
		return nil
	}},
	{"taxonomy_term_id", ofRecords, "string", "Has this term, or one that stands under it.", false, func(in *reading, v string) error {
		in.ask.Term = strings.ToLower(v)
		return nil
	}},
	{"taxonomy_id", ofTaxonomy, "string", "Has a term of this taxonomy; of terms, stands in it.", false, func(in *reading, v string) error {
		in.ask.Taxonomy = strings.ToLower(v)
		return nil
	}},
	{"organization_id", ofServices, "string", "Given by this organization.", false, func(in *reading, v string) error {
		in.ask.Organization = strings.ToLower(v)
		return nil
	}},
	{"modified_after", ofRecords, "string", "Changed at or after this time, in itself or in what belongs to it; having been verified is a change.", false, func(in *reading, v string) (err error) {
		in.ask.ModifiedAfter, err = moment("modified_after", v)
		return err
	}},
	{"minimal", only(directory.Services), "boolean", "Only id and modified_date, and all on one page.", false, func(in *reading, v string) (err error) {
		in.ask.Minimal, err = yes("minimal", v)
		return err
	}},
	{"full", ofRecords, "boolean", "With everything inside.", false, func(in *reading, v string) (err error) {
		in.ask.Full, err = yes("full", v)
		return err
	}},
	{"full_service", only(directory.Organizations), "boolean", "With everything inside, and with their services.", false, func(in *reading, v string) (err error) {
		in.ask.WithServices, err = yes("full_service", v)
		return err
	}},
	{"top_only", only(directory.Terms), "boolean", "Terms that stand under no other.", false, func(in *reading, v string) (err error) {
		in.ask.Top, err = yes("top_only", v)
		return err
	}},
	{"parent_id", only(directory.Terms), "string", "Terms that stand under this one.", false, func(in *reading, v string) error {
		in.ask.Parent = strings.ToLower(v)
		return nil
	}},
	{"postcode", ofServices, "string", "Services whose area names the place of this post code, or that are given within 40 km of it. With proximity, the distance alone counts.", false, func(in *reading, v string) error {
		in.ask.Postcode = v
		return nil
	}},
	{"proximity", ofServices, "integer", "Given within so many metres of the post code or point. Confidential places are known to some 80 km only.", false, func(in *reading, v string) (err error) {
		in.ask.Metres, err = whole("proximity", v, maxMetres)
		return err
	}},
	{"latitude", ofServices, "number", "A point to measure from, with longitude; else 40 km around it.", true, func(in *reading, v string) (err error) {
		in.near().Lat, err = degrees("latitude", v, 90)
		return err
	}},
	{"longitude", ofServices, "number", "The other half of the point.", true, func(in *reading, v string) (err error) {
		in.near().Lon, err = degrees("longitude", v, 180)
		return err
	}},
	{"language", ofServices, "string", "Spoken there or by an interpreter: a code of BCP 47.", true, func(in *reading, v string) error {
		in.ask.Query.Language = v
		return nil
	}},
	{"country", ofServices, "string", "Where it is: a code of ISO 3166. Also says which country a post code is of.", true, func(in *reading, v string) error {
		if len(v) != 2 {
			return errs.In("country", "directory.hsds.value")
		}
		in.ask.Query.Country = v
		return nil
	}},
	{"need", ofServices, "string", "Meets this need: " + strings.Join(directory.Needs(), ", ") + ".", true, func(in *reading, v string) error {
		in.ask.Query.Needs = []string{v}
		return nil
	}},
	{"age", ofServices, "integer", "Is for somebody of this age.", true, func(in *reading, v string) (err error) {
		in.ask.Query.Age, err = whole("age", v, 130)
		return err
	}},
	{"open_now", ofServices, "boolean", "Is open at this moment.", true, func(in *reading, v string) (err error) {
		in.ask.Query.OpenNow, err = yes("open_now", v)
		return err
	}},
}

func (in *reading) near() *directory.Point {
	if in.ask.Query.Near == nil {
		in.ask.Query.Near = &directory.Point{}
	}
	return in.ask.Query.Near
}
