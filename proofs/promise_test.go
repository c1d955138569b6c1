package proofs

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// aService is in the directory that a demonstration begins with.
const aService = "National Human Trafficking Hotline"

var claimPromise = claim{
	"the promise", "canary strings through every channel and field; database, WAL, temporary files, logs and backups are searched for them as raw, UTF-16, base64, hex, gzip",
	"10,000 canaries: 0 hits",
}

// TestProofOfThePromise is the promise: whoever takes the
// disk, or even the database with its key, finds no word of anybody's story.
// Every field of every form gets a canary, and then every byte of the folder
// and every value of every table is searched for each in many forms.
func TestProofOfThePromise(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, e engine) {
		claimPromise.prove(t, e.name, func(t *testing.T) string { return searched(t, e, size(1, 10_000)) })
	})
}

// searched tells stories until there are enough canaries, and searches.
func searched(t *testing.T, e engine, enough int) string {
	tmp := t.TempDir()
	r, err := start(t, "clew-failpoint", append(e.env, "TMPDIR="+tmp), append(e.args, "--log", "debug")...)
	if err != nil {
		t.Fatal(err)
	}
	c := &canaries{}
	for {
		tellAll(t, r, c)
		if len(c.list) >= enough {
			break
		}
	}
	for _, s := range r.Staff {
		c.put("pass phrase of "+s.Name, s.Passphrase)
	}
	folders := []string{tmp, searchBackup(t, c, e)}
	for _, env := range e.env {
		_, files, _ := strings.Cut(env, "=")
		folders = append(folders, files)
	}
	if e.data != "" {
		folders = append(folders, e.data)
	}
	for _, folder := range folders { // as somebody finds it who gets in while it runs
		searchFolder(t, c, folder)
	}
	if sealed := (&canaries{list: []canary{{"the directory, which is encrypted with the file", aService}}}); e.data != "" {
		searchFolder(t, sealed, e.data)
	}
	r.kill()
	for _, folder := range folders { // and after the power went, with all that lay open
		searchFolder(t, c, folder)
	}
	for _, found := range c.find([]byte(r.err.String())) {
		t.Errorf("in the log: %s", found)
	}
	if !strings.Contains(r.err.String(), "POST /api/v1/contacts") {
		t.Error("the log was not written, so searching it proves nothing")
	}
	values, tables := searchTables(t, c, e)
	return fmt.Sprintf("%d canaries in %d forms, in %d values of %d tables, %d folders and the log: 0 hits", len(c.list), len(c.needles), values, tables, len(folders))
}

