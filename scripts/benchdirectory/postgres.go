package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/clew-hotline/clew/internal/lib/match"
	"github.com/clew-hotline/clew/internal/lib/match/invent"
)

// The table as somebody would make it who knows PostgreSQL: what is searched
// for in one row, what is only shown in another; words cut as ours are, so that
// both find the same.
const tables = `
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gin;
DROP TABLE IF EXISTS service, document;
CREATE UNLOGGED TABLE service (
	n integer NOT NULL, geog geography(Point, 4326), tsv tsvector NOT NULL, needs text[] NOT NULL, languages text[] NOT NULL,
	country text NOT NULL, gender text NOT NULL, min_age smallint, max_age smallint, open int4multirange NOT NULL
);
CREATE UNLOGGED TABLE document (n integer NOT NULL, id text NOT NULL, name text NOT NULL, about text NOT NULL, organization text NOT NULL, phone text, fee text, checked timestamptz);`

const indexes = `
ALTER TABLE service ADD PRIMARY KEY (n);
ALTER TABLE document ADD PRIMARY KEY (n);
CREATE INDEX ON service USING gist (geog);
CREATE INDEX ON service USING gin (tsv, needs, languages, country) WITH (fastupdate = off);
VACUUM ANALYZE service;
VACUUM ANALYZE document;`

