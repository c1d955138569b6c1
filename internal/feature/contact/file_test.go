package contact

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/blob"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// sending gives files one after the other: pairs of name and content.
func sending(pairs ...string) Files {
	return func() (string, io.Reader, error) {
		if len(pairs) == 0 {
			return "", nil, io.EOF
		}
		name, r := pairs[0], strings.NewReader(pairs[1])
		pairs = pairs[2:]
		return name, r, nil
	}
}

// snapshot is a picture as a camera would make it.
func snapshot(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// signedIn is a colleague at a screen.
func (h *house) signedIn(s *staff.Session) (signed *staff.Session) {
	h.t.Helper()
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		token, err := staff.SignIn(ctx, tx, s.Person, s.Pair)
		if err != nil {
			return err
		}
		signed, err = staff.Find(ctx, tx, token)
		return err
	}))
	return signed
}

// onDisk are the sealed files that are there.
func (h *house) onDisk() (paths []string) {
	h.t.Helper()
	entries, err := os.ReadDir(h.folder)
	h.ok(err)
	for _, e := range entries {
		paths = append(paths, filepath.Join(h.folder, e.Name()))
	}
	return paths
}

func (h *house) sent(code string, once Once, pairs ...string) Taken {
	h.t.Helper()
	box, err := h.OpenMailbox(h.t.Context(), code)
	h.ok(err)
	taken, err := h.SendFiles(h.t.Context(), box, Again{Channel: Web, Language: "es"}, sending(pairs...), once)
	h.ok(err)
	return taken
}

func (h *house) content(s *staff.Session, id string, n int64) (name string, content []byte) {
	h.t.Helper()
	o, err := h.OpenFile(h.t.Context(), s, id, n)
	h.ok(err)
	b, err := io.ReadAll(o)
	h.ok(errors.Join(err, o.Close()))
	return o.Name, b
}

func TestSomebodySendsPicturesAndAnAdvocateSeesThem(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.write("he keeps my papers")
		pic := snapshot(t)
		if got := h.sent(r.Code, "", `C:\phone\my passport.png`, pic, "list.pdf", "%PDF-1.4"); got.Pictures != 1 || got.Others != 1 || got.Refused != nil {
			t.Fatalf("taken: %+v", got)
		}
		id, err := h.TakeNext(t.Context(), h.advocate)
		h.ok(err)
		c, err := h.Get(t.Context(), h.advocate, id)
		h.ok(err)
		last := c.Lines[len(c.Lines)-2] // the last tells that it was taken
		if last.Kind != In || len(last.Files) != 2 || last.Files[0].Picture != "png" || last.Files[1].Number != 2 || last.Files[1].Picture != "" {
			t.Fatalf("lines: %+v", c.Lines)
		}
		if name, b := h.content(h.advocate, id, 1); name != "my passport.png" || string(b) != pic {
			t.Errorf("%q came back with %d bytes", name, len(b))
		}
		if name, b := h.content(h.supervisor, id, 2); name != "list.pdf" || string(b) != "%PDF-1.4" {
			t.Errorf("%q came back as %q", name, b)
		}
		_, err = h.OpenFile(t.Context(), h.other, id, 1)
		h.asks(err, id)
		_, err = h.OpenFile(t.Context(), h.advocate, id, 3)
		h.refused(err, errs.NotFound)
		if got := strings.Join(h.log.Actions(id), ","); strings.Count(got, "contact.read file") != 2 {
			t.Errorf("in the log: %s", got)
		}
	})
}

// Who sent it sees when it was, and how many they were: not what is in it.
func TestAMailboxCountsPicturesAndShowsNone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.write("x")
		pic := snapshot(t)
		h.sent(r.Code, "", "a.png", pic, "b.png", pic+" ", "c.txt", "hello")
		box, err := h.OpenMailbox(t.Context(), r.Code)
		h.ok(err)
		if l := box.Lines[len(box.Lines)-1]; l.Pictures != 2 || l.Others != 1 || l.Text != "" {
			t.Errorf("%+v", l)
		}
	})
}

