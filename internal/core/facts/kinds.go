package facts

// The ways of not knowing. They are answers, and each is counted as its own.
const (
	Unknown  = "unknown"   // asked, and nobody could say
	Declined = "declined"  // asked, and rather not said
	NotAsked = "not_asked" // never came up; the value of a code left out
)

// Yes is the one answer that Substantive knows besides its reasons for no.
const Yes = "yes"

// Shape says which values a code takes besides those listed.
type Shape uint8

// The shapes.
const (
	Listed   Shape = iota // none
	Language              // a primary language of BCP 47: "es", "ti"
	Region                // a country of ISO 3166-1 or a part of one of 3166-2: "PL", "US-IL"
)

// Code is one question that facts of a kind answer.
type Code struct {
	Name   string
	Values []string // in the order in which a table shows them
	Shape  Shape
	Must   bool // may not be left out
}

// Kind is one sort of fact.
type Kind struct {
	Name  string
	Codes []Code
}

// The names of the kinds.
const (
	Contact  = "contact"  // one communication with the hotline, at wrap-up
	Referral = "referral" // one referral, when it was made
	Outcome  = "outcome"  // the end of one referral, when it is known; often in a later month
	Hour     = "hour"     // one contact by hour of the week, with nothing beside it
)

// unanswered are the values of whatever somebody might not know or not say.
var unanswered = []string{Unknown, Declined, NotAsked}

func answers(values ...string) []string { return append(values, unanswered...) }

// Kinds is the whole of what can be counted. A new code goes at any place in
// its kind: facts from before it count as not_asked. A value once used is
// never taken out or given another meaning.
var Kinds = []Kind{
	{Contact, []Code{
		{Name: "channel", Values: []string{"phone", "text", "chat", "email", "web", "walk_in", "api"}, Must: true},
		{Name: "request_type", Values: []string{
			"crisis", "tip", "referral", "training", "information", "resource", "high_risk", "unrelated",
		}, Must: true},
		{Name: "substantive", Values: []string{Yes, "hang_up", "prank", "wrong_number", "silent", "test", "other"}, Must: true},
		{Name: "contactor", Values: answers("self", "other", "professional")},
		// How they know of the situation.
		{Name: "proximity", Values: answers("own_experience", "saw_or_heard", "told_by_person", "suspects", "works_with_person")},
		{Name: "age_group", Values: answers("adult", "child")},
		{Name: "language", Values: unanswered, Shape: Language},
		{Name: "region", Values: unanswered, Shape: Region},
		// What the contact ended with.
		{Name: "disposition", Values: []string{
			"information_given", "referred", "reported", "safety_planned", "emergency_services", "advice_to_professional",
			"no_reply", "ended_by_contactor", "passed_on", "none", NotAsked,
		}},
	}},
	{Referral, []Code{
		{Name: "need", Values: needs},
		{Name: "language", Values: unanswered, Shape: Language},
		{Name: "region", Values: unanswered, Shape: Region},
	}},
	// Its own kind, so that a referral that takes its course is no correction.
	{Outcome, []Code{
		{Name: "need", Values: needs},
		{Name: "outcome", Values: []string{
			"served", "waiting_list", "declined_by_service", "declined_by_person", "no_capacity", "not_eligible", "not_reached", "withdrawn", Unknown,
		}, Must: true},
	}},
	{Hour, []Code{
		{Name: "hour", Values: hoursOfWeek(), Must: true},
	}},
}

// needs are what services are for, as the directory groups them.
var needs = []string{
	"hotline", "shelter", "food", "medical", "mental_health", "legal", "immigration", "interpretation", "case_management",
	"safety_planning", "job_training", "education", "child_services", "money", "transport", "return_home", "training",
	"information", "other", NotAsked,
}

// hoursOfWeek are mon-00 to sun-23, by the hotline's own clock.
func hoursOfWeek() []string {
	var hours []string
	for _, day := range [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		for h := range 24 {
			hours = append(hours, day+"-"+string([]byte{'0' + byte(h/10), '0' + byte(h%10)}))
		}
	}
	return hours
}

// KindOf finds a kind by its name.
func KindOf(name string) (Kind, bool) {
	for _, k := range Kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// Code finds a code of the kind by its name.
func (k Kind) Code(name string) (Code, bool) {
	for _, c := range k.Codes {
		if c.Name == name {
			return c, true
		}
	}
	return Code{}, false
}
