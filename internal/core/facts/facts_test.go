package facts

import (
	"context"
	"fmt"
	"maps"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

func contact(change ...string) Fact {
	f := Fact{Kind: Contact, Month: "2026-11", Region: "US-IL", Codes: map[string]string{
		"channel": "web", "request_type": "crisis", "substantive": "yes", "language": "es",
	}}
	for i := 0; i < len(change); i += 2 {
		if change[i] == "region" {
			f.Region = change[i+1]
			continue
		}
		f.Codes[change[i]] = change[i+1]
	}
	return f
}

func TestNoTextGetsIn(t *testing.T) {
	refused := map[string]Fact{
		"unknown kind":       {Kind: "person", Month: "2026-11"},
		"day instead":        {Kind: Hour, Month: "2026-11-23", Codes: map[string]string{"hour": "mon-00"}},
		"no month":           {Kind: Hour, Month: "2026-13", Codes: map[string]string{"hour": "mon-00"}},
		"required left out":  {Kind: Hour, Month: "2026-11"},
		"region where none":  {Kind: Hour, Month: "2026-11", Region: "US", Codes: map[string]string{"hour": "mon-00"}},
		"code of no kind":    contact("name", "Maria"),
		"value of no list":   contact("channel", "telegram"),
		"text as value":      contact("proximity", "her brother told me"),
		"name as language":   contact("language", "maria"),
		"no such language":   contact("language", "xyz"),
		"undetermined":       contact("language", "und"),
		"upper case":         contact("language", "ES"),
		"city":               contact("region", "Chicago"),
		"no such country":    contact("region", "XX"),
		"group of countries": contact("region", "EU-1"),
		"part too long":      contact("region", "US-ILLI"),
		"separators":         contact("region", "US-I;L"),
		"line break":         contact("region", "US\n"),
		"empty required":     contact("channel", ""),
	}
	for name, f := range refused {
		err := f.Check()
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		for _, value := range f.Codes {
			if len(value) > 3 && strings.Contains(err.Error(), value) && value != "crisis" {
				t.Errorf("%s: the error repeats what was refused: %v", name, err)
			}
		}
	}
	for name, f := range map[string]Fact{
		"all answered":  contact("contactor", "self", "age_group", "child", "proximity", "own_experience", "disposition", "referred"),
		"country alone": contact("region", "PL"),
		"unknown":       contact("region", Unknown, "language", Declined, "contactor", NotAsked),
		"rare language": contact("language", "ti"),
		"hour":          {Kind: Hour, Month: "2026-11", Codes: map[string]string{"hour": HourOf(time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC))}},
		"referral":      {Kind: Referral, Month: "2026-11", Region: "US-IL", Codes: map[string]string{"need": "legal"}},
		"outcome":       {Kind: Outcome, Month: "2026-11", Codes: map[string]string{"need": "legal", "outcome": "served"}},
	} {
		if err := f.Check(); err != nil {
			t.Errorf("%s: refused: %v", name, err)
		}
	}
}

// The four ways of not knowing are counted apart, and only "not asked" is the
// same as leaving out.
func TestUnknownIsNotNo(t *testing.T) {
	lines := map[string]bool{}
	for _, v := range []string{"self", Unknown, Declined, NotAsked} {
		line, err := contact("contactor", v).line()
		if err != nil {
			t.Fatal(err)
		}
		lines[line] = true
	}
	if len(lines) != 4 {
		t.Errorf("of four answers only %d are told apart: %v", len(lines), lines)
	}
	left, _ := contact().line()
	if !lines[left] {
		t.Error("left out is not the same as not asked")
	}
}

// draw makes facts that are alike and facts that are not.
func draw(t *rapid.T) Fact {
	f := Fact{Kind: Contact, Month: rapid.SampledFrom([]string{"2026-10", "2026-11"}).Draw(t, "month"), Codes: map[string]string{}}
	kind, _ := KindOf(Contact)
	for _, c := range kind.Codes {
		values := c.Values
		switch c.Shape {
		case Language:
			values = append([]string{"es", "en", "zh", "ti", "pl"}, values...)
		case Region:
			values = append([]string{"US-IL", "US", "PL", "US-TX"}, values...)
		}
		if !c.Must && rapid.Bool().Draw(t, "leave out") {
			continue
		}
		f.Codes[c.Name] = rapid.SampledFrom(values).Draw(t, c.Name)
	}
	if r, ok := f.Codes["region"]; ok {
		f.Region = r
		delete(f.Codes, "region")
	}
	return f
}

