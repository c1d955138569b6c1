package directory

import (
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// feedRoutes are the pages where feeds of others are looked after. They begin with a
// command: whoever lets the server ask other machines runs it.
func (f *Feature) feedRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/directory/sources", Access: staff.EditDirectory, Handle: f.showFeeds},
		{Pattern: "POST /staff/directory/sources/fetch", Access: staff.EditDirectory, Handle: f.postFetch, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/sources/pause", Access: staff.EditDirectory, Handle: f.postPause, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/sources/order", Access: staff.EditDirectory, Handle: f.postOrder, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/sources/end", Access: staff.EditDirectory, Handle: f.postEnd, Trace: web.ByDeed},
	}
}

// sourcesPage is the order of all sources, and the feeds among them.
type sourcesPage struct {
	Order []orderLine
	Unset bool // nobody has set it
	Last  int
	Feeds []subscriptionLine
}

type orderLine struct {
	Source

	Title string
}

type subscriptionLine struct {
	Subscription

	Problem string // why the last fetch came to nothing, in words
	Soon    bool   // it is fetched within a minute
	Hours   int    // between two fetches, rounded up
}

func (f *Feature) showFeeds(w http.ResponseWriter, r *http.Request) error {
	list, err := f.Subscriptions(r.Context(), staff.From(r.Context()).Person.Agency)
	if err != nil {
		return err
	}
	p := f.words(r)
	lines := make([]subscriptionLine, len(list))
	for i, s := range list {
		lines[i] = subscriptionLine{Subscription: s, Soon: !s.Paused && !s.Due.After(f.now()), Hours: int((s.Every.Minutes() + 59) / 60)}
		if s.Failed != "" {
			lines[i].Problem = p.T("directory.sources.failed." + s.Failed)
		}
	}
	page := sourcesPage{Feeds: lines}
	order, err := f.Sources(r.Context(), staff.From(r.Context()).Person.Agency)
	if err != nil {
		return err
	}
	for _, s := range order {
		page.Order = append(page.Order, orderLine{s, saySource(p, s.Name)})
	}
	page.Last = len(order) - 1
	page.Unset = page.Last > 0 && !order[0].Placed
	return f.pages.Render(w, r, http.StatusOK, "sources", page)
}

func (f *Feature) postOrder(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if err := f.MoveSource(r.Context(), staff.From(r.Context()).Person.Agency, form.Get("source"), form.Get("move") == "up"); err != nil {
		return err
	}
	return web.Redirect(w, feedsPage+"#order")
}

const feedsPage = "/staff/directory/sources"

func (f *Feature) postFetch(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if err := f.FetchSoon(r.Context(), staff.From(r.Context()).Person.Agency, form.Get("source"), form.Get("whole") != ""); err != nil {
		return err
	}
	return web.Redirect(w, feedsPage)
}

func (f *Feature) postPause(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if err := f.Pause(r.Context(), staff.From(r.Context()).Person.Agency, form.Get("source")); err != nil {
		return err
	}
	return web.Redirect(w, feedsPage)
}

func (f *Feature) postEnd(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	person := staff.From(r.Context()).Person
	if _, err := f.Unsubscribe(r.Context(), person.Agency, form.Get("source"), form.Get("keep") != "", person.Name); err != nil {
		return err
	}
	return web.Redirect(w, "/staff/directory/imports#list") // where it can be taken back
}
