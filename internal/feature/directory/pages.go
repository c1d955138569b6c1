package directory

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// Routes are the console's pages about the directory. Searching is a POST
// although it changes nothing: what somebody needs, and where, belongs in no
// address.
func (f *Feature) Routes() []web.Route {
	return append([]web.Route{
		{Pattern: "GET /staff/directory", Access: staff.ReadDirectory, Handle: f.showList},
		{Pattern: "POST /staff/directory", Access: staff.ReadDirectory, Handle: f.postSearch},
		{Pattern: "GET /staff/directory/coverage", Access: staff.ReadDirectory, Handle: f.showCoverage},
		{Pattern: "GET /staff/hotlines", Access: staff.ReadDirectory, Handle: f.showHotlines},
		{Pattern: "POST /staff/hotlines", Access: staff.ReadDirectory, Handle: f.postHotlines},
		{Pattern: "GET /staff/settings/directory", Access: staff.EditSettings, Handle: f.showRules},
		{Pattern: "POST /staff/settings/directory", Access: staff.EditSettings, Handle: f.postRules, Trace: web.ByDeed},
		{Pattern: "GET /staff/directory/services/{id}", Access: staff.ReadDirectory, Handle: f.showService},
		{Pattern: "POST /staff/directory/services/{id}/verify", Access: staff.VerifyDirectory, Handle: f.postVerify, Trace: web.ByDeed},
		{Pattern: "GET /staff/directory/waiting", Access: staff.EditDirectory, Handle: f.showWaiting},
		{Pattern: "POST /staff/directory/services/{id}/invite", Access: staff.EditDirectory, Handle: f.postInvite, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/services/{id}/proposals", Access: staff.EditDirectory, Handle: f.postSettle, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/services/{id}/undo", Access: staff.EditDirectory, Handle: f.postUndo, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/services/{id}/edit", Access: staff.EditDirectory, Handle: f.postEdit, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/services/{id}/places/{place}", Access: staff.EditDirectory, Handle: f.postVisibility, Trace: web.ByDeed},
	}, slices.Concat(f.importRoutes(), f.feedRoutes(), f.conflictRoutes(), f.vettingRoutes(), f.suggestRoutes(), f.listRoutes())...)
}

func (f *Feature) words(r *http.Request) *i18n.Printer { return f.web.Words.For(f.web.Lang(r)) }

// listPage is the list with the form that made it.
type listPage struct {
	Form    url.Values
	Filter  string // in words
	Clear   string // where the filter is taken off
	Error   string
	Field   string // that the error is about
	Results Results
	Lines   []line
	Needs   []desk.Option
	Langs   []desk.Option
	States  []desk.Option
	Froms   []desk.Option
	Radius  []desk.Option
	Genders []desk.Option
	Asked   bool          // the form asks for something that a service can fit or not
	Hiding  int           // services that the public will soon see no more, for who may check them
	Vetting int           // agencies that wait to be vetted, for who may do it
	Differ  int           // records of which sources say different things, for who may edit
	Checked []desk.Option // within so many days
	Zone    string        // of the hotline, in which a time is meant where no place is asked for
}

// line is one result in words.
type line struct {
	Result
	Said
}

// showList takes the state of checking from the address, so that a curator's
// work list can be kept, and Back leads to it. What somebody looks for never
// stands in an address.
func (f *Feature) showList(w http.ResponseWriter, r *http.Request) error {
	form := url.Values{}
	if status := r.URL.Query().Get("status"); slices.Contains(states, status) {
		form.Set("status", status)
	}
	return f.list(w, r, form)
}

// checkedWithin are the days within which the form can ask that somebody made sure.
var checkedWithin = []string{"30", "90", "180"}

var states = []string{string(Never), string(Overdue), string(Verified)}

func (f *Feature) postSearch(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	return f.list(w, r, form)
}