// tellAll walks every way in which a story comes in and is worked on.
func tellAll(t *testing.T, r *running, c *canaries) {
	t.Helper()
	person, once := visit(t, r), c.put("the form's key", ids.New())
	c.put("accents", "Añoro a mi niña, ¡qué dolor!")
	sent := person.open("/es/contact").send("", url.Values{
		"key": {once}, "message": {c.say("message") + "\nAñoro a mi niña, ¡qué dolor!"}, "for": {"self"}, "about": {"crisis"}, "place": {c.say("place")},
		"language": {"es"}, "channel": {"phone"}, "address": {c.phone("safe number")}, "from": {"18:30"}, "to": {"19:15"}, "voicemail": {"no"},
		"pickup": {c.say("who may pick up")}, "cover": {c.say("cover story")}, "word": {c.say("safe word")},
	}).is(http.StatusOK)
	code := c.code("code of the form", sent.text("code"))

	once = c.put("the request's key", ids.New())
	body, err := json.Marshal(map[string]any{
		"text": c.say("text"), "request_type": "tip", "language": "pl", "about": c.say("about"), "place": c.say("API place"), "country": "PL",
		"safe_contact": map[string]string{
			"channel": "email", "address": c.word("e-mail") + "@example.org", "from": "08:00", "to": "09:00", "voicemail": "no",
			"who_answers": c.say("who answers"), "cover_story": c.say("API cover story"), "safe_word": c.say("API safe word"), "note": c.say("safe note"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	status, answer, err := post(t.Context(), r.API+"/contacts", string(body), once)
	var receipt struct{ Code string }
	if err != nil || status != http.StatusCreated || json.Unmarshal(answer, &receipt) != nil || len(receipt.Code) != 24 {
		t.Fatalf("%d %s %v", status, answer, err)
	}
	c.code("code of the API", receipt.Code)
	sendFile(t, r.API+"/mailbox/files", "", c, "file of the person", http.StatusCreated, map[string]string{"code": receipt.Code, "language": "pl"})

	// What goes wrong must leave nothing either.
	person.open("/en/mailbox").send("", url.Values{"code": {c.put("a wrong code", "31415926535897932384")}}).is(http.StatusUnprocessableEntity)
	person.open("/en/contact").send("", url.Values{"message": {""}, "cover": {c.say("cover of a form not taken")}}).is(http.StatusUnprocessableEntity)
	person.open("/en/services").send("", url.Values{"place": {c.say("searched place")}}).is(http.StatusOK)
	person.open("/pl/tell").send("", url.Values{"text": {c.say("what is missing in the directory")}, "send": {"1"}}).is(http.StatusOK)
	if status, _, err := post(t.Context(), r.API+"/contacts", `{"text":5,"place":"`+c.say("place not taken")+`"}`, ""); err != nil || status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
		t.Fatal(status, err)
	}
	person.open("/staff/signin").send("", url.Values{"name": {c.word("wrong name")}, "passphrase": {c.word("wrong pass phrase")}}).is(http.StatusUnauthorized)

	ada := signIn(t, r, "Ada")
	c.put("cookie", ada.cookie)
	first := workOn(t, ada, c, "1")
	first.shows(c.list[1].text) // the advocate reads the message that nobody else can
	id := strings.TrimPrefix(first.path, "/staff/contacts/")
	refer(t, ada, c, id)
	wrapUp(t, ada, c, id)

	second := workOn(t, ada, c, "2") // stays open, with its drafts
	box := visit(t, r).open("/es/mailbox").send("", url.Values{"code": {code}}).is(http.StatusOK)
	box.shows("reply 1").hides(c.list[1].text, "note 1", "draft 1")
	box.send("", url.Values{"message": {c.say("written again")}}).is(http.StatusOK)
	ada.open("/staff/queue").send("/staff/contacts/next", nil).is(http.StatusOK).shows("written again") // it waits again
	if second.path == first.path {
		t.Fatal("the second contact is the first one")
	}

	signIn(t, r, "Sol").open("/staff/directory/suggestions").shows("what is missing in the directory")
	entered := ada.open("/staff/contacts/new").send("", url.Values{
		"channel": {"phone"}, "text": {c.say("entered text")}, "place": {c.say("entered place")}, "safe_channel": {"phone"},
		"safe_address": {c.phone("entered number")}, "safe_note": {c.say("entered note")}, "code": {"1"},
	}).is(http.StatusOK)
	c.code("code read out", entered.text("code"))
}

// workOn takes the next contact, answers, notes, drafts and records.
func workOn(t *testing.T, ada *visitor, c *canaries, n string) *seen {
	t.Helper()
	at := ada.open("/staff/queue").send("/staff/contacts/next", nil).is(http.StatusOK)
	id := strings.TrimPrefix(at.path, "/staff/contacts/")
	at.send("/staff/contacts/"+id+"/say", url.Values{"kind": {"out"}, "text": {c.say("reply " + n)}}).is(http.StatusOK)
	at.send("/staff/contacts/"+id+"/say", url.Values{"kind": {"note"}, "text": {c.say("note " + n)}}).is(http.StatusOK)
	sendFile(t, ada.home+at.path+"/files", ada.cookie, c, "file of a colleague "+n, http.StatusOK, map[string]string{"once": ids.New()})
	for _, kind := range []string{"out", "note"} {
		draft := url.Values{"kind": {kind}, "text": {c.say("draft " + n)}}
		ada.ask(http.MethodPost, "/staff/contacts/"+id+"/draft", "application/x-www-form-urlencoded", draft.Encode()).is(http.StatusNoContent)
	}
	record := ada.open("/staff/contacts/" + id + "?show=record")
	record.send("/staff/contacts/"+id+"/record", url.Values{
		"danger": {"yes"}, "safe_speak": {"no"}, "safe_note": {c.say("record note " + n)}, "safe_who": {c.say("record who " + n)},
		"safe_cover": {c.say("record cover " + n)}, "safe_word": {c.say("record word " + n)}, "place": {c.say("record place " + n)},
		"summary": {c.say("summary " + n)}, "country": {"US"}, "region": {"US-IL"},
	}).is(http.StatusOK).shows("summary " + n)
	return ada.open("/staff/contacts/"+id).shows("reply "+n, "note "+n, "draft "+n)
}

// refer finds a service, records a consent to share everything, and notes
// each step.
func refer(t *testing.T, ada *visitor, c *canaries, id string) {
	t.Helper()
	found := ada.open("/staff/contacts/"+id).send("/staff/contacts/"+id+"/services", url.Values{"words": {c.word("search")}, "place": {"Chicago"}})
	found.is(http.StatusOK)
	found = found.send("/staff/contacts/"+id+"/services", url.Values{"words": {""}, "place": {""}, "need": {"shelter"}, "country": {""}, "language": {""}}).is(http.StatusOK)
	form := ada.open(found.link("/staff/contacts/" + id + "/refer?service="))
	made := form.send("/staff/contacts/"+id+"/refer", url.Values{
		"share": {"name", "place", "reach", "summary"}, "value.name": {c.say("shared name")}, "value.place": {c.say("shared place")},
		"value.reach": {c.say("shared way")}, "value.summary": {c.say("shared summary")},
		"need": {"shelter"}, "days": {"30"}, "by": {"person"}, "how": {"spoken"},
	}).is(http.StatusOK).shows("shared name")
	ref := made.path
	made = ada.open(ref)
	made = made.send(ref, url.Values{"step": {"sent"}, "note": {c.say("passed on")}}).is(http.StatusOK)
	made = made.send(ref, url.Values{"step": {"accepted"}, "note": {c.say("accepted")}}).is(http.StatusOK)
	made.send(ref, url.Values{"step": {"ended"}, "code": {"served"}, "note": {c.say("outcome")}}).is(http.StatusOK).shows("outcome")
	ada.open(ref + "/print").shows("shared summary")
	ada.open(ref + "/read").shows("shared way")
}

func wrapUp(t *testing.T, ada *visitor, c *canaries, id string) {
	t.Helper()
	ada.open("/staff/contacts/"+id+"?show=wrap").send("/staff/contacts/"+id+"/close", url.Values{
		"request_type": {"crisis"}, "substantive": {"yes"}, "contactor": {"self"}, "proximity": {"own_experience"}, "country": {"US"}, "region": {"US-IL"},
		"disposition": {"referred"}, "age_group": {"adult"}, "summary": {c.say("last summary")},
	}).is(http.StatusOK)
	ada.open("/staff/queue").hides(id)
}

// searchFolder looks into every byte of every file, and at the names.
func searchFolder(t *testing.T, c *canaries, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range c.find(append(b, path...)) {
			t.Errorf("%s: %s", d.Name(), found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// searchBackup makes a backup, looks into it as somebody would who has the
// identity that opens it, and gives the folder to search as it is.
func searchBackup(t *testing.T, c *canaries, e engine) (folder string) {
	t.Helper()
	folder = t.TempDir()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := clew(t, append([]string{"backup", "--to", folder, "--recipient", identity.Recipient().String()}, e.args...)...); err != nil {
		t.Fatal(out)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.age"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	all := 0
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		plain, err := age.Decrypt(f, identity)
		if err != nil {
			t.Fatal(err)
		}
		packed, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range c.find(packed) {
			t.Errorf("in a backup, with the key to it: %s", found)
		}
		all += len((&canaries{list: []canary{{"a table", "contact_messages"}, {"a table", "key_wraps"}}}).find(packed))
	}
	if all < 2 {
		t.Error("the backup was not looked into, so it proves nothing")
	}
	return folder
}

// searchTables looks into every value of every table, as somebody would who
// has the key of the file or the whole PostgreSQL server.
func searchTables(t *testing.T, c *canaries, e engine) (values, tables int) {
	t.Helper()
	d := e.open(t)
	defer d.Close()
	// What the directory and the staff's names are in the clear must be found,
	// or the search would prove nothing.
	control := &canaries{}
	control.put("name of a service", aService)
	control.put("role", "case_manager")
	clear := 0
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		names, err := tableNames(ctx, tx, d.Engine())
		for _, name := range names {
			n, err := eachValue(ctx, tx, name, func(column string, value []byte) {
				for _, found := range c.find(value) {
					t.Errorf("%s.%s: %s", name, column, found)
				}
				clear += len(control.find(value))
			})
			if err != nil {
				return err
			}
			if n > 0 {
				tables++
			}
			values += n
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if clear < 2 || tables < 15 || values < 2000 {
		t.Errorf("the search proves nothing: %d values of %d tables, %d that are in the clear", values, tables, clear)
	}
	return values, tables
}

func tableNames(ctx context.Context, tx *db.Tx, on db.Engine) (names []string, err error) {
	list := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if on == db.Postgres {
		list = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	rows, err := tx.Query(ctx, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

func eachValue(ctx context.Context, tx *db.Tx, table string, do func(column string, value []byte)) (n int, err error) {
	rows, err := tx.Query(ctx, `SELECT * FROM `+strconv.Quote(table))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return n, err
		}
		for i, v := range row {
			n++
			switch v := v.(type) {
			case nil:
			case []byte:
				do(columns[i], v)
			default:
				do(columns[i], fmt.Append(nil, v))
			}
		}
	}
	return n, rows.Err()
}