// A form that is sent again, as browsers do after a line broke, brings nothing twice.
func TestTheSameFileIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.write("x")
		once := Once(ids.New())
		h.sent(r.Code, once, "a", "first")
		if got := h.sent(r.Code, once, "a", "first", "b", "second"); got.Others != 2 {
			t.Errorf("taken: %+v", got)
		}
		if got := len(h.onDisk()); got != 2 {
			t.Errorf("%d files are kept of two", got)
		}
	})
}

// The same bytes twice in one message are one file, with a key and without; and what is
// there already is not too much, however full the contact is.
func TestTheSameBytesTwiceAreOneFile(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Limits = Limits{File: 1000, Total: 2 << 17}
		r := h.write("x")
		for n, once := range []Once{"", Once(ids.New())} {
			if got := h.sent(r.Code, once, "a", "same"+string(once), "b", "same"+string(once)); got.Others != 1 || got.Refused != nil || len(h.onDisk()) != n+1 {
				t.Errorf("with the key %q taken %+v, %d are kept", once, got, len(h.onDisk()))
			}
			if once == "" {
				continue
			}
			if got := h.sent(r.Code, once, "a", "same"+string(once)); got.Others != 1 || got.Refused != nil || len(h.onDisk()) != n+1 {
				t.Errorf("again, and it is full: %+v, %d are kept", got, len(h.onDisk()))
			}
		}
	})
}

func TestWhatCannotBeTakenKeepsNothingElseBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Limits = Limits{File: 1000, Total: 3 << 17}
		r := h.write("x")
		got := h.sent(r.Code, "", "large", strings.Repeat("x", 1001), "empty", "", "good", "hello", "also", "hello!", "too", "hello?")
		want := []Refused{{1, "contact.error.file_large"}, {2, "contact.error.file_empty"}}
		if got.Others != 3 || len(got.Refused) != 2 || got.Refused[0] != want[0] || got.Refused[1] != want[1] {
			t.Errorf("taken: %+v", got)
		}
		for range 3 { // until it is full
			got = h.sent(r.Code, "", "more", "hello")
		}
		if len(got.Refused) != 1 || got.Refused[0].Word != "contact.error.files_total" {
			t.Errorf("over the total: %+v", got)
		}
		var many []string
		for range MaxFiles + 2 {
			many = append(many, "f", "x")
		}
		h.Limits = Limits{}
		other := h.write("y")
		if got := h.sent(other.Code, "", many...); len(got.Refused) != 1 || got.Refused[0].Word != "contact.error.files_many" {
			t.Errorf("too many: %+v", got)
		}
		for what, err := range map[string]error{"contact.error.file_large": errs.New(errs.TooLarge, "", nil), "contact.error.file_broken": errs.New(errs.Invalid, "", nil)} {
			if _, refused := h.gather(t.Context(), func() (string, io.Reader, error) { return "", nil, err }); len(refused) != 1 || refused[0].Word != what {
				t.Errorf("a form that ends with %v: %+v", err, refused)
			}
		}
		before := len(h.onDisk())
		gone := func() (string, io.Reader, error) {
			return "half", io.MultiReader(strings.NewReader("begun"), errReader{}), nil
		}
		box, err := h.OpenMailbox(t.Context(), r.Code)
		h.ok(err)
		got, err = h.SendFiles(t.Context(), box, Again{Channel: Web}, gone, "")
		h.ok(err)
		if got.Files() != 0 || len(got.Refused) != 1 || got.Refused[0].Word != "contact.error.file_broken" || len(h.onDisk()) != before {
			t.Errorf("a line that broke: %+v", got)
		}
	})
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("gone") }

// noRoom is a store whose disk is full.
type noRoom struct{ blob.Store }

func (noRoom) Put(context.Context, string, io.Reader) error { return blob.ErrFull }

