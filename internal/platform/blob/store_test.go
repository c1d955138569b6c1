package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/clew-hotline/clew/internal/platform/blob/blobtest"
)

// each runs a story on every kind of store.
func each(t *testing.T, story func(t *testing.T, s Store)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		story(t, NewFolder(t.TempDir()))
	})
	t.Run("bucket", func(t *testing.T) {
		t.Parallel()
		story(t, bucket(t, blobtest.New(t)))
	})
}

func read(t *testing.T, s Store, name string) ([]byte, error) {
	t.Helper()
	r, err := s.Get(t.Context(), name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

func TestWhatIsPutIsThere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s Store) {
		for _, size := range []int{0, 1, 70_000, stretch, 2*stretch + 1} {
			name, want := NewName(), bytes.Repeat([]byte{7}, size)
			if err := s.Put(t.Context(), name, bytes.NewReader(want)); err != nil {
				t.Fatal(err)
			}
			if got, err := read(t, s, name); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes came back as %d: %v", size, len(got), err)
			}
		}
	})
}

func TestWhatIsDeletedIsGone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s Store) {
		name := NewName()
		if err := s.Put(t.Context(), name, strings.NewReader("sealed")); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Delete(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := read(t, s, name); !errors.Is(err, ErrMissing) {
			t.Errorf("a file that was deleted: %v", err)
		}
	})
}

// Whoever sends goes away half way: nothing stays.
func TestAFileThatDidNotComeLeavesNothing(t *testing.T) {
	t.Parallel()
	gone := errors.New("the line broke")
	each(t, func(t *testing.T, s Store) {
		name := NewName()
		half := io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), iotest.ErrReader(gone))
		if err := s.Put(t.Context(), name, half); !errors.Is(err, gone) {
			t.Errorf("half a file was kept: %v", err)
		}
		if _, err := read(t, s, name); !errors.Is(err, ErrMissing) {
			t.Errorf("half a file is there: %v", err)
		}
	})
}

func TestANameIsNoPath(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s Store) {
		for _, name := range []string{"", ".", "..", "../clew.db", "/etc/passwd", strings.Repeat("a", 25) + "/", strings.ToUpper(NewName())} {
			_, getErr := s.Get(t.Context(), name)
			for what, err := range map[string]error{
				"put": s.Put(t.Context(), name, strings.NewReader("x")), "get": getErr, "delete": s.Delete(t.Context(), name),
			} {
				if !errors.Is(err, errName) {
					t.Errorf("%s %q: %v", what, name, err)
				}
			}
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s Store) {
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				name, want := NewName(), bytes.Repeat([]byte{byte(i)}, 50_000)
				if err := s.Put(context.WithoutCancel(t.Context()), name, bytes.NewReader(want)); err != nil {
					t.Error(err)
				}
				if got, err := read(t, s, name); err != nil || !bytes.Equal(got, want) {
					t.Errorf("another file came back: %v", err)
				}
			})
		}
		all.Wait()
	})
}
