package directory

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// A feed of a hotline like this one tells its changes in the order of its commits, and
// what is gone. Who follows them learns the next time that a service went away, and not
// when all is read again: it may have gone because people must not be sent there.

// changesDoc is a page of changes, as far as it is used.
type changesDoc struct {
	More     *bool   `json:"more"`
	Next     *string `json:"next"`
	Contents []struct {
		ID      string          `json:"id"`
		Gone    bool            `json:"gone"`
		Service json.RawMessage `json:"service"`
	} `json:"contents"`
}

// maxMarkPages bounds how many pages are turned to find the end of the changes, of
// which each has a thousand.
const maxMarkPages = maxFeedList/1000 + 100

// maxUpto is far longer than any cursor that we give.
const maxUpto = 300

func (w *feedReader) changes(after string, ask url.Values) (got changesDoc, err error) {
	if after != "" {
		ask.Set("after", after)
	}
	doc, m, err := w.get(w.sub.URL+"/changes?"+ask.Encode(), w.lim.page)
	if err != nil {
		return got, err
	}
	if w.key != nil {
		if err := w.held(m, doc); err != nil {
			return got, err
		}
	}
	if w.bytes += int64(len(doc)); w.bytes > w.lim.all {
		return got, feedLarge
	}
	if json.Unmarshal(doc, &got) != nil || got.More == nil || got.Next == nil || *got.Next == "" || len(*got.Next) > maxUpto || *got.More && *got.Next == after {
		return got, feedForm
	}
	return got, nil
}

// mark is where the changes of a feed end now; "" if it does not tell any. What
// changes while all is read is told behind it.
func (w *feedReader) mark() string {
	before := w.bytes
	defer func() { w.bytes = before }() // it is little, and not what is taken
	at := ""
	for range maxMarkPages {
		got, err := w.changes(at, url.Values{"per_page": {"1000"}})
		if err != nil {
			return ""
		}
		if at = *got.Next; !*got.More {
			return at
		}
	}
	return ""
}

// follow fetches one more page of changes: records to be read, and who is gone.
func (w *feedReader) follow() error {
	got, err := w.changes(w.upto, url.Values{"per_page": {strconv.Itoa(feedPerPage)}, "full": {"true"}})
	if err != nil {
		return err
	}
	if len(got.Contents) == 0 {
		if w.page++; w.page > maxMarkPages { // pages may be empty, but not for ever
			return feedLarge
		}
	}
	for _, c := range got.Contents {
		id := strings.ToLower(c.ID)
		if !uuidForm.MatchString(id) || c.Gone == (len(c.Service) > 0) {
			return feedForm
		}
		if w.total++; w.total > w.lim.records {
			return feedLarge
		}
		w.gone = slices.DeleteFunc(w.gone, func(one string) bool { return one == id })
		if c.Gone {
			w.gone = append(w.gone, id)
			continue
		}
		var one struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(c.Service, &one) != nil || strings.ToLower(one.ID) != id || json.Compact(&w.rest, c.Service) != nil {
			return feedForm
		}
		w.rest.WriteByte('\n')
	}
	w.upto, w.more = *got.Next, *got.More
	return nil
}

// findRecords turns pages until there is a record to read, or no page any more.
func (w *feedReader) findRecords() error {
	for w.more && w.rest.Len() == 0 {
		if err := w.follow(); err != nil {
			return err
		}
	}
	return nil
}

// letGo takes away the services of a source that its feed says are gone, with those
// who gave only them and where. It gives how many records went.
func (f *Feature) letGo(ctx context.Context, agency, name string, gone []string, dry bool) (removed int, err error) {
	if len(gone) == 0 {
		return 0, nil
	}
	in := &importing{f: f, opt: Options{Agency: agency, DryRun: dry}, src: source{Name: name}}
	run := func(ctx context.Context, tx *db.Tx) error {
		in.rep = newReport()
		list, err := in.leaving(ctx, tx, gone)
		if err != nil {
			return err
		}
		if err := errs.First(in.hide(ctx, tx), in.begin(ctx, tx), in.take(ctx, tx, list)); err != nil || dry {
			return err
		}
		if err := in.hush(ctx, tx, func(s stored) bool { return slices.Contains(gone, s.id) }); err != nil {
			return err
		}
		if in.rep.Removed+in.heard == 0 {
			return nil
		}
		if in.rep.Removed > 0 {
			err = in.note(ctx, tx)
		}
		return errs.First(err, f.log(ctx, tx, agency, staff.EditDirectory, ""), f.touch(ctx, tx, agency))
	}
	if dry {
		err = f.DB.View(ctx, run)
	} else {
		err = f.DB.Update(ctx, run)
	}
	return in.rep.Removed, err
}

// leaving are the records of a source that go with some of its services. If all of
// its services would, somebody should look before everything goes.
func (in *importing) leaving(ctx context.Context, tx *db.Tx, gone []string) (list []stored, err error) {
	all, err := namesOf(ctx, tx, in.opt.Agency, in.src.Name)
	if err != nil {
		return nil, err
	}
	stays, orgs := false, map[string]bool{}
	for _, s := range all {
		switch {
		case s.kind != entService:
		case slices.Contains(gone, s.id):
			list = append(list, s)
			orgs[s.organization] = true
		default:
			stays = true
		}
	}
	if len(list) > 1 && !stays {
		return nil, feedEmpty
	}
	delete(orgs, "")
	for _, org := range sortedKeys(orgs) {
		offers, used, err := offeredBy(ctx, tx, in.opt.Agency, org, gone)
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			if s.kind == entLocation && s.organization == org && !used[s.id] || s.kind == entOrganization && s.id == org && offers == 0 {
				list = append(list, s)
			}
		}
	}
	return list, nil
}

// offeredBy counts the services of an organization but for those that are gone, and
// says where they are.
func offeredBy(ctx context.Context, tx *db.Tx, agency, org string, gone []string) (n int, used map[string]bool, err error) {
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record WHERE agency = $1 AND organization = $2 AND kind = 'service'`, agency, org)
	if err != nil {
		return 0, nil, err
	}
	list, err := scanRecords(rows)
	used = map[string]bool{}
	for _, s := range list {
		if err != nil || slices.Contains(gone, s.id) {
			continue
		}
		var o Object
		if o, err = s.object(); err == nil {
			n++
			namedPlaces(o, used)
		}
	}
	return n, used, err
}
