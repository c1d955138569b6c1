package db_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// odd is a feature with all that a column can hold, and a key that engines
// could sort differently.
var odd = db.Migrations{Name: "odd", FS: fstest.MapFS{
	"00001_odd.sql": {Data: []byte(`-- +goose Up
CREATE TABLE odd (agency TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL, body BYTEA, PRIMARY KEY (id, n));
CREATE TABLE hollow (agency TEXT NOT NULL PRIMARY KEY);
INSERT INTO hollow (agency) VALUES ('made by the step');
`)},
	"00002_more.sql": {Data: []byte("-- +goose Up\nALTER TABLE odd ADD COLUMN more TEXT;\n")},
}}

var oddRows = [][]any{
	{"a", "", int64(0), []byte{}, nil},
	{"a", "B", int64(-1), []byte{0}, ""},
	{"a", "Z", int64(math.MaxInt64), nil, "x"},
	{"a", "a", int64(math.MinInt64), []byte{0xff, 0}, "żółw"},
	{"a", "a", int64(-7), nil, "1.50"},
	{"a", "a", int64(7), nil, "0012"},
	{"a", "a b", int64(7), nil, "\u200e \n"},
	{"a", "b", int64(7), []byte(strings.Repeat("long", 99)), nil},
	{"a", "é", int64(7), nil, nil},
	{"a", "日", int64(7), nil, nil},
	{"a", "😀", int64(7), nil, nil},
}

