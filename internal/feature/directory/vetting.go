package directory

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Anybody can print a leaflet of a shelter that is none. So a new agency is
// looked at by several people, each in their own way, before the public sees
// what it offers.

// Deed is one thing that was found out about an agency.
type Deed struct {
	ID        string
	At        time.Time
	Kind      string // vouch, source or import
	By        string // the name of who did it
	What      string // a code of Vouches
	Note      string // where it was looked up, who was called
	Withdrawn time.Time
	Against   string // the name of who took it back

	staff string
}

// The kinds of deed.
const (
	vouched   = "vouch"
	ofSource  = "source"
	asBefore  = "import"
	maxVouch  = 300 // bytes of a note
	maxVetted = 200 // agencies in the queue that a page shows
)

// Vouches are the ways in which somebody can find out whether an agency is what
// it says it is.
var Vouches = []string{"register", "called", "partner", "visited", "other"}

// Agency is an organization as its vetters see it.
type Agency struct {
	ID, Name, Source string
	Vetted           bool
	Vouched, Needed  int  // people
	Mine             bool // who looks is one of them
	Standin          bool
	About, URL       string
	Email            string
	Phones           []Phone
	Deeds            []Deed
	Signs            []Sign
	Services         []AgencyService
}

// AgencyService is one that an agency offers.
type AgencyService struct{ ID, Name string }

// ofService is in SQL by what the agency of a service, r, is vetted.
const ofService = "CASE WHEN r.organization = '' THEN r.id ELSE r.organization END"

// counts says in SQL that an agency counts as vetted; key is its id, needed how
// many people it takes.
func counts(agency, key, needed string) string {
	of := ` FROM directory_vetting v WHERE v.agency = ` + agency + ` AND v.organization = ` + key + ` AND v.withdrawn = 0 AND v.deed `
	return `(EXISTS (SELECT 1` + of + `<> 'vouch') OR (SELECT COUNT(DISTINCT v.staff)` + of + `= 'vouch') >= ` + needed + `)`
}

// vouchable are the records that are vetted: organizations, and services of none.
const vouchable = `(kind = 'organization' OR kind = 'service' AND organization = '')`

// waits says of a record that it is an agency which waits to be vetted: one that
// gives a service. Of one that gives none, nobody is sent to anything.
func waits(agency, needed string) string {
	return `(kind = 'service' AND organization = '' OR kind = 'organization' AND EXISTS (SELECT 1 FROM directory_record s
		WHERE s.agency = ` + agency + ` AND s.organization = directory_record.id AND s.kind = 'service')) AND NOT ` + counts(agency, "directory_record.id", needed)
}

// agencyOf is by what a service's agency is known.
func agencyOf(organization, service string) string { return first(organization, service) }

// Vouch records that the colleague whose session it is found out about an agency.
func (f *Feature) Vouch(ctx context.Context, agency, organization, what, note string) (err error) {
	defer errs.Wrap(&err, "directory.Vouch")
	by := Event{}.of(ctx)
	note, _ = clean(note)
	switch {
	case by.Staff == "":
		return errs.New(errs.NotFound, "", nil) // a command vouches for a source
	case !slices.Contains(Vouches, what):
		return errs.In("what", "directory.vet.what_needed")
	case note == "" || len(note) > maxVouch:
		return errs.In("note", "directory.vet.note_needed")
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := vettedRecord(ctx, tx, agency, organization); err != nil {
			return err
		}
		deeds, err := deedsOf(ctx, tx, agency, organization)
		if err != nil {
			return err
		}
		for _, d := range deeds {
			if d.Kind == vouched && d.staff == by.Staff && d.Withdrawn.IsZero() {
				return errs.In("what", "directory.vet.twice")
			}
		}
		if err := putDeed(ctx, tx, agency, organization, Deed{Kind: vouched, By: by.By, What: what, Note: note, staff: by.Staff}); err != nil {
			return err
		}
		return f.vettingChanged(ctx, tx, agency, organization)
	})
}

// Withdraw takes a deed back, or with again makes it count again. Who vouched
// need not be asked: one who doubts is enough.
func (f *Feature) Withdraw(ctx context.Context, agency, organization, deed string, again bool) (err error) {
	defer errs.Wrap(&err, "directory.Withdraw")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		at, by := db.Micros(tx.Now), Event{}.of(ctx).By
		if again {
			at, by = 0, ""
		}
		n, err := tx.Exec(ctx, `UPDATE directory_vetting SET withdrawn = $4, withdrawn_by = $5 WHERE agency = $1 AND organization = $2 AND id = $3`,
			agency, organization, deed, at, by)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.New(errs.NotFound, "", nil)
		}
		return f.vettingChanged(ctx, tx, agency, organization)
	})
}

