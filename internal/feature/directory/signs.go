package directory

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Sign is something that fake agencies often have. Honest ones have some of
// them too: it is a reason to look, and decides nothing.
type Sign struct {
	Code   string // words under "directory.sign.<code>"
	Value  string
	Others []string // names of other agencies that it is about
}

// traits are what of an agency is compared with others.
type traits struct {
	name, skeleton string
	words          string // of the name, in order
	phones         []string
	hosts, mails   []string // of web addresses, of e-mail addresses
	places         []string
	registered     bool
	founded        int
	lure           string // words of jobs and visas in what it offers
	shelters       bool
}

// evidence is the traits of all agencies, and who shares them.
type evidence struct {
	revision int64 // the newest of a record
	of       map[string]*traits
	by       map[string][]string // "phone 3125550100" → agencies
}

// evidence gives that of an agency's directory as it is now. Vouching and
// checking change no record, so that it lasts while vetters work.
func (f *Feature) evidence(ctx context.Context, agency string) (*evidence, error) {
	var now int64
	err := f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := revision(ctx, tx, agency)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `SELECT COALESCE(MAX(revision), 0) FROM directory_change WHERE agency = $1 AND kind <> $2`, agency, changedCheck).Scan(&now)
		now = max(now, all-keptChanges) // what is further back is not written down any more
		return err
	})
	if err != nil {
		return nil, err
	}
	fresh := func(e *evidence) bool { return e != nil && e.revision >= now }
	return f.signals.get(agency, fresh, func(*evidence) (e *evidence, err error) {
		err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
			all, err := allRecords(ctx, tx, agency)
			if err == nil {
				e, err = gather(all)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		e.revision = now
		return e, nil
	})
}

// gather reads the traits. A confidential place is no evidence: two addresses
// that match would tell it.
func gather(all []*stored) (*evidence, error) {
	e := &evidence{of: map[string]*traits{}, by: map[string][]string{}}
	for i, s := range all {
		key := s.organization
		switch s.kind {
		case entOrganization:
			key = s.id
		case entService:
			key = agencyOf(s.organization, s.id)
		case entLocation:
		default:
			continue
		}
		o, err := s.object()
		if err != nil {
			return nil, err
		}
		all[i] = nil // what is kept of it is little
		if key == "" || str(o, mergedInto) != "" {
			continue
		}
		if e.of[key] == nil {
			e.of[key] = &traits{}
		}
		e.of[key].read(s.kind, o, s.organization == "" && s.kind == entService)
	}
	for _, id := range sortedKeys(e.of) {
		for _, mark := range e.of[id].marks() {
			e.by[mark] = append(e.by[mark], id)
		}
	}
	return e, nil
}

func (t *traits) read(kind string, o Object, alone bool) {
	if kind == entLocation && visibilityOf(o) != Full {
		return
	}
	if kind == entOrganization || alone {
		if !truth(o["stand_in"]) {
			t.name = str(o, "name")
			t.skeleton, t.words = skeleton(t.name), nameWords(t.name)
		}
		t.registered = t.registered || str(o, "tax_id") != "" || len(objects(o, "organization_identifiers")) > 0
		t.founded, _ = strconv.Atoi(str(o, "year_incorporated"))
	}
	t.reach(o)
	for _, c := range objects(o, "contacts") {
		t.reach(c)
	}
	switch kind {
	case entLocation:
		for _, a := range objects(o, "addresses") {
			if street := fold.Key(str(a, "address_1")); street != "" {
				t.places = also(t.places, street+" "+fold.Key(first(str(a, "postal_code"), str(a, "city"))))
			}
		}
	case entService:
		stated, derived := needsOf(o)
		t.shelters = t.shelters || (stated|derived)&needBit["shelter"] != 0
	}
	for _, field := range []string{"name", "description", "application_process", "eligibility_description", "alert"} {
		t.lure = first(t.lure, lureIn(str(o, field)))
	}
}

// reach reads by what somebody is reached.
func (t *traits) reach(o Object) {
	for _, p := range objects(o, "phones") {
		if n := digits(str(p, "number")); len(n) >= 7 { // a short code is another one's in the next country
			t.phones = also(t.phones, n)
		}
	}
	for _, field := range []string{"website", "url"} {
		if h := hostOf(str(o, field)); h != "" {
			t.hosts = also(t.hosts, h)
		}
	}
	if _, domain, ok := strings.Cut(strings.ToLower(strings.TrimSpace(str(o, "email"))), "@"); ok {
		t.mails = also(t.mails, domain)
	}
}

