package contact

import (
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// A longer text than this is folded until somebody asks for it: a page opened
// beside a colleague, or at the end of a long shift, shows no more of a story
// than is needed to go on.
const (
	foldLines = 6
	foldRunes = 420
	headLines = 3
	headRunes = 220
)

// lineView is one line of the conversation as the page shows it.
type lineView struct {
	Seq        int64 // 0: the first message
	Kind       Kind
	At         time.Time
	From       string // a colleague's name
	Text, Head string // Head is the beginning of a folded text
	Characters int    // of a folded text
	Told       bool   // said aloud, and written down by a colleague
	Files      []fileView
}

// Whose names, as the end of a word key, who speaks here.
func (l lineView) Whose() string {
	switch {
	case l.Told:
		return "told"
	case l.Files != nil && l.Kind == In:
		return "sent"
	case l.Files != nil:
		return "added"
	}
	return string(l.Kind)
}

// Folded says that only the head shows until asked.
func (l lineView) Folded() bool { return l.Head != "" }

func lineOf(m Message, names map[string]string) lineView {
	l := lineView{Seq: m.Seq, Kind: m.Kind, At: m.At, From: names[m.Staff], Text: m.Text}
	if m.Kind == In || m.Kind == Note {
		l.Head = head(m.Text)
	}
	if l.Head != "" {
		l.Characters = len([]rune(m.Text))
	}
	return l
}

func (c Contact) linesOf(list []Message, names map[string]string) []lineView {
	out := make([]lineView, len(list))
	for i, m := range list {
		out[i] = lineOf(m, names)
		out[i].Files = c.filesOf(m)
	}
	return out
}

// head is the beginning of a text that is too long to show at once, empty for one that is not.
func head(s string) string {
	lines := strings.SplitAfterN(s, "\n", foldLines+1)
	if len(lines) <= foldLines && text.Fits(s, foldRunes) {
		return ""
	}
	return text.Cut(strings.TrimSpace(strings.Join(lines[:min(len(lines), headLines)], ""))+" …", headRunes)
}

// sayView is a box in which a colleague writes: a reply or a note.
type sayView struct {
	ID    string // of the contact
	Kind  Kind
	Text  string
	Error string // a word key
}

// Once marks what is written in the box, so that sending it twice says it once.
func (sayView) Once() string { return ids.New() }

// talkView is the conversation with the two boxes under it.
type talkView struct {
	ID          string
	Mailbox     bool // whether anybody can read a reply
	Lines       []lineView
	Last        int64 // the highest number shown
	Wait        int64 // ms; see factsView.Wait
	Back        bool
	Reply, Note sayView
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
