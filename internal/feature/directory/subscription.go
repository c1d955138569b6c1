package directory

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/httpsig"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Subscription is a feed of others that is taken over, as a source of its own.
type Subscription struct {
	Source string
	URL    string // of its HSDS, without a slash at the end
	Key    string // the fingerprint that signs it; "" if it is not signed
	Every  time.Duration
	Paused bool
	Since  time.Time // when the last fetch began that came to its end; zero: none did
	Walked time.Time // likewise, of all that it has
	Due    time.Time // when it is fetched next
	Failed string    // why the last fetch came to nothing, as a code; "" if it did not
	Upto   string    // from where its changes are followed; "" if it does not tell them

	Records, Services, Ours int // that came from it; and services of it that we edited or checked
}

// Limits of a subscription.
const (
	minEvery  = 15 * time.Minute
	maxEvery  = 31 * 24 * time.Hour
	maxFeeds  = 100
	maxURL    = 300
	wholeAt   = 7 * 24 * time.Hour // then all of it is read again, to find what went away
	feedRetry = time.Hour
)

// feedURL reads the address of a feed. Plain HTTP is for tests.
func feedURL(typed string, plain bool) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(typed))
	if err != nil || len(typed) > maxURL || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && !(plain && u.Scheme == "http") {
		return "", false
	}
	return strings.TrimSuffix(strings.TrimRight(u.String(), "/"), "/services"), true
}

// Subscribe begins to take a feed over. Nothing is asked of it yet.
func (f *Feature) Subscribe(ctx context.Context, agency string, s Subscription) (err error) {
	defer errs.Wrap(&err, "directory.Subscribe")
	at, ok := feedURL(s.URL, f.Plain)
	if !ok {
		return errs.In("url", "directory.sources.url")
	}
	if s.Key != "" {
		if s.Key, ok = httpsig.ReadFingerprint(s.Key); !ok {
			return errs.In("key", "directory.sources.key")
		}
	}
	if !sourceForm.MatchString(s.Source) {
		return errs.In("source", "directory.import.source")
	}
	if s.Every < minEvery || s.Every > maxEvery {
		return errs.In("every", "directory.sources.every_bad")
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err := subscriptions(ctx, tx, agency)
		if err != nil {
			return err
		}
		had, err := namesOf(ctx, tx, agency, s.Source)
		if err != nil {
			return err
		}
		for _, other := range list {
			if other.Source == s.Source || other.URL == at {
				return errs.In("source", "directory.sources.taken")
			}
		}
		if len(had) > 0 { // the feed would take away what was imported under this name
			return errs.In("source", "directory.sources.taken")
		}
		if len(list) >= maxFeeds {
			return errs.In("source", "directory.sources.many")
		}
		if _, err := tx.Exec(ctx, `INSERT INTO directory_subscription (agency, source, url, key, every, paused, since, walked, due, failed)
			VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, '')`, agency, s.Source, at, s.Key, int64(s.Every/time.Second)); err != nil {
			return err
		}
		return f.log(ctx, tx, agency, staff.EditDirectory, "")
	})
}