func (f *Feature) list(w http.ResponseWriter, r *http.Request, form url.Values) error {
	p := f.words(r)
	q := queryOf(form)
	q.Agency = staff.From(r.Context()).Person.Agency
	at, wrong := f.openAt(form, q)
	if q.OpenAt = at; !at.IsZero() {
		q.OpenNow = false
	}
	page := listPage{Zone: zoneName(f.now().In(f.web.Here())), Form: form, Asked: q.Words != "" || q.Place != "" || len(q.Needs) > 0 || q.Language != "" || q.From != "" || q.OpenNow || !q.OpenAt.IsZero() || q.Age > 0 ||
		q.Gender != "" || q.AnyStatus || q.Free || q.Wheelchair || q.Room || q.Checked > 0}
	res, err := Results{}, wrong
	if wrong == nil {
		res, err = f.Search(r.Context(), q)
	}
	status := http.StatusOK
	if e := errs.Of(err); err != nil && e.Kind == errs.Invalid {
		page.Error, page.Field, status = p.T(e.Word), e.Field, e.Kind.Status()
	} else if err != nil {
		return err
	}
	if staff.From(r.Context()).May(staff.VerifyDirectory) {
		if page.Hiding, err = f.hidingSoon(r.Context(), q.Agency); err != nil {
			return err
		}
	}
	if staff.From(r.Context()).May(staff.VetDirectory) {
		if _, page.Vetting, err = f.Vetters(r.Context(), q.Agency); err != nil {
			return err
		}
	}
	if staff.From(r.Context()).May(staff.EditDirectory) {
		if page.Differ, err = f.conflictsWaiting(r.Context(), q.Agency); err != nil {
			return err
		}
	}
	page.Results = res
	for _, item := range res.Items {
		page.Lines = append(page.Lines, line{item, Say(p, item)})
	}
	page.Filter = sayFilter(p, q, res)
	if len(form) > 0 {
		page.Clear = "/staff/directory"
	}
	page.Needs = options(needCodes, q.Needs, func(c string) string { return p.T("directory.need." + c) })
	page.Langs = options(formLanguages, []string{q.Language}, p.LanguageName)
	page.Froms = options(formCountries, []string{q.From}, p.Country)
	page.States = options(states, []string{string(q.Status)}, func(c string) string { return p.T("directory.status." + c) })
	page.Radius = options([]string{"10", "25", "40", "100", "300", "nearest", "serves"}, []string{first(form.Get("km"), "40")}, func(c string) string {
		if c == "nearest" || c == "serves" {
			return p.T("directory.form." + c)
		}
		return p.T("directory.where.km", "km", c)
	})
	page.Checked = options(checkedWithin, []string{form.Get("checked")}, func(days string) string { return days })
	page.Genders = options([]string{string(Women), string(Men)}, []string{string(q.Gender)}, func(c string) string { return p.T("directory.form." + c) })
	return f.pages.Render(w, r, status, "list", page)
}

// The languages and countries that the form offers; a query may name any.
var (
	formLanguages = []string{"am", "ar", "bg", "bn", "cs", "en", "es", "fa", "fr", "hi", "ht", "ko", "mk", "my", "nl", "pl", "pt", "ro", "ru", "so", "sw", "th", "ti", "fil", "uk", "ur", "vi", "zh"}
	formCountries = []string{"AT", "AU", "BG", "BY", "CA", "CZ", "DE", "ES", "FR", "GB", "IN", "IT", "KE", "KH", "MD", "MK", "MX", "NL", "PL", "RO", "RU", "TH", "UA", "US"}
)

func options(values, on []string, label func(string) string) []desk.Option {
	chosen := map[string]bool{}
	for _, v := range on {
		chosen[v] = v != ""
	}
	var out []desk.Option
	for _, v := range values {
		out = append(out, desk.Option{Value: v, Label: label(v), On: chosen[v]})
	}
	return out
}

