package app

import (
	"context"
	"slices"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/admin"
	"github.com/clew-hotline/clew/internal/feature/casework"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/feature/oversight"
	"github.com/clew-hotline/clew/internal/feature/signin"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// whereabouts finds where somebody is from what was typed.
func (a *App) whereabouts(country, place string) contact.Whereabouts {
	w := contact.Whereabouts{Country: country}
	if found := geo.Find(place, country); place != "" && len(found) > 0 && (country == "" || found[0].Country == country) {
		w.Country, w.Region, w.Zone = found[0].Country, found[0].Region, found[0].Location()
	}
	if w.Zone == nil {
		w.Zone = geo.Zone(w.Country, w.Region)
	}
	w.Emergency = a.emergencyNumbers(w.Country)
	return w
}

// servicesPanel searches the directory for the panel beside a conversation.
// What is searched is written nowhere.
func (a *App) servicesPanel(ctx context.Context, agency string, q contact.ServiceQuery) (out contact.ServiceResults, err error) {
	ask := directory.Query{
		Agency: agency, Words: q.Words, Place: q.Place, Country: q.Country, Language: q.Language,
		Age: ages[q.AgeGroup], OpenNow: q.OpenNow, Unsure: true, Limit: q.Limit,
	}
	if slices.Contains(directory.Needs(), q.Need) {
		ask.Needs = []string{q.Need}
	}
	res, err := a.features.directory.Search(ctx, ask)
	if err != nil {
		return out, err
	}
	lang := i18n.English
	if s := staff.From(ctx); s != nil {
		lang = s.Person.Language
	}
	words := a.Words.For(lang)
	out.Total = res.Total
	for _, r := range res.Items {
		line := panelLine(words, r)
		line.Told = toldService(q.Caller, r)
		out.List = append(out.List, line)
	}
	return out, nil
}

func panelLine(words *i18n.Printer, r directory.Result) contact.Service {
	said := directory.Say(words, r)
	s := contact.Service{
		ID: r.ID, Name: r.Name, Organization: r.Organization, Where: said.Where, DistanceKm: -1,
		Fits: said.Fits, Misses: append(said.Misses, said.Ask...), Open: r.Open == directory.Yes, OpenUntil: said.Open,
		Languages: said.Languages, Cost: r.Cost, Checked: said.Checked, Verified: r.Status == directory.Verified,
	}
	if r.Where.Known {
		s.DistanceKm = r.Where.KM
	}
	for _, p := range r.Phones {
		s.Phones = append(s.Phones, p.PhoneText())
	}
	return s
}

// tellService is a service as the person is told of it.
func (a *App) tellService(ctx context.Context, agency string, words *i18n.Printer, id string) (contact.Told, error) {
	d, err := a.features.directory.Service(ctx, agency, id)
	return toldService(words, d.Result), err
}

// toldService has of a confidential place what the public sees of it, and no more:
// its address is not even in a result.
func toldService(words *i18n.Printer, r directory.Result) contact.Told {
	said := directory.Say(words, r)
	t := contact.Told{
		Name: r.Name, Site: r.URL, Hidden: r.Where.Visibility == directory.Hidden, Hours: hoursTold(r, said), Languages: said.Languages,
		Cost: r.Cost, Immigration: said.Immigration,
	}
	if !r.StandIn { // else its name is a number that we gave it
		t.Organization = r.Organization
	}
	if t.Hidden || placeTold(r.Where) {
		t.Where = said.Where
	}
	if r.Status != directory.Never {
		t.Checked = said.Checked
	}
	for _, p := range r.Phones {
		t.Phones = append(t.Phones, p.PhoneText())
	}
	return t
}

// placeTold says whether there is a place to be told: a country is no address.
func placeTold(w directory.Where) bool { return w.Address != "" || w.Town != "" || w.Of > 1 }

// hoursTold are the hours in words; what is open day and night needs no week.
func hoursTold(r directory.Result, said directory.Said) []string {
	if r.Open == directory.Yes && r.OpenUntil.IsZero() {
		return []string{said.Open}
	}
	return said.Hours
}

// sealAddress keeps a confidential address for those who answer: whoever
// hides it, and the server, cannot read it again.
func sealAddress(ctx context.Context, tx *db.Tx, agency, record string, plain []byte) ([]byte, error) {
	group, err := keyring.Find(ctx, tx, agency, keyring.Intake)
	if err != nil {
		return nil, err
	}
	return group.SealTo(addressPlace(agency, record), plain)
}

// openAddress opens it, and what the public says of the directory, for a
// colleague who is one of those.
func openAddress(ctx context.Context, tx *db.Tx, s *staff.Session, agency, record string, sealed []byte) ([]byte, error) {
	if s.Locked() {
		return nil, errs.New(errs.NotFound, "", nil)
	}
	group, err := keyring.Find(ctx, tx, agency, keyring.Intake)
	if err != nil {
		return nil, err
	}
	ring, err := group.Open(ctx, tx, s.Person.ID, s.Pair)
	if err != nil {
		return nil, err
	}
	return ring.OpenTo(ctx, tx, addressPlace(agency, record), sealed)
}

func addressPlace(agency, record string) seal.Place {
	return seal.Place{Agency: agency, Record: record, Table: "directory", Row: record, Schema: 1}
}

// logDeed writes what somebody did to the directory into the log.
func logDeed(ctx context.Context, tx *db.Tx, agency, by, action, record string) error {
	return audit.Write(ctx, tx, agency, audit.Entry{Staff: by, Action: action, Record: record})
}

// person is what a contact knows of somebody who is referred.
func (a *App) person(ctx context.Context, s *staff.Session, id string) (p casework.Person, err error) {
	c, err := a.features.contact.Get(ctx, s, id)
	if err != nil {
		return p, err
	}
	r := c.Record
	return casework.Person{
		Contactor: r.Contactor, Language: r.Language, Interpreter: r.Interpreter == contact.Yes, AgeGroup: r.AgeGroup,
		Needs: r.Needs, Place: r.Place, Region: r.Region, Country: r.Country, Summary: r.Summary,
		Safe: casework.Safe{
			Channel: r.Safe.Channel, Address: r.Safe.Address, From: r.Safe.From, To: r.Safe.To,
			Speak: string(r.SafeSpeak), Voicemail: string(r.SafeVoicemail), Text: string(r.SafeText),
			WhoAnswers: r.Safe.WhoAnswers, CoverStory: r.Safe.CoverStory, Note: r.Safe.Note,
		},
	}, nil
}

// overseen is a contact as the log knows it.
func (a *App) overseen(ctx context.Context, s *staff.Session, id string) (oversight.Subject, error) {
	c, tag, err := a.features.contact.Traces(ctx, s, id)
	return oversight.Subject{Tag: tag, Since: c.Sent, Language: facts.LanguageOf(firstOf(c.Record.Language, c.Language))}, err
}

// referredService is a service as a referral names it.
func (a *App) referredService(ctx context.Context, agency, id string) (s casework.ServiceLine, err error) {
	r, err := a.features.directory.Service(ctx, agency, id)
	if err != nil {
		return s, err
	}
	s = casework.ServiceLine{ID: r.ID, Name: r.Name, Organization: r.Organization, Verified: r.Status == directory.Verified}
	for _, p := range r.Phones {
		s.Phones = append(s.Phones, p.PhoneText())
	}
	for _, n := range r.Needs {
		s.Needs = append(s.Needs, n.Code)
	}
	s.Listed = func(words *i18n.Printer) casework.Listing {
		said := directory.Say(words, r.Result)
		l := casework.Listing{Hidden: r.Where.Visibility == directory.Hidden, Hours: hoursTold(r.Result, said), Languages: said.Languages, Cost: r.Cost}
		if !l.Hidden && placeTold(r.Where) {
			l.Where = said.Where
		}
		return l
	}
	return s, nil
}

// house is the hotline as it names itself on paper.
func (a *App) house(ctx context.Context, lang string) (casework.House, error) {
	f, err := a.adminFacts(ctx, lang)
	return casework.House{Name: f.Name, Phones: f.Numbers}, err
}

// referralLines are a contact's referrals, for its page.
func (a *App) referralLines(ctx context.Context, s *staff.Session, id string) (out []contact.ReferralLine, err error) {
	lines, err := a.features.casework.Lines(ctx, s, id)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	for _, l := range lines {
		out = append(out, contact.ReferralLine{ID: l.ID, Service: l.Service, State: a.features.casework.StateWord(s.Person.Language, l.State), At: l.At})
	}
	return out, err
}

// standing is what an account may open, by the groups that it is in.
func (a *App) standing(ctx context.Context, tx *db.Tx, p staff.Person) (s signin.Standing, err error) {
	holders, err := admin.ReadHolders(ctx, tx, p.Agency)
	return signin.Standing{Admission: holders.Admission(p)}, err
}

// knownWords are what a guess at a pass phrase would begin with.
func (a *App) knownWords(ctx context.Context, tx *db.Tx) ([]string, error) {
	return admin.KnownWords(ctx, tx, homeAgency, a.Words)
}