func (f *Feature) vettingChanged(ctx context.Context, tx *db.Tx, agency, organization string) error {
	if err := noteVetting(ctx, tx, agency, organization); err != nil {
		return err
	}
	if err := f.log(ctx, tx, agency, staff.VetDirectory, organization); err != nil {
		return err
	}
	return f.touch(ctx, tx, agency)
}

// noteVetting writes down that the services of an agency may be seen otherwise;
// "" is of every agency for which people vouched.
func noteVetting(ctx context.Context, tx *db.Tx, agency, organization string) error {
	services, err := db.Strings(ctx, tx, `SELECT id FROM directory_record r WHERE agency = $1 AND kind = 'service' AND (organization = $2 OR id = $2
		OR $2 = '' AND EXISTS (SELECT 1 FROM directory_vetting v WHERE v.agency = $1 AND v.deed = 'vouch' AND (v.organization = r.organization OR v.organization = r.id)))`,
		agency, organization)
	if err != nil {
		return err
	}
	for _, id := range services {
		if err := noteChange(ctx, tx, agency, changedCheck, id); err != nil {
			return err
		}
	}
	return nil
}

func putDeed(ctx context.Context, tx *db.Tx, agency, organization string, d Deed) error {
	_, err := tx.Exec(ctx, `INSERT INTO directory_vetting (agency, id, organization, at, deed, staff, by_whom, what, note, withdrawn, withdrawn_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '')`, agency, ids.New(), organization, db.Micros(tx.Now), d.Kind, d.staff, d.By, d.What, d.Note)
	return err
}

func deedsOf(ctx context.Context, tx *db.Tx, agency, organization string) ([]Deed, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (d Deed, err error) {
		var at, withdrawn int64
		err = rows.Scan(&d.ID, &at, &d.Kind, &d.staff, &d.By, &d.What, &d.Note, &withdrawn, &d.Against)
		d.At = db.Time(at)
		if withdrawn > 0 {
			d.Withdrawn = db.Time(withdrawn)
		}
		return d, err
	}, `SELECT id, at, deed, staff, by_whom, what, note, withdrawn, withdrawn_by FROM directory_vetting
		WHERE agency = $1 AND organization = $2 ORDER BY at DESC, id LIMIT 200`, agency, organization)
}

// weigh says where an agency stands by its deeds.
func (a *Agency) weigh(me string) {
	people := map[string]bool{}
	for _, d := range a.Deeds {
		switch {
		case !d.Withdrawn.IsZero():
		case d.Kind == vouched:
			people[d.staff] = true
		default:
			a.Vetted = true
		}
	}
	a.Vouched, a.Mine = len(people), people[me] && me != ""
	a.Vetted = a.Vetted || a.Vouched >= a.Needed
}

// vettedRecord is the organization, or the service that names none; NotFound if
// there is neither.
func vettedRecord(ctx context.Context, tx *db.Tx, agency, id string) (*stored, error) {
	s, err := oneRecord(ctx, tx, agency, entOrganization, id)
	if !errs.Is(err, errs.NotFound) {
		return s, err
	}
	s, err = oneRecord(ctx, tx, agency, entService, id)
	if err == nil && s.organization != "" {
		return nil, errs.New(errs.NotFound, "", nil)
	}
	return s, err
}

// Agency gives one with all that helps to vet it; NotFound if there is none.
func (f *Feature) Agency(ctx context.Context, agency, id string) (a Agency, err error) {
	defer errs.Wrap(&err, "directory.Agency")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		s, err := vettedRecord(ctx, tx, agency, id)
		if err != nil {
			return err
		}
		if a, err = agencyRecord(s); err != nil {
			return err
		}
		rules, err := readRules(ctx, tx, agency)
		if err != nil {
			return err
		}
		a.Needed = rules.Vetters
		if a.Deeds, err = deedsOf(ctx, tx, agency, id); err != nil {
			return err
		}
		a.weigh(staffOf(ctx))
		a.Services, err = servicesOf(ctx, tx, agency, id)
		return err
	})
	if err != nil {
		return a, err
	}
	e, err := f.evidence(ctx, agency)
	if err == nil {
		a.Signs = e.signs(id, f.now())
	}
	return a, err
}

func agencyRecord(s *stored) (a Agency, err error) {
	o, err := s.object()
	if err != nil {
		return a, err
	}
	a = Agency{
		ID: s.id, Name: str(o, "name"), Source: s.source, Standin: truth(o["stand_in"]), About: str(o, "description"),
		URL: webAddress(first(str(o, "website"), str(o, "url"))), Email: str(o, "email"),
	}
	for _, p := range objects(o, "phones") {
		a.Phones = append(a.Phones, readPhone(p, "", entOrganization))
	}
	return a, nil
}

