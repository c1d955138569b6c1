package listen

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// house is a server with little room, which ends with the test.
type house struct {
	*Server
	t       testing.TB
	address string
}

func open(t testing.TB, s *Server) *house {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	s.Log = slog.New(slog.DiscardHandler)
	s.grace = cmp.Or(s.grace, time.Millisecond)
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return &house{s, t, l.Addr().String()}
}

// knock opens a connection and says something.
func (h *house) knock(say string) net.Conn {
	h.t.Helper()
	c, err := net.Dial("tcp", h.address) //nolint:noctx // a test
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, say); err != nil && !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "broken pipe") {
		h.t.Fatal(err)
	}
	return c
}

// ask is somebody honest, on a connection of their own.
func (h *house) ask(body string) (string, error) {
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := c.Post("http://"+h.address+"/", "text/plain", strings.NewReader(body)) //nolint:noctx // a test
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return string(b), err
}

// echo reads all and says it again.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	_, _ = w.Write(body)
})

// Hundreds who never finish what they say, or never hear the answer, take
// every place and more. Somebody honest is answered all the same, each time.
func TestSlowSocketsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	long := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = w.Write(make([]byte, 8<<20)) // more than a line holds
			return
		}
		echo(w, r)
	})
	for name, say := range map[string]string{
		"say nothing":          "",
		"never end the head":   "POST / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
		"never end the body":   "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nI need",
		"never end the chunks": "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nI nee",
		"never fetch":          "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"keep the line":        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, &Server{Handler: long, most: 32})
			for i := range 400 {
				h.knock(say)
				if i%40 != 39 {
					continue
				}
				if got, err := h.ask("help"); err != nil || got != "help" {
					t.Fatalf("after %d slow sockets an honest request got %q, %v", i+1, got, err)
				}
			}
		})
	}
}

// When everybody is being answered, who comes waits: nobody is cut off and
// nobody refused.
func TestWhoHasArrivedIsAnswered(t *testing.T) {
	t.Parallel()
	const most, all = 8, 60
	inside, release := make(chan struct{}, all), make(chan struct{})
	h := open(t, &Server{most: most, grace: time.Hour, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		inside <- struct{}{}
		<-release
		_, _ = w.Write(body)
	})})
	var everybody sync.WaitGroup
	for i := range all {
		everybody.Go(func() {
			word := fmt.Sprint("contact ", i)
			if got, err := h.ask(word); err != nil || got != word {
				t.Errorf("%s got %q, %v", word, got, err)
			}
		})
	}
	for range most {
		<-inside
	}
	if len(inside) != 0 {
		t.Error("more are inside than there are places")
	}
	close(release)
	everybody.Wait()
}

// Those who are dismissed are those who kept us waiting longest; a stream that goes
// on saying something stays.
func TestTheLongestSilentGoesFirst(t *testing.T) {
	t.Parallel()
	again := make(chan struct{})
	h := open(t, &Server{most: 4, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/stream" {
			echo(w, r)
			return
		}
		for range again {
			_, _ = io.WriteString(w, "still here\n")
			_ = http.NewResponseController(w).Flush()
		}
	})})
	stop := sync.OnceFunc(func() { close(again) })
	t.Cleanup(stop)
	stream := bufio.NewReader(h.knock("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"))
	hear := func() {
		t.Helper()
		again <- struct{}{}
		for {
			line, err := stream.ReadString('\n')
			if err != nil {
				t.Fatalf("the stream was cut off: %v", err)
			}
			if strings.Contains(line, "still here") {
				return
			}
		}
	}
	hear()
	silent := h.knock("GET / HTTP/1.1\r\nX: ")
	for range 6 {
		for range 2 {
			// Who asks is gone when the line ends, not when the answer is there.
			if answer, err := io.ReadAll(h.knock("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")); err != nil || len(answer) == 0 {
				t.Fatalf("an honest request got %q, %v", answer, err)
			}
			h.knock("GET / HTTP/1.1\r\nX: ")
		}
		hear()
	}
	stop()
	if _, err := silent.Read(make([]byte, 1)); err == nil {
		t.Error("the one that was silent longest is still there")
	}
}

// Large bodies of many fill no memory: the slowest of them goes.
func TestHalfSentFormsFillNoMemory(t *testing.T) {
	t.Parallel()
	h := open(t, &Server{Handler: echo, budget: 256 << 10})
	head := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 400000\r\n\r\n"
	first := h.knock(head + strings.Repeat("x", 32<<10))
	for range 40 {
		h.knock(head + strings.Repeat("x", 32<<10))
	}
	if _, err := first.Read(make([]byte, 1)); err == nil {
		t.Error("the first half-sent form is still held")
	}
	if got, err := h.ask("help"); err != nil || got != "help" {
		t.Errorf("an honest request got %q, %v", got, err)
	}
}

// What is no request at all, or too much of one, is answered and ended.
func TestHeadsHaveALimit(t *testing.T) {
	t.Parallel()
	h := open(t, &Server{Handler: echo})
	for say, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", HeaderSize+8<<10) + "\r\n\r\n": "431",
		"nonsense\r\n\r\n": "400",
		"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n": "200",
	} {
		answer, err := io.ReadAll(h.knock(say))
		if err != nil && !strings.Contains(err.Error(), "reset") {
			t.Error(err)
		}
		if status, _, _ := strings.Cut(strings.TrimPrefix(string(answer), "HTTP/1.1 "), " "); status != want {
			t.Errorf("%.20q was answered %q, not %s", say, status, want)
		}
	}
}
