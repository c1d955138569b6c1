package contact

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/db"
)

func TestASearchAnswersOnItsPage(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		ctx := t.Context()
		own, theirs := c.write("they keep <b>papers</b> of Zoë's").ID, c.write("other papers").ID
		c.ok(c.Take(ctx, c.advocate, own))
		c.ok(c.Take(ctx, c.other, theirs))
		c.ok(c.Close(ctx, c.other, theirs, complete))

		c.want(c.ask("advocate", http.MethodGet, "/staff/queue"), http.StatusOK, `href="/staff/search"`)
		c.want(c.ask("advocate", http.MethodGet, "/staff/search"), http.StatusOK, `autocomplete="off"`, "Only contacts that you have taken")
		body := c.want(c.ask("advocate", http.MethodPost, "/staff/search", "words", "zoes PAPERS"), http.StatusOK,
			"Found: 1", "&lt;b&gt;<mark>papers</mark>&lt;/b&gt; of <mark>Zoë&#39;s</mark>", `href="/staff/contacts/`+own+`"`, "no older contacts")
		if strings.Contains(body, theirs) {
			t.Error("the advocate sees a colleague's")
		}
		body = c.want(c.ask("supervisor", http.MethodPost, "/staff/search", "words", "papers"), http.StatusOK, "Found: 2", `/staff/contacts/`+theirs+`/outside"`, "say why you open it")
		if strings.Contains(body, "other <mark>") || strings.Contains(body, "/staff/contacts/"+theirs+`"`) {
			t.Error("the supervisor reads a line of a closed contact without a reason")
		}
		c.want(c.ask("advocate", http.MethodPost, "/staff/search", "words", "passport"), http.StatusOK, "Found: 0", "were not found")
		c.want(c.ask("fresh", http.MethodPost, "/staff/search", "words", "papers"), http.StatusOK, "Found: 0")
		c.want(c.ask("advocate", http.MethodPost, "/staff/search", "words", " "), http.StatusUnprocessableEntity, "Write a word")
		c.want(c.ask("advocate", http.MethodPost, "/staff/search", "words", strings.Repeat("long ", 60)), http.StatusRequestEntityTooLarge, "too much to look for", `value="long`)
		c.want(c.ask("advocate", http.MethodPost, "/staff/search", "words", "papers", "from", "1.;--"), http.StatusUnprocessableEntity)
		c.want(c.ask("administrator", http.MethodPost, "/staff/search", "words", "papers"), http.StatusNotFound)
		c.want(c.ask("locked", http.MethodPost, "/staff/search", "words", "papers"), http.StatusSeeOther, "/staff/unlock")

		if got := c.log.Actions(""); !slices.Contains(got, "contact.find") {
			t.Errorf("in the log: %q", got)
		}
		if got := c.log.Actions(own); !slices.Contains(got, "contact.read found") {
			t.Errorf("about what was shown: %q", got)
		}

		for range foundShown {
			c.ok(c.Take(ctx, c.advocate, c.write("more papers").ID))
		}
		body = c.want(c.ask("advocate", http.MethodPost, "/staff/search", "words", "papers"), http.StatusOK, "Found: 25", "Search on")
		_, from, _ := strings.Cut(body, `name="from" value="`)
		from, _, _ = strings.Cut(from, `"`)
		c.want(c.ask("advocate", http.MethodPost, "/staff/search", "words", "papers", "from", from, "sum", "25"), http.StatusOK, "Found: 1", "searched: 26", "no older contacts")
	})
}

// On a shared desk the browser sends again what the colleague before looked for,
// when whoever signed in after goes back.
func TestAColleaguesSearchIsNotShownToTheNext(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		c.write("they keep papers")
		page := c.want(c.ask("supervisor", http.MethodPost, "/staff/search", "words", "papers"), http.StatusOK, "Found: 1")
		_, by, _ := strings.Cut(page, `name="by" value="`)
		by, _, _ = strings.Cut(by, `"`)
		c.want(c.ask("supervisor", http.MethodPost, "/staff/search", "words", "papers", "by", by), http.StatusOK, "Found: 1")
		if page = c.want(c.ask("advocate", http.MethodPost, "/staff/search", "words", "papers", "by", by), http.StatusOK); strings.Contains(page, `value="papers"`) || strings.Contains(page, "Found:") {
			t.Error("an advocate is shown what a supervisor looked for")
		}
	})
}

// What somebody looked for, and what was found, is on no disk and in no log.
func TestASearchLeavesNoWords(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		const canary, looked = "kestrelbrook", "marrowfield"
		id := c.write("they call it " + canary).ID
		c.ok(c.Take(t.Context(), c.advocate, id))
		var log bytes.Buffer
		c.Web.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.want(c.ask("advocate", http.MethodPost, "/staff/search", "words", canary), http.StatusOK, "<mark>"+canary+"</mark>")
		w := c.ask("advocate", http.MethodPost, "/staff/search", "words", looked)
		c.want(w, http.StatusOK, "Found: 0")
		if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "no-store") {
			t.Errorf("the page may be kept: %q", got)
		}
		var everywhere bytes.Buffer
		everywhere.Write(log.Bytes())
		c.ok(c.DB.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			tables, err := tx.Tables(ctx)
			if err != nil || len(tables) < 10 {
				t.Fatal(len(tables), err)
			}
			for _, table := range tables {
				rows, err := tx.Query(ctx, `SELECT * FROM `+table.Name)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					cells := make([]any, len(table.Columns))
					to := make([]any, len(cells))
					for i := range cells {
						to[i] = &cells[i]
					}
					if err := rows.Scan(to...); err != nil {
						return err
					}
					for _, cell := range cells {
						switch v := cell.(type) {
						case string:
							everywhere.WriteString(v)
						case []byte:
							everywhere.Write(v)
						}
					}
				}
			}
			return nil
		}))
		for _, folder := range []string{c.folder} {
			c.ok(filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				content, err := os.ReadFile(path)
				everywhere.Write(content)
				return err
			}))
		}
		if !bytes.Contains(everywhere.Bytes(), []byte(id)) {
			t.Fatal("the test does not see what is kept")
		}
		for _, word := range []string{canary, looked} {
			if bytes.Contains(everywhere.Bytes(), []byte(word)) {
				t.Errorf("%q is kept", word)
			}
		}
	})
}

// A colleague searches, and opens what was found, without a mouse.
func TestASearchByKeyboard(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		if c.DB.Engine() != db.SQLite {
			t.Skip("what a browser does is the same on every database")
		}
		id := c.write("they keep my papers").ID
		c.ok(c.Take(t.Context(), c.advocate, id))
		s := c.screen("advocate")
		s.open("/staff/queue")
		s.until(`document.querySelector("#queue")`)
		s.press("g", "w")
		s.until(`location.pathname === "/staff/search" && document.activeElement.id === "words"`)
		s.press("p", "a", "p", "e", "r", "s", "Enter")
		s.until(`document.querySelector("mark")?.innerText === "papers"`)
		s.until(`location.search === ""`)
		s.press("/")
		s.until(`document.activeElement.id === "words"`)
		s.press("Escape", "j")
		s.until(`document.activeElement.id === "h-` + id + `"`)
		s.press("Enter")
		s.until(`location.pathname === "/staff/contacts/` + id + `"`)
	})
}
