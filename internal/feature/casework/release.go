package casework

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// Field is one thing about a person that can be shared.
type Field string

// The fields.
const (
	Name        Field = "name" // a first name or a code, whatever the person wants to be called
	AgeGroup    Field = "age_group"
	Language    Field = "language"
	Interpreter Field = "interpreter"
	Needs       Field = "needs"
	Where       Field = "place"
	Reach       Field = "reach" // number or address with the rules of its use: apart, the one without the other can get somebody hurt
	Summary     Field = "summary"
)

// Fields are all of them, in the order in which they are read out.
var Fields = []Field{Name, Language, Interpreter, AgeGroup, Needs, Where, Summary, Reach}

// Coded says whether a field's value is a code, shown in the reader's words.
func (f Field) Coded() bool {
	return f == AgeGroup || f == Language || f == Interpreter || f == Needs
}

// Limits of a shared value, in characters.
const (
	maxValue   = 500
	maxSummary = 2000
)

// Limit is how many characters a field's value can have.
func (f Field) Limit() int {
	if f.Long() {
		return maxSummary
	}
	return maxValue
}

// Long says whether a field's value can have several lines.
func (f Field) Long() bool { return f == Summary || f == Reach }

// Item is one line that is shared: word for word what the release says.
type Item struct {
	Field Field  `json:"field"`
	Value string `json:"value,omitempty"` // erased when the consent is taken back
}

// How a person agreed, and who it was that could.
var (
	Hows = []string{"spoken", "written"}
	Bys  = []string{"person", "guardian", "representative"}
)

// Terms are the days that a consent can last. It always ends.
var Terms = []int{7, 30, 90, 180}

// usualTerm is what the form proposes.
const usualTerm = 30

// Needed are what a referral can be for, as the figures count it.
var Needed = needed()

func needed() []string {
	kind, _ := facts.KindOf(facts.Referral)
	need, _ := kind.Code("need")
	return slices.DeleteFunc(slices.Clone(need.Values), func(v string) bool { return v == facts.NotAsked })
}

// Release is a person's informed consent, as it is recorded.
type Release struct {
	Service      string    `json:"service"` // id in the directory
	Name         string    `json:"name"`    // as it was named when the person agreed
	Organization string    `json:"organization"`
	Items        []Item    `json:"items,omitempty"`
	Need         string    `json:"need,omitempty"` // what for
	Until        time.Time `json:"until,omitzero"`
	How          string    `json:"how,omitempty"`
	By           string    `json:"by,omitempty"`
	Language     string    `json:"language,omitempty"` // in which to read it out to the person
}

// erase takes out everything of the person. What kind of lines were shared,
// with whom and until when stays: somebody may ask what we told.
func (r *Release) erase() {
	for i := range r.Items {
		r.Items[i].Value = ""
	}
	r.Language = ""
}

// Asked is a release as the form brings it.
type Asked struct {
	ID      string // made with the form, so that sending it twice makes one referral
	Service string
	Items   []Item
	Need    string
	Days    int
	How, By string
	Sure    bool // who agreed for the person had no part in what happened
}

// clean mends the values of a release and checks it: the first of its faults.
func (a *Asked) clean() error {
	if faults := a.faults(); len(faults) > 0 {
		return faults[0]
	}
	return nil
}

// faults mends the values of a release and gives all that is wrong with it, in
// the order of the form, so that somebody under strain is sent back once. Each
// names its field, which for an item is "value.name".
func (a *Asked) faults() (list []*errs.Error) {
	check := func(ok bool, field, word string) {
		if !ok {
			list = append(list, errs.In(field, word))
		}
	}
	seen, once := map[Field]bool{}, true
	for i := range a.Items {
		it := &a.Items[i]
		if e := it.clean(); e != nil {
			list = append(list, e)
		}
		once = once && !seen[it.Field] && slices.Contains(Fields, it.Field)
		seen[it.Field] = true
	}
	slices.SortFunc(a.Items, func(x, y Item) int { return slices.Index(Fields, x.Field) - slices.Index(Fields, y.Field) })
	check(once, "share", "casework.error.choice")
	check(len(a.Items) > 0, "share", "casework.error.nothing")
	check(slices.Contains(Needed, a.Need), "need", "casework.error.need")
	check(slices.Contains(Terms, a.Days), "days", "casework.error.term")
	check(slices.Contains(Bys, a.By), "by", "casework.error.by")
	check(a.By == "person" || a.Sure || !slices.Contains(Bys, a.By), "sure", "casework.error.sure")
	check(slices.Contains(Hows, a.How), "how", "casework.error.how")
	return list
}

func (it *Item) clean() *errs.Error {
	at := "value." + string(it.Field)
	if it.Field.Long() {
		it.Value = text.Clean(it.Value)
	} else {
		it.Value = text.Line(it.Value)
	}
	switch {
	case it.Value == "":
		return errs.In(at, "casework.error.value_empty")
	case !text.Fits(it.Value, it.Field.Limit()):
		return &errs.Error{Kind: errs.TooLarge, Word: "casework.error.value_long", Field: at}
	case it.Field.Coded() && !it.known():
		return errs.In(at, "casework.error.choice")
	}
	return nil
}

// known says whether a coded value is on its list.
func (it *Item) known() bool {
	switch it.Field {
	case AgeGroup:
		return it.Value == "adult" || it.Value == "child"
	case Interpreter:
		return it.Value == "yes"
	case Language:
		_, err := language.Parse(it.Value)
		return err == nil && len(it.Value) <= 35
	case Needs:
		for n := range strings.SplitSeq(it.Value, ",") {
			if !slices.Contains(Needed, n) {
				return false
			}
		}
	}
	return true
}
