package proofs

import (
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/app"
	"github.com/clew-hotline/clew/internal/platform/db"
)

var claimUpgrade = claim{
	"upgrade", "a database at every older state of every feature's tables, each with rows in all tables, brought up to date by the program, which is killed after each step in turn",
	"0 lost",
}

// TestProofOfUpgrade makes a database as each older program left it, fills it
// and lets the program of today open it, and die on the way, until it comes through.
func TestProofOfUpgrade(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, e engine) {
		claimUpgrade.prove(t, e.name, func(t *testing.T) string {
			states := olderStates(t)
			if !full {
				states = []map[string]int64{states[0], states[len(states)-1]}
			}
			rows, kills := 0, 0
			for _, versions := range states {
				n, k := upgraded(t, e.fresh(t), versions)
				rows, kills = rows+n, kills+k
			}
			return fmt.Sprintf("%d older states, killed %d times: %d rows, 0 lost or changed", len(states), kills, rows)
		})
	})
}

// olderStates are all states that a database can be in which older programs
// have left: everything at its first step, and each feature at each of its steps while
// the others are as today.
func olderStates(t *testing.T) (list []map[string]int64) {
	t.Helper()
	today, first := map[string]int64{}, map[string]int64{}
	for _, m := range app.Migrations() {
		files, err := fs.Glob(m.FS, "*.sql")
		if err != nil || len(files) == 0 {
			t.Fatal(m.Name, err)
		}
		for _, f := range files {
			n, err := strconv.ParseInt(f[:5], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			today[m.Name] = max(today[m.Name], n)
		}
		first[m.Name] = 1
	}
	list = append(list, first)
	for name, n := range today {
		for at := int64(1); at < n; at++ {
			state := map[string]int64{}
			maps.Copy(state, today)
			state[name] = at
			list = append(list, state)
		}
	}
	return list
}

func upgraded(t *testing.T, e engine, versions map[string]int64) (rows, kills int) {
	t.Helper()
	if e.data != "" {
		if err := os.WriteFile(e.data+".key", []byte(hex.EncodeToString(make([]byte, 32))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := e.open(t)
	if err := d.MigrateTo(t.Context(), app.Migrations(), versions); err != nil {
		t.Fatal(err)
	}
	fill(t, d)
	before := tables(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	b := newBreakable(t, e)
	for step := 1; ; step++ {
		b.order(fmt.Sprint("kill ", step))
		cmd := exec.Command("clew-failpoint", append([]string{"audit", "key"}, e.args...)...)
		cmd.Env = append(append(os.Environ(), e.env...), "CLEW_FAULTS="+b.orders)
		out, _ := cmd.CombinedOutput() // with rows like these it may find nothing to print
		if !strings.Contains(string(out), "fault: killed at a feature's tables") {
			if strings.Contains(string(out), "tables of") {
				t.Fatalf("%s", out)
			}
			break
		}
		kills++
	}
	if kills == 0 {
		t.Error("it was never killed on the way")
	}
	d = e.open(t)
	defer d.Close()
	after := tables(t, d)
	for _, a := range before {
		if strings.HasPrefix(a.name, "goose_") {
			continue
		}
		i := slices.IndexFunc(after, func(b table) bool { return a.name == b.name })
		if i < 0 {
			t.Errorf("%s is gone", a.name)
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(a.columns), func(c string) bool { return !slices.Contains(after[i].columns, c) })
		is := after[i].hashes(kept)
		for _, h := range a.hashes(kept) {
			if !slices.Contains(is, h) {
				t.Errorf("from %v: a row of %s is lost or changed", versions, a.name)
			}
			rows++
		}
	}
	return rows, kills
}

// fill puts rows into every table that take no notice of what they mean. One
// that points at another's row is put in after it.
func fill(t *testing.T, d *db.DB) {
	t.Helper()
	const each = 5
	todo := tables(t, d)
	for range todo {
		todo = slices.DeleteFunc(todo, func(one table) bool {
			if strings.HasPrefix(one.name, "goose_") {
				return true
			}
			kinds := kindsOf(t, d, one.name)
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				for n := range each {
					var names, marks []string
					var args []any
					for column, kind := range kinds {
						args = append(args, made(kind, n))
						names, marks = append(names, strconv.Quote(column)), append(marks, "$"+strconv.Itoa(len(args)))
					}
					_, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %q (%s) VALUES (%s)`, one.name, strings.Join(names, ", "), strings.Join(marks, ", ")), args...)
					if err != nil {
						return err
					}
				}
				return nil
			})
			return err == nil
		})
	}
	for _, one := range todo {
		t.Errorf("no row could be put into %s", one.name)
	}
}

func made(kind string, n int) any {
	switch {
	case strings.EqualFold(kind, "bytea"):
		return []byte(fmt.Sprint("bytes of row ", n))
	case strings.Contains(strings.ToLower(kind), "int"):
		return int64(n)
	}
	return fmt.Sprint("row", n)
}

// kindsOf are the columns of a table.
func kindsOf(t *testing.T, d *db.DB, name string) map[string]string {
	t.Helper()
	query := `SELECT name, type FROM pragma_table_info($1)`
	if d.Engine() == db.Postgres {
		query = `SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1`
	}
	kinds := map[string]string{}
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, query, name)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var column, kind string
			if err := rows.Scan(&column, &kind); err != nil {
				return err
			}
			kinds[column] = kind
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}
