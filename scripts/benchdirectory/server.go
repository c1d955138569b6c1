package main

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/clew-hotline/clew/internal/lib/match"
	"github.com/clew-hotline/clew/internal/lib/match/invent"
)

// server answers questions with pages as HSDS has them.
type server struct {
	maker *invent.Maker
	ix    *match.Index[record]
	edits chan edit
	page  sync.Pool
}

// record is a service as it is kept to be shown: how long its name is, its name,
// and what comes after its id in a page of JSON.
type record []byte

// shelf keeps many records in few pieces of memory.
type shelf struct{ room []byte }

func (s *shelf) put(r []byte) record {
	if len(s.room) < len(r) {
		s.room = make([]byte, 1<<20)
	}
	n := copy(s.room, r)
	kept := s.room[:n:n]
	s.room = s.room[n:]
	return kept
}

// pack writes the HSDS service. Invented texts have nothing to escape but what
// quote looks for.
func pack(s *invent.Service, to *shelf) record {
	var buf [4096]byte
	b := binary.AppendUvarint(buf[:0], uint64(len(s.Name)))
	b = append(b, s.Name...)
	b = append(b, `","name":`...)
	b = quote(b, s.Name)
	b = append(b, `,"description":`...)
	b = quote(b, s.About)
	b = append(b, `,"status":"active"`...)
	if s.Fee != "" {
		b = append(b, `,"fees_description":`...)
		b = quote(b, s.Fee)
	}
	if s.MinAge > 0 {
		b = append(b, `,"minimum_age":`...)
		b = strconv.AppendInt(b, int64(s.MinAge), 10)
	}
	if s.MaxAge >= 0 {
		b = append(b, `,"maximum_age":`...)
		b = strconv.AppendInt(b, int64(s.MaxAge), 10)
	}
	if !s.Checked.IsZero() {
		b = append(b, `,"assured_date":"`...)
		b = s.Checked.AppendFormat(b, time.DateOnly)
		b = append(b, '"')
	}
	b = append(b, `,"organization":{"id":"`...)
	b = appendUUID(b, s.Org[:])
	b = append(b, `"}`...)
	if s.Phone != "" {
		b = append(b, `,"phones":[{"number":`...)
		b = quote(b, s.Phone)
		b = append(b, "}]"...)
	}
	return to.put(append(b, '}'))
}

func (r record) name() string {
	n, k := binary.Uvarint(r)
	return string(r[k : k+int(n)]) //nolint:gosec // as pack wrote it
}

// appendJSON adds the service to a page.
func (r record) appendJSON(b []byte, id match.ID) []byte {
	n, k := binary.Uvarint(r)
	b = append(b, `{"id":"`...)
	b = appendUUID(b, id[:])
	return append(b, r[k+int(n):]...) //nolint:gosec // likewise
}

func appendUUID(b, id []byte) []byte {
	for i, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

func quote(b []byte, text string) []byte {
	b = append(b, '"')
	for _, c := range []byte(text) {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, ' ')
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// edit is a service that changes, with the word that is new in it.
type edit struct {
	N    int    `json:"n"`
	Word string `json:"word"`
	done chan struct{}
}

func serve(o options) error {
	s := &server{maker: invent.New(o.seed, start()), edits: make(chan edit, 1024)}
	s.page.New = func() any { b := make([]byte, 0, 64<<10); return &b }
	s.ix = match.New(record.name)
	clock, worked := s.build(o.n)
	debug.SetGCPercent(15) // much is kept and little thrown away
	debug.FreeOSMemory()
	go s.write()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /services", s.search)
	mux.HandleFunc("POST /edit", s.edit)
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // for this process's life
	if err != nil {
		return err
	}
	if _, err := fmt.Printf("%s %s %s\n", ln.Addr(), clock.Round(10*time.Millisecond), worked.Round(10*time.Millisecond)); err != nil {
		return err
	}
	return (&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(ln)
}

// build makes the index. What inventing takes does not count. It gives the time
// by the clock, and the time that processors worked on it.
func (s *server) build(n int) (clock, worked time.Duration) {
	workers := runtime.NumCPU()
	loaders := make([]*match.Loader[record], workers)
	took, used := make([]time.Duration, workers), make([]time.Duration, workers)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			runtime.LockOSThread() // its time is this worker's
			defer runtime.UnlockOSThread()
			l, rd, kept := match.NewLoader[record](), &invent.Reader{}, &shelf{}
			for i := w; i < n; i += workers {
				one := s.maker.Service(i)
				begin, before := time.Now(), processorTime(rusageThread)
				l.Add(rd.Facts(one), pack(one, kept))
				took[w] += time.Since(begin)
				used[w] += processorTime(rusageThread) - before
			}
			loaders[w] = l
		})
	}
	wait.Wait()
	begin, before := time.Now(), processorTime(syscall.RUSAGE_SELF)
	s.ix.Load(loaders...)
	clock, worked = time.Since(begin), processorTime(syscall.RUSAGE_SELF)-before
	for _, t := range used {
		worked += t
	}
	return clock + slices.Max(took), worked
}

