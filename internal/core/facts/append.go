package facts

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"sort"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations make the tables of facts.
var Migrations = db.Migrations{Name: "facts", FS: sub(files)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "migrations")
	if err != nil {
		panic(err) // the name is right above
	}
	return s
}

// Append adds facts within the caller's transaction: what was wrapped up and
// what is counted are kept together or not at all. A fact that Check refuses
// fails the call, for it is a mistake of the program and not of a person.
func Append(ctx context.Context, tx *db.Tx, agency string, facts ...Fact) (err error) {
	defer errs.Wrap(&err, "facts.Append")
	return change(ctx, tx, agency, facts, 1)
}

// Correct replaces a fact that was appended by what it should have been, and
// raises the revision of its month. Correcting what was never appended is a
// Conflict.
func Correct(ctx context.Context, tx *db.Tx, agency string, was, is Fact) (err error) {
	defer errs.Wrap(&err, "facts.Correct")
	before, err := was.line()
	if err != nil {
		return err
	}
	after, err := is.line()
	if err != nil {
		return err
	}
	if before == after && was.Kind == is.Kind && was.Month == is.Month {
		return nil
	}
	if err := Retract(ctx, tx, agency, was); err != nil {
		return err
	}
	if err := change(ctx, tx, agency, []Fact{is}, 1); err != nil {
		return err
	}
	if was.Kind == is.Kind && was.Month == is.Month {
		return nil
	}
	return revise(ctx, tx, agency, is)
}

// Retract takes out a fact that should not have been appended at all, and
// raises the revision of its month.
func Retract(ctx context.Context, tx *db.Tx, agency string, was Fact) (err error) {
	defer errs.Wrap(&err, "facts.Retract")
	if err := change(ctx, tx, agency, []Fact{was}, -1); err != nil {
		return err
	}
	return revise(ctx, tx, agency, was)
}

func revise(ctx context.Context, tx *db.Tx, agency string, f Fact) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO facts_revision (agency, kind, month, revision) VALUES ($1, $2, $3, 1)
		ON CONFLICT (agency, kind, month) DO UPDATE SET revision = facts_revision.revision + 1`,
		agency, f.Kind, f.Month)
	return err
}

// where is one month of one kind.
type where struct{ agency, kind, month string }

func change(ctx context.Context, tx *db.Tx, agency string, facts []Fact, sign int) error {
	sums := map[where]map[string]int{}
	for _, f := range facts {
		line, err := f.line()
		if err != nil {
			return err
		}
		at := where{agency, f.Kind, f.Month}
		if sums[at] == nil {
			sums[at] = map[string]int{}
		}
		sums[at][line] += sign
	}
	for at, lines := range sums {
		deltas := make([]delta, 0, len(lines))
		for line, n := range lines {
			deltas = append(deltas, delta{bits(line), line, n})
		}
		sort.Slice(deltas, func(i, j int) bool {
			return deltas[i].bits < deltas[j].bits || deltas[i].bits == deltas[j].bits && deltas[i].line < deltas[j].line
		})
		if err := at.apply(ctx, tx, deltas); err != nil {
			return err
		}
	}
	return nil
}

// apply walks the deltas in the order of pages, so that each page is read and
// written once.
func (at where) apply(ctx context.Context, tx *db.Tx, deltas []delta) error {
	for len(deltas) > 0 {
		p, err := at.load(ctx, tx, deltas[0].bits)
		if err != nil {
			return err
		}
		for len(deltas) > 0 && strings.HasPrefix(deltas[0].bits, p.name) {
			d := deltas[0]
			switch n := p.lines[d.line] + d.n; {
			case n < 0:
				return errs.New(errs.Conflict, "", errors.New("facts: taking out a fact that is not there"))
			case n == 0:
				delete(p.lines, d.line)
			default:
				p.lines[d.line] = n
			}
			deltas = deltas[1:]
		}
		if err := at.store(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// load finds the page for a hash. The names of the pages are such that no one
// begins with another and together they cover every hash, so it is the last
// that does not come after.
func (at where) load(ctx context.Context, tx *db.Tx, hash string) (page, error) {
	var name, text string
	err := tx.QueryRow(ctx, `
		SELECT page, lines FROM facts
		WHERE agency = $1 AND kind = $2 AND month = $3 AND page <= $4
		ORDER BY page DESC LIMIT 1`,
		at.agency, at.kind, at.month, hash).Scan(&name, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return readPage("", "")
	}
	if err != nil {
		return page{}, err
	}
	return readPage(name, text)
}

func (at where) store(ctx context.Context, tx *db.Tx, p page) error {
	pages := p.split()
	if len(pages) > 1 {
		if _, err := tx.Exec(ctx, `DELETE FROM facts WHERE agency = $1 AND kind = $2 AND month = $3 AND page = $4`,
			at.agency, at.kind, at.month, p.name); err != nil {
			return err
		}
	}
	for _, p := range pages {
		if _, err := tx.Exec(ctx, `
			INSERT INTO facts (agency, kind, month, page, lines) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (agency, kind, month, page) DO UPDATE SET lines = excluded.lines`,
			at.agency, at.kind, at.month, p.name, p.text()); err != nil {
			return err
		}
	}
	return nil
}