// read gives all rows of all tables of a feature.
func read(t testing.TB, d *db.DB, all ...db.Migrations) map[string][][]any {
	t.Helper()
	got := map[string][][]any{}
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		versions, err := tx.Versions(ctx, all)
		if err != nil {
			return err
		}
		tables, _, err := tx.Content(ctx, all, versions)
		if err != nil {
			return err
		}
		for _, table := range tables {
			err := tx.Rows(ctx, table, func(row []any) error {
				got[table.Name] = append(got[table.Name], slices.Clone(row))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// rowsOf is what Fill reads from.
func rowsOf(rows [][]any) func() ([]any, error) {
	return func() ([]any, error) {
		if len(rows) == 0 {
			return nil, io.EOF
		}
		row := rows[0]
		rows = rows[1:]
		return row, nil
	}
}

func table(t testing.TB, name string) db.Table {
	t.Helper()
	tables, err := db.Made(t.Context(), []db.Migrations{odd}, map[string]int64{"odd": 2})
	if err != nil {
		t.Fatal(err)
	}
	return tables[slices.IndexFunc(tables, func(t db.Table) bool { return t.Name == name })]
}

// buildOdd fills a database with the odd rows.
func buildOdd(t testing.TB, cfg db.Config) {
	t.Helper()
	err := db.Build(t.Context(), cfg, func(ctx context.Context, d *db.DB) error {
		if err := d.Migrate(ctx, []db.Migrations{odd}); err != nil {
			return err
		}
		if _, err := d.Fill(ctx, table(t, "hollow"), rowsOf(nil)); err != nil {
			return err
		}
		_, err := d.Fill(ctx, table(t, "odd"), rowsOf(oddRows))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// eachConfig runs a test for each engine with a database that is not there yet.
func eachConfig(t *testing.T, test func(t *testing.T, cfg db.Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, dbtest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, dbtest.Postgres(t)) })
}

// What is built holds what it was filled with, in the order of the key, byte
// by byte, and nothing that a step had put there.
func TestBuiltTablesAreTheSameOnBothEngines(t *testing.T) {
	t.Parallel()
	eachConfig(t, func(t *testing.T, cfg db.Config) {
		buildOdd(t, cfg)
		d := dbtest.Open(t, cfg, odd)
		if diff := cmp.Diff(map[string][][]any{"odd": oddRows}, read(t, d, odd)); diff != "" {
			t.Error(diff)
		}
		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			tables, err := tx.Tables(ctx)
			if diff := cmp.Diff([]db.Table{table(t, "hollow"), table(t, "odd")}, tables); diff != "" {
				t.Error("the engine describes its tables otherwise", diff)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		// It is a database like any other: its indexes work, it can be written to.
		err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO odd (agency, id, n) VALUES ('a', 'a', 7)`)
			return err
		})
		if !db.IsUnique(err) {
			t.Errorf("a second row of the same key: %v", err)
		}
	})
}

func TestBuildTouchesNothingThatIsThere(t *testing.T) {
	t.Parallel()
	eachConfig(t, func(t *testing.T, cfg db.Config) {
		buildOdd(t, cfg)
		err := db.Build(t.Context(), cfg, func(context.Context, *db.DB) error { t.Error("it was filled"); return nil })
		if !errors.Is(err, db.ErrNotEmpty) {
			t.Errorf("over a database with rows: %v", err)
		}
		if cfg.URL == "" {
			other := cfg
			other.Key = make([]byte, db.KeySize)
			if err := db.Build(t.Context(), other, nil); !errors.Is(err, db.ErrNotEmpty) {
				t.Errorf("over a database of another key: %v", err)
			}
		}
		if got := read(t, dbtest.Open(t, cfg, odd), odd); len(got["odd"]) != len(oddRows) {
			t.Errorf("%d rows are left", len(got["odd"]))
		}
	})
}

// A program that was started once before it was set up has made its tables.
func TestBuildTakesThePlaceOfEmptyTables(t *testing.T) {
	t.Parallel()
	eachConfig(t, func(t *testing.T, cfg db.Config) {
		d, err := db.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		first := db.Migrations{Name: "odd", FS: fstest.MapFS{"00001_odd.sql": {Data: []byte(`-- +goose Up
CREATE TABLE odd (agency TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL, body BYTEA, PRIMARY KEY (id, n));`)}}}
		if err := errors.Join(d.Migrate(t.Context(), []db.Migrations{first}), d.Close()); err != nil {
			t.Fatal(err)
		}
		buildOdd(t, cfg)
		if got := read(t, dbtest.Open(t, cfg, odd), odd); len(got["odd"]) != len(oddRows) {
			t.Errorf("%d rows", len(got["odd"]))
		}
	})
}

func TestABuildThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	eachConfig(t, func(t *testing.T, cfg db.Config) {
		broken := errors.New("the file ended too early")
		err := db.Build(t.Context(), cfg, func(ctx context.Context, d *db.DB) error {
			if err := d.Migrate(ctx, []db.Migrations{odd}); err != nil {
				return err
			}
			_, err := d.Fill(ctx, table(t, "odd"), rowsOf(oddRows))
			return errors.Join(err, broken)
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if cfg.URL == "" && db.Unfinished(cfg.Dir) {
			t.Error("a folder is left over")
		}
		wantNothing(t, cfg)
		buildOdd(t, cfg)
	})
}

// wantNothing opens a database and fails if it has a table.
func wantNothing(t *testing.T, cfg db.Config) {
	t.Helper()
	d, err := db.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		tables, err := tx.Tables(ctx)
		if len(tables) > 0 {
			t.Errorf("%d tables are there", len(tables))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// PostgreSQL may sort words as a dictionary does. A dump does not.
func TestRowsComeInOneOrder(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.Postgres(t))
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `CREATE TABLE words (id TEXT COLLATE "und-x-icu" PRIMARY KEY)`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO words (id) VALUES ('a'), ('B'), ('z'), ('é'), ('Z')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	order := ""
	err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.Rows(ctx, db.Table{Name: "words", Columns: []db.Column{{Name: "id", Type: "TEXT"}}, Key: []string{"id"}}, func(row []any) error {
			order += row[0].(string)
			return nil
		})
	})
	if err != nil || order != "BZazé" {
		t.Errorf("%q %v", order, err)
	}
}

// TestKilledBuild kills a program at several points of its filling. Nothing
// that looks like a database is left, and the next build begins anew.
func TestKilledBuild(t *testing.T) {
	t.Parallel()
	const env = "CLEW_TEST_BUILD"
	if where := os.Getenv(env); where != "" {
		fillForEver(t, where, os.Getenv(env+"_KEY"))
		return
	}
	t.Run("sqlite", func(t *testing.T) { killBuild(t, dbtest.SQLite(t), env) })
	t.Run("postgres", func(t *testing.T) { killBuild(t, dbtest.Postgres(t), env) })
}

func killBuild(t *testing.T, cfg db.Config, env string) {
	t.Helper()
	for _, at := range []int{1, 4000, 12000} {
		child := exec.Command(os.Args[0], "-test.run=^TestKilledBuild$")
		child.Env = append(os.Environ(), env+"="+cfg.URL+cfg.Dir, env+"_KEY="+hex.EncodeToString(cfg.Key))
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines, said := bufio.NewScanner(out), 0
		for lines.Scan() {
			if said++; said == at {
				_ = child.Process.Kill()
			}
		}
		_ = child.Wait()
		if said < at {
			t.Fatalf("it said %d of %d", said, at)
		}
		if cfg.URL == "" {
			if _, err := os.Stat(cfg.Dir + "/" + db.FileName); err == nil || !db.Unfinished(cfg.Dir) {
				t.Errorf("killed after %d rows, a database is there: %v", at, err)
			}
		} else {
			wantNothing(t, cfg)
		}
	}
	buildOdd(t, cfg)
	if got := read(t, dbtest.Open(t, cfg, odd), odd); len(got["odd"]) != len(oddRows) {
		t.Errorf("%d rows", len(got["odd"]))
	}
}

// fillForEver is the program that is killed. It prints a line for each row.
func fillForEver(t *testing.T, where, key string) {
	t.Helper()
	cfg := db.Config{URL: where}
	if key != "" {
		raw, err := hex.DecodeString(key)
		if err != nil {
			t.Fatal(err)
		}
		cfg = db.Config{Dir: where, Key: raw}
	}
	_ = db.Build(context.Background(), cfg, func(ctx context.Context, d *db.DB) error {
		if err := d.Migrate(ctx, []db.Migrations{odd}); err != nil {
			return err
		}
		n := int64(0)
		_, err := d.Fill(ctx, table(t, "odd"), func() ([]any, error) {
			n++
			_, err := os.Stdout.WriteString("row\n")
			return []any{"a", "same", n, nil, nil}, err
		})
		return err
	})
}

func TestFillRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		good := table(t, "odd")
		fill := func(table db.Table, row ...any) error {
			_, err := d.Fill(t.Context(), table, rowsOf([][]any{row}))
			return err
		}
		other := good
		other.Columns = slices.Clone(good.Columns)
		other.Columns[0].Name = "agency2"
		for name, err := range map[string]error{
			"another table":       fill(db.Table{Name: "even", Columns: good.Columns}, oddRows[0]...),
			"other columns":       fill(other, oddRows[0]...),
			"too few values":      fill(good, "a", "b"),
			"a number for a text": fill(good, "a", int64(1), int64(1), nil, nil),
			"a float":             fill(good, "a", "b", 1.5, nil, nil),
			"a NUL":               fill(good, "a", "b\x00", int64(1), nil, nil),
			"no agency":           fill(good, nil, "b", int64(1), nil, nil),
		} {
			if err == nil {
				t.Errorf("%s was taken", name)
			}
		}
	}, odd)
}

// A value that SQLite keeps although it is not of the column's type is named,
// and not written into a backup that no PostgreSQL could take.
func TestRowsRefuseAValueOfAnotherType(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t), odd)
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO odd (agency, id, n) VALUES ('a', 'x', 'seven')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.Rows(ctx, table(t, "odd"), func([]any) error { return nil })
	})
	if err == nil || !strings.Contains(err.Error(), "column n of table odd") || strings.Contains(err.Error(), "seven") {
		t.Errorf("%v", err)
	}
}

func TestATableChangedByHandIsNoticed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		all := []db.Migrations{odd}
		look := func() (others int, err error) {
			err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				versions, err := tx.Versions(ctx, all)
				if err != nil {
					return err
				}
				_, others, err = tx.Content(ctx, all, versions)
				return err
			})
			return others, err
		}
		change := func(text string) {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, text)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		change(`CREATE TABLE theirs (id REAL)`)
		if others, err := look(); err != nil || others != 1 {
			t.Errorf("with a table of somebody else: %d %v", others, err)
		}
		change(`ALTER TABLE odd ADD COLUMN byhand TEXT`)
		if _, err := look(); err == nil || !strings.Contains(err.Error(), "table odd") {
			t.Errorf("with a column more: %v", err)
		}
	}, odd)
}

// A database is brought to any step and on from there, and never back.
func TestMigrateTo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		all := []db.Migrations{odd, note}
		to := func(versions map[string]int64) error { return d.MigrateTo(t.Context(), all, versions) }
		is := func(odd, note int64) {
			t.Helper()
			err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				got, err := tx.Versions(ctx, all)
				if diff := cmp.Diff(map[string]int64{"odd": odd, "note": note}, got); diff != "" {
					t.Error(diff)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := to(map[string]int64{"odd": 1}); err != nil {
			t.Fatal(err)
		}
		is(1, 0)
		for _, newer := range []map[string]int64{{"odd": 3}, {"odd": 1, "later": 1}} {
			if err := to(newer); !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "newer program") {
				t.Errorf("%v: %v", newer, err)
			}
		}
		if err := d.Migrate(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		is(2, 1)
		if err := to(map[string]int64{"odd": 1, "note": 1}); err != nil {
			t.Fatal(err)
		}
		is(2, 1)
	})
}

// Of two programs on one database one works, and the other goes on.
func TestAlone(t *testing.T) {
	t.Parallel()
	cfg := dbtest.Postgres(t)
	one, two := dbtest.Open(t, cfg), dbtest.Open(t, cfg)
	ran, err := one.Alone(t.Context(), 1, func(ctx context.Context) error {
		if ran, err := two.Alone(ctx, 1, func(context.Context) error { return nil }); ran || err != nil {
			t.Errorf("the second ran too: %v", err)
		}
		ran, err := two.Alone(ctx, 2, func(context.Context) error { return nil })
		if !ran {
			t.Error("another deed did not run")
		}
		return err
	})
	if !ran || err != nil {
		t.Fatal(ran, err)
	}
	failed := errors.New("it failed")
	if ran, err := two.Alone(t.Context(), 1, func(context.Context) error { return failed }); !ran || !errors.Is(err, failed) {
		t.Error(ran, err)
	}
	if ran, _ := one.Alone(t.Context(), 1, func(context.Context) error { return nil }); !ran {
		t.Error("the lock was not let go of")
	}
}
