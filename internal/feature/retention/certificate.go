package retention

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Count is how many of a kind and part one run deleted by one rule.
type Count struct {
	Kind Kind
	Part Part
	Days int // of the rule; below zero: the person asked
	N    int
}

// Asked says that the person asked, and no rule.
func (c Count) Asked() bool { return c.Days == asked }

// Certificate says what one run has deleted, in numbers.
type Certificate struct {
	Run    string
	Began  time.Time // the day
	Ended  time.Time
	Counts []Count
	Note   string // the same, signed with the key of the log; see audit.Sign
}

// certify ends the run that goes on, if there is one: with the head of a log
// in which each of its deletions stands.
func (f *Feature) certify(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "retention.certify")
	run := ""
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		run, err = openRun(ctx, tx, f.Agency)
		return err
	})
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	head, err := audit.Head(ctx, f.DB, f.Agency)
	if err != nil {
		return err
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := readCertificate(ctx, tx, f.Agency, run)
		if err != nil {
			return err
		}
		c.Ended = tx.Now
		note, err := audit.Sign(ctx, tx, f.Agency, c.text(head))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE retention_runs SET ended = $3, note = $4 WHERE agency = $1 AND id = $2 AND ended = 0`,
			f.Agency, run, db.Micros(tx.Now), note)
		return err
	})
}

// text is what is signed:
//
//	clew retention certificate
//	run ynxwm2v3…
//	began 2026-11-28
//	ended 2026-11-28
//	contact record, closed for 1095 days: 12
//	contact record, the person asked: 1
//	log 1204 CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
func (c Certificate) text(head audit.Checkpoint) string {
	var b strings.Builder
	fmt.Fprintf(&b, "clew retention certificate\nrun %s\nbegan %s\nended %s\n", c.Run, c.Began.UTC().Format(time.DateOnly), c.Ended.UTC().Format(time.DateOnly))
	for _, n := range c.Counts {
		by := fmt.Sprintf("closed for %d days", n.Days)
		if n.Asked() {
			by = "the person asked"
		}
		fmt.Fprintf(&b, "%s %s, %s: %d\n", n.Kind, n.Part, by, n.N)
	}
	fmt.Fprintf(&b, "log %d %s\n", head.Size, head.Root)
	return b.String()
}

func readCertificate(ctx context.Context, tx *db.Tx, agency, run string) (c Certificate, err error) {
	c.Run = run
	var began, ended int64
	err = tx.QueryRow(ctx, `SELECT began, ended, note FROM retention_runs WHERE agency = $1 AND id = $2`, agency, run).Scan(&began, &ended, &c.Note)
	if errors.Is(err, sql.ErrNoRows) {
		return c, errs.New(errs.NotFound, "", nil)
	}
	if err != nil {
		return c, err
	}
	c.Began, c.Ended = db.Time(began), timeOf(ended)
	rows, err := tx.Query(ctx, `SELECT kind, part, days, n FROM retention_counts WHERE agency = $1 AND run = $2`, agency, run)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	for rows.Next() {
		var n Count
		if err := rows.Scan(&n.Kind, &n.Part, &n.Days, &n.N); err != nil {
			return c, err
		}
		c.Counts = append(c.Counts, n)
	}
	slices.SortFunc(c.Counts, func(a, b Count) int {
		return firstOrder(slices.Index(Kinds, a.Kind)-slices.Index(Kinds, b.Kind), slices.Index(Parts, a.Part)-slices.Index(Parts, b.Part), a.Days-b.Days)
	})
	return c, rows.Err()
}

func firstOrder(list ...int) int {
	for _, n := range list {
		if n != 0 {
			return n
		}
	}
	return 0
}

// mostCertificates is how many are listed; all are kept.
const mostCertificates = 60

// Certificates are those of the runs that ended, the latest first.
func (f *Feature) Certificates(ctx context.Context) (list []Certificate, err error) {
	defer errs.Wrap(&err, "retention.Certificates")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list = nil
		var runs []string
		rows, err := tx.Query(ctx, `SELECT id FROM retention_runs WHERE agency = $1 AND ended > 0 ORDER BY ended DESC, id LIMIT $2`, f.Agency, mostCertificates)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			runs = append(runs, id)
		}
		if err := errs.First(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for _, id := range runs {
			c, err := readCertificate(ctx, tx, f.Agency, id)
			if err != nil {
				return err
			}
			list = append(list, c)
		}
		return nil
	})
	return list, err
}
