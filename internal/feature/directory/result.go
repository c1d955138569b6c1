package directory

import (
	"math"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clew-hotline/clew/internal/lib/geo"
)

// maxAbout bounds the description in a list.
const maxAbout = 280

// result says of a hit what may be said, and why it is there. It is the one
// way from an entry to a list, so that a hidden place has one door to pass.
func (a *asked) result(h hit) Result {
	e := h.e.opened()
	h.e = e
	o := e.service
	r := Result{
		ID: e.id, Name: e.name, Organization: e.orgName, OrganizationID: str(o, "organization_id"), Source: e.source,
		Description: shorten(str(o, "description")), Active: e.offered, Status: e.check.Status(a.now),
		Phones: e.orderedPhones(a.From), URL: webAddress(first(str(o, "url"), e.orgField("website"))), Email: first(str(o, "email"), e.orgField("email")),
		Apply: shorten(str(o, "application_process")), Interpreter: e.tongues.interpreter,
		Languages: e.languageList(), Cost: e.cost(), Papers: e.papers(), Eligibility: e.eligibility(),
	}
	if e.org != nil {
		r.StandIn = e.org["stand_in"] == true
	}
	if e.check != nil {
		r.Checked, r.Due = e.check.Checked.In(a.now.Location()), e.check.Due.In(a.now.Location())
	}
	for _, c := range needList(e.stated) {
		r.Needs = append(r.Needs, NeedTag{Code: c})
	}
	for _, c := range needList(e.derived) {
		r.Needs = append(r.Needs, NeedTag{Code: c, Derived: true})
	}
	for _, at := range objects(o, "attributes") {
		if c := country(str(at, "value")); c != "" && str(at, "link_type") == citizensLink {
			r.Citizens = append(r.Citizens, c)
		}
	}
	r.Immigration, r.Gender, r.Fee, r.Wheelchair, r.Room = e.intake.status, e.intake.gender, e.intake.fee, e.intake.wheelchair, e.room(a.now)
	r.Where = e.where(h, a)
	r.Open, r.OpenUntil, r.OpensAt = e.open(a.now, h.spot)
	r.Hours = e.hoursLines(h.spot)
	a.explain(h, &r)
	return r
}

// where is what may be told of the place of a hit.
func (e *entry) where(h hit, a *asked) Where {
	if h.spot < 0 || h.spot >= len(e.spots) {
		return Where{Visibility: Full, Country: e.country}
	}
	sp := &e.spots[h.spot]
	w := sp.told()
	if sp.link == oneOf && len(e.spots) > 1 {
		w.Of = len(e.spots)
		w.Address, w.At = "", nil
		if a.near == nil { // none of them is meant more than another
			w.Name, w.Town = "", ""
		}
	}
	w.Guess = sp.link == sameName || sp.link == onlyOne
	if a.near != nil && sp.level != Hidden && sp.place.known() && !math.IsInf(h.km, 1) {
		w.Known, w.KM = true, math.Round(h.km*10)/10
		w.Approx = sp.place.exact != exactPoint || sp.level == Partial
	}
	if w.Country == "" {
		w.Country = e.country
	}
	return w
}

// told is a spot without distance: all of it, its town, or its country.
func (sp *spot) told() Where {
	w := Where{Visibility: sp.level, Country: sp.place.country}
	if sp.level == Hidden {
		return w
	}
	w.Town, w.Region = sp.place.town, regionName(sp.place.region)
	if sp.level == Partial {
		return w
	}
	w.Name = str(sp.location, "name")
	w.Address = addressText(sp.whole())
	if sp.place.known() {
		w.At = &Point{sp.place.lat, sp.place.lon}
	}
	return w
}

// addressText is the address to go to: the physical one before any other.
func addressText(location Object) string {
	all := objects(location, "addresses")
	sort.SliceStable(all, func(i, j int) bool {
		return str(all[i], "address_type") == "physical" && str(all[j], "address_type") != "physical"
	})
	if len(all) == 0 || str(all[0], "address_1") == "" { // a town alone is told as a town
		return ""
	}
	var parts []string
	for _, f := range []string{"address_1", "address_2", "city", "state_province", "postal_code"} {
		v := str(all[0], f)
		if f == "state_province" {
			v = regionName(v)
		}
		if v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, ", ")
}

