package listen

import (
	"container/list"
	"net"
	"sync"
	"time"
)

// crowd holds the connections that are there. Those that wait for their other
// side (for a request to arrive, for an answer to be fetched) stand in a line
// by how long ago anything was finished on them. When there is no room the
// first of the line has to go. Who is being answered stands in no line.
type crowd struct {
	net.Listener
	most   int           // connections
	budget int64         // bytes of the requests that are here, all together
	grace  time.Duration // for so long everybody may wait

	mu     sync.Mutex
	room   *sync.Cond
	line   *list.List // of *guest
	inside int
	held   int64
	closed bool
}

func newCrowd(l net.Listener, most int, budget int64, grace time.Duration) *crowd {
	c := &crowd{Listener: l, most: most, budget: budget, grace: grace, line: list.New()}
	c.room = sync.NewCond(&c.mu)
	return c
}

// guest is one connection.
type guest struct {
	net.Conn
	crowd *crowd
	place *list.Element // in the line; nil while at work, or gone
	since time.Time     // when it took that place
	work  int           // requests that are being answered
	holds int64         // bytes of its requests
	gone  bool
}

// Accept gives the next connection. While there is no room and nobody may be
// dismissed it waits, and who knocks meanwhile is kept by the system.
func (c *crowd) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.inside >= c.most && !c.closed {
		c.makeRoom()
	}
	if c.closed {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	c.inside++
	g := &guest{Conn: conn, crowd: c}
	g.wait()
	return g, nil
}

// makeRoom dismisses the first of the line, or waits until something has
// changed.
func (c *crowd) makeRoom() {
	e := c.line.Front()
	if e == nil {
		c.room.Wait()
		return
	}
	first := e.Value.(*guest) //nolint:forcetypeassert // the line holds nothing else
	if left := c.grace - time.Since(first.since); left > 0 {
		defer time.AfterFunc(left, c.room.Broadcast).Stop()
		c.room.Wait()
		return
	}
	_ = first.leave()
}

// Close stops listening. Who is inside stays.
func (c *crowd) Close() error {
	c.mu.Lock()
	c.closed = true
	c.room.Broadcast()
	c.mu.Unlock()
	return c.Listener.Close()
}

// Close ends the connection and gives its place back.
func (g *guest) Close() error {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	return g.leave()
}

func (g *guest) leave() error {
	if !g.gone {
		g.gone = true
		g.crowd.inside--
		g.crowd.held -= g.holds
		g.leaveLine()
		g.crowd.room.Broadcast()
	}
	return g.Conn.Close()
}

func (g *guest) leaveLine() {
	if g.place != nil {
		g.crowd.line.Remove(g.place)
		g.place = nil
	}
}

// arrived says that a request is whole: what happens now is up to us.
func (g *guest) arrived() {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	g.work++
	g.leaveLine()
}

// answered says that a request needs nothing more of us.
func (g *guest) answered() {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	g.work--
	g.wait()
}

// moved says that something was finished: the guest goes to the line's end.
func (g *guest) moved() {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	g.wait()
}

func (g *guest) wait() {
	if g.gone || g.work > 0 {
		return
	}
	g.leaveLine()
	g.place, g.since = g.crowd.line.PushBack(g), time.Now()
	g.crowd.room.Broadcast()
}

// hold counts bytes of a request that arrives, or is over. When there are too
// many of all guests, those who have taken longest over theirs go. What they
// held counts as given back at once: else what arrives before their handlers
// have noticed would dismiss everybody.
func (g *guest) hold(n int64) {
	c := g.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	if g.gone {
		return
	}
	g.holds += n
	c.held += n
	for e := c.line.Front(); e != nil && c.held > c.budget; {
		slow := e.Value.(*guest) //nolint:forcetypeassert // the line holds nothing else
		e = e.Next()
		if slow.holds > 0 {
			_ = slow.leave()
		}
	}
}
