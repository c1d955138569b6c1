package blob

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/blob/blobtest"
)

// bucket is a server's bucket, asked by somebody with little patience.
func bucket(t *testing.T, s *blobtest.Server) *Bucket {
	t.Helper()
	at, err := ParseAddress(s.Address())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ReadKeys(s.KeyFile(t))
	if err != nil {
		t.Fatal(err)
	}
	b := NewBucket(at, keys, t.TempDir())
	b.pause = time.Millisecond
	return b
}

func put(t *testing.T, b *Bucket, content string) (name string) {
	t.Helper()
	name = NewName()
	if err := b.Put(t.Context(), name, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return name
}

// A store that fails and then works keeps a file once, and one that goes on
// failing is asked three times and no more.
func TestAStoreThatIsUnwellIsAskedAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []int{500, 502, 503, 504, 429} {
		s := blobtest.New(t)
		b := bucket(t, s)
		var left atomic.Int32
		left.Store(2)
		unwell := blobtest.Refuse(status, "SlowDown")
		s.Trouble(func(w http.ResponseWriter, r *http.Request) bool { return left.Add(-1) >= 0 && unwell(w, r) })
		name := put(t, b, "sealed")
		if got, err := read(t, b, name); err != nil || string(got) != "sealed" || len(s.Objects()) != 1 {
			t.Errorf("after %d: %q, %d objects: %v", status, got, len(s.Objects()), err)
		}
		s.Trouble(unwell)
		before := len(s.Requests())
		if _, err := b.Get(t.Context(), name); !errs.Is(err, errs.Unavailable) || len(s.Requests())-before != attempts {
			t.Errorf("%d for ever: asked %d times: %v", status, len(s.Requests())-before, err)
		}
	}
}

// What a store refuses for good is not asked again, and a bucket that is not
// there is no file that is not there.
func TestWhatTheStoreRefuses(t *testing.T) {
	t.Parallel()
	for code, c := range map[string]struct {
		status int
		full   bool
	}{
		"AccessDenied": {403, false}, "NoSuchBucket": {404, false}, "PermanentRedirect": {301, false},
		"QuotaExceeded": {403, true}, "XMinioStorageFull": {507, true},
	} {
		s := blobtest.New(t)
		b := bucket(t, s)
		s.Trouble(blobtest.Refuse(c.status, code))
		err := b.Put(t.Context(), NewName(), strings.NewReader("sealed"))
		if errors.Is(err, ErrFull) != c.full || !c.full && !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s: %v", code, err)
		}
		if strings.Contains(err.Error(), blobtest.KeyID) || strings.Contains(err.Error(), "files/") {
			t.Errorf("%s: the error tells too much: %v", code, err)
		}
		if got := len(s.Requests()); got != 2 { // and once to remove it
			t.Errorf("%s: asked %d times", code, got)
		}
		if _, err := b.Get(t.Context(), NewName()); err == nil || errors.Is(err, ErrMissing) {
			t.Errorf("%s passes for a file that is not there: %v", code, err)
		}
	}
}

func TestAnotherSecretOpensNothing(t *testing.T) {
	t.Parallel()
	b := bucket(t, blobtest.New(t))
	b.keys.Secret += "x"
	err := b.Put(t.Context(), NewName(), strings.NewReader("sealed"))
	if !errs.Is(err, errs.Unavailable) || strings.Contains(err.Error(), b.keys.Secret) {
		t.Error(err)
	}
}

// An answer that ends early is not the end of a file.
func TestAnAnswerThatIsCutSaysSo(t *testing.T) {
	t.Parallel()
	s := blobtest.New(t)
	b := bucket(t, s)
	name := put(t, b, "sealed")
	s.Trouble(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
		return true
	})
	if _, err := read(t, b, name); !errs.Is(err, errs.Unavailable) || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