// regionName is a region as people call it: sources that write "US-NC" mean
// North Carolina. What is no code stays as it is printed.
func regionName(printed string) string {
	if r, ok := geo.RegionOf(printed); ok {
		return r.Name
	}
	return printed
}

func (e *entry) orgField(f string) string {
	if e.org == nil {
		return ""
	}
	return str(e.org, f)
}

// orderedPhones puts first what can be dialled, and leaves fax machines out.
func (e *entry) orderedPhones(from string) []Phone {
	var out []Phone
	for _, p := range e.phones {
		if p.usable() {
			out = append(out, p)
		}
	}
	if from == "" {
		return out
	}
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i].reach(from)) < rank(out[j].reach(from)) })
	return out
}

func rank(s State) int { return map[State]int{Yes: 0, Unknown: 1, No: 2}[s] }

// Reach says whether the number can be dialled from a country.
func (p Phone) Reach(from string) State { return p.reach(from) }

func (e *entry) languageList() []Tongue {
	var out []Tongue
	for c := range e.tongues.spoken {
		limit := e.tongues.limits[c]
		out = append(out, Tongue{Code: c, Days: limit.days, Note: limit.note})
	}
	for c := range e.tongues.interpreted {
		if !e.tongues.spoken[c] {
			out = append(out, Tongue{Code: c, Interpreter: true})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Interpreter != out[j].Interpreter {
			return !out[i].Interpreter
		}
		return out[i].Code < out[j].Code
	})
	return out
}

func (e *entry) cost() string {
	if v := first(str(e.service, "fees_description"), str(e.service, "fees")); v != "" {
		return shorten(v)
	}
	var parts []string
	for _, c := range objects(e.service, "cost_options") {
		parts = append(parts, strings.TrimSpace(str(c, "option")+" "+str(c, "amount")+" "+strings.ToUpper(str(c, "currency"))+" "+str(c, "amount_description")))
	}
	return shorten(strings.Join(parts, "; "))
}

func (e *entry) papers() string {
	var parts []string
	for _, d := range objects(e.service, "required_documents") {
		if v := str(d, "document"); v != "" {
			parts = append(parts, v)
		}
	}
	return shorten(strings.Join(parts, "; "))
}

func (e *entry) eligibility() string {
	return shorten(str(e.service, "eligibility_description"))
}

// explain fills in why a result fits, what is not known and what does not fit.
func (a *asked) explain(h hit, r *Result) {
	e := h.e
	why := func(key string) { r.Why = append(r.Why, Reason{Key: "directory.why." + key}) }
	judge := func(s State, yes, unknown, no Reason) {
		switch s {
		case Yes:
			r.Why = append(r.Why, yes)
		case Unknown:
			r.Unsure = append(r.Unsure, unknown)
		case No:
			r.Unfit = append(r.Unfit, no)
		}
	}
	key := func(k string) Reason { return Reason{Key: k} }
	if len(a.words) > 0 {
		if h.matched == len(a.words) {
			why("words")
		} else {
			r.Unfit = append(r.Unfit, Reason{Key: "directory.unfit.words"})
		}
	}
	for _, n := range needList(a.needs & e.stated) {
		r.Why = append(r.Why, Reason{Key: "directory.why.need", Need: n})
	}
	for _, n := range needList(a.needs & e.derived &^ e.stated) {
		r.Why = append(r.Why, Reason{Key: "directory.why.need_derived", Need: n})
	}
	if a.needs != 0 && e.stated|e.derived == 0 {
		r.Unsure = append(r.Unsure, key("directory.unsure.need"))
	}
	if a.Language != "" {
		s, interpreter := e.tongues.speaks(a.Language)
		yes := "directory.why.language"
		if interpreter {
			yes = "directory.why.interpreter"
		}
		judge(s, Reason{Key: yes, Language: a.Language}, Reason{Key: "directory.unsure.language", Language: a.Language}, key("directory.unfit.language"))
	}
	if a.near != nil {
		a.explainPlace(h, r)
	}
	if a.From != "" {
		judge(e.reachableFrom(a.From), key("directory.why.reachable"), key("directory.unsure.reachable"), key("directory.unfit.reachable"))
	}
	hours := key("directory.unsure.open")
	if len(r.Phones) == 0 { // there is nothing to call first
		hours = key("directory.unsure.open_no_phone")
	}
	switch {
	case a.OpenNow:
		judge(r.Open, key("directory.why.open"), hours, key("directory.unfit.open"))
	case r.Open == Unknown && a.OpenAt.IsZero(): // else that is told with the rest
		r.Unsure = append(r.Unsure, hours)
	}
	if a.Age > 0 {
		judge(e.takesAge(a.Age), key("directory.why.age"), key("directory.unsure.age"), key("directory.unfit.age"))
	}
	a.explainIntake(h, r)
	switch r.Status {
	case Never:
		r.Unsure = append(r.Unsure, key("directory.unsure.never"))
	case Overdue:
		r.Unsure = append(r.Unsure, key("directory.unsure.overdue"))
	}
	if r.Eligibility != "" {
		r.Unsure = append(r.Unsure, key("directory.unsure.eligibility"))
	}
	if r.StandIn {
		r.Unsure = append(r.Unsure, key("directory.unsure.organization"))
	}
}

