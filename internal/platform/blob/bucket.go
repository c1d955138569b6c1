package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// Bucket keeps files in a store that speaks S3, which several machines can
// share. Each is one object, put by one request: there never is half of one.
type Bucket struct {
	at     Address
	keys   Keys
	way    *Folder // where a file waits until its length and hash are known
	client *http.Client
	now    func() time.Time

	patience time.Duration // how long one request may take, and how long an answer may stand still
	pause    time.Duration // before the second attempt; the third waits four times as long
}

// attempts is how often one request is made while the store says that it is
// not well. Each puts, asks or removes the same, so none is done twice.
const attempts = 3

// NewBucket is the store at an address. A file waits in the folder way, sealed,
// until it is whole: on unix under no name, so that a killed program leaves
// nothing there. Nothing is asked of the store yet; see Check.
func NewBucket(at Address, keys Keys, way string) *Bucket {
	return &Bucket{
		at: at, keys: keys, way: NewFolder(way), now: time.Now, patience: 2 * time.Minute, pause: 200 * time.Millisecond,
		client: &http.Client{
			Transport: &http.Transport{
				DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
				TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 30 * time.Second,
				IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 8, DisableCompression: true,
			},
			// Another place would be asked with our signature.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Put implements Store. It asks the store afterwards how long the object is:
// a store that took less than it was given has lost it.
func (b *Bucket) Put(ctx context.Context, name string, r io.Reader) (err error) {
	if !ids.Valid(name) {
		return errName
	}
	file, err := b.way.passing(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave(file)) }()
	sum := sha256.New()
	if err := b.way.write(file, io.TeeReader(r, sum)); err != nil {
		return err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return broken(err)
	}
	content := func() io.Reader { return io.NewSectionReader(file, 0, size) }
	if err := b.keep(ctx, name, asked{method: http.MethodPut, size: size, sum: hex.EncodeToString(sum.Sum(nil)), content: content}); err != nil {
		// It may have come although the answer did not. Whoever noted the name
		// removes it later, if this does not.
		return errors.Join(err, b.Delete(context.WithoutCancel(ctx), name))
	}
	return nil
}

func (b *Bucket) keep(ctx context.Context, name string, put asked) error {
	if err := b.done(ctx, name, put); err != nil {
		return err
	}
	res, err := b.ask(ctx, name, asked{method: http.MethodHead})
	if err != nil {
		return err
	}
	_ = res.Body.Close() // it has none
	if res.StatusCode != http.StatusOK || res.ContentLength != put.size {
		return unwell(fmt.Errorf("it answered %d and kept %d bytes of %d", res.StatusCode, res.ContentLength, put.size))
	}
	return nil
}

// Get implements Store. What it gives fails with Unavailable where the answer
// was cut or stood still.
func (b *Bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if !ids.Valid(name) {
		return nil, errName
	}
	res, err := b.ask(ctx, name, asked{method: http.MethodGet})
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	return nil, refusal(res)
}

// Delete implements Store.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	if !ids.Valid(name) {
		return errName
	}
	if err := b.done(ctx, name, asked{method: http.MethodDelete}); !errors.Is(err, ErrMissing) {
		return err
	}
	return nil
}

// done asks for what has no answer but that it was done.
func (b *Bucket) done(ctx context.Context, name string, a asked) error {
	res, err := b.ask(ctx, name, a)
	if err != nil {
		return err
	}
	if res.StatusCode == http.StatusOK || res.StatusCode == http.StatusNoContent {
		return res.Body.Close()
	}
	return refusal(res)
}

// ErrVersions is what Check says of a bucket that keeps what is deleted.
var ErrVersions = errors.New("the bucket keeps versions: what is deleted stays in it. Turn versioning off, and use a bucket that never had it")

// Check puts an object, reads it and removes it again, so that all rights
// that are needed were seen to be there. It says what is amiss in English,
// for who runs the server.
func (b *Bucket) Check(ctx context.Context) error {
	name := NewName()
	want := []byte(name) // which says nothing, should it stay
	if err := b.Put(ctx, name, bytes.NewReader(want)); err != nil {
		return fmt.Errorf("nothing can be put into it: %w", err)
	}
	got, versions, err := b.look(ctx, name)
	if err = errors.Join(err, b.Delete(ctx, name)); err != nil {
		return fmt.Errorf("what was put cannot be read or removed: %w", err)
	}
	if !bytes.Equal(got, want) {
		return errors.New("it gives something else than what was put")
	}
	if _, _, err := b.look(ctx, name); !errors.Is(err, ErrMissing) {
		return fmt.Errorf("it does not say that an object is not there; the right to list the bucket may lack: %w", err)
	}
	if versions {
		return ErrVersions
	}
	return nil
}

func (b *Bucket) look(ctx context.Context, name string) (got []byte, versions bool, err error) {
	res, err := b.ask(ctx, name, asked{method: http.MethodGet})
	if err != nil {
		return nil, false, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, false, refusal(res)
	}
	got, err = io.ReadAll(io.LimitReader(res.Body, 64))
	version := res.Header.Get("X-Amz-Version-Id")
	return got, version != "" && version != "null", errors.Join(err, res.Body.Close())
}

// leave takes away the file that waited: where it could not be made nameless,
// it still has its name.
func leave(file *os.File) error {
	err := file.Close()
	_ = os.Remove(file.Name()) // mostly gone already
	return broken(err)
}