const rusageThread = 1

func processorTime(of int) time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(of, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// asked is the body of a search: nothing of it stands in an address.
type asked struct {
	invent.Question
	At int64 `json:"at"` // seconds; 0 is now
}

func (s *server) search(w http.ResponseWriter, r *http.Request) {
	var a asked
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&a); err != nil { //nolint:musttag // both ends are this program
		http.Error(w, "what is asked?", http.StatusBadRequest)
		return
	}
	now := time.Now()
	if a.At != 0 {
		now = time.Unix(a.At, 0)
	}
	const size = 25
	found := s.ix.Search(a.Query(now, size))
	buf, _ := s.page.Get().(*[]byte)
	b := (*buf)[:0]
	b = append(b, `{"total_items":`...)
	b = strconv.AppendInt(b, int64(found.Total), 10)
	b = append(b, `,"total_pages":`...)
	b = strconv.AppendInt(b, int64((found.Total+size-1)/size), 10)
	b = append(b, `,"page_number":1,"size":`...)
	b = strconv.AppendInt(b, int64(len(found.Hits)), 10)
	b = append(b, `,"first_page":true,"last_page":`...)
	b = strconv.AppendBool(b, found.Total <= size)
	b = append(b, `,"empty":`...)
	b = strconv.AppendBool(b, found.Total == 0)
	b = append(b, `,"contents":[`...)
	for i, h := range found.Hits {
		if i > 0 {
			b = append(b, ',')
		}
		b = h.Payload.appendJSON(b, h.ID)
	}
	b = append(b, `]}`...)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b)
	*buf = b
	s.page.Put(buf)
}

// edit answers when the change can be found.
func (s *server) edit(w http.ResponseWriter, r *http.Request) {
	e := edit{done: make(chan struct{})}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&e); err != nil {
		http.Error(w, "what is changed?", http.StatusBadRequest)
		return
	}
	s.edits <- e
	<-e.done
	w.WriteHeader(http.StatusNoContent)
}

// write makes changes that come at the same time together.
func (s *server) write() {
	rd, kept := &invent.Reader{}, &shelf{}
	for first := range s.edits {
		list := []edit{first}
		for more := true; more && len(list) < 256; {
			select {
			case e := <-s.edits:
				list = append(list, e)
			default:
				more = false
			}
		}
		changes := make([]match.Change[record], 0, len(list))
		for _, e := range list {
			one := s.maker.Service(e.N)
			one.About += " " + e.Word
			f := *rd.Facts(one)
			f.Words, f.Tags, f.Spots = append([]match.Word(nil), f.Words...), append([]string(nil), f.Tags...), append([]match.Spot(nil), f.Spots...)
			changes = append(changes, match.Change[record]{Facts: &f, Payload: pack(one, kept)})
		}
		s.ix.Apply(changes)
		for _, e := range list {
			close(e.done)
		}
	}
}
