package staff

import "github.com/clew-hotline/clew/internal/platform/web"

// Answer is what the policy says to somebody who wants to do something to a
// record.
type Answer string

// The answers.
const (
	No     Answer = "no"
	Yes    Answer = "yes"
	Reason Answer = "with a reason" // they say why first, and supervisors are told
)

// Whose says whose a record is, as seen by somebody who wants it.
type Whose string

// Whose a record can be.
const (
	Own     Whose = "own"     // in their own work: they took it, or follow what came of it
	Waiting Whose = "waiting" // nobody's yet, in a group whose key they hold
	Team    Whose = "team"    // open with a colleague, in a group whose key they hold
	Closed  Whose = "closed"  // a colleague's and over, in a group whose key they hold
	Agency  Whose = "agency"  // of their agency, in a group whose key they do not hold
	Other   Whose = "other"   // of another agency
)

// Everyones are all of them, the nearest first.
var Everyones = []Whose{Own, Waiting, Team, Closed, Agency, Other}

// Object is a record as the policy sees it: nothing of what it says.
type Object struct {
	Agency  string
	Held    bool   // whether who asks holds the key of the record's group
	With    string // the colleague whose work it is; empty while nobody's
	Follows bool   // who asks follows what came of it, as a referral
	Waiting bool   // the person waits for somebody to take it
	Closed  bool
}

// whose says whose an object is for a person. Who has left a group has no work
// in it any more, also not what was theirs.
func (o Object) whose(p Person) Whose {
	switch {
	case o.Agency != p.Agency:
		return Other
	case !o.Held:
		return Agency
	case o.Waiting && o.Follows, !o.Waiting && o.With == p.ID:
		return Own
	case o.Waiting:
		return Waiting
	case o.Closed:
		return Closed
	}
	return Team
}

// reach is how far the actions go that a role may do to records, by whose they
// are. What is not here goes nowhere: no role reaches past the groups whose key
// it holds, or into another agency.
//
// A supervisor leads the floor, which is all that waits and is open: asking them
// for a reason there, many times an hour, would teach them to type anything. What
// is over is on nobody's floor. An advocate may open a colleague's contact when
// the person needs it, and says why.
var reach = map[Role]map[Whose]Answer{
	Advocate:    {Own: Yes, Team: Reason, Closed: Reason},
	Supervisor:  {Own: Yes, Waiting: Yes, Team: Yes, Closed: Reason},
	CaseManager: {Own: Yes},
}

// RecordActions are those of the matrix that are done to one person's record.
// For them May is half of the answer, and Can the whole.
var RecordActions = []web.Access{ReadContact, FindContact, TakeContact, WriteContact, OpenOutside, SeeReaders, ListReferral, ReadReferral, WriteReferral}

// Can is the one place where it stands who may do what to whose record. Who is
// told No must not learn that there is such a record.
func Can(p Person, action web.Access, o Object) Answer {
	if !p.Role.May(action) {
		return No
	}
	return reached(p.Role, action, o.whose(p))
}

func reached(role Role, action web.Access, whose Whose) Answer {
	far := reach[role][whose]
	switch {
	case action == TakeContact && whose == Waiting:
		return Yes // taking is how one's own work begins
	case action == TakeContact, far == "":
		return No
	case far != Reason:
		return far
	case action == OpenOutside:
		return Yes // and there they say why
	case action == ListReferral && reach[role][Team] == Yes:
		return Yes // who leads sees what is over too: a line says nothing of the person
	case action == ListReferral:
		return No
	case action == FindContact && reach[role][Team] != Yes:
		return No // to ask word by word whether a colleague's contact has it would be to read it
	}
	return Reason
}
