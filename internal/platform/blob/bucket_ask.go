package blob

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// asked is one request for one object.
type asked struct {
	method  string
	size    int64
	sum     string           // SHA-256 of the content, in hexadecimal; "" if there is none
	content func() io.Reader // from its begin, for each attempt
}

// sumOfNothing is the SHA-256 of no bytes.
const sumOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// ask makes a request until the store answers with something else than that it
// is not well. Close the answer's body.
func (b *Bucket) ask(ctx context.Context, name string, a asked) (res *http.Response, err error) {
	pause := b.pause
	for n := 1; ; n++ {
		res, err = b.once(ctx, name, a)
		if err == nil && !passes(res.StatusCode) {
			return res, nil
		}
		if err == nil {
			err = refusal(res)
		}
		if n == attempts || ctx.Err() != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
		pause *= 4
	}
}

// passes says whether a status is one that another attempt may not meet.
func passes(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusTooManyRequests:
		return true
	}
	return false
}

func (b *Bucket) once(ctx context.Context, name string, a asked) (*http.Response, error) {
	ctx, cancel := context.WithCancel(ctx)
	alarm := time.AfterFunc(b.patience, cancel)
	var content io.Reader
	if a.content != nil && a.size > 0 {
		content = a.content()
	}
	req, err := http.NewRequestWithContext(ctx, a.method, b.at.object(name), content)
	if err != nil {
		cancel()
		return nil, unwell(errors.New("no request can be made for it"))
	}
	req.ContentLength = a.size
	sum := a.sum
	if sum == "" {
		sum = sumOfNothing
	}
	sign(req, b.keys, b.at.Region, sum, b.now())
	res, err := b.client.Do(req) //nolint:bodyclose // whoever asks closes it
	alarm.Stop()
	if err != nil {
		cancel()
		return nil, unwell(bare(err))
	}
	res.Body = &answer{ReadCloser: res.Body, alarm: alarm, patience: b.patience, cancel: cancel}
	return res, nil
}

// answer is a body that may not stand still for long.
type answer struct {
	io.ReadCloser

	alarm    *time.Timer
	patience time.Duration
	cancel   context.CancelFunc
}

// Read lets time run only while it waits for the store: whoever reads may be slow.
func (a *answer) Read(p []byte) (int, error) {
	a.alarm.Reset(a.patience)
	n, err := a.ReadCloser.Read(p)
	a.alarm.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		err = unwell(fmt.Errorf("its answer was cut: %v", err)) //nolint:errorlint // an answer that was cut must not pass for the end of a file
	}
	return n, err
}

func (a *answer) Close() error {
	a.alarm.Stop()
	err := a.ReadCloser.Close()
	a.cancel()
	return err
}

// bare takes the address out of an error: it goes into logs.
func bare(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// maxRefusal is how much of a refusal is read, in bytes.
const maxRefusal = 16 << 10

// refusal says why the store refused, by its code alone, and closes the answer.
func refusal(res *http.Response) error {
	defer res.Body.Close() //nolint:errcheck // it was only read
	var said struct {
		Code string `xml:"Code"`
	}
	_ = xml.NewDecoder(io.LimitReader(res.Body, maxRefusal)).Decode(&said) // many have no body
	code := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, said.Code)
	switch {
	case res.StatusCode == http.StatusNotFound && (code == "NoSuchKey" || code == ""):
		return ErrMissing
	case res.StatusCode == http.StatusInsufficientStorage, strings.Contains(code, "Quota"), strings.HasSuffix(code, "StorageFull"):
		return full(fmt.Errorf("blob: the store says %d %.40s", res.StatusCode, code))
	}
	return unwell(fmt.Errorf("it says %d %.40s", res.StatusCode, code))
}

func unwell(err error) error {
	return errs.New(errs.Unavailable, "error.storage", fmt.Errorf("blob: the store of files does not work: %w", err))
}
