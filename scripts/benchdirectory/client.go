package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/lib/match/invent"
)

// asker asks one question and gives the total.
type asker interface {
	ask(q *invent.Question, at time.Time) (int, error)
	// processor is how much of a processor the other side has used for this
	// client, or for all, since it began.
	processor() time.Duration
	close()
}

// processorOf reads the time that a process has used.
func processorOf(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ") // what stands before has the name in it
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, err1 := strconv.Atoi(f[11])
	system, err2 := strconv.Atoi(f[12])
	if err1 != nil || err2 != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// client speaks just enough HTTP to measure with: it shares the machine with
// what it measures.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	body []byte
	pid  int
}

func (c *client) processor() time.Duration { return processorOf(c.pid) }

func (p *process) dial() (*client, error) {
	conn, err := net.Dial("tcp", p.addr) //nolint:noctx // this machine
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 64<<10), pid: p.cmd.Process.Pid}, nil
}

func (c *client) close() { _ = c.conn.Close() }

func (c *client) post(path string, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	c.out = fmt.Appendf(c.out[:0], "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
	if _, err := c.conn.Write(c.out); err != nil {
		return nil, err
	}
	size, status := 0, ""
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		if status == "" {
			status = string(line)
		}
		if rest, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if size, err = strconv.Atoi(string(rest)); err != nil {
				return nil, err
			}
		}
	}
	if cap(c.body) < size {
		c.body = make([]byte, size)
	}
	c.body = c.body[:size]
	if _, err := io.ReadFull(c.in, c.body); err != nil {
		return nil, err
	}
	if status[9] != '2' {
		return nil, fmt.Errorf("the server answers %s", status)
	}
	return c.body, nil
}

func (c *client) ask(q *invent.Question, at time.Time) (int, error) {
	a := asked{Question: *q}
	if !at.IsZero() {
		a.At = at.Unix()
	}
	body, err := c.post("/services", a)
	if err != nil {
		return 0, err
	}
	rest, ok := bytes.CutPrefix(body, []byte(`{"total_items":`))
	end := bytes.IndexByte(rest, ',')
	if !ok || end < 0 {
		return 0, fmt.Errorf("no page: %.80s", body)
	}
	return strconv.Atoi(string(rest[:end]))
}

// figures are what a measurement gave.
type figures struct {
	clients int
	took    time.Duration
	times   [][]time.Duration // by kind of question
	used    time.Duration     // of a processor, by who answers
	failed  error
}

func (f *figures) all() (list []time.Duration) {
	for _, t := range f.times {
		list = append(list, t...)
	}
	slices.Sort(list)
	return list
}

func (f *figures) rate() float64 { return float64(len(f.all())) / f.took.Seconds() }

// each is what one question costs who answers it. On a machine that does other
// things besides, it says more than the rate.
func (f *figures) each() time.Duration { return f.used / time.Duration(max(1, len(f.all()))) }

func share(sorted []time.Duration, part float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
}

func (f *figures) print(who string) {
	all := f.all()
	fmt.Printf("  %-10s %2d clients %9.1f questions/s   p50 %9s   p99 %9s   longest %9s   %9s of a processor each\n",
		who, f.clients, f.rate(), round(share(all, 0.5)), round(share(all, 0.99)), round(share(all, 1)), f.each().Round(time.Microsecond))
	if f.clients > 1 {
		for i, t := range f.times {
			slices.Sort(t)
			sum := time.Duration(0)
			for _, d := range t {
				sum += d
			}
			if len(t) > 0 {
				fmt.Printf("    %-42s mean %9s   p99 %9s\n", invent.Kinds[i], round(sum/time.Duration(len(t))), round(share(t, 0.99)))
			}
		}
	}
	if f.failed != nil {
		fmt.Println("  FAILED:", f.failed)
	}
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// load asks without a pause, each client its next question when it has its answer.
func load(clients, seconds int, dial func() (asker, error), m *invent.Maker) *figures {
	f := &figures{clients: clients, times: make([][]time.Duration, len(invent.Kinds))}
	questions := make([]invent.Question, 6000)
	for i := range questions {
		questions[i] = m.Question(i)
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	begin := time.Now()
	end := begin.Add(time.Duration(seconds) * time.Second)
	for c := range clients {
		wait.Go(func() {
			mine := make([][]time.Duration, len(invent.Kinds))
			a, err := dial()
			var used time.Duration
			if err == nil {
				used = a.processor()
			}
			for i := c * 751; err == nil && time.Now().Before(end); i++ {
				q := &questions[i%len(questions)]
				from := time.Now()
				if _, err = a.ask(q, time.Time{}); err == nil {
					mine[q.Kind] = append(mine[q.Kind], time.Since(from))
				}
			}
			if err == nil {
				used = a.processor() - used
				a.close()
			}
			mu.Lock()
			defer mu.Unlock()
			if _, one := a.(*database); one {
				f.used += used
			} else {
				f.used = max(f.used, used) // the same process for all
			}
			for i := range mine {
				f.times[i] = append(f.times[i], mine[i]...)
			}
			if err != nil {
				f.failed = err
			}
		})
	}
	wait.Wait()
	f.took = time.Since(begin)
	return f
}

// totals asks the engine the questions that are compared.
func (p *process) totals(n int, m *invent.Maker) ([]int, error) {
	c, err := p.dial()
	if err != nil {
		return nil, err
	}
	defer c.close()
	list := make([]int, n)
	for i := range list {
		q := m.Question(10_000 + i)
		if list[i], err = c.ask(&q, start()); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// editing is a client of which one in twenty deeds is an edit, whose new word
// it then looks for until it is found.
type editing struct {
	*client
	n        *counter
	services int
	visible  func(time.Duration)
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func (e *editing) ask(q *invent.Question, at time.Time) (int, error) {
	n := e.n.next()
	if n%20 != 0 {
		return e.client.ask(q, at)
	}
	var word strings.Builder
	word.WriteString("zq")
	for x := n; x > 0; x /= 26 {
		word.WriteRune(rune('a' + x%26))
	}
	word.WriteString("x")
	from := time.Now()
	if _, err := e.post("/edit", edit{N: n * 7919 % e.services, Word: word.String()}); err != nil {
		return 0, err
	}
	for {
		total, err := e.client.ask(&invent.Question{Words: []string{word.String()}}, time.Time{})
		if err != nil {
			return 0, err
		}
		if total > 0 {
			e.visible(time.Since(from))
			return total, nil
		}
	}
}

// mixed measures with one edit among twenty deeds, then puts every service
// back as it was.
func (p *process) mixed(o options, m *invent.Maker) error {
	var mu sync.Mutex
	var seen []time.Duration
	n := &counter{}
	f := load(o.clients, o.seconds, func() (asker, error) {
		c, err := p.dial()
		return &editing{c, n, o.n, func(d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, d)
		}}, err
	}, m)
	fmt.Println("  with one edit among twenty:")
	f.print("engine")
	slices.Sort(seen)
	fmt.Printf("    %d edits, each found after p50 %s, p99 %s, longest %s\n    memory %d MB, at most %d MB\n",
		len(seen), round(share(seen, 0.5)), round(share(seen, 0.99)), round(share(seen, 1)), p.memory("VmRSS"), p.memory("VmHWM"))
	return f.failed
}
