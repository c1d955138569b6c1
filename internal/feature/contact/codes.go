package contact

import (
	"slices"

	"github.com/clew-hotline/clew/internal/core/facts"
)

// Closed lists of what a contact can be. Stored as these codes and shown in
// the reader's language.

// Channel is how somebody reached us.
type Channel string

// The channels.
const (
	Phone  Channel = "phone"
	Text   Channel = "text"
	Chat   Channel = "chat"
	Email  Channel = "email"
	Web    Channel = "web"
	API    Channel = "api"
	WalkIn Channel = "walk_in"
)

// Channels are all of them; Staffed are those an advocate can enter by hand.
var (
	Channels = []Channel{Phone, Text, Chat, Email, Web, API, WalkIn}
	Staffed  = []Channel{Phone, WalkIn, Email, Text}
)

// RequestType is what somebody asks of us. The first seven are what a person
// can choose; the last two only an advocate sets.
type RequestType string

// The request types (US hotline's definitions; see the mission's words).
const (
	Crisis      RequestType = "crisis"
	Tip         RequestType = "tip"
	Referral    RequestType = "referral"
	Training    RequestType = "training"
	Information RequestType = "information"
	Resource    RequestType = "resource"
	Unsure      RequestType = "unsure"
	HighRisk    RequestType = "high_risk"
	Unrelated   RequestType = "unrelated"
)

// Asked are the request types that a person can choose; Recorded, those that
// a finished record can have.
var (
	Asked    = []RequestType{Crisis, Tip, Referral, Training, Information, Resource, Unsure}
	Recorded = []RequestType{Crisis, Tip, Referral, HighRisk, Training, Information, Resource, Unrelated}
)

// Answer keeps apart what everyday forms confuse: not asked, declined,
// unknown and no are four answers.
type Answer string

// The answers.
const (
	NotAsked Answer = "not_asked"
	Unknown  Answer = "unknown"
	Declined Answer = "declined"
	No       Answer = "no"
	Yes      Answer = "yes"
)

// Answers are all of them.
var Answers = []Answer{NotAsked, Unknown, Declined, No, Yes}

// Coded lists of the structured record. Figures count by them, so facts keeps
// them, once.
var (
	Contactors   = recorded(facts.Contact, "contactor")
	Proximities  = recorded(facts.Contact, "proximity")
	AgeGroups    = recorded(facts.Contact, "age_group")
	Substantives = recorded(facts.Contact, "substantive")
	Dispositions = recorded(facts.Contact, "disposition")
	Needs        = recorded(facts.Referral, "need")
)

// recorded are the values of a code of the figures.
func recorded(kind, code string) []string {
	k, _ := facts.KindOf(kind)
	c, _ := k.Code(code)
	return c.Values
}

// NoCountry is the code of "could not be learned", as ISO 3166-1 leaves it free.
const NoCountry = "ZZ"

// Abouts are what a person can answer to "who is it about".
var Abouts = []string{"self", "other", "professional", string(Declined)}

func oneOf[T ~string](list []T, v T) bool { return slices.Contains(list, v) }

// severity ranks the queue: what may be an emergency comes first. It is kept
// in clear, so it has few values.
func severity(r RequestType) int {
	if r == Crisis {
		return SeverityCrisis
	}
	return SeverityUsual
}

// The severities, most urgent first.
const (
	SeverityCrisis = 0
	SeverityUsual  = 1
)

// State is where a contact stands.
type State string

// The states.
const (
	Waiting State = "waiting"
	Active  State = "active"
	Closed  State = "closed"
)