func queryOf(form url.Values) Query {
	q := Query{
		Words: form.Get("words"), Place: form.Get("place"), Language: form.Get("language"), From: form.Get("from"),
		OpenNow: form.Get("open") != "", Unsure: form.Get("known") == "", All: form.Get("all") != "",
		Status: Status(form.Get("status")), Source: form.Get("source"), After: form.Get("after"), Limit: defLimit,
		Gender: Gender(form.Get("gender")), AnyStatus: form.Get("any_status") != "", Free: form.Get("free") != "",
		Wheelchair: form.Get("wheelchair") != "", Room: form.Get("room") != "", Nearest: form.Get("km") == "nearest", Serves: form.Get("km") == "serves",
	}
	if age, err := strconv.Atoi(form.Get("age")); err == nil {
		q.Age = age
	}
	if days, err := strconv.Atoi(form.Get("checked")); err == nil {
		q.Checked = days
	}
	if n := form.Get("need"); n != "" {
		q.Needs = []string{n}
	}
	switch form.Get("km") {
	case "10":
		q.KM = 10
	case "25":
		q.KM = 25
	case "100":
		q.KM = 100
	case "300":
		q.KM = 300
	}
	return q
}

// servicePage is one service with its forms.
type servicePage struct {
	Detail
	Said   Said
	Spots  []placeLine
	Events []eventLine
	Form   url.Values
	Error  string
	Field  string
	Today  string // as a date: when a check was, unless somebody says otherwise
	Due    string // proposed next check, likewise
	Soon   string
	Latest string
	Phones []Phone // to edit: the service's own and one empty
	Days   []dayLine
	Always bool    // to edit: day and night
	Old    bool    // it is of the starter directory, whose source the page says in words
	Next   *Result // to check after this one, for who may
	Link   string  // for the provider, just made

	Alike []Alike    // places that give away the one just hidden
	Level Visibility // that it has now

	Follows *Proposal // what the forms for a change were begun with
	Differ  string    // fields of which sources say different things, in words
	From    []statedLine
}

type placeLine struct {
	Place
	Text  string
	Hours []string
}

// statedLine is where a field is from, in words.
type statedLine struct {
	Stated

	Label, Others string
}

type eventLine struct {
	At       time.Time
	Text     string
	By, How  string
	Due      time.Time
	Old, New string
	Undo     string // the event to take back, if it can be
}

type dayLine struct {
	Index         int
	Name          string
	Opens, Closes string
}

func (f *Feature) showService(w http.ResponseWriter, r *http.Request) error {
	return f.service(w, r, url.Values{}, nil)
}

// service draws the page; err, if not nil, is told in the form that it is about.
func (f *Feature) service(w http.ResponseWriter, r *http.Request, form url.Values, failed error) error {
	return f.serviceWith(w, r, form, failed, func(*servicePage) {})
}