func TestAFullDiskTakesWordsAndNoFiles(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Blobs = noRoom{h.Blobs}
		r := h.write("this is heard")
		got := h.sent(r.Code, "", "a", "x")
		if got.Files() != 0 || len(got.Refused) != 1 || got.Refused[0].Word != "contact.error.file_room" {
			t.Errorf("%+v", got)
		}
		h.ok(h.DB.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := get(ctx, tx, agency, r.ID)
			return err
		}))
	})
}

// A file that was cut, changed, or put in another's place, on the disk or in
// the database, is told as that and gives not one byte.
func TestAFileThatWasTouchedIsNotShown(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.write("x")
		other := h.write("y")
		h.sent(r.Code, "", "a", strings.Repeat("a", 100_000), "b", strings.Repeat("b", 100_000))
		h.sent(other.Code, "", "c", "c")
		id := r.ID
		h.ok(h.Take(t.Context(), h.supervisor, id))
		touched := func(what string) {
			t.Helper()
			o, err := h.OpenFile(t.Context(), h.supervisor, id, 1)
			if !errs.Is(err, errs.Conflict) || errs.Of(err).Word != "contact.error.file_touched" {
				t.Errorf("%s: %v", what, err)
			}
			if o != nil && o.Reader != nil {
				t.Errorf("%s: there is something to read", what)
			}
		}
		path := map[int64]string{}
		h.ok(h.DB.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			for n := range int64(2) {
				var name string
				if err := tx.QueryRow(ctx, `SELECT blob FROM contact_files WHERE contact = $1 AND n = $2`, id, n+1).Scan(&name); err != nil {
					return err
				}
				path[n+1] = filepath.Join(h.folder, name)
			}
			return nil
		}))
		whole, err := os.ReadFile(path[1])
		h.ok(err)
		second, err := os.ReadFile(path[2])
		h.ok(err)
		flipped := bytes.Clone(whole)
		flipped[len(whole)/2] ^= 1
		for what, b := range map[string][]byte{"cut": whole[:len(whole)-1], "half": whole[:len(whole)/2], "flipped": flipped, "swapped": second, "longer": append(bytes.Clone(whole), 0), "empty": nil} {
			h.ok(os.WriteFile(path[1], b, 0o600))
			touched(what)
		}
		h.ok(os.Remove(path[1]))
		touched("removed")
		h.ok(os.WriteFile(path[1], whole, 0o600))
		h.content(h.supervisor, id, 1)
		for _, q := range []string{
			`UPDATE contact_files SET sealed = (SELECT sealed FROM contact_files WHERE contact = $1 AND n = 2) WHERE contact = $1 AND n = 1`,
			`UPDATE contact_files SET blob = (SELECT blob FROM contact_files WHERE contact = $1 AND n = 2) WHERE contact = $1 AND n = 1`,
			`UPDATE contact_files SET seq = 2 WHERE contact = $1 AND n = 1`,
		} {
			h.ok(h.DB.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, q, id)
				return err
			}))
			touched(q)
		}
	})
}

// A colleague who left the building adds nothing with a form that was still on its way.
func TestAColleagueAddsFilesForColleagues(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.write("x")
		ada := h.signedIn(h.advocate)
		h.ok(h.Take(t.Context(), ada, r.ID))
		taken, err := h.AddFiles(t.Context(), ada, r.ID, sending("scan.png", snapshot(t)), "")
		h.ok(err)
		if taken.Pictures != 1 {
			t.Errorf("%+v", taken)
		}
		_, err = h.AddFiles(t.Context(), h.signedIn(h.other), r.ID, sending("x", "x"), "")
		h.asks(err, r.ID)
		c, err := h.Get(t.Context(), ada, r.ID)
		h.ok(err)
		if m := c.Lines[len(c.Lines)-1]; m.Kind != Note || m.Staff != ada.Person.ID || len(m.Files) != 1 {
			t.Errorf("%+v", m)
		}
		dismissed := func() (string, io.Reader, error) {
			h.ok(h.DB.Update(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *db.Tx) error { return ada.SignOut(ctx, tx) }))
			return "late", strings.NewReader("late"), nil
		}
		first := true
		_, err = h.AddFiles(t.Context(), ada, r.ID, func() (string, io.Reader, error) {
			if !first {
				return "", nil, io.EOF
			}
			first = false
			return dismissed()
		}, "")
		h.refused(err, errs.Unauthenticated)
		if got := len(h.onDisk()); got != 1 {
			t.Errorf("%d files are kept of one", got)
		}
		if got := h.log.Actions(r.ID); !slices.Contains(got, "contact.write file") {
			t.Errorf("in the log: %s", got)
		}
	})
}