func also(list []string, one string) []string {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

func hostOf(address string) string {
	u, err := url.Parse(webAddress(address))
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// marks are the traits that two agencies should not share.
func (t *traits) marks() (list []string) {
	for _, n := range t.phones {
		list = append(list, "phone "+n)
	}
	for _, h := range slices.Concat(t.hosts, t.mails) {
		if !freeMail(h) && !shortLinks[h] && !houses[h] {
			list = also(list, "domain "+h)
		}
	}
	for _, p := range t.places {
		list = append(list, "address "+p)
	}
	return list
}

// signs of an agency, those first that say most.
func (e *evidence) signs(id string, now time.Time) (list []Sign) {
	t := e.of[id]
	if t == nil {
		return nil
	}
	if others := e.looksLike(id); len(others) > 0 {
		list = append(list, Sign{Code: "name", Others: others})
	}
	for _, mark := range t.marks() {
		kind, value, _ := strings.Cut(mark, " ")
		var others []string
		for _, other := range e.by[mark] {
			if n := e.of[other].name; other != id && n != "" && (kind != "address" || n != t.name) {
				others = also(others, n)
			}
		}
		if len(others) > 0 && len(e.by[mark]) <= often { // more share a switchboard, or an office's domain
			list = append(list, Sign{Code: kind, Value: value, Others: others})
		}
	}
	for _, m := range t.mails {
		if freeMail(m) {
			list = append(list, Sign{Code: "free_mail", Value: m})
		}
	}
	for _, h := range t.hosts {
		if shortLinks[h] {
			list = append(list, Sign{Code: "short_link", Value: h})
		}
	}
	if t.lure != "" && t.shelters {
		list = append(list, Sign{Code: "lure", Value: t.lure})
	}
	if !t.registered {
		list = append(list, Sign{Code: "registration"})
	}
	if t.founded >= now.Year()-1 && t.founded <= now.Year() {
		list = append(list, Sign{Code: "new", Value: strconv.Itoa(t.founded)})
	}
	return list
}

// looksLike are the names that somebody could take for an agency's.
func (e *evidence) looksLike(id string) (names []string) {
	t := e.of[id]
	if t.skeleton == "" {
		return nil
	}
	for _, other := range sortedKeys(e.of) {
		o := e.of[other]
		if other != id && o.skeleton != "" && (o.skeleton == t.skeleton || o.words == t.words && t.words != "" || oneLetterApart(o.skeleton, t.skeleton)) {
			names = also(names, o.name)
		}
		if len(names) > often {
			break
		}
	}
	return names
}

// twins are letters and digits that a reader takes for one another.
var twins = strings.NewReplacer(
	"а", "a", "в", "b", "е", "e", "к", "k", "м", "m", "н", "h", "о", "o", "р", "p", "с", "c", "т", "t", "у", "y", "х", "x", "і", "i", "ј", "j", "ѕ", "s", "ԁ", "d",
	"α", "a", "β", "b", "ε", "e", "ι", "i", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x",
	"0", "o", "1", "l", "5", "s", "rn", "m", "vv", "w", " ", "", "-", "",
)

// skeleton is what is left of a name when what looks alike is the same.
func skeleton(name string) string {
	return strings.ReplaceAll(twins.Replace(fold.Key(name)), "i", "l")
}

func nameWords(name string) string {
	_, words, _ := strings.Cut(strings.Join(newMarks(name, "").all, ""), "name ")
	if !strings.Contains(words, " ") {
		return "" // one word alone is a word, and no name
	}
	return words
}

// longEnough is how many letters names must have to be compared loosely.
const longEnough = 8

// oneLetterApart says whether one letter more, less or other makes one of the other.
func oneLetterApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) < longEnough || len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	rest := y[i:]
	if len(x) == len(y) {
		return i == len(x) || slices.Equal(x[i+1:], rest[1:])
	}
	return slices.Equal(x[i:], rest[1:])
}

// lures are words by which people are led abroad; each is folded. Training for
// work, and visas that the law has for victims, are what honest agencies offer.
var lures = []string{
	"job offer", "job abroad", "jobs abroad", "work abroad", "job overseas", "jobs overseas", "work overseas", "employment abroad", "work visa", "visa support", "visa arranged",
	"we arrange visas", "modelling", "modeling", "model agency", "hostess", "dancers wanted", "au pair",
	"trabajo en el extranjero", "empleo en el extranjero", "visa de trabajo", "agencia de modelos", "modelaje", "azafatas",
	"praca za granica", "praca w charakterze hostessy", "agencja modelek", "modelki", "wiza pracownicza",
	"работа за границей", "работа за рубежом", "модельное агентство", "рабочая виза",
	"出国工作", "海外工作", "模特", "工作签证",
	"عمل في الخارج", "وظائف في الخارج", "عرض ازياء", "تاشيره عمل",
}

func lureIn(s string) string {
	text := " " + fold.Text(s) + " "
	for _, l := range lures {
		if strings.Contains(text, l) {
			return l
		}
	}
	return ""
}

// freeMail says whether anybody gets an address there for nothing.
func freeMail(domain string) bool {
	family, _, _ := strings.Cut(domain, ".")
	return mailFamilies[family] || mailHouses[domain]
}

func setOf(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

var (
	mailFamilies = setOf("gmail googlemail yahoo ymail hotmail outlook live gmx yandex protonmail tutanota mailinator yopmail")
	mailHouses   = setOf(`aol.com icloud.com me.com proton.me pm.me tuta.io web.de mail.com zoho.com mail.ru ya.ru inbox.ru list.ru bk.ru rambler.ru ukr.net i.ua
		meta.ua wp.pl o2.pl onet.pl op.pl interia.pl seznam.cz abv.bg qq.com 163.com 126.com sina.com foxmail.com rediffmail.com libero.it laposte.net`)
	shortLinks = setOf(`bit.ly tinyurl.com t.co goo.gl ow.ly is.gd v.gd buff.ly cutt.ly rebrand.ly shorturl.at rb.gy t.ly tiny.cc lnkd.in linktr.ee wa.me t.me
		telegram.me clck.ru vk.cc soo.gd s.id`)
	// houses are where many who have nothing to do with each other have a page.
	houses = setOf(`facebook.com m.facebook.com instagram.com twitter.com x.com youtube.com vk.com tiktok.com sites.google.com docs.google.com forms.gle
		linkedin.com github.io wordpress.com`)
)