// Subscriptions are all feeds that are taken over, with what came from them.
func (f *Feature) Subscriptions(ctx context.Context, agency string) (list []Subscription, err error) {
	defer errs.Wrap(&err, "directory.Subscriptions")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if list, err = subscriptions(ctx, tx, agency); err != nil {
			return err
		}
		for i := range list {
			s := &list[i]
			err := tx.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN kind = $3 THEN 1 ELSE 0 END), 0) FROM directory_record WHERE agency = $1 AND source = $2`,
				agency, s.Source, entService).Scan(&s.Records, &s.Services)
			if err != nil {
				return err
			}
			work, err := workedOn(ctx, tx, agency, s.Source)
			if err != nil {
				return err
			}
			s.Ours = len(work)
		}
		return nil
	})
	return list, err
}

// workedOn are the services of a source that we have edited or checked. What another
// source lays over them is no work of ours.
func workedOn(ctx context.Context, tx *db.Tx, agency, source string) (work []*stored, err error) {
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record r WHERE r.agency = $1 AND r.source = $2 AND r.kind = $3 AND (r.overlay <> '' OR EXISTS
		(SELECT 1 FROM directory_check c WHERE c.agency = r.agency AND c.service = r.id))`, agency, source, entService)
	if err != nil {
		return nil, err
	}
	list, err := scanRecords(rows)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		over, err := s.overlaid()
		if err != nil {
			return nil, err
		}
		marks, _ := over[takenFrom].(Object)
		if len(over) == 0 || len(over) > len(marks)+min(len(marks), 1) {
			work = append(work, s)
			continue
		}
		var checks int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM directory_check WHERE agency = $1 AND service = $2`, agency, s.id).Scan(&checks); err != nil {
			return nil, err
		}
		if checks > 0 {
			work = append(work, s)
		}
	}
	return work, nil
}

func subscriptions(ctx context.Context, tx *db.Tx, agency string) ([]Subscription, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (s Subscription, err error) {
		var every, paused, since, walked, due int64
		err = rows.Scan(&s.Source, &s.URL, &s.Key, &every, &paused, &since, &walked, &due, &s.Failed, &s.Upto)
		s.Every, s.Paused = time.Duration(every)*time.Second, paused != 0
		for at, n := range map[*time.Time]int64{&s.Since: since, &s.Walked: walked, &s.Due: due} {
			if n > 0 {
				*at = db.Time(n)
			}
		}
		return s, err
	}, `SELECT source, url, key, every, paused, since, walked, due, failed, upto FROM directory_subscription WHERE agency = $1 ORDER BY source`, agency)
}

func (f *Feature) subscription(ctx context.Context, agency, source string) (found Subscription, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err := subscriptions(ctx, tx, agency)
		for _, s := range list {
			if s.Source == source {
				found = s
				return err
			}
		}
		return errs.First(err, errs.New(errs.NotFound, "", nil))
	})
	return found, err
}

// FetchSoon lets a feed be fetched within a minute, all of it if whole. One that is
// paused goes on.
func (f *Feature) FetchSoon(ctx context.Context, agency, source string, whole bool) (err error) {
	defer errs.Wrap(&err, "directory.FetchSoon")
	set := `due = 0, paused = 0`
	if whole {
		set += `, walked = 0`
	}
	return f.setFeed(ctx, agency, source, set)
}

// Pause lets a feed wait until somebody fetches it.
func (f *Feature) Pause(ctx context.Context, agency, source string) (err error) {
	defer errs.Wrap(&err, "directory.Pause")
	return f.setFeed(ctx, agency, source, `paused = 1`)
}

func (f *Feature) setFeed(ctx context.Context, agency, source, set string) error {
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE directory_subscription SET `+set+` WHERE agency = $1 AND source = $2`, agency, source)
		if err == nil && n == 0 {
			err = errs.New(errs.NotFound, "", nil)
		}
		if err != nil {
			return err
		}
		return f.log(ctx, tx, agency, staff.EditDirectory, "")
	})
}

// Unsubscribe ends a feed. Its records leave, as by an import that can be taken
// back; with keep those services stay that we edited or checked, with who gives
// them and where.
func (f *Feature) Unsubscribe(ctx context.Context, agency, name string, keep bool, by string) (removed int, err error) {
	defer errs.Wrap(&err, "directory.Unsubscribe")
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM directory_subscription WHERE agency = $1 AND source = $2`, agency, name)
		if err == nil && n == 0 {
			err = errs.New(errs.NotFound, "", nil)
		}
		if err != nil {
			return err
		}
		if err := f.log(ctx, tx, agency, staff.EditDirectory, ""); err != nil {
			return err
		}
		stay := map[string]bool{}
		if keep {
			if stay, err = ownWork(ctx, tx, agency, name); err != nil {
				return err
			}
		}
		from := source{Name: name}
		in := &importing{f: f, opt: Options{Agency: agency, By: by}, src: from, rep: newReport()}
		if err := errs.First(in.hide(ctx, tx), in.begin(ctx, tx)); err != nil {
			return err
		}
		if err := in.remove(ctx, tx, stay); err != nil {
			return err
		}
		if removed = in.rep.Removed; removed > 0 {
			if err := in.note(ctx, tx); err != nil {
				return err
			}
		}
		return f.touch(ctx, tx, agency)
	})
	return removed, err
}

// ownWork is what of a source stays with us: services that we edited or checked,
// with what they need.
func ownWork(ctx context.Context, tx *db.Tx, agency, source string) (map[string]bool, error) {
	list, err := workedOn(ctx, tx, agency, source)
	if err != nil {
		return nil, err
	}
	stay := map[string]bool{}
	for _, s := range list {
		o, err := s.object()
		if err != nil {
			return nil, err
		}
		stay[entService+"/"+s.id], stay[entOrganization+"/"+s.organization] = true, true
		for _, sal := range objects(o, "service_at_locations") {
			stay[entLocation+"/"+str(sal, "location_id")] = true
		}
	}
	if len(stay) == 0 {
		return stay, nil
	}
	all, err := namesOf(ctx, tx, agency, source)
	for _, s := range all { // the terms that they use, and units
		if s.kind != entService && s.kind != entOrganization && s.kind != entLocation {
			stay[s.kind+"/"+s.id] = true
		}
	}
	return stay, err
}