// A store that took less than it was given, and says that all is well.
func TestAStoreThatKeptLessIsFoundOut(t *testing.T) {
	t.Parallel()
	s := blobtest.New(t)
	b := bucket(t, s)
	s.Trouble(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodHead {
			s.Lose()
		}
		return false
	})
	if err := b.Put(t.Context(), NewName(), strings.NewReader("sealed")); !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
	if n := len(s.Objects()); n > 0 {
		t.Errorf("%d objects are left", n)
	}
}

// A store that answers nothing is not waited for, whether it has begun to
// answer or not.
func TestAStoreThatStandsStillIsLeft(t *testing.T) {
	t.Parallel()
	s := blobtest.New(t)
	b := bucket(t, s)
	name := put(t, b, "sealed")
	b.patience = 50 * time.Millisecond
	for what, begin := range map[string]bool{"no answer": false, "half an answer": true} {
		s.Trouble(func(w http.ResponseWriter, r *http.Request) bool {
			if begin {
				w.Header().Set("Content-Length", "100")
				_, _ = w.Write([]byte("half"))
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
			return true
		})
		if _, err := read(t, b, name); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// An answer that was lost on its way is asked for again, and the file is there once.
func TestALostAnswerDoublesNothing(t *testing.T) {
	t.Parallel()
	s := blobtest.New(t)
	b := bucket(t, s)
	var lost atomic.Bool
	s.Trouble(func(w http.ResponseWriter, _ *http.Request) bool {
		if lost.Swap(true) {
			return false
		}
		panic(http.ErrAbortHandler)
	})
	put(t, b, "sealed")
	if n := len(s.Objects()); n != 1 {
		t.Errorf("%d objects, of one file", n)
	}
}

func TestNothingStaysOnTheWayToTheStore(t *testing.T) {
	t.Parallel()
	s := blobtest.New(t)
	b := bucket(t, s)
	put(t, b, "sealed")
	s.Trouble(blobtest.Refuse(403, "AccessDenied"))
	_ = b.Put(t.Context(), NewName(), strings.NewReader("refused"))
	if left, err := os.ReadDir(b.way.dir); err != nil || len(left) > 0 {
		t.Errorf("%d files are left: %v", len(left), err)
	}
}

func TestCheckSaysWhatIsAmiss(t *testing.T) {
	t.Parallel()
	s := blobtest.New(t)
	b := bucket(t, s)
	if err := b.Check(t.Context()); err != nil || len(s.Objects()) > 0 {
		t.Errorf("%d objects are left: %v", len(s.Objects()), err)
	}
	deny := blobtest.Refuse(403, "AccessDenied")
	for method, word := range map[string]string{"PUT": "nothing can be put", "GET": "cannot be read", "DELETE": "removed"} {
		s.Trouble(func(w http.ResponseWriter, r *http.Request) bool { return r.Method == method && deny(w, r) })
		if err := b.Check(t.Context()); err == nil || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("%s denied: %v", method, err)
		}
	}
	s.Trouble(nil)
	s.KeepVersions()
	if err := b.Check(t.Context()); !errors.Is(err, ErrVersions) {
		t.Errorf("versions: %v", err)
	}
	s.Close()
	if err := b.Check(t.Context()); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a store that is gone: %v", err)
	}
}

// The examples of the documentation that sign names. The first has a header
// of its own, the second a character to be escaped and a content.
func TestSignaturesArePublishedOnes(t *testing.T) {
	t.Parallel()
	keys := Keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	at := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		method, path, sum string
		header            map[string]string
		want              string
	}{
		{"GET", "/test.txt", sumOfNothing, map[string]string{"Range": "bytes=0-9"}, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
		{
			"PUT", "/test%24file.text", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
			map[string]string{"Date": "Fri, 24 May 2013 00:00:00 GMT", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY"},
			"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
		},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, "https://examplebucket.s3.amazonaws.com"+c.path, bytes.NewReader(nil))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range c.header {
			req.Header.Set(name, value)
		}
		sign(req, keys, "us-east-1", c.sum, at)
		if got := req.Header.Get("Authorization"); !strings.HasSuffix(got, ",Signature="+c.want) {
			t.Errorf("%s %s: %s", c.method, c.path, got)
		}
	}
}
