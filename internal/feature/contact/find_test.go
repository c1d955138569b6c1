package contact

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo/fold"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// finds is what a search finds, to its end: ids, with "?" where only that there is one is shown.
func (h *house) finds(s *staff.Session, words string) (ids []string) {
	h.t.Helper()
	from := ""
	for {
		found, err := h.Find(h.t.Context(), s, words, from)
		h.ok(err)
		for _, hit := range found.List {
			id := hit.ID
			if hit.Outside {
				id = "?" + id
			}
			if hit.Outside != (hit.Line == nil) {
				h.t.Errorf("%s: outside %t, line %v", id, hit.Outside, hit.Line)
			}
			ids = append(ids, id)
		}
		if from = found.Next; from == "" {
			slices.Sort(ids)
			return ids
		}
	}
}

// regroup gives a contact to a new group, with some members.
func (h *house) regroup(id, name string, members ...*staff.Session) {
	h.t.Helper()
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var list []keyring.Member
		for _, m := range members {
			list = append(list, keyring.Member{ID: m.Person.ID, Public: m.Person.Public})
		}
		g, err := keyring.Create(ctx, tx, agency, name, list...)
		if err != nil {
			return err
		}
		r, err := get(ctx, tx, agency, id)
		if err != nil {
			return err
		}
		keys, err := h.open(ctx, tx, r, h.supervisor)
		if err != nil {
			return err
		}
		if err := h.renew(ctx, tx, &r, keys, g, h.supervisor.Person.ID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE contacts SET key_group = $2 WHERE id = $1`, id, g.ID)
		return err
	}))
}

// Whoever searches finds what they may open, and nothing tells them of more.
func TestWhoFindsWhat(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		waiting, own, team := h.write("the red van").ID, h.write("a red van").ID, h.write("red, a van").ID
		ownClosed, closed, legal, few := h.write("van: red").ID, h.write("van red").ID, h.write("red van").ID, h.write("RED VAN").ID
		h.write("a blue van")
		for id, s := range map[string]*staff.Session{own: h.advocate, ownClosed: h.advocate, team: h.other, closed: h.other, legal: h.advocate, few: h.other} {
			h.ok(h.Take(ctx, s, id))
		}
		h.ok(h.Close(ctx, h.advocate, ownClosed, complete))
		h.ok(h.Close(ctx, h.other, closed, complete))
		h.regroup(legal, "legal")                    // hers once, and of a group that she is not in
		h.regroup(few, "few", h.other, h.supervisor) // of a few people

		for _, each := range []struct {
			who  string
			s    *staff.Session
			want []string
		}{
			{"advocate", h.advocate, []string{own, ownClosed}},
			{"other", h.other, []string{team, closed, few}},
			{"supervisor", h.supervisor, []string{waiting, own, team, "?" + ownClosed, "?" + closed, few}},
			{"not admitted", h.fresh, nil},
		} {
			slices.Sort(each.want)
			for _, heat := range []string{"cold", "warm"} {
				if got := h.finds(each.s, "van red"); !slices.Equal(got, each.want) {
					t.Errorf("%s, %s: %q, want %q", each.who, heat, got, each.want)
				}
			}
		}
		for range 2 { // with a reason it shows its line, and is still there without one for others
			h.ok(h.OpenOutside(ctx, h.supervisor, closed, "quality", ""))
			if got := h.finds(h.supervisor, "van red"); !slices.Contains(got, closed) || slices.Contains(got, "?"+closed) {
				t.Errorf("with a reason: %q", got)
			}
		}
		if got := h.log.Actions(closed); !slices.Contains(got, "contact.find outside") || !slices.Contains(got, "contact.read found") {
			t.Errorf("in the log: %q", got)
		}
		if got := h.log.Actions(legal); slices.ContainsFunc(got, func(a string) bool { return strings.Contains(a, "find") || strings.Contains(a, "found") }) {
			t.Errorf("of what nobody found: %q", got)
		}

		// Who is taken out of a group finds nothing of it, whatever keys are open.
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			g, err := keyring.Find(ctx, tx, agency, "few")
			if err != nil {
				return err
			}
			return g.Remove(ctx, tx, h.supervisor.Person.ID)
		}))
		if got := h.finds(h.supervisor, "van red"); slices.Contains(got, few) {
			t.Error("a supervisor who has left a group finds what is in it")
		}
	})
}

// The words may stand in different parts of a contact.
func TestWordsAreFoundInAllOfAContact(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("He keeps my papers. Nos llevó a Kraków")
		h.ok(h.Take(ctx, h.advocate, r.ID))
		h.ok(h.Say(ctx, h.advocate, r.ID, Out, "we can help", ""))
		h.ok(h.Say(ctx, h.advocate, r.ID, Note, "she mentions O'Brien & Söhne\nand a farm", ""))
		box, err := h.OpenMailbox(ctx, r.Code)
		h.ok(err)
		h.ok(h.WriteAgain(ctx, box, Again{Text: "أنا في القَاهِرة ومعي 北京来的朋友", Channel: Web, Language: "ar"}, ""))
		rec := complete
		rec.Summary, rec.Plate, rec.Safe.CoverStory = "afraid of her boss", "ABC-1234", "the dentist"
		h.ok(h.SaveRecord(ctx, h.advocate, r.ID, rec))

		for _, heat := range []string{"cold", "warm"} {
			for _, words := range []string{
				"papers", "PAPERS keep", "krakow", "Kraków llevo", "obrien", "o’brien sohne", "farm", "القاهره", "北京", "朋友",
				"boss", "abc 1234", "dentist help", "papers help farm القاهرة boss 1234",
			} {
				if got := h.finds(h.advocate, words); !slices.Equal(got, []string{r.ID}) {
					t.Errorf("%s: %q finds %q", heat, words, got)
				}
			}
			for _, words := range []string{"passport", "papers passport", "南京", "taken", "channel", "own_experience", "incoming"} {
				if got := h.finds(h.advocate, words); got != nil {
					t.Errorf("%s: %q finds it", heat, words)
				}
			}
		}
		for words, want := range map[string]string{
			"sohne obrien": "she mentions [O'Brien] & [Söhne]\nand a farm", "PAPER": "He keeps my [paper]s. Nos llevó a Kraków",
			"القاهره": "أنا في [القَاهِرة] ومعي 北京来的朋友", "京来": "أنا في القَاهِرة ومعي 北[京来]的朋友",
		} {
			found, err := h.Find(ctx, h.advocate, words, "")
			h.ok(err)
			if got := written(found.List[0].Line); got != want {
				t.Errorf("%q is shown as %q, want %q", words, got, want)
			}
		}
		for words, kind := range map[string]errs.Kind{
			"": errs.Invalid, " … ": errs.Invalid, strings.Repeat("a", 201): errs.TooLarge, "a b c d e f g h i j k l m n o p q": errs.TooLarge,
		} {
			_, err := h.Find(ctx, h.advocate, words, "")
			h.refused(err, kind)
		}
		for _, from := range []string{"x", "1.<", "." + strings.Repeat("a", 100)} {
			_, err := h.Find(ctx, h.advocate, "papers", from)
			h.refused(err, errs.Invalid)
		}
	})
}

func written(line []Piece) (s string) {
	for _, p := range line {
		if p.On {
			p.Text = "[" + p.Text + "]"
		}
		s += p.Text
	}
	return s
}

// More than one answer shows is found by searching on, each once.
func TestASearchGoesOnWhereItEnded(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const many = foundShown*2 + 7
		var want []string
		for i := range many {
			id := h.write(fmt.Sprintf("the same words, %d", i)).ID
			h.ok(h.Take(t.Context(), h.advocate, id))
			want = append(want, id)
		}
		slices.Sort(want)
		if got := h.finds(h.advocate, "same words"); !slices.Equal(got, want) {
			t.Errorf("%d found of %d", len(got), many)
		}
		first, err := h.Find(t.Context(), h.advocate, "same words", "")
		h.ok(err)
		if len(first.List) != foundShown || first.Looked != foundShown || first.Next == "" {
			t.Errorf("the first answer: %d, looked at %d, on from %q", len(first.List), first.Looked, first.Next)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.Find(ctx, h.advocate, "same words", ""); err == nil {
			t.Error("a search that nobody waits for goes on")
		}
	})
}

// Keys that a search opened are forgotten with the lock, and with the contact.
func TestOpenedKeysAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		s := h.signedIn(h.supervisor)
		gone, stays := h.write("a word").ID, h.write("a word").ID
		if got := h.finds(s, "word"); len(got) != 2 || h.openKeys.count != 2 {
			t.Fatalf("found %d, kept %d", len(got), h.openKeys.count)
		}
		h.openKeys.forgetLocked(ctx, h.DB)
		if h.openKeys.count != 2 {
			t.Fatal("forgotten while the screen is open")
		}
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return h.Shred(ctx, tx, agency, gone) }))
		if h.openKeys.count != 1 || h.openKeys.of(openedMark(s), gone, 1) != nil {
			t.Error("the key of a deleted contact is kept")
		}
		if got := h.finds(s, "word"); !slices.Equal(got, []string{stays}) {
			t.Errorf("found %q", got)
		}
		h.leaves()
		h.ok(h.Say(ctx, h.supervisor, h.takes(h.supervisor, stays), Note, "a later word", "")) // under its next key
		if got := h.finds(s, "later word"); !slices.Equal(got, []string{stays}) {
			t.Errorf("under its next key: %q", got)
		}
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { _, err := s.Lock(ctx, tx); return err }))
		h.openKeys.forgetLocked(ctx, h.DB)
		if h.openKeys.count != 0 || len(h.openKeys.lists) != 0 {
			t.Errorf("locked, and %d are kept", h.openKeys.count)
		}
	})
}

func (h *house) takes(s *staff.Session, id string) string {
	h.t.Helper()
	h.ok(h.Take(h.t.Context(), s, id))
	return id
}

// Whatever the text, a word of it finds it and one that is not in it does not.
func TestAWordOfATextFindsIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := text.Clean(rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("aA.'’-éE\u0301łŁßİ ﬁ½ÅКиё\u0650ةىـ北京\ufffd&<\"\\\n\t\u2028가")), 0, 40, -1)).Draw(t, "text"))
		raw := string(encode(Incoming{Text: s}))
		for word := range strings.FieldsSeq(s) {
			l, err := lookFor(word)
			if err != nil {
				continue // nothing but marks, or more than can be looked for
			}
			if !l.all(l.in(s)) {
				t.Fatalf("%q does not find %q", word, s)
			}
			if l.in(raw)&l.in(s) != l.in(s) {
				t.Fatalf("%q is not seen in %s", word, raw)
			}
			var marked []string
			for _, p := range l.mark(s) {
				if p.On {
					marked = append(marked, fold.Text(p.Text))
				}
			}
			if len(marked) == 0 {
				t.Fatalf("%q is not marked in %q", word, s)
			}
		}
		other := rapid.StringMatching(`[a-zА-я北京]{1,8}`).Draw(t, "other")
		l, err := lookFor(other)
		if err != nil {
			return
		}
		if got, want := l.all(l.in(s)), strings.Contains(fold.Text(s), fold.Text(other)); got != want {
			t.Fatalf("%q in %q: %t", other, s, got)
		}
		if l.in(s) == 0 {
			for _, p := range l.mark(s) {
				if p.On {
					t.Fatalf("%q is marked in %q", other, s)
				}
			}
		}
	})
}
