package stats

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// dayView is a day of the week with the contacts that came in each hour, for
// whoever makes the roster. It is counted apart from everything else and is
// never published: 168 figures are small.
type dayView struct {
	Name  string
	Total int
	Hours [24]hourView
}

type hourView struct {
	N    int
	Tone int // 0 to 4, of the busiest hour
}

// hours counts a month by hour of the week; nil if there is nothing to show.
func hours(ctx context.Context, tx *db.Tx, agency, month string, p *i18n.Printer) ([]dayView, error) {
	c, err := facts.Count(ctx, tx, agency, facts.Query{Kind: facts.Hour, From: month, By: []string{"hour"}})
	if err != nil || c.Total == 0 {
		return nil, err
	}
	most := 0
	for _, n := range c.By["hour"] {
		most = max(most, n)
	}
	var week []dayView
	for i := range 7 {
		day := time.Weekday((i + 1) % 7) // from Monday
		v := dayView{Name: p.Weekday(day)}
		for h := range v.Hours {
			n := c.By["hour"][fmt.Sprintf("%s-%02d", strings.ToLower(day.String()[:3]), h)]
			v.Hours[h] = hourView{n, (n*4 + most - 1) / most}
			v.Total += n
		}
		week = append(week, v)
	}
	return week, nil
}
