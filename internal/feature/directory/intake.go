package directory

import (
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/phrases"
)

// intake is what a service says of whom it takes and on what terms, as far as it can
// be asked for. Empty is not known.
type intake struct {
	gender     Gender
	status     Immigration
	fee        Answer
	wheelchair Answer
	areas      []string // codes of countries and regions, and keys of shapes
	vacancy    vacancy
}

// vacancy is how many places are free, as last told.
type vacancy struct {
	free  int
	until time.Time // for so long that may be believed; zero: nobody told
}

// Gender is whom a service takes.
type Gender string

// The values of it.
const (
	AnyGender Gender = "any"
	Women     Gender = "women"
	Men       Gender = "men"
)

// Answer is a yes or a no as a service gives it.
type Answer string

// The two of them; for a fee a yes is that there is none.
const (
	SaysYes Answer = "yes"
	SaysNo  Answer = "no"
)

// genderLink is the link_type of an attribute whose value is a Gender.
const genderLink = "gender"

// believed is how long a figure of free places is worth something: beds are
// taken within days.
const believed = 48 * time.Hour

var (
	allGenders = phrases.MustCompile(`\b(all genders|any gender|regardless of gender|women and men|men and women|men, women)\b`)
	onlyWomen  = phrases.MustCompile(`\b(women|females?|girls)( and (their )?(children|girls))? only\b|\bonly (for |serves? |accepts? )?(women|females)\b|\b(for|serves|shelters?) (women|females)\b`)
	onlyMen    = phrases.MustCompile(`\b(men|males|boys) only\b|\bonly (for |serves? |accepts? )?(men|males)\b|\b(for|serves) (men|males)\b`)
	costsNone  = phrases.MustCompile(`^\s*(none|free|no)\s*[.!]?\s*$|\b(free of charge|no (cost|charge|fees?)|at no cost|without charge|services? (is|are) free|gratis)\b`)
	wheels     = phrases.MustCompile(`\b(wheel ?chairs?|step[- ]free|ramp|barrier[- ]free|ada)\b`)
	noWheels   = phrases.MustCompile(`\b(not|no|in)[- ]?(wheel ?chair|accessible|step[- ]free)`)
)

func intakeOf(e *entry) (o intake) {
	o.gender = genderOf(e.service)
	o.status, _ = immigrationOf(e.service)
	o.fee = feeOf(e.service)
	for _, sp := range e.spots {
		if sp.level == Full && sp.link != oneOf {
			o.wheelchair = firstAnswer(o.wheelchair, wheelchairOf(sp.location))
		}
	}
	o.vacancy = vacancyOf(e.service)
	return o
}

func firstAnswer(a, b Answer) Answer {
	if a != "" {
		return a
	}
	return b
}

// genderOf reads what a service states, else what its text says in English.
func genderOf(service Object) Gender {
	for _, a := range objects(service, "attributes") {
		if v := Gender(strings.ToLower(str(a, "value"))); str(a, "link_type") == genderLink && (v == AnyGender || v == Women || v == Men) {
			return v
		}
	}
	text := phrases.Read(str(service, "name") + "\n" + str(service, "eligibility_description") + "\n" + str(service, "description"))
	women, men := onlyWomen.In(text), onlyMen.In(text)
	switch {
	case allGenders.In(text) || women && men:
		return AnyGender
	case women:
		return Women
	case men:
		return Men
	}
	return ""
}

// feeOf says yes where it costs nothing.
func feeOf(service Object) Answer {
	text := first(str(service, "fees_description"), str(service, "fees"))
	if costsNone.In(phrases.Read(text)) {
		return SaysYes
	}
	options := objects(service, "cost_options")
	paid := text != ""
	for _, c := range options {
		amount, known := number(c, "amount")
		switch {
		case costsNone.In(phrases.Read(str(c, "option"))) || known && amount == 0:
			return SaysYes
		case known:
			paid = true
		}
	}
	if paid {
		return SaysNo
	}
	return ""
}

func wheelchairOf(location Object) Answer {
	for _, a := range objects(location, "accessibility") {
		text := phrases.Read(str(a, "description") + "\n" + str(a, "details"))
		switch {
		case noWheels.In(text):
			return SaysNo
		case wheels.In(text):
			return SaysYes
		}
	}
	return ""
}

// vacancyOf adds up what is free, as of the oldest figure that goes into it. This is
// the one rule: pages, searches and providers' links all show this sum. A figure that
// does not say of when it is says nothing.
func vacancyOf(service Object) (v vacancy) {
	for _, c := range objects(service, "capacities") {
		n, known := number(c, "available")
		at, err := time.Parse(time.RFC3339, str(c, "updated"))
		if !known || err != nil || n < 0 || n > 1e6 {
			continue
		}
		v.free += int(n)
		if end := at.Add(believed); v.until.IsZero() || end.Before(v.until) {
			v.until = end
		}
	}
	return v
}

// String is the number of free places; "" if nobody told it.
func (v vacancy) String() string {
	if v.until.IsZero() {
		return ""
	}
	return strconv.Itoa(v.free)
}

// reachTags say from where somebody can call.
func reachTags(phones []Phone) (tags []string) {
	maybe := len(phones) == 0
	for _, p := range phones {
		for _, c := range []string{p.Country, "-"} { // at home, and anywhere else: no country has that code
			if c == "" {
				continue
			}
			switch p.reach(c) {
			case Unknown:
				maybe = true
			case No:
			case Yes:
				switch {
				case c != "-":
					tags = append(tags, tagReach+c)
				case p.Country != "" && p.reach(p.Country) == No:
					tags = append(tags, tagReachNot+p.Country)
				default:
					tags = append(tags, tagReach+anything)
				}
			}
		}
		if p.DialFrom != "" {
			for c := range strings.SplitSeq(p.DialFrom, "|") {
				if len(c) == 2 && p.reach(c) == Yes {
					tags = append(tags, tagReach+c)
				}
			}
		}
	}
	if maybe {
		tags = append(tags, tagReach+unsaid)
	}
	return tags
}