func servicesOf(ctx context.Context, tx *db.Tx, agency, organization string) (list []AgencyService, err error) {
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record WHERE agency = $1 AND kind = 'service' AND (organization = $2 OR id = $2) ORDER BY id LIMIT 200`,
		agency, organization)
	if err != nil {
		return nil, err
	}
	records, err := scanRecords(rows)
	if err != nil {
		return nil, err
	}
	for _, s := range records {
		o, err := s.object()
		if err != nil {
			return nil, err
		}
		list = append(list, AgencyService{s.id, str(o, "name")})
	}
	return list, nil
}

// Unvetted are agencies that wait to be vetted: first those for which somebody
// has vouched, then those that wait longest.
func (f *Feature) Unvetted(ctx context.Context, agency string) (list []Agency, err error) {
	defer errs.Wrap(&err, "directory.Unvetted")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		rules, err := readRules(ctx, tx, agency)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record WHERE agency = $1 AND `+waits("$1", "$2")+`
			ORDER BY (SELECT COUNT(*) FROM directory_vetting v WHERE v.agency = $1 AND v.organization = directory_record.id AND v.withdrawn = 0) DESC, created, id LIMIT $3`,
			agency, rules.Vetters, maxVetted)
		if err != nil {
			return err
		}
		records, err := scanRecords(rows)
		if err != nil {
			return err
		}
		list = nil
		for _, s := range records {
			o, err := s.object()
			if err != nil {
				return err
			}
			if str(o, mergedInto) != "" {
				continue
			}
			a := Agency{ID: s.id, Name: str(o, "name"), Source: s.source, Needed: rules.Vetters}
			if a.Deeds, err = deedsOf(ctx, tx, agency, s.id); err != nil {
				return err
			}
			a.weigh(staffOf(ctx))
			list = append(list, a)
		}
		return nil
	})
	return list, err
}

// Vetters tells how many people must vouch for a new agency, and how many
// agencies wait for that.
func (f *Feature) Vetters(ctx context.Context, agency string) (needed, waiting int, err error) {
	defer errs.Wrap(&err, "directory.Vetters")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		rules, err := readRules(ctx, tx, agency)
		if err != nil {
			return err
		}
		needed = rules.Vetters
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM directory_record WHERE agency = $1 AND `+waits("$1", "$2"), agency, needed).Scan(&waiting)
	})
	return needed, waiting, err
}

// nextToVet is the agency that somebody goes on with: one for which they have
// not vouched themselves. Nil if there is none.
func (f *Feature) nextToVet(ctx context.Context, agency, after string) (*Agency, error) {
	list, err := f.Unvetted(ctx, agency)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].ID != after && !list[i].Mine {
			return &list[i], nil
		}
	}
	return nil, nil
}

// VetAll vouches for every agency of a source ("" is all sources), and gives
// their number. What somebody took back stays so.
func (f *Feature) VetAll(ctx context.Context, agency, source, by, how string) (n int, err error) {
	defer errs.Wrap(&err, "directory.VetAll")
	c := Check{By: by, How: how}
	if err := c.clean(); err != nil {
		return 0, err
	}
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err := db.Strings(ctx, tx, `SELECT id FROM directory_record WHERE agency = $1 AND `+vouchable+` AND ($2 = '' OR source = $2) ORDER BY id`, agency, source)
		if err != nil {
			return err
		}
		if n, err = vetSource(ctx, tx, agency, list, c); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO directory_change (agency, revision, kind, id) SELECT agency, 0, 'check', id FROM directory_record
			WHERE agency = $1 AND kind = 'service' ON CONFLICT (agency, revision, kind, id) DO NOTHING`, agency)
		if err != nil {
			return err
		}
		if err := f.log(ctx, tx, agency, staff.VetDirectory, ""); err != nil {
			return err
		}
		return f.touch(ctx, tx, agency)
	})
	return n, err
}

// vetSource vouches for agencies as part of a whole set. It leaves those that
// count already, and those that somebody doubts. Who calls it notes the change.
func vetSource(ctx context.Context, tx *db.Tx, agency string, list []string, c Check) (n int, err error) {
	leave, err := db.Strings(ctx, tx, `SELECT DISTINCT organization FROM directory_vetting WHERE agency = $1 AND (deed <> 'vouch' OR withdrawn > 0)`, agency)
	if err != nil {
		return 0, err
	}
	done := map[string]bool{}
	for _, id := range leave {
		done[id] = true
	}
	for _, id := range list {
		if done[id] {
			continue
		}
		done[id] = true
		n++
		if err := putDeed(ctx, tx, agency, id, Deed{Kind: ofSource, By: c.By, Note: c.How}); err != nil {
			return n, err
		}
	}
	return n, nil
}
