package facts

import (
	"context"
	"errors"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Query says which facts to count, and by which codes.
type Query struct {
	Kind     string
	From, To string            // months, both included; an empty To is From
	Where    map[string]string // only facts with these values
	By       []string          // one table for each of these codes
}

// Counts is what a Query found.
type Counts struct {
	Total    int
	By       map[string]map[string]int // code → value → how many; values that nobody has are left out
	Revision int                       // corrections made to these months so far
}

// Count counts facts. All of a Counts comes from one moment.
func Count(ctx context.Context, tx *db.Tx, agency string, q Query) (c Counts, err error) {
	defer errs.Wrap(&err, "facts.Count")
	if q.To == "" {
		q.To = q.From
	}
	if err := q.check(); err != nil {
		return c, err
	}
	c.By = make(map[string]map[string]int, len(q.By))
	for _, code := range q.By {
		c.By[code] = map[string]int{}
	}
	if err := q.pages(ctx, tx, agency, func(text string) error { return q.add(&c, text) }); err != nil {
		return c, err
	}
	err = tx.QueryRow(ctx, `
		SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM facts_revision
		WHERE agency = $1 AND kind = $2 AND month >= $3 AND month <= $4`,
		agency, q.Kind, q.From, q.To).Scan(&c.Revision)
	return c, err
}

// Months lists the months that have facts of a kind, the latest first.
func Months(ctx context.Context, tx *db.Tx, agency, kind string) (months []string, err error) {
	defer errs.Wrap(&err, "facts.Months")
	rows, err := tx.Query(ctx, `SELECT DISTINCT month FROM facts WHERE agency = $1 AND kind = $2 ORDER BY month DESC`, agency, kind)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var month string
		if err := rows.Scan(&month); err != nil {
			return nil, err
		}
		months = append(months, month)
	}
	return months, rows.Err()
}

func (q Query) check() error {
	kind, ok := KindOf(q.Kind)
	if !ok || !ValidMonth(q.From) || !ValidMonth(q.To) || q.From > q.To {
		return errs.New(errs.Invalid, "", errors.New("facts: no such kind or months"))
	}
	for _, name := range q.By {
		if _, ok := kind.Code(name); !ok {
			return errs.New(errs.Internal, "", errors.New("facts: counting by what this kind has no code for"))
		}
	}
	for name := range q.Where {
		if _, ok := kind.Code(name); !ok {
			return errs.New(errs.Internal, "", errors.New("facts: choosing by what this kind has no code for"))
		}
	}
	return nil
}

func (q Query) pages(ctx context.Context, tx *db.Tx, agency string, fn func(text string) error) error {
	rows, err := tx.Query(ctx, `
		SELECT lines FROM facts WHERE agency = $1 AND kind = $2 AND month >= $3 AND month <= $4`,
		agency, q.Kind, q.From, q.To)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if err := fn(text); err != nil {
			return err
		}
	}
	return rows.Err()
}

// add counts a page. A large month has hundreds of thousands of lines, so each
// is walked once and nothing is allocated for it.
func (q Query) add(c *Counts, text string) error {
	wanted := make([]string, 0, len(q.By)+len(q.Where))
	wanted = append(wanted, q.By...)
	var must []string
	for code, value := range q.Where {
		wanted, must = append(wanted, code), append(must, value)
	}
	tables := make([]map[string]int, len(q.By))
	for i, code := range q.By {
		tables[i] = c.By[code]
	}
	values := make([]string, len(wanted))
	return eachLine(text, func(line string, n int) {
		for i := range values {
			values[i] = NotAsked // what a line leaves out
		}
		for line != "" {
			part, rest, _ := strings.Cut(line, ";")
			name, value, _ := strings.Cut(part, "=")
			for i, code := range wanted {
				if code == name {
					values[i] = value
				}
			}
			line = rest
		}
		for i, value := range must {
			if values[len(q.By)+i] != value {
				return
			}
		}
		c.Total += n
		for i, table := range tables {
			table[values[i]] += n
		}
	})
}
