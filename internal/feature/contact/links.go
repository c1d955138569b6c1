package contact

import (
	"context"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/core/blind"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// named is what somebody told us of in a structured place as they made contact.
func (in Incoming) named() []blind.Named {
	return reachedAt(in.Safe.Address, in.Country)
}

// named is what a record says in fields from which a contact can be recognised.
func (r Record) named() []blind.Named {
	country := r.Country
	if country == NoCountry {
		country = ""
	}
	return append(append(reachedAt(r.Safe.Address, country), reachedAt(r.Reach, country)...),
		blind.Named{Kind: blind.Plate, Text: r.Plate},
		blind.Named{Kind: blind.Address, Text: r.Street, Place: r.Place, Country: country})
}

// reachedAt takes a field for a number or an e-mail address.
func reachedAt(text, country string) []blind.Named {
	if strings.ContainsAny(text, "@＠") {
		return []blind.Named{{Kind: blind.Email, Text: text}}
	}
	return []blind.Named{{Kind: blind.Phone, Text: text, Country: country}}
}

// relink gives the index what a record names now, if that changed or the index
// does not know the contact. The index is the intake group's: a contact that
// another group opens is not in it.
func (f *Feature) relink(ctx context.Context, tx *db.Tx, r *row, before, after Record) error {
	if f.Links == nil || r.Group != "" {
		return nil
	}
	if slices.Equal(before.named(), after.named()) {
		known, err := f.Links.Knows(ctx, tx, r.ID)
		if known || err != nil {
			return err
		}
	}
	return f.Links.Put(ctx, tx, r.ID, after.named()...)
}

// linked tells open pages that a contact can be compared with others now.
func (f *Feature) linked(tx *db.Tx, id string) {
	f.hint(tx, queueTopic(f.Agency))
	f.hint(tx, Topic(f.Agency, id))
}
