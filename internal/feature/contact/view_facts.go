package contact

import (
	"context"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
)

// factsView is the eight facts of a contact, in their fixed order, and the
// banner of what must not be done.
type factsView struct {
	frame
	C       Contact // without its lines
	R       Record
	Where   Whereabouts
	Wait    time.Time // since when the person waits for an answer; zero: for none
	Back    bool      // they came back after the contact was closed
	Taker   string    // the name of who has it
	Mine    bool
	Ready   []string // names of who could help now
	names   map[string]string
	Before  Before
	Refresh bool // sent beside another part, to replace what stands
}

func (f *Feature) factsView(ctx context.Context, fr frame, c Contact, people colleagues, wait time.Time, back bool) (v factsView, err error) {
	v = factsView{
		frame: fr, C: c, R: c.Record, Wait: wait, Back: back, names: people.names,
		Taker: people.names[c.TakenBy], Mine: c.TakenBy == fr.Me.ID, Ready: people.ready(fr.Me.ID),
	}
	v.Where = f.whereabouts(c.Record.Country, c.Record.Place)
	s := staff.From(ctx)
	if v.Before, err = f.Before(ctx, s, c.ID); err != nil {
		return v, err
	}
	return v, f.showing(ctx, s, v.Before, v.Before.List[:min(1, len(v.Before.List))])
}

// LastBefore is the latest of the other contacts, nil without one to be shown.
func (v factsView) LastBefore() *earlierView {
	if len(v.Before.List) == 0 {
		return nil
	}
	return &earlierView{v.Before.List[0], v.names[v.Before.List[0].TakenBy]}
}

func (f *Feature) whereabouts(country, place string) Whereabouts {
	if f.Place == nil || country == "" && place == "" {
		return Whereabouts{Country: country}
	}
	return f.Place(country, place)
}

// Danger says how loudly to show the first fact.
func (v factsView) Danger() string {
	switch v.R.Danger {
	case Yes:
		return "alarm"
	case No:
		return ""
	}
	return "warn"
}

// Local is the time where the person is, empty if that is not known.
func (v factsView) Local() string {
	if v.Where.Zone == nil {
		return ""
	}
	return v.W.Time(v.Now.In(v.Where.Zone))
}

// NoEmergency is the word key of why no emergency number is shown.
func (v factsView) NoEmergency() string {
	if v.Where.Country == "" || v.Where.Country == NoCountry {
		return "contact.fact.which_country"
	}
	return "contact.fact.no_emergency"
}

// CountryName is the country in the reader's words, empty if not known.
func (v factsView) CountryName() string {
	switch country := v.Where.Country; country {
	case "":
		return ""
	case NoCountry:
		return v.W.T("contact.country.unknown")
	default:
		return v.W.Country(country)
	}
}

// Language is the one to speak with the person: recorded, else as it came.
func (v factsView) Spoken() string {
	if v.R.Language != "" {
		return v.Language(v.R.Language)
	}
	return v.Language(v.C.Language)
}

// Hours are the local times at which they can be reached, empty if not told.
func (v factsView) Hours() string {
	s := v.R.Safe
	if s.From == "" && s.To == "" {
		return ""
	}
	return strings.TrimSpace(s.From + "–" + s.To)
}

// Forbidden are the ways that are not safe, as word keys: the banner says
// them on every view of the contact.
func (v factsView) Forbidden() (keys []string) {
	for _, way := range []struct {
		a   Answer
		key string
	}{
		{v.R.SafeSpeak, "contact.banner.no_speak"},
		{v.R.SafeVoicemail, "contact.banner.no_voicemail"},
		{v.R.SafeText, "contact.banner.no_text"},
	} {
		if way.a == No {
			keys = append(keys, way.key)
		}
	}
	return keys
}

// Blocked says that the address they gave must not be used: the only way to
// it is one that is not safe.
func (v factsView) Blocked() bool {
	switch v.R.Safe.Channel {
	case "phone":
		return v.R.SafeSpeak == No && v.R.SafeVoicemail == No
	case "text", "email":
		return v.R.SafeText == No
	}
	return false
}

// Warned says whether there is anything for the banner.
func (v factsView) Warned() bool {
	return v.R.Danger == Yes || len(v.Forbidden()) > 0 || v.R.Safe.Given() || v.R.AgeGroup == "child"
}

// MayLook says whether the reader may open what waits without taking it.
func (fr frame) MayLook() bool {
	waits := staff.Object{Agency: fr.Me.Agency, Held: true, Waiting: true}
	return staff.Can(fr.Me, staff.ReadContact, waits) == staff.Yes
}

// MayTakeOver says whether the reader may take the contact from who has it.
func (v factsView) MayTakeOver() bool {
	return !v.Mine && v.C.State == Active // who sees it may write to it too
}

// waitAfter follows a conversation: since when the person waits for an answer.
func waitAfter(since time.Time, lines []Message) time.Time {
	for _, m := range lines {
		switch {
		case m.Kind == Out:
			since = time.Time{}
		case m.Kind == In && since.IsZero():
			since = m.At
		}
	}
	return since
}

func cameBack(lines []Message) bool {
	for _, m := range lines {
		if m.Kind == Log && m.Text == "closed" {
			return true
		}
	}
	return false
}
