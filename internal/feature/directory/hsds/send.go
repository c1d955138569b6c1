package hsds

import (
	"bufio"
	"bytes"
	"net/http"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// buffers are for pages, of which many are made and none is kept.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// send writes a page at once, so that it can be packed; what is longer piece by
// piece, so that it is never held.
func send(w http.ResponseWriter, r *http.Request, found directory.Offer, format directory.Format, page directory.PageOf) error {
	if format == directory.NDJSON || page.Size > MaxPerPage {
		return stream(w, found, format, page)
	}
	b := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // the pool holds nothing else
	defer buffers.Put(b)
	b.Reset()
	if err := directory.WriteOffer(b, found, format, page); err != nil {
		return err
	}
	return web.Document(w, r, "application/json", b.Bytes())
}

// pieceTime is how long a reader may take for one piece of a long list. There
// is no limit for the whole: a large set over a slow line takes what it takes.
const pieceTime = 30 * time.Second

type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (p patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(pieceTime)) // without deadlines (a test's recorder) there is nothing to extend
	return p.ResponseWriter.Write(b)
}

func stream(w http.ResponseWriter, found directory.Offer, format directory.Format, page directory.PageOf) error {
	kind := "application/json"
	if format == directory.NDJSON {
		kind = "application/x-ndjson"
	}
	w.Header().Set("Content-Type", kind)
	inPieces(w)
	out := bufio.NewWriterSize(patient{w, http.NewResponseController(w)}, 64<<10)
	if err := directory.WriteOffer(out, found, format, page); err != nil {
		return err
	}
	return out.Flush()
}