// serviceWith is service with something more on the page.
func (f *Feature) serviceWith(w http.ResponseWriter, r *http.Request, form url.Values, failed error, more func(*servicePage)) error {
	d, err := f.Service(r.Context(), staff.From(r.Context()).Person.Agency, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := f.words(r)
	now := f.now()
	page := servicePage{
		Detail: d, Said: Say(p, d.Result), Form: form,
		Today: now.Format(time.DateOnly), Due: now.AddDate(0, 0, d.Interval).Format(time.DateOnly),
		Soon: now.AddDate(0, 0, 1).Format(time.DateOnly), Latest: now.AddDate(2, 0, -1).Format(time.DateOnly),
		Phones: append(append([]Phone{}, d.OwnPhones...), Phone{}),
		Days:   weekOf(p, d.Hours), Old: d.Source == StarterSource,
	}
	page.Areas = areaNames(p, d.Areas)
	if page.Always = alwaysOpen(d.Hours); page.Always {
		page.Days = weekOf(p, nil)
	}
	for _, place := range d.Places {
		l := placeLine{Place: place}
		l.Text, _ = sayWhere(p, place.Where)
		for _, h := range place.Hours {
			l.Hours = append(l.Hours, sayHours(p, h))
		}
		page.Spots = append(page.Spots, l)
	}
	var differ []string
	for _, s := range d.Said {
		l := statedLine{s, p.T(fieldWord(s.Field)), ""}
		for i, other := range s.Others {
			s.Others[i] = saySource(p, other)
		}
		l.From, l.Others = saySource(p, s.From), p.List(s.Others)
		page.From = append(page.From, l)
		if s.Differs {
			differ = append(differ, p.T(fieldWord(s.Field)))
		}
	}
	page.Differ = p.List(differ)
	last := lastCheck(d.History)
	for _, e := range d.History {
		l := sayEvent(p, e)
		if e.ID == last {
			l.Undo = e.ID
		}
		page.Events = append(page.Events, l)
	}
	if page.Next, err = f.nextToCheck(r.Context(), d.ID); err != nil {
		return err
	}
	if staff.From(r.Context()).May(staff.EditDirectory) {
		page.follow(first(form.Get("follows"), r.URL.Query().Get("follows")))
	}
	status := http.StatusOK
	if failed != nil {
		e := errs.Of(failed)
		if e.Kind != errs.Invalid && e.Kind != errs.TooLarge {
			return failed
		}
		page.Error, page.Field, status = p.T(e.Word), e.Field, e.Kind.Status()
		page.typed(form)
	}
	more(&page)
	return f.pages.Render(w, r, status, "service", page)
}

// sayEvent puts one line of the history into words.
func sayEvent(p *i18n.Printer, e Event) eventLine {
	l := eventLine{At: e.At, Text: p.T("directory.event." + e.Action), By: e.By, How: e.How, Due: e.Due}
	if e.How == ByProvider {
		l.How = p.T("directory.provider.how")
	}
	if e.undoable() {
		l.Undo = e.ID
	}
	if e.Detail == "" {
		return l
	}
	o, err := parse(e.Detail)
	if err != nil {
		return l
	}
	for side, to := range map[string]*string{"before": &l.Old, "after": &l.New} {
		part, _ := o[side].(Object)
		var texts []string
		for _, field := range sortedKeys(part) {
			if comparedOf(entService, field).field != "" || comparedOf(entOrganization, field).field != "" {
				texts = append(texts, sayValue(p, field, part[field], nil)...)
			}
		}
		if free := vacancyOf(part).String(); free != "" {
			texts = append(texts, free)
		}
		*to = strings.Join(texts, "; ")
	}
	return l
}

// weekOf spreads opening hours over the seven rows of the form, as far as a
// week with one span a day can hold them.
func weekOf(p *i18n.Printer, lines []HoursLine) []dayLine {
	var days []dayLine
	for i := 1; i <= 7; i++ {
		d := time.Weekday(i % 7)
		l := dayLine{Index: int(d), Name: p.Weekday(d)}
		for _, h := range lines {
			for _, on := range h.Days {
				if on == d && !h.Closed && l.Opens == "" {
					l.Opens, l.Closes = h.Opens, h.Closes
				}
			}
		}
		days = append(days, l)
	}
	return days
}

// alwaysOpen says whether the hours are day and night on every day.
func alwaysOpen(lines []HoursLine) bool {
	for _, l := range lines {
		if len(l.Days) == 7 && l.Opens == "00:00" && (l.Closes == "24:00" || l.Closes == "00:00") {
			return true
		}
	}
	return false
}

// areaNames says by their names the countries that a source gives as codes.
func areaNames(p *i18n.Printer, areas []string) (names []string) {
	for _, area := range areas {
		if geo.IsCountry(area) {
			area = p.Country(area)
		}
		names = append(names, area)
	}
	return names
}

// follow begins the form for numbers with those that a proposal names.
func (page *servicePage) follow(id string) {
	if page.Follows = following(page.Proposals, id); page.Follows == nil {
		return
	}
	page.Phones = page.Phones[:len(page.Phones)-1]
	for _, number := range numbersIn(page.Follows.Said, page.OwnPhones) {
		page.Phones = append(page.Phones, Phone{Printed: number})
	}
	page.Phones = append(page.Phones, Phone{})
}

// typed puts back into the forms what was typed, when it could not be taken.
func (page *servicePage) typed(form url.Values) {
	switch form.Get("what") {
	case "phones":
		page.Phones = nil
		for _, e := range phoneEdits(form) {
			page.Phones = append(page.Phones, Phone{ID: e.ID, Printed: e.Number, Description: e.Description})
		}
	case "hours":
		page.Always = form.Get("always") != ""
		for i := range page.Days {
			d := &page.Days[i]
			n := strconv.Itoa(d.Index)
			d.Opens, d.Closes = form.Get("opens"+n), form.Get("closes"+n)
		}
	}
}

func (f *Feature) postVerify(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	c, err := checkOf(r.Context(), r.PathValue("id"), form, f.now())
	switch {
	case form.Get("missed") != "":
		err = f.Missed(r.Context(), c.Agency, c.Service)
		form.Set("next", form.Get("missed"))
	case err == nil:
		err = f.Verify(r.Context(), c)
	}
	if err != nil {
		return f.service(w, r, form, err)
	}
	if next := form.Get("next"); next != "" { // on with the next one: the list of what was done is its history
		return web.Redirect(w, "/staff/directory/services/"+url.PathEscape(next)+"#check")
	}
	return web.Redirect(w, "/staff/directory/services/"+url.PathEscape(c.Service)+"#verified")
}

// checkOf reads the verify form. Its days are those of the hotline: an earlier
// check counts as of noon, so that other zones say the same day, one is due when
// its day begins, and today is now.
func checkOf(ctx context.Context, service string, form url.Values, now time.Time) (Check, error) {
	s := staff.From(ctx)
	c := Check{Agency: s.Person.Agency, Service: service, Staff: s.Person.ID, By: form.Get("by"), How: form.Get("how")}
	if due := form.Get("due"); due != "" && due != form.Get("proposed") { // what the form proposed follows from the rules
		t, err := time.ParseInLocation(time.DateOnly, due, now.Location())
		if err != nil || !t.After(now) {
			return c, errs.In("due", "directory.verify.due_range")
		}
		c.Due = t
	}
	if when := form.Get("when"); when != "" && when != now.Format(time.DateOnly) {
		t, err := time.ParseInLocation(time.DateOnly, when, now.Location())
		if err != nil {
			return c, errs.In("when", "directory.verify.when_range")
		}
		c.When = t.Add(12 * time.Hour)
	}
	return c, nil
}

func (f *Feature) postEdit(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	s := staff.From(r.Context())
	e := Edit{Agency: s.Person.Agency, Service: r.PathValue("id"), Staff: s.Person.ID, Who: s.Person.Name, Follows: form.Get("follows")}
	if form.Get("what") == "phones" {
		e.Phones = phoneEdits(form)
	} else {
		e.Hours = dayEdits(form)
	}
	if err := f.EditService(r.Context(), e); err != nil {
		return f.service(w, r, form, err)
	}
	return web.Redirect(w, "/staff/directory/services/"+url.PathEscape(e.Service)+"#history")
}

func phoneEdits(form url.Values) []PhoneEdit {
	edits := []PhoneEdit{}
	for i, number := range form["number"] {
		edit := PhoneEdit{Number: number}
		if i < len(form["phone"]) {
			edit.ID = form["phone"][i]
		}
		if i < len(form["note"]) {
			edit.Description = form["note"][i]
		}
		edits = append(edits, edit)
	}
	return edits
}

// dayEdits reads the week of the form; always=1 is day and night, whatever
// stands in the days.
func dayEdits(form url.Values) []DayEdit {
	edits := []DayEdit{}
	for d := range time.Saturday + 1 {
		n := strconv.Itoa(int(d))
		e := DayEdit{Day: d, Opens: form.Get("opens" + n), Closes: form.Get("closes" + n)}
		if form.Get("always") != "" {
			e.Opens, e.Closes = "00:00", "24:00"
		}
		edits = append(edits, e)
	}
	return edits
}

func (f *Feature) postVisibility(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	agency := staff.From(r.Context()).Person.Agency
	alike, err := f.Alike(r.Context(), agency, r.PathValue("place")) // afterwards nobody knows the street any more
	if err == nil {
		err = f.SetVisibility(r.Context(), agency, r.PathValue("place"), Visibility(form.Get("visibility")))
	}
	if err != nil {
		return f.service(w, r, form, err)
	}
	if len(alike) > 0 { // told in the answer alone: an address would say in the browser's history which place is where
		return f.serviceWith(w, r, url.Values{}, nil, func(page *servicePage) {
			page.Alike, page.Level = alike, Visibility(form.Get("visibility"))
		})
	}
	return web.Redirect(w, "/staff/directory/services/"+url.PathEscape(r.PathValue("id"))+"#places")
}