// Dropped files open for nobody from the commit on, and are gone from the disk
// with the next sweep. What was on its way when the program was killed goes too.
func TestDroppedFilesAreGone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.write("x")
		kept := h.write("y")
		h.sent(r.Code, "", "a", "x", "b", "y")
		h.sent(kept.Code, "", "c", "z")
		h.ok(h.Take(t.Context(), h.supervisor, r.ID))
		h.ok(h.DB.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			n, err := h.DropFiles(ctx, tx, agency, r.ID)
			if n != 2 {
				t.Errorf("%d files were dropped", n)
			}
			return err
		}))
		_, err := h.OpenFile(t.Context(), h.supervisor, r.ID, 1)
		h.refused(err, errs.NotFound)
		half := blob.NewName()
		h.ok(h.Blobs.Put(t.Context(), half, strings.NewReader("sealed")))
		h.ok(h.DB.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return doom(ctx, tx, agency, half, tx.Now.Add(-time.Minute))
		}))
		h.ok(h.SweepFiles(t.Context()))
		if got := len(h.onDisk()); got != 1 {
			t.Errorf("%d files are left of one", got)
		}
		h.ok(h.SweepFiles(t.Context()))
		c, err := h.Get(t.Context(), h.supervisor, r.ID)
		h.ok(err)
		if list := c.filesOf(c.Lines[0]); len(list) != 2 || !list[0].Gone {
			t.Errorf("the line says nothing of it: %+v", list)
		}
	})
}

// After a colleague left, a file's key is under the contact's new key, from
// whomever the file came, and the key of before opens none.
func TestFilesAreRenewedWithTheirContact(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.write("x")
		sue := h.signedIn(h.supervisor)
		h.ok(h.Take(t.Context(), sue, r.ID))
		h.sent(r.Code, "", "a", "theirs")
		_, err := h.AddFiles(t.Context(), sue, r.ID, sending("b", "ours"), "")
		h.ok(err)
		l := h.leaves()
		if opened, all := l.opens(r.ID); opened != 6 || all != 6 { // two keys, three lines, the story
			t.Fatalf("of what they knew the leaver opens %d of %d", opened, all)
		}
		h.renewAll()
		if opened, _ := l.opens(r.ID); opened != 0 {
			t.Errorf("the leaver still opens %d", opened)
		}
		if _, b := h.content(sue, r.ID, 1); string(b) != "theirs" {
			t.Errorf("theirs is %q", b)
		}
		if _, b := h.content(sue, r.ID, 2); string(b) != "ours" {
			t.Errorf("ours is %q", b)
		}
	})
}

func TestAFileNameIsItsLastPart(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"a.jpg": "a.jpg", `C:\Users\Maria\a.jpg`: "a.jpg", "/home/maria/a.jpg": "a.jpg", "": "", "/": "", "a\nb": "a b", "..": "..",
		strings.Repeat("я", 500): strings.Repeat("я", maxFileName),
	} {
		if got := fileName(given); got != want && !strings.HasPrefix(want, strings.TrimSuffix(got, "…")) {
			t.Errorf("%q is kept as %q", given, got)
		}
	}
}
