package admin

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// ReadFacts gives what the hotline says of itself in a language.
func ReadFacts(ctx context.Context, tx *db.Tx, agency, lang string) (f Facts, err error) {
	defer errs.Wrap(&err, "admin.ReadFacts")
	if f.General, _, err = readGeneral(ctx, tx, agency); err != nil {
		return f, err
	}
	f.Local, _, err = readLocal(ctx, tx, agency, lang)
	return f, err
}

// Gap is a fact that nobody has set. Lang is empty for one that is the same in
// all languages.
type Gap struct{ Lang, Fact string }

// In says it in words.
func (g Gap) In(p *i18n.Printer) string {
	text := p.T("admin.fact." + g.Fact)
	if g.Lang == "" {
		return text
	}
	return p.T("admin.gap.in", "fact", text, "language", i18n.OwnName(g.Lang))
}

// Missing lists what nobody has set: once for all languages, and for each
// language that is turned on.
func Missing(ctx context.Context, tx *db.Tx, agency string) (gaps []Gap, err error) {
	defer errs.Wrap(&err, "admin.Missing")
	general, _, err := readGeneral(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	langs := general.Public
	if len(langs) == 0 {
		gaps = append(gaps, Gap{"", "public"})
		langs = []string{i18n.English} // what the site speaks as long as nothing else is turned on
	}
	local := map[string]bool{"name": true, "title": true, "who_calls": true, "exit_url": true}
	seen := map[string]bool{}
	for _, lang := range langs {
		f, err := ReadFacts(ctx, tx, agency, lang)
		if err != nil {
			return nil, err
		}
		for _, fact := range f.Missing() {
			g := Gap{"", fact}
			if local[fact] {
				g.Lang = lang
			}
			if !seen[g.Lang+" "+fact] {
				seen[g.Lang+" "+fact] = true
				gaps = append(gaps, g)
			}
		}
	}
	return gaps, nil
}

// PublicLanguages are the languages that are turned on for everybody, in the
// order of the picker.
func PublicLanguages(ctx context.Context, tx *db.Tx, agency string) (list []string, err error) {
	g, _, err := readGeneral(ctx, tx, agency)
	for _, l := range i18n.Languages() {
		if g.IsPublic(l.Code) {
			list = append(list, l.Code)
		}
	}
	return list, err
}

func readGeneral(ctx context.Context, tx *db.Tx, agency string) (g General, version int, err error) {
	version, err = read(ctx, tx, agency, "", &g)
	return g, version, err
}

func readLocal(ctx context.Context, tx *db.Tx, agency, lang string) (l Local, version int, err error) {
	if version, err = read(ctx, tx, agency, lang, &l); l.Own == nil {
		l.Own = map[string]string{}
	}
	return l, version, err
}

// read leaves into as it is, and gives version 0, where nothing was saved yet.
func read(ctx context.Context, tx *db.Tx, agency, lang string, into any) (version int, err error) {
	var body string
	err = tx.QueryRow(ctx, `SELECT version, body FROM admin_facts WHERE agency = $1 AND lang = $2`, agency, lang).Scan(&version, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return version, json.Unmarshal([]byte(body), into)
}

// SaveGeneral keeps what is the same in all languages, for the account by. It
// is a Conflict when somebody changed it since version.
func SaveGeneral(ctx context.Context, tx *db.Tx, agency, by string, version int, g General) error {
	return save(ctx, tx, agency, "", by, version, g)
}

// SaveLocal keeps what differs between languages, for the account by.
func SaveLocal(ctx context.Context, tx *db.Tx, agency, lang, by string, version int, l Local) error {
	if !i18n.Known(lang) {
		return errs.New(errs.NotFound, "", nil)
	}
	return save(ctx, tx, agency, lang, by, version, l)
}

func save(ctx context.Context, tx *db.Tx, agency, lang, by string, version int, v any) (err error) {
	defer errs.Wrap(&err, "admin.save")
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var n int64
	if version == 0 {
		n, err = tx.Exec(ctx, `INSERT INTO admin_facts (agency, lang, version, changed, staff, body)
			VALUES ($1, $2, 1, $3, $4, $5) ON CONFLICT (agency, lang) DO NOTHING`, agency, lang, db.Micros(tx.Now), by, string(body))
	} else {
		n, err = tx.Exec(ctx, `UPDATE admin_facts SET version = version + 1, changed = $4, staff = $5, body = $6
			WHERE agency = $1 AND lang = $2 AND version = $3`, agency, lang, version, db.Micros(tx.Now), by, string(body))
	}
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.New(errs.Conflict, "", nil)
	}
	_, err = tx.Exec(ctx, `INSERT INTO admin_facts_history (agency, lang, version, changed, staff, body)
		VALUES ($1, $2, $3, $4, $5, $6)`, agency, lang, version+1, db.Micros(tx.Now), by, string(body))
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, agency, audit.Entry{Staff: by, Action: string(staff.EditSettings), Record: "facts:" + lang})
}

// Change is who changed what, when.
type Change struct {
	Lang  string // empty for what is the same in all languages
	At    time.Time
	Staff string // id
}

func history(ctx context.Context, tx *db.Tx, agency string, limit int) (list []Change, err error) {
	defer errs.Wrap(&err, "admin.history")
	rows, err := tx.Query(ctx, `SELECT lang, changed, staff FROM admin_facts_history
		WHERE agency = $1 ORDER BY changed DESC, lang, version DESC LIMIT $2`, agency, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Change
		var at int64
		if err := rows.Scan(&c.Lang, &at, &c.Staff); err != nil {
			return nil, err
		}
		c.At = db.Time(at)
		list = append(list, c)
	}
	return list, rows.Err()
}
