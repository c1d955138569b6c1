package contact

import (
	"golang.org/x/text/language"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// Limits of what a person can send, in characters.
const (
	MaxText = 20000
	maxLine = 500
)

// Incoming is what somebody sends to make contact. Only Text is required.
type Incoming struct {
	Channel     Channel     `json:"channel"`
	RequestType RequestType `json:"request_type"`
	Language    string      `json:"language"` // BCP 47
	Text        string      `json:"text"`
	About       string      `json:"about"` // one of Abouts, or their own words
	Place       string      `json:"place"`
	Country     string      `json:"country"` // ISO 3166-1, as chosen on the site
	Safe        SafeContact `json:"safe_contact"`
}

// SafeContact is the person's own word on how we may answer. The default is
// that we do not: they come to us with their code.
type SafeContact struct {
	Channel    string `json:"channel,omitempty"` // none, phone, text, email
	Address    string `json:"address,omitempty"` // number or address
	From       string `json:"from,omitempty"`    // local time, "18:00"
	To         string `json:"to,omitempty"`
	Voicemail  Answer `json:"voicemail,omitempty"`
	WhoAnswers string `json:"who_answers,omitempty"`
	CoverStory string `json:"cover_story,omitempty"`
	SafeWord   string `json:"safe_word,omitempty"`
	Note       string `json:"note,omitempty"` // what came as one sentence
}

// SafeChannels are the ways in which somebody can allow us to answer.
var SafeChannels = []string{"none", "phone", "text", "email"}

// Given says whether the person told us anything about safe ways at all.
func (s SafeContact) Given() bool { return s != SafeContact{} && s != SafeContact{Channel: "none"} }

// message mends what somebody wrote and says whether it can be taken.
func message(words string) (string, error) {
	words = text.Clean(words)
	switch {
	case text.Blank(words):
		return "", errs.In("text", "contact.error.text_empty")
	case !text.Fits(words, MaxText):
		return "", &errs.Error{Kind: errs.TooLarge, Word: "contact.error.text_long", Field: "text"}
	}
	return words, nil
}

// coded gives a BCP 47 tag as it may stand in clear: language, script and
// region, each from a closed list. What a tag can hold besides (variants,
// extensions, private use) is free text in disguise, and is left out.
func coded(tag string) (string, error) {
	wrong := errs.In("language", "contact.error.language")
	if len(tag) > 35 { // before it is parsed, which takes long for what is long
		return "", wrong
	}
	parsed, err := language.Parse(tag)
	if err != nil {
		return "", wrong
	}
	bare, err := language.Compose(parsed.Raw())
	if err != nil {
		return "", wrong
	}
	return bare.String(), nil
}

// clean mends every text and checks every code. The error names the field.
func (in *Incoming) clean() error {
	in.Text = text.Clean(in.Text)
	for _, line := range []*string{
		&in.About, &in.Place, &in.Country, &in.Safe.Channel, &in.Safe.Address, &in.Safe.From, &in.Safe.To,
		&in.Safe.WhoAnswers, &in.Safe.CoverStory, &in.Safe.SafeWord, &in.Safe.Note, &in.Language,
	} {
		*line = text.Line(*line)
	}
	if in.RequestType == "" {
		in.RequestType = Unsure
	}
	if in.Language == "" {
		in.Language = "und"
	}
	return in.check()
}

func (in *Incoming) check() error {
	switch {
	case text.Blank(in.Text):
		return errs.In("text", "contact.error.text_empty")
	case !text.Fits(in.Text, MaxText):
		return &errs.Error{Kind: errs.TooLarge, Word: "contact.error.text_long", Field: "text"}
	case !oneOf(Channels, in.Channel):
		return errs.In("channel", "contact.error.code")
	case !oneOf(Asked, in.RequestType):
		return errs.In("request_type", "contact.error.code")
	case in.Country != "" && !facts.ValidRegion(in.Country):
		return errs.In("country", "contact.error.code")
	}
	if in.Safe.Channel != "" && !oneOf(SafeChannels, in.Safe.Channel) {
		return errs.In("safe_contact", "contact.error.code")
	}
	if in.Safe.Voicemail != "" && !oneOf(Answers, in.Safe.Voicemail) {
		return errs.In("safe_contact", "contact.error.code")
	}
	var err error
	if in.Language, err = coded(in.Language); err != nil {
		return err
	}
	for field, line := range map[string]string{
		"about": in.About, "place": in.Place,
		"safe_contact": in.Safe.Address + in.Safe.WhoAnswers + in.Safe.CoverStory + in.Safe.SafeWord + in.Safe.Note + in.Safe.From + in.Safe.To,
	} {
		if !text.Fits(line, maxLine) {
			return &errs.Error{Kind: errs.TooLarge, Word: "contact.error.line_long", Field: field}
		}
	}
	return nil
}
