package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/lib/archive"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/backup"
	"github.com/clew-hotline/clew/internal/platform/blob"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/web"
)

const advocatesPhrase = "adas own long pass phrase"

// hotline is the whole program, set up, with somebody who can open contacts.
type hotline struct {
	*App
	t   *testing.T
	cfg db.Config
}

func newHotline(t *testing.T, cfg db.Config) *hotline {
	t.Helper()
	seal.UseCheapCosts()
	h := openHotline(t, cfg)
	var people []staff.New
	for name, role := range map[string]staff.Role{"Ada": staff.Advocate, "Max": staff.Administrator} {
		n, err := staff.Prepare(t.Context(), homeAgency, name, role, advocatesPhrase)
		h.ok(err)
		people = append(people, n)
	}
	recovery, err := seal.NewPair()
	h.ok(err)
	h.ok(h.DB.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return setUp(ctx, tx, recovery.Public(), people, map[string]string{})
	}))
	_, err = h.features.directory.LoadStarter(t.Context(), homeAgency)
	h.ok(err)
	return h
}

// openHotline opens what is there.
func openHotline(t *testing.T, cfg db.Config) *hotline {
	t.Helper()
	o := Options{Data: cfg.Dir, Database: cfg.URL, Withhold: "10", Files: filesOf(t, cfg)}
	SetClock(cfg.Clock)
	defer SetClock(nil)
	a, err := openApp(t.Context(), o, cfg.Key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h := &hotline{a, t, cfg}
	t.Cleanup(a.Close)
	a.features.contact.Start(t.Context())
	a.features.contact.Web = &web.Server{Zone: time.UTC}
	return h
}

// filesOf is the folder of files beside a database, always the same for the same.
func filesOf(t testing.TB, cfg db.Config) string {
	t.Helper()
	if cfg.Dir != "" {
		return filepath.Join(cfg.Dir, "files")
	}
	sum := sha256.Sum256([]byte(cfg.URL))
	//nolint:usetesting // the same for every program on one database
	dir := filepath.Join(os.TempDir(), "clew-files-"+hex.EncodeToString(sum[:8]))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (h *hotline) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *hotline) exec(query string, args ...any) {
	h.t.Helper()
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}))
}

// ada is signed in, with her pass phrase.
func (h *hotline) ada() *staff.Session {
	h.t.Helper()
	p, pair, err := staff.Unlock(h.t.Context(), h.DB, homeAgency, "Ada", advocatesPhrase)
	h.ok(err)
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := staff.SignIn(ctx, tx, p, pair)
		return err
	}))
	return &staff.Session{Person: p, Pair: pair}
}

// story makes a contact that Ada has taken and answered.
func (h *hotline) story(text string) contact.Receipt {
	h.t.Helper()
	ctx, f, ada := h.t.Context(), h.features.contact, h.ada()
	r, err := f.Open(ctx, contact.Incoming{Channel: contact.Web, RequestType: contact.Crisis, Language: "es", Text: text}, contact.Once("a key of twenty-two characters, for "+text), true)
	h.ok(err)
	h.ok(f.Take(ctx, ada, r.ID))
	h.ok(f.Say(ctx, ada, r.ID, contact.Out, "an answer to "+text, ""))
	return r
}

// opens says whether Ada can read a contact.
func (h *hotline) opens(id string) bool {
	h.t.Helper()
	_, err := h.features.contact.Get(h.t.Context(), h.ada(), id)
	if err != nil && !errs.Is(err, errs.NotFound) {
		h.t.Errorf("a contact that does not open says %v", err)
	}
	return err == nil
}

// backedUp gives the paths of content and keys, and what opens them.
func (h *hotline) backedUp() (content, keys string, identity age.Identity) {
	h.t.Helper()
	id, err := age.GenerateX25519Identity()
	h.ok(err)
	dir := h.t.TempDir()
	h.ok(backup.Folder(dir).Keep(func(create backup.Create) error {
		_, err := h.makeBackup(h.t.Context(), []age.Recipient{id.Recipient()}, create)
		return err
	}))
	list, err := backup.Folder(dir).List()
	h.ok(err)
	for _, k := range list {
		if k.Part == backup.Keys {
			keys = filepath.Join(dir, k.Name)
		} else {
			content = filepath.Join(dir, k.Name)
		}
	}
	return content, keys, id
}

func (h *hotline) restored(to db.Config, content, keys string, with ...age.Identity) *hotline {
	h.t.Helper()
	plan := backupPlan()
	plan.Files.Store = blob.NewFolder(filesOf(h.t, to))
	_, err := plan.Restore(h.t.Context(), to, backup.Order{Files: []string{content, keys}, With: with, Now: time.Now()})
	h.ok(err)
	return openHotline(h.t, to)
}

// dump is everything that a backup holds, in one archive whose head is always
// the same, so that two can be compared byte by byte.
func (h *hotline) dump() []byte {
	h.t.Helper()
	var out bytes.Buffer
	plan := backupPlan()
	h.ok(h.DB.View(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		versions, err := tx.Versions(ctx, plan.Migrations)
		if err != nil {
			return err
		}
		tables, _, err := tx.Content(ctx, plan.Migrations, versions)
		if err != nil {
			return err
		}
		w, err := archive.NewWriter(&out, archive.Header{ID: "dump", Schema: versions}, ed25519.NewKeyFromSeed(make([]byte, 32)))
		if err != nil {
			return err
		}
		for _, t := range tables {
			if slices.Contains(plan.LeftOut, t.Name) {
				continue
			}
			described := archive.Table{Name: t.Name}
			for _, c := range t.Columns {
				described.Columns = append(described.Columns, archive.Column{Name: c.Name, Type: archive.Type(c.Type)})
			}
			if err := w.Table(described); err != nil {
				return err
			}
			if err := tx.Rows(ctx, t, w.Row); err != nil {
				return err
			}
		}
		_, err = w.Close()
		return err
	}))
	return out.Bytes()
}

// enginePairs runs a story from each engine to each.
func enginePairs(t *testing.T, story func(t *testing.T, from, to db.Config)) {
	t.Helper()
	engines := map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres}
	for from, one := range engines {
		for to, other := range engines {
			t.Run(from+" to "+to, func(t *testing.T) { story(t, one(t), other(t)) })
		}
	}
}

func (h *hotline) count(table string) (n int) {
	h.t.Helper()
	h.ok(h.DB.View(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n)
	}))
	return n
}
