package app

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// The files couplings*.go are the complete list of what features need of each
// other: here what the public site needs, in couplings_desk.go what the desk does.

// submit is what the public form does: it makes contact.
func (a *App) submit(ctx context.Context, c site.Contact) (string, error) {
	receipt, err := a.features.contact.Open(ctx, contact.Incoming{
		Channel:     contact.Web,
		RequestType: contact.RequestType(c.About),
		Language:    firstOf(c.Language, c.Page),
		Text:        c.Message,
		About:       c.For,
		Place:       c.Place,
		Country:     c.Country,
		Safe: contact.SafeContact{
			Channel: safeChannels[c.Safe.Channel], Address: c.Safe.Address, From: c.Safe.From, To: c.Safe.To,
			Voicemail: contact.Answer(c.Safe.Voicemail), WhoAnswers: c.Safe.PickUp, CoverStory: c.Safe.Cover, SafeWord: c.Safe.Word,
		},
	}, contact.Once(c.Key), true)
	if errors.Is(err, contact.ErrOnceOther) {
		err = site.ErrOther
	}
	return strings.ReplaceAll(receipt.Code, " ", ""), err // the page has its own way of showing it
}

// safeChannels are the form's words for the ways to answer.
var safeChannels = map[string]string{"mailbox": "none", "phone": "phone", "sms": "text", "email": "email"}

// statuses are the site's words for how far a contact is.
var statuses = map[contact.Status]string{
	contact.StatusReceived: "waiting",
	contact.StatusReading:  "reading",
	contact.StatusAnswered: "answered",
	contact.StatusClosed:   "closed",
}

func (a *App) openMailbox(ctx context.Context, code string) (m site.Mailbox, err error) {
	box, err := a.features.contact.OpenMailbox(ctx, code)
	if err != nil {
		return m, err
	}
	m.Status = statuses[box.Status]
	asked, err := a.features.retention.Asked(ctx, box.Contact())
	if err != nil {
		return m, err
	}
	if asked != nil {
		m.Deletion, m.DeleteOn = string(asked.State), asked.Earliest()
	}
	for _, l := range box.Lines {
		m.Lines = append(m.Lines, site.Line{Ours: l.Reply, Text: l.Text, Sent: l.At, Pictures: l.Pictures, Others: l.Others})
	}
	return m, nil
}

func (a *App) writeMailbox(ctx context.Context, lang, code, key, text string) error {
	box, err := a.features.contact.OpenMailbox(ctx, code)
	if err != nil {
		return err
	}
	again := contact.Again{Text: text, Channel: contact.Web, Language: lang}
	return a.features.contact.WriteAgain(ctx, box, again, contact.Once(key))
}

// sendFiles is the step after a message, for pictures and files.
func (a *App) sendFiles(ctx context.Context, lang, code, key string, next site.Files) (sent site.Sent, err error) {
	box, err := a.features.contact.OpenMailbox(ctx, code)
	if err != nil {
		return sent, err
	}
	again := contact.Again{Channel: contact.Web, Language: lang}
	taken, err := a.features.contact.SendFiles(ctx, box, again, contact.Files(next), contact.Once(key))
	sent.Taken = taken.Files()
	for _, r := range taken.Refused {
		sent.Refused = append(sent.Refused, site.Refused{Which: r.Which, Why: firstOf(fileProblems[r.Word], "broken")})
	}
	return sent, err
}

// fileProblems are the site's words for why a file is not taken.
var fileProblems = map[string]string{
	"contact.error.file_large": "large", "contact.error.file_empty": "empty", "contact.error.file_broken": "broken",
	"contact.error.files_many": "many", "contact.error.files_total": "total", "contact.error.file_room": "room", "error.storage": "room",
}

func (a *App) hideMailbox(ctx context.Context, code string) error {
	box, err := a.features.contact.OpenMailbox(ctx, code)
	if err != nil {
		return err
	}
	return a.features.contact.Hide(ctx, box)
}

// endAnswer is what leaving the site does to the answer that a repeated
// request would get. A key that is none of ours ends nothing.
func (a *App) endAnswer(ctx context.Context, key string) error {
	once, err := contact.ParseOnce(key)
	if errs.Is(err, errs.Invalid) || once == "" {
		return nil
	}
	return a.features.contact.EndAnswer(ctx, once)
}

// ages stand for who a service is for, where somebody answered that question.
var ages = map[string]int{"adult": 30, "child": 12}

// choices are what the public search offers to choose from.
func (a *App) choices(_ context.Context, lang string) (needs, groups []site.Choice, err error) {
	words := a.Words.For(lang)
	for _, n := range directory.Needs() {
		needs = append(needs, site.Choice{Value: n, Label: words.T("directory.need." + n)})
	}
	for _, g := range []string{"adult", "child"} {
		groups = append(groups, site.Choice{Value: g, Label: words.T("contact.age_group." + g)})
	}
	return needs, groups, nil
}

// findServices searches what the public may see: verified services, and of
// confidential places nothing that tells where they are.
func (a *App) findServices(ctx context.Context, s site.Search) (found site.Found, err error) {
	q := directory.Query{
		Agency: homeAgency, Place: s.Place, Country: s.Country, From: s.Country, Age: ages[s.Group], Public: true, Unsure: true, Limit: s.Most, Language: s.Speaks,
	}
	if s.Need != "" {
		q.Needs = []string{s.Need}
	}
	res, err := a.features.directory.Search(ctx, q)
	if err != nil {
		return found, err
	}
	found.PlaceUnknown, found.More = res.PlaceUnknown, res.Total > len(res.Items)
	if res.PlaceUnknown {
		return found, nil // services of everywhere are no answer to a place that is not known
	}
	found.Place = res.Place
	words := a.Words.For(s.Lang)
	for _, r := range res.Items {
		one := publicService(words, r)
		one.Spot = spotOf(res.Around, r.Where.At)
		found.Services = append(found.Services, one)
	}
	return found, nil
}

// spotOf is how far east and north a service is of the place that was asked for.
func spotOf(here, at *directory.Point) *site.Spot {
	if here == nil || at == nil {
		return nil
	}
	const degree = 111.2 // km of a degree along a meridian
	east := math.Remainder(at.Lon-here.Lon, 360) * degree * math.Cos(here.Lat*math.Pi/180)
	return &site.Spot{East: east, North: (at.Lat - here.Lat) * degree}
}

func publicService(words *i18n.Printer, r directory.Result) site.Service {
	said := directory.Say(words, r)
	s := site.Service{
		ID: r.ID, Name: r.Name, About: text.Cut(r.Description, 300), Site: r.URL, Address: r.Where.Address,
		Cost: r.Cost, Papers: r.Papers, For: r.Eligibility, Immigration: said.Immigration, Why: said.Fits, Checked: r.Checked,
		Opening: openingOf(r),
	}
	if !r.StandIn { // else its name is a number that we gave it
		s.Organization = r.Organization
	}
	if r.Where.Known {
		s.Kilometres = int(math.Ceil(r.Where.KM))
	}
	for _, p := range r.Phones {
		s.Phones = append(s.Phones, p.PhoneText())
	}
	for _, l := range r.Languages {
		s.Languages = append(s.Languages, l.Code)
	}
	return s
}