// hoursLines gives opening hours as lines, the same days together.
func (e *entry) hoursLines(spot int) []HoursLine {
	list := objects(e.service, "schedules")
	if len(list) == 0 && spot >= 0 && spot < len(e.spots) && (e.spots[spot].link != oneOf || len(e.spots) == 1) {
		for _, sal := range objects(e.service, "service_at_locations") {
			if str(sal, "location_id") == e.spots[spot].id {
				list = objects(sal, "schedules")
			}
		}
		if len(list) == 0 {
			list = objects(e.spots[spot].whole(), "schedules")
		}
	}
	return linesOf(list)
}

func linesOf(schedules []Object) []HoursLine {
	var lines []HoursLine
	at := map[string]int{}
	open := false
	for _, s := range schedules {
		l := HoursLine{Opens: clock(str(s, "opens_at")), Closes: clock(str(s, "closes_at")), Text: shorten(str(s, "description"))}
		p, ok := readPattern(s)
		if ok && p.plainWeekly() {
			for d := range time.Saturday + 1 {
				if p.weekdays&(1<<d) != 0 {
					l.Days = append(l.Days, d)
				}
			}
		} else if l.Text == "" {
			l.Text = strings.TrimSpace(str(s, "freq") + " " + str(s, "byday") + " " + str(s, "valid_from") + " " + str(s, "valid_to"))
		}
		l.Closed = l.Opens == "" && l.Closes == "" && len(l.Days) > 0
		open = open || !l.Closed
		if l.Opens == "" && l.Closes == "" && !l.Closed && l.Text == "" {
			continue
		}
		key := l.Opens + "–" + l.Closes + l.Text
		if i, same := at[key]; same && len(l.Days) > 0 {
			lines[i].Days = append(lines[i].Days, l.Days...)
			continue
		}
		at[key] = len(lines)
		lines = append(lines, l)
	}
	sort.SliceStable(lines, func(i, j int) bool { return !lines[i].Closed && lines[j].Closed })
	if !open { // a week of nothing but "closed" is a form that nobody filled in
		return nil
	}
	return lines
}

func clock(s string) string {
	m, ok := minuteOfDay(s)
	if !ok {
		return s
	}
	return pad2(m/60) + ":" + pad2(m%60)
}

// shorten cuts text at a word and says so.
func shorten(s string) string {
	const n = maxAbout
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	cut := string([]rune(s)[:n])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

// webAddress gives a web address that a page may link to, or none.
func webAddress(s string) string {
	s = strings.TrimSpace(s)
	low := strings.ToLower(s)
	switch {
	case s == "" || len(s) > 500 || strings.ContainsAny(s, " \"<>\\"):
		return ""
	case strings.HasPrefix(low, "https://"), strings.HasPrefix(low, "http://"):
		return s
	case strings.Contains(s, "://") || strings.Contains(strings.SplitN(s, "/", 2)[0], ":"):
		return ""
	case strings.Contains(s, "."):
		return "https://" + s
	}
	return ""
}
