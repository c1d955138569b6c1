package app

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// canaries are words that stand nowhere but in one record, with that record's
// id. A field that holds one, and an answer in which it turns up, tell a leak
// by themselves: nobody has to think of the page that leaks.
type canaries map[string]string

var canaryForm = regexp.MustCompile(`cnry[a-z2-7]{26}`)

// next is a new word, of the record that is named next.
func (c canaries) next() string {
	word := "cnry" + ids.New()
	c[word] = ""
	return word
}

// of says that the words since are of a record.
func (c canaries) of(record string) {
	for word := range maps.Keys(c) {
		if c[word] == "" {
			c[word] = record
		}
	}
}

// coded are the fields that take no words of anybody's own.
var coded = []string{"Language", "Country", "Region", "Contactor", "Proximity", "AgeGroup", "Substantive", "Disposition", "Channel"}

// fill puts a word into each field of a struct that takes words. A new field is
// filled by itself; one that takes codes says so by failing.
func (c canaries) fill(p any) {
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Kind() == reflect.Struct:
			c.fill(f.Addr().Interface())
		case f.Type() == reflect.TypeFor[string]() && !slices.Contains(coded, v.Type().Field(i).Name):
			f.SetString(c.next())
		}
	}
}

// incoming is what somebody sends, every field filled.
func (c canaries) incoming() contact.Incoming {
	in := contact.Incoming{Channel: contact.Web, Language: "es"}
	c.fill(&in)
	return in
}

// leaks says which canaries an answer has that the viewer may not read, and
// which ids of records that they must not know of. at is the record that was
// asked for by its id, which stands in the address.
func (g *gate) leaks(v *viewer, at string, got reply) {
	g.t.Helper()
	all := fmt.Sprint(got.header, got.body)
	for _, word := range canaryForm.FindAllString(all, -1) {
		if record := g.canaries[word]; !g.matrixSays(v, record, "yes", staff.ReadContact, staff.ReadReferral) {
			g.t.Errorf("%s was shown %s, which is in a record that they may not read", v.name, word)
		}
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(idForm.FindAllString(all, -1)))) {
		if id != at && g.isContact(id) && !g.mayKnow(v, id) {
			g.t.Errorf("%s was told of contact %s, which must not be there for them", v.name, id)
		}
	}
}

// isContact says whether an id is of a contact that the walk made.
func (g *gate) isContact(id string) bool {
	return slices.Contains(slices.Collect(maps.Values(g.canaries)), id)
}

// mayKnow says whether somebody may know that a contact is there: they may do
// something to it, with a reason or without, or they see it in the queue.
func (g *gate) mayKnow(v *viewer, id string) bool {
	object, group := g.object(v, id)
	return g.matrixSays(v, id, "yes", staff.RecordActions...) || g.matrixSays(v, id, "with-a-reason", staff.RecordActions...) ||
		object.Waiting && object.Agency == homeAgency && group == "" && v.may(staff.ReadQueue)
}

// object is a contact as it is now for a viewer, read by a query of the test's own.
func (g *gate) object(v *viewer, id string) (o staff.Object, group string) {
	g.t.Helper()
	g.ok(g.app.DB.View(g.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		list, err := tx.Query(ctx, `SELECT agency, state, taken_by, key_group FROM contacts WHERE id = $1`, id)
		if err != nil {
			return err
		}
		var state string
		for list.Next() {
			if err := list.Scan(&o.Agency, &state, &o.With, &group); err != nil {
				return err
			}
		}
		o.Waiting, o.Closed = state == string(contact.Waiting), state == string(contact.Closed)
		if err := list.Close(); err != nil || o.Agency == "" || v.session == nil {
			return err
		}
		opens, err := keyring.Find(ctx, tx, o.Agency, keyring.Intake)
		if group != "" {
			opens, err = keyring.Get(ctx, tx, o.Agency, group)
		}
		if err != nil {
			return err
		}
		members, err := opens.Members(ctx, tx)
		o.Held = members[v.session.Person.ID]
		return err
	}))
	return o, group
}
