package proofs

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

var claimDisk = claim{
	"disk full, I/O error, read-only", "at every write: SQLite through a VFS that fails from the n-th write on and on a small file system, PostgreSQL on a small file system and with killed backends",
	"true error shown, recovers without restart, reserve file keeps intake alive",
}

// TestProofOfDiskFaults lets the disk fail from each write of an intake on, in
// four ways. Who writes then is told so in their language and loses
// nothing; pages stay; and when the disk works again so does the program that runs.
func TestProofOfDiskFaults(t *testing.T) {
	t.Parallel()
	claimDisk.prove(t, "SQLite, VFS", func(t *testing.T) string {
		b := newBreakable(t, onSQLite(t))
		b.begin()
		before := contactsIn(t, b.data, b.now)
		b.begin()
		taken, refused := 0, 0
		for _, what := range []string{"full", "io", "sync", "readonly"} {
			for n := range size(6, 80) {
				for _, l := range b.brokenLetters() {
					b.order(fmt.Sprint(what, " ", n))
					if b.refusedOrTaken(l) {
						refused++
					}
					if status, err := get(t.Context(), b.now.Public+"/ar/now"); err != nil || status != http.StatusOK {
						t.Errorf("%s at %d: a page that needs no disk: %d %v", what, n, status, err)
					}
					b.order("")
					if status, answer, err := l.send(t.Context(), b.now.Public); err != nil || status != l.want {
						t.Fatalf("%s at %d: once the disk works again: %d %v %.300s", what, n, status, err, answer)
					}
					taken++
				}
			}
		}
		if refused < 20 {
			t.Errorf("only %d were refused: the disk did not fail", refused)
		}
		n := contactsIn(t, b.data, b.now) - before
		if n != taken {
			t.Errorf("%d were acknowledged, %d are stored", taken, n)
		}
		d := b.open(t)
		defer d.Close()
		sound(t, d)
		whole(t, d)
		return fmt.Sprintf("4 kinds of fault from each of %d writes on: %d requests refused with the true reason, all %d taken once the disk worked again, without restart", size(6, 80), refused, taken)
	})
}

// brokenLetters are one contact by the form and one by a program.
func (b *breakable) brokenLetters() []*letter {
	key := ids.New()
	return []*letter{
		{channel: "web", path: "/ar/contact", kind: urlencoded, body: form("message", "kept "+key, "word", "kept too", "key", key), want: http.StatusOK},
		{channel: "api", path: "/api/v1/contacts", kind: "application/json", body: `{"text":"help","mailbox":false}`, once: ids.New(), language: "ar", want: http.StatusCreated},
	}
}

// refusedOrTaken sends while something is broken. What is not taken is said
// to be our fault, in the language of who writes, and stays in the form.
func (b *breakable) refusedOrTaken(l *letter) (refused bool) {
	b.Helper()
	status, answer, err := l.send(b.Context(), b.now.Public)
	switch {
	case err != nil:
		b.Errorf("%s: no answer: %v", l.channel, err)
	case status == l.want:
		return false
	case status != http.StatusServiceUnavailable:
		b.Errorf("%s: %d in place of the truth: %.300s", l.channel, status, answer)
	case l.channel == "web":
		s := parsed(b.T, l.path, status, answer)
		s.explains(b.T, "a form while the disk is broken", "ar")
		if fields(s.tree).Get("word") != "kept too" {
			b.Error("what was typed does not stand in the form any more")
		}
	default:
		tellsProblem(b.T, answer)
	}
	return true
}
