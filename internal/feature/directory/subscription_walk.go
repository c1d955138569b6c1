package directory

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/clew-hotline/clew/internal/lib/httpsig"
	"github.com/clew-hotline/clew/internal/platform/outbound"
)

// feedFailure is why a feed could not be taken over, as a code for which there are
// words.
type feedFailure string

// Error implements error.
func (e feedFailure) Error() string { return "directory: the feed fails: " + string(e) }

// FeedFailure is the code of why a feed could not be taken over; "" if an error says
// something else.
func FeedFailure(err error) string {
	failed, _ := errors.AsType[feedFailure](err)
	return string(failed)
}

// What can be wrong with a feed.
const (
	feedUnreachable feedFailure = "unreachable" // nobody answers, or not in time
	feedInside      feedFailure = "inside"      // its name leads into a network of ours
	feedConfined    feedFailure = "confined"    // this program gave away at its start that it may ask there
	feedStatus      feedFailure = "status"      // it answers with an error, or leads elsewhere
	feedLarge       feedFailure = "large"
	feedForm        feedFailure = "form" // no page of HSDS, or not the one that was asked for
	feedKey         feedFailure = "key"  // it does not publish the key that was compared
	feedUnsigned    feedFailure = "unsigned"
	feedForged      feedFailure = "forged"  // the signature or digest is not of this answer
	feedChanged     feedFailure = "changed" // it was changed while we read it
	feedEmpty       feedFailure = "empty"
	feedRefused     feedFailure = "refused" // it was read, and the import had errors
)

// Limits of what a feed may send.
const (
	feedPerPage = 100
	maxFeedPage = 32 << 20
	maxFeedAll  = 1 << 30
	maxFeedList = 1_000_000
	maxFeedTime = time.Hour
	maxKeysDoc  = 64 << 10
)

// feedReader reads a feed's services page by page and gives them as lines, each a record.
// It ends without error only if everything came that the feed says it has, and once.
type feedReader struct {
	ctx   context.Context //nolint:containedctx // a reader has no other way to one
	asks  *http.Client
	sub   Subscription
	since time.Time // what changed at or after it; zero is everything
	now   func() time.Time
	lim   feedLimits

	key   ed25519.PublicKey
	keyID string

	page  int
	pages int
	total int
	seen  map[string]bool
	bytes int64
	rest  bytes.Buffer
	err   error

	upto string   // where changes are followed from, or will be; "" if not
	more bool     // there are more of them
	gone []string // services that they tell are gone
}

type feedLimits struct {
	page, all int64
	records   int
}

// begin fetches the key, if there is one to hold answers to, and the first page: of
// changes if follow, of all or what changed lately if not.
func (w *feedReader) begin(follow bool) error {
	w.seen = map[string]bool{}
	if w.sub.Key != "" {
		doc, m, err := w.get(w.sub.URL+"/keys", maxKeysDoc)
		if err != nil {
			return err
		}
		if w.key, w.keyID, err = httpsig.Published(doc, w.sub.Key); err != nil {
			return feedKey
		}
		if err := w.held(m, doc); err != nil {
			return err
		}
	}
	if follow {
		w.more = true
		return w.findRecords()
	}
	if w.since.IsZero() {
		w.upto = w.mark()
	}
	return w.next()
}

// Read gives the records as lines.
func (w *feedReader) Read(p []byte) (int, error) {
	for w.rest.Len() == 0 && w.err == nil {
		switch {
		case w.more:
			w.err = w.findRecords()
		case w.page < w.pages:
			w.err = w.next()
		case w.pages > 0 && len(w.seen) != w.total:
			w.err = feedChanged
		default:
			w.err = io.EOF
		}
	}
	if w.rest.Len() > 0 {
		return w.rest.Read(p)
	}
	return 0, w.err
}

// feedPage is the envelope of HSDS, as far as it is used.
type feedPage struct {
	Total    *int              `json:"total_items"`
	Pages    *int              `json:"total_pages"`
	Number   *int              `json:"page_number"`
	Contents []json.RawMessage `json:"contents"`
}

// next fetches one more page and puts its records where they are read.
func (w *feedReader) next() error {
	ask := url.Values{"full": {"true"}, "per_page": {strconv.Itoa(feedPerPage)}, "page": {strconv.Itoa(w.page + 1)}}
	if !w.since.IsZero() {
		ask.Set("modified_after", w.since.UTC().Format(time.RFC3339))
	}
	doc, m, err := w.get(w.sub.URL+"/services?"+ask.Encode(), w.lim.page)
	if err != nil {
		return err
	}
	if w.key != nil {
		if err := w.held(m, doc); err != nil {
			return err
		}
	}
	if w.bytes += int64(len(doc)); w.bytes > w.lim.all {
		return feedLarge
	}
	var got feedPage
	if json.Unmarshal(doc, &got) != nil || got.Total == nil || got.Pages == nil || got.Number == nil {
		return feedForm
	}
	return w.take(got)
}

func (w *feedReader) take(got feedPage) error {
	first := w.page == 0
	w.page++
	switch {
	case *got.Total < 0 || *got.Pages < 0 || *got.Total > 0 && *got.Number != w.page:
		return feedForm
	case *got.Total > w.lim.records:
		return feedLarge
	case *got.Pages > *got.Total || *got.Total > 0 && len(got.Contents) == 0: // pages without records have no end
		return feedForm
	case first:
		w.total, w.pages = *got.Total, *got.Pages
	case *got.Total != w.total || *got.Pages != w.pages:
		return feedChanged
	}
	for _, raw := range got.Contents {
		var one struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(raw, &one) != nil || one.ID == "" {
			return feedForm
		}
		if w.seen[one.ID] || len(w.seen) >= w.total {
			return feedChanged
		}
		w.seen[one.ID] = true
		if json.Compact(&w.rest, raw) != nil {
			return feedForm
		}
		w.rest.WriteByte('\n')
	}
	return nil
}

// get asks for one answer and holds all of it.
func (w *feedReader) get(address string, most int64) ([]byte, httpsig.Message, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, httpsig.Message{}, feedForm
	}
	m := httpsig.Asked(http.MethodGet, u)
	r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, m, feedForm
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Cache-Control", "no-cache")
	r.Header.Set("Accept-Encoding", "identity") // the digest is of what is sent
	res, err := w.asks.Do(r)
	switch {
	case errors.Is(err, outbound.ErrInside):
		return nil, m, feedInside
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return nil, m, feedConfined
	case err != nil:
		return nil, m, feedUnreachable
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	m.Status, m.Header = res.StatusCode, res.Header
	if res.StatusCode != http.StatusOK {
		return nil, m, feedStatus
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	switch {
	case err != nil:
		return nil, m, feedUnreachable
	case int64(len(b)) > most:
		return nil, m, feedLarge
	}
	m.Trailer = res.Trailer
	return b, m, nil
}

// held says whether an answer is of who holds the key.
func (w *feedReader) held(m httpsig.Message, doc []byte) error {
	switch err := httpsig.Verify(m, doc, w.key, w.keyID, w.now()); {
	case errors.Is(err, httpsig.ErrUnsigned):
		return feedUnsigned
	case err != nil:
		return feedForged
	}
	return nil
}
