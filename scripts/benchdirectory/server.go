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

// record is a service as it is kept to be shown: its fields one after the
// other, each with its length before it. A page of JSON is made of it.
type record []byte

const fields = 7 // organization's id, name, about, fee, ages, phone, checked

func pack(s *invent.Service) record {
	ages := ""
	if s.MinAge > 0 {
		ages = fmt.Sprintf(`,"minimum_age":%d`, s.MinAge)
	}
	if s.MaxAge >= 0 {
		ages += fmt.Sprintf(`,"maximum_age":%d`, s.MaxAge)
	}
	checked := ""
	if !s.Checked.IsZero() {
		checked = s.Checked.Format(time.DateOnly)
	}
	var buf [2048]byte
	b := buf[:0]
	for _, f := range []string{string(s.Org[:]), s.Name, s.About, s.Fee, ages, s.Phone, checked} {
		b = binary.AppendUvarint(b, uint64(len(f)))
		b = append(b, f...)
	}
	return append(make(record, 0, len(b)), b...)
}

func (r record) field(n int) (f []byte) {
	for range n + 1 {
		size, k := binary.Uvarint(r)
		f, r = r[k:k+int(size)], r[k+int(size):] //nolint:gosec // as pack wrote it
	}
	return f
}

func (r record) split() (f [fields][]byte) {
	for i := range f {
		size, k := binary.Uvarint(r)
		f[i], r = r[k:k+int(size)], r[k+int(size):] //nolint:gosec // as pack wrote it
	}
	return f
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

// appendJSON writes an HSDS service. Invented texts have nothing to escape but
// what quote looks for.
func (r record) appendJSON(b []byte, id match.ID) []byte {
	f := r.split()
	b = append(b, `{"id":"`...)
	b = appendUUID(b, id[:])
	b = append(b, `","name":`...)
	b = quote(b, f[1])
	b = append(b, `,"description":`...)
	b = quote(b, f[2])
	b = append(b, `,"status":"active"`...)
	if len(f[3]) > 0 {
		b = append(b, `,"fees_description":"`...)
		b = append(append(b, f[3]...), '"')
	}
	b = append(b, f[4]...)
	if len(f[6]) > 0 {
		b = append(b, `,"assured_date":"`...)
		b = append(append(b, f[6]...), '"')
	}
	b = append(b, `,"organization":{"id":"`...)
	b = appendUUID(b, f[0])
	b = append(b, `"}`...)
	if len(f[5]) > 0 {
		b = append(b, `,"phones":[{"number":"`...)
		b = append(append(b, f[5]...), `"}]`...)
	}
	return append(b, '}')
}

func quote(b, text []byte) []byte {
	b = append(b, '"')
	for _, c := range text {
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
	s.ix = match.New(func(r record) string { return string(r.field(1)) })
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
			l, rd := match.NewLoader[record](), &invent.Reader{}
			for i := w; i < n; i += workers {
				one := s.maker.Service(i)
				begin, before := time.Now(), processorTime(rusageThread)
				l.Add(rd.Facts(one), pack(one))
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
	rd := &invent.Reader{}
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
			changes = append(changes, match.Change[record]{Facts: &f, Payload: pack(one)})
		}
		s.ix.Apply(changes)
		for _, e := range list {
			close(e.done)
		}
	}
}