// postgres loads, compares the totals, and measures.
func postgres(o options, m *invent.Maker, totals []int) (f *figures, err error) {
	url := os.Getenv("CLEW_TEST_POSTGRES")
	if url == "" {
		return nil, fmt.Errorf("CLEW_TEST_POSTGRES is not set: run it through make bench-directory")
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	begin := time.Now()
	if err := fill(ctx, conn, o.n, m); err != nil {
		return nil, err
	}
	var version, size string
	if err := conn.QueryRow(ctx, `SELECT split_part(version(), ' ', 2) || ' with PostGIS ' || postgis_lib_version(),
		pg_size_pretty(pg_total_relation_size('service') + pg_total_relation_size('document'))`).Scan(&version, &size); err != nil {
		return nil, err
	}
	fmt.Printf("\nPostgreSQL %s, bare SQL, loaded and indexed in %s, %s\n", version, time.Since(begin).Round(time.Second), size)
	client := func() (asker, error) {
		c, err := pgx.Connect(ctx, url)
		return &database{c}, err
	}
	a, err := client()
	if err != nil {
		return nil, err
	}
	defer a.close()
	different := 0
	for i, want := range totals {
		q := m.Question(10_000 + i)
		got, err := a.ask(&q, start())
		if err != nil {
			return nil, err
		}
		if got != want {
			different++
			fmt.Printf("  the engine counts %d, PostgreSQL %d: %+v\n", want, got, q)
		}
	}
	fmt.Printf("  totals equal on %d of %d questions\n", len(totals)-different, len(totals))
	for _, c := range []int{1, o.clients} {
		f = load(c, o.seconds, client, m)
		f.print("PostgreSQL")
	}
	if different > 0 {
		return f, fmt.Errorf("%d totals differ", different)
	}
	return f, nil
}

// fill copies the services in and makes the indexes.
func fill(ctx context.Context, conn *pgx.Conn, n int, m *invent.Maker) error {
	if _, err := conn.Exec(ctx, tables); err != nil {
		return err
	}
	second, err := pgx.ConnectConfig(ctx, conn.Config())
	if err != nil {
		return err
	}
	defer func() { _ = second.Close(ctx) }()
	services, documents := copying(ctx, conn, "COPY service FROM STDIN"), copying(ctx, second, "COPY document FROM STDIN")
	week := weekStart(start())
	rd := &invent.Reader{}
	opening := map[string]string{}
	for i := range n {
		s := m.Service(i)
		open := "{}"
		if s.Hours != nil {
			if opening[s.Hours.Key()] == "" {
				opening[s.Hours.Key()] = openings(s.Hours, week)
			}
			open = opening[s.Hours.Key()]
		}
		tongues := s.Spoken
		if s.Interpreter {
			tongues = append(tongues, "*")
		}
		services.row(strconv.Itoa(i), fmt.Sprintf("SRID=4326;POINT(%v %v)", s.Lon, s.Lat), vector(rd.Facts(s).Words), array(s.Needs), array(tongues),
			s.Town.Country, s.Gender, age(s.MinAge > 0 || s.MaxAge >= 0, s.MinAge), age(s.MaxAge >= 0, s.MaxAge), open)
		checked := `\N`
		if !s.Checked.IsZero() {
			checked = s.Checked.Format(time.RFC3339)
		}
		documents.row(strconv.Itoa(i), fmt.Sprintf("%x", s.ID), escape(s.Name), escape(s.About), fmt.Sprintf("%x", s.Org), s.Phone, s.Fee, checked)
	}
	for _, c := range []*copies{services, documents} {
		if err := c.end(); err != nil {
			return err
		}
	}
	for statement := range strings.SplitSeq(indexes, ";") {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// copies are rows on their way into a table.
type copies struct {
	w    *bufio.Writer
	pipe *io.PipeWriter
	done chan error
}

func copying(ctx context.Context, conn *pgx.Conn, sql string) *copies {
	r, w := io.Pipe()
	c := &copies{bufio.NewWriterSize(w, 1<<20), w, make(chan error, 1)}
	go func() {
		_, err := conn.PgConn().CopyFrom(ctx, r, sql)
		_ = r.CloseWithError(err)
		c.done <- err
	}()
	return c
}

func (c *copies) row(columns ...string) { _, _ = c.w.WriteString(strings.Join(columns, "\t") + "\n") }

func (c *copies) end() error {
	_ = c.pipe.CloseWithError(c.w.Flush())
	return <-c.done
}

var escaper = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`)

func escape(s string) string { return escaper.Replace(s) }

func array(list []string) string { return "{" + strings.Join(list, ",") + "}" }

func age(known bool, a int) string {
	if !known {
		return `\N`
	}
	return strconv.Itoa(a)
}

// vector is words as a tsvector, with their weights as its letters.
func vector(words []match.Word) string {
	var b strings.Builder
	for i, w := range words {
		letter := "D"
		switch {
		case w.Weight >= 4:
			letter = "A"
		case w.Weight >= 2:
			letter = "B"
		}
		fmt.Fprintf(&b, "'%s':%d%s ", strings.ReplaceAll(escape(w.Stem), "'", "''"), i+1, letter)
	}
	return b.String()
}

func weekStart(t time.Time) time.Time {
	return t.Truncate(24*time.Hour).AddDate(0, 0, -int(t.Weekday()))
}

// openings are the minutes of this very week, from Sunday UTC, in which it is open.
func openings(h match.Hours, week time.Time) string {
	var parts []string
	end := week.AddDate(0, 0, 7)
	for at := week; at.Before(end); {
		state, until := h.Open(at)
		if state == match.Yes {
			parts = append(parts, fmt.Sprintf("[%d,%d)", int(at.Sub(week).Minutes()), int(min(until.Sub(week), 7*24*time.Hour).Minutes())))
		}
		at = until
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// database is a client of PostgreSQL.
type database struct{ conn *pgx.Conn }

func (d *database) close() { _ = d.conn.Close(context.Background()) }

// processor is what the server's process for this client has used.
func (d *database) processor() time.Duration { return processorOf(int(d.conn.PgConn().PID())) }

func (d *database) ask(q *invent.Question, at time.Time) (total int, err error) {
	if at.IsZero() {
		at = time.Now().UTC()
	}
	sql, args := statement(q, at)
	ctx := context.Background()
	rows, err := d.conn.Query(ctx, sql, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() { // the first row is the total
		v := rows.RawValues()
		if total == 0 {
			if total, err = strconv.Atoi(string(v[0])); err != nil {
				return 0, err
			}
		}
	}
	return total, rows.Err()
}

// statement is a question in SQL: what fits once, its number, and of the best
// 25 what is shown. For the nearest however far the index by place is walked
// outwards instead, which is what it is best at.
func statement(q *invent.Question, at time.Time) (string, []any) {
	var where []string
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	point, query := "", ""
	if q.Near {
		point = fmt.Sprintf("ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography", arg(q.Lon)+"::float8", arg(q.Lat)+"::float8")
		if q.KM > 0 {
			where = append(where, fmt.Sprintf("ST_DWithin(geog, %s, %s::float8, false)", point, arg(q.KM*1000)))
		}
	}
	if len(q.Words) > 0 {
		var list []string
		for _, w := range q.Query(at, 0).Words {
			list = append(list, "'"+strings.ReplaceAll(w[0], "'", "''")+"'")
		}
		query = arg(strings.Join(list, " & ")) + "::text::tsquery"
		where = append(where, "tsv @@ "+query)
	}
	if q.Need != "" {
		where = append(where, "needs && ARRAY["+arg(q.Need)+"::text]")
	}
	if q.Language != "" {
		where = append(where, "languages && ARRAY["+arg(q.Language)+"::text, '*']")
	}
	if q.Gender != "" {
		where = append(where, "gender IN ('any', "+arg(q.Gender)+"::text)")
	}
	if q.Age > 0 {
		a := arg(q.Age) + "::int"
		where = append(where, "min_age <= "+a, "(max_age IS NULL OR max_age >= "+a+")")
	}
	if q.Open {
		where = append(where, "open @> "+arg(int(at.Sub(weekStart(at)).Minutes()))+"::int")
	}
	if q.Country != "" {
		where = append(where, "country = "+arg(q.Country)+"::text")
	}
	filter := strings.Join(where, " AND ")
	const shown = "d.id, d.name, d.about, d.organization, d.phone, d.fee, d.checked"
	if q.Near && q.KM == 0 {
		return `SELECT (SELECT count(*) FROM service WHERE ` + filter + `)::text, ` + shown + ` FROM (
			SELECT n, geog <-> ` + point + ` AS far FROM service WHERE ` + filter + ` ORDER BY far LIMIT 25) best JOIN document d USING (n) ORDER BY far`, args
	}
	order := "ts_rank(tsv, " + query + ") DESC"
	if q.Near {
		order = "ST_Distance(geog, " + point + ", false)"
	}
	direction := strings.TrimSuffix(order, " DESC")
	desc := strings.TrimPrefix(order, direction)
	return `WITH fits AS MATERIALIZED (SELECT n, ` + direction + ` AS rank FROM service WHERE ` + filter + `)
		SELECT (SELECT count(*) FROM fits)::text, ` + shown + ` FROM (SELECT n, rank FROM fits ORDER BY rank` + desc + ` LIMIT 25) best
		JOIN document d USING (n) ORDER BY rank` + desc, args
}