// rows are what the database holds, for comparing byte by byte.
func rows(t testing.TB, d *db.DB, agency string) (all []string) {
	t.Helper()
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT kind, month, page, lines FROM facts WHERE agency = $1 ORDER BY kind, month, page`, agency)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind, month, page, lines string
			if err := rows.Scan(&kind, &month, &page, &lines); err != nil {
				return err
			}
			all = append(all, kind+" "+month+" "+page+"\n"+lines)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func update(t testing.TB, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, d *db.DB, agency string, q Query) (c Counts) {
	t.Helper()
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = Count(ctx, tx, agency, q)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Whatever the order and however they are gathered into transactions, the same
// facts leave the same bytes: nothing of the order is kept.
func TestOrderLeavesNoTrace(t *testing.T) {
	all := rapid.SliceOfN(rapid.Custom(draw), 1200, 1200).Example(7)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i, agency := range []string{"first", "second", "third"} {
			shuffled := append([]Fact(nil), all...)
			rand.New(rand.NewSource(int64(i))).Shuffle(len(shuffled), func(a, b int) { shuffled[a], shuffled[b] = shuffled[b], shuffled[a] })
			step := []int{7, 400, 1200}[i]
			for len(shuffled) > 0 {
				n := min(step, len(shuffled))
				update(t, d, func(ctx context.Context, tx *db.Tx) error { return Append(ctx, tx, agency, shuffled[:n]...) })
				shuffled = shuffled[n:]
			}
		}
		first := rows(t, d, "first")
		if len(first) < 6 {
			t.Fatalf("only %d pages: the test splits none", len(first))
		}
		for _, other := range []string{"second", "third"} {
			if diff := cmp.Diff(first, rows(t, d, other)); diff != "" {
				t.Errorf("agency %s:\n%s", other, diff)
			}
		}
	}, Migrations)
}

// Count agrees with counting the facts one by one.
func TestCountIsExact(t *testing.T) {
	all := rapid.SliceOfN(rapid.Custom(draw), 700, 700).Example(3)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		update(t, d, func(ctx context.Context, tx *db.Tx) error { return Append(ctx, tx, "a", all...) })
		update(t, d, func(ctx context.Context, tx *db.Tx) error { return Append(ctx, tx, "other agency", all[:50]...) })
		for _, where := range []map[string]string{nil, {"substantive": Yes}, {"language": NotAsked, "channel": "chat"}} {
			want := Counts{By: map[string]map[string]int{"language": {}, "region": {}, "channel": {}}}
			for _, f := range all {
				value := func(code string) string {
					v := f.Codes[code]
					if code == "region" {
						v = f.Region
					}
					if v == "" {
						v = NotAsked
					}
					return v
				}
				fits := f.Month == "2026-11"
				for code, v := range where {
					fits = fits && value(code) == v
				}
				if !fits {
					continue
				}
				want.Total++
				for code := range want.By {
					want.By[code][value(code)]++
				}
			}
			got := count(t, d, "a", Query{Kind: Contact, From: "2026-11", Where: where, By: []string{"language", "region", "channel"}})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("where %v:\n%s", where, diff)
			}
		}
		if got := count(t, d, "a", Query{Kind: Contact, From: "2026-10", To: "2026-11"}).Total; got != len(all) {
			t.Errorf("both months: %d of %d", got, len(all))
		}
	}, Migrations)
}

func TestCorrecting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := Query{Kind: Contact, From: "2026-11", By: []string{"channel"}}
		update(t, d, func(ctx context.Context, tx *db.Tx) error { return Append(ctx, tx, "a", contact(), contact()) })
		update(t, d, func(ctx context.Context, tx *db.Tx) error {
			return Correct(ctx, tx, "a", contact(), contact("channel", "chat"))
		})
		want := Counts{Total: 2, By: map[string]map[string]int{"channel": {"web": 1, "chat": 1}}, Revision: 1}
		if diff := cmp.Diff(want, count(t, d, "a", q)); diff != "" {
			t.Error(diff)
		}

		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return Correct(ctx, tx, "a", contact("channel", "phone"), contact())
		})
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("correcting what was never appended: %v", err)
		}
		update(t, d, func(ctx context.Context, tx *db.Tx) error { return Correct(ctx, tx, "a", contact(), contact()) })
		if diff := cmp.Diff(want, count(t, d, "a", q)); diff != "" {
			t.Errorf("after corrections that change nothing:\n%s", diff)
		}

		moved := contact("channel", "chat")
		moved.Month = "2026-10"
		update(t, d, func(ctx context.Context, tx *db.Tx) error {
			return Correct(ctx, tx, "a", contact("channel", "chat"), moved)
		})
		update(t, d, func(ctx context.Context, tx *db.Tx) error { return Retract(ctx, tx, "a", contact()) })
		if got := count(t, d, "a", q); got.Total != 0 || got.Revision != 3 {
			t.Errorf("in the end %+v", got)
		}
		q.From = "2026-10"
		if got := count(t, d, "a", q); got.Total != 1 || got.Revision != 1 {
			t.Errorf("the month that it moved to: %+v", got)
		}
		update(t, d, func(ctx context.Context, tx *db.Tx) error {
			months, err := Months(ctx, tx, "a", Contact)
			if diff := cmp.Diff([]string{"2026-11", "2026-10"}, months); diff != "" {
				t.Error(diff)
			}
			return err
		})
	}, Migrations)
}

// Two who wrap up at once lose neither fact.
func TestAppendingAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		done := make(chan error)
		const people, each = 4, 10
		for range people {
			go func() {
				for range each {
					if err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
						return Append(ctx, tx, "a", contact())
					}); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range people {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if got := count(t, d, "a", Query{Kind: Contact, From: "2026-11"}).Total; got != people*each {
			t.Errorf("%d facts of %d", got, people*each)
		}
	}, Migrations)
}

// Pages split by hash hold every line once, and each can be found by its hash.
func TestPagesCoverEveryLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := page{lines: map[string]int{}}
		for i := range rapid.IntRange(0, 3000).Draw(t, "lines") {
			p.lines[fmt.Sprintf("channel=%d", i)] = i + 1
		}
		found := map[string]int{}
		for _, part := range p.split() {
			if len(part.lines) > pageLines {
				t.Fatalf("a page of %d lines", len(part.lines))
			}
			for line := range part.lines {
				if !strings.HasPrefix(bits(line), part.name) {
					t.Fatal("a line is on another page than its hash says")
				}
			}
			again, err := readPage(part.name, part.text())
			if err != nil || !maps.Equal(again.lines, part.lines) {
				t.Fatalf("reading a page gives another one: %v", err)
			}
			maps.Copy(found, part.lines)
		}
		if !maps.Equal(found, p.lines) {
			t.Fatal("lines were lost or doubled")
		}
	})
}

func FuzzReadPage(f *testing.F) {
	f.Add("3 channel=web;language=es\n")
	f.Add("-1 \n")
	f.Add("3\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := readPage("", text)
		if err != nil {
			return
		}
		again, err := readPage("", p.text())
		if err != nil || !maps.Equal(p.lines, again.lines) {
			t.Fatalf("not the same after writing and reading: %v", err)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add("contact", "2026-11", "US-IL", "language", "es")
	f.Add("hour", "2026-11", "", "hour", "mon-00")
	f.Fuzz(func(t *testing.T, kind, month, region, code, value string) {
		fact := Fact{Kind: kind, Month: month, Region: region, Codes: map[string]string{
			"channel": "web", "request_type": "tip", "substantive": "yes", code: value,
		}}
		line, err := fact.line()
		if err != nil {
			return
		}
		for part := range strings.SplitSeq(line, ";") {
			if len(part) > 40 || strings.ContainsAny(part, " \n\"'") {
				t.Fatalf("text got in: %q", line)
			}
		}
	})
}

func TestAPlaceAndALanguageAreCountedByTheirCodes(t *testing.T) {
	for _, c := range []struct{ part, country, want string }{
		{"US-IL", "US", "US-IL"}, {"", "PL", "PL"}, {"Illinois", "US", "US"}, {"", "", Unknown}, {"", "ZZ", Unknown}, {"somewhere", "Atlantis", Unknown},
	} {
		if got := RegionOf(c.part, c.country); got != c.want {
			t.Errorf("%q in %q is counted as %q, want %q", c.part, c.country, got, c.want)
		}
	}
	for tag, want := range map[string]string{"es-MX": "es", "zh-Hant": "zh", "ti": "ti", "und": Unknown, "": Unknown, "no such tongue": Unknown} {
		if got := LanguageOf(tag); got != want {
			t.Errorf("%q is counted as %q, want %q", tag, got, want)
		}
	}
}
