package contact

import (
	"context"
	"database/sql"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// What a search holds in memory at a time: two parts of so many contacts or lines,
// and of lines as many bytes as wait for a processor.
const (
	partSize  = keyring.SealedAtOnce
	partLines = 1000
	slabBytes = 256 << 10
)

// scan is a search under way. Reading is one goroutine's, which has the
// transaction; opening and looking is done on all processors beside it.
type scan struct {
	f      *Feature
	s      *staff.Session
	look   look
	groups []any // that the colleague holds, as contacts name them
	rings  map[string]*keyring.Ring
	whole  bool // whether colleagues' contacts are theirs to find
	mark   string

	tasks   chan func()
	workers sync.WaitGroup
}

func (f *Feature) newScan(ctx context.Context, tx *db.Tx, s *staff.Session, look look) (*scan, error) {
	held, err := keyring.GroupsOf(ctx, tx, s.Person.Agency, s.Person.ID)
	if err != nil {
		return nil, err
	}
	sc := &scan{f: f, s: s, look: look, rings: map[string]*keyring.Ring{}, mark: openedMark(s), tasks: make(chan func(), 8)}
	for _, g := range held {
		ring, err := g.Open(ctx, tx, s.Person.ID, s.Pair)
		if err != nil {
			return nil, err
		}
		sc.groups = append(sc.groups, columnOf(g))
		sc.rings[columnOf(g)] = ring
	}
	colleagues := staff.Object{Agency: s.Person.Agency, Held: true, With: "a colleague"}
	sc.whole = staff.Can(s.Person, staff.FindContact, colleagues) != staff.No
	for range runtime.GOMAXPROCS(0) {
		sc.workers.Go(func() {
			for do := range sc.tasks {
				do()
			}
		})
	}
	return sc, nil
}

// end lets nothing of the search outlive it.
func (sc *scan) end() {
	close(sc.tasks)
	sc.workers.Wait()
}

// do has something done to a candidate on another processor.
func (sc *scan) do(ctx context.Context, c *candidate, look func()) {
	c.work.Add(1)
	sc.tasks <- func() {
		defer c.work.Done()
		if ctx.Err() != nil {
			return // nobody waits for the answer any more
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if sc.unlocked(c) {
			look()
		}
	}
}

// candidate is a contact that is looked through.
type candidate struct {
	row
	answer staff.Answer
	work   sync.WaitGroup

	mu     sync.Mutex // what follows is of whoever looks
	sealed keyring.Sealed
	keys   *keyring.Keys
	may    uint32  // which of the words may stand in it
	list   []maybe // where
	held   int     // bytes of it
	has    uint32  // which do stand in it, as far as it was read
	best   spot
	broken bool
}

// spot is a line with words in it.
type spot struct {
	seq  int64
	has  uint32
	text string
}

func (c *candidate) at() findAt { return findAt{db.Micros(c.Arrived), c.ID} }

// read reads the next part after a place, and has it looked through. more says
// that there may be another.
func (sc *scan) read(ctx context.Context, tx *db.Tx, at findAt) (part []*candidate, more bool, err error) {
	if len(sc.groups) == 0 {
		return nil, false, nil
	}
	rows, err := sc.rows(ctx, tx, at)
	if err != nil {
		return nil, false, err
	}
	more = len(rows) == partSize
	lines := int64(0)
	for i, c := range rows {
		if lines += c.LastSeq; i > 0 && lines > partLines {
			rows, more = rows[:i], true
			break
		}
		o := staff.Object{Agency: c.Agency, Held: true, With: c.TakenBy, Waiting: c.State == Waiting, Closed: c.State == Closed}
		c.answer = staff.Can(sc.s.Person, staff.FindContact, o)
	}
	if err := sc.unseal(ctx, tx, rows); err != nil {
		return nil, false, err
	}
	for _, c := range rows {
		sc.do(ctx, c, func() { sc.lookAtRow(c) })
	}
	return rows, more, sc.readLines(ctx, tx, rows)
}

const findColumns = `id, state, arrived, taken_by, last_seq, epoch, key_group, sealed_intake, sealed_record`

// rows are the contacts that come next, which the colleague could find.
func (sc *scan) rows(ctx context.Context, tx *db.Tx, at findAt) ([]*candidate, error) {
	p := sc.s.Person
	args := append([]any{p.Agency, at.arrived, at.id, partSize}, sc.groups...)
	after := ` AND (arrived, id) < ($2, $3) AND key_group IN (` + placesFrom(5, len(sc.groups)) + `)`
	order := ` ORDER BY arrived DESC, id DESC LIMIT $4`
	query := `SELECT ` + findColumns + ` FROM contacts WHERE agency = $1` + after + order
	if !sc.whole {
		args = append(args, p.ID)
		mine := func(state State) string { // so that each half is in the order of contacts_mine
			return `SELECT ` + findColumns + ` FROM (SELECT ` + findColumns + ` FROM contacts WHERE agency = $1 AND taken_by = $` + strconv.Itoa(len(args)) +
				` AND state = '` + string(state) + `'` + after + order + `) ` + string(state)
		}
		query = mine(Active) + ` UNION ALL ` + mine(Closed) + order
	}
	return db.Collect(ctx, tx, func(rows *sql.Rows) (*candidate, error) {
		c := &candidate{row: row{Agency: p.Agency}}
		var state string
		var arrived int64
		err := rows.Scan(&c.ID, &state, &arrived, &c.TakenBy, &c.LastSeq, &c.Epoch, &c.Group, &c.intake, &c.record)
		c.State, c.Arrived = State(state), db.Time(arrived)
		return c, err
	}, query, args...)
}

// unseal finds the keys that are not open yet.
func (sc *scan) unseal(ctx context.Context, tx *db.Tx, part []*candidate) error {
	closed := map[string][]string{}
	for _, c := range part {
		if c.keys = sc.f.openKeys.of(sc.mark, c.ID, c.Epoch); c.keys == nil {
			closed[c.Group] = append(closed[c.Group], c.ID)
		}
	}
	for group, ids := range closed {
		sealed, err := sc.rings[group].Sealed(ctx, tx, ids...)
		if err != nil {
			return err
		}
		for _, c := range part {
			if c.keys == nil && c.Group == group {
				c.sealed = sealed[c.ID]
			}
		}
	}
	return nil
}

// readLines hands conversations on a piece at a time, however long they are.
func (sc *scan) readLines(ctx context.Context, tx *db.Tx, part []*candidate) error {
	of := map[string]*candidate{}
	ids := make([]any, 0, partSize)
	for _, c := range part {
		if c.LastSeq > 0 {
			of[c.ID] = c
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	for len(ids) < partSize {
		ids = append(ids, "")
	}
	rows, err := tx.Query(ctx, linesOfQuery, ids...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var c *candidate
	var slab []line
	bytes := 0
	flush := func() {
		if len(slab) > 0 {
			c, lines := c, slab
			sc.do(ctx, c, func() { sc.lookAtLines(c, lines) })
			slab, bytes = nil, 0
		}
	}
	for rows.Next() {
		var id string
		var l line
		if err := rows.Scan(&id, &l.seq, &l.byKey, &l.sealed); err != nil {
			return err
		}
		if c != of[id] || bytes > slabBytes {
			flush()
			c = of[id]
		}
		slab = append(slab, l)
		bytes += len(l.sealed)
	}
	flush()
	return rows.Err()
}

var linesOfQuery = `SELECT contact, seq, by_key, sealed FROM contact_messages WHERE contact IN (` + placesFrom(1, partSize) + `) ORDER BY contact, seq`

func placesFrom(first, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(list, ", ")
}

// unlocked opens the contact's keys once. Its caller holds the candidate.
func (sc *scan) unlocked(c *candidate) bool {
	if c.keys == nil && !c.broken {
		keys, err := c.sealed.Open()
		if err != nil {
			c.broken = true
			return false
		}
		c.keys = keys
		sc.f.openKeys.keep(sc.mark, sc.s, keys)
	}
	return c.keys != nil
}

// lookAtRow looks at what was sent first and at the record.
func (sc *scan) lookAtRow(c *candidate) {
	sc.lookAt(c, maybe{texts: intakeTexts}, c.intake, func() ([]byte, error) { return c.keys.Open(c.place("contacts", "intake"), c.intake) })
	if c.record != nil {
		sc.lookAt(c, maybe{texts: recordTexts}, c.record, func() ([]byte, error) { return c.keys.Open(c.place("contacts", "record"), c.record) })
	}
}

func (sc *scan) lookAtLines(c *candidate, lines []line) {
	for _, l := range lines {
		texts := lineTexts
		if l.byKey == 0 {
			texts = theirTexts
		}
		sc.lookAt(c, maybe{seq: l.seq, texts: texts}, l.sealed, func() ([]byte, error) {
			return openEither(c.keys, l.byKey != 0, c.place(messageTable, itoa(l.seq)), l.sealed)
		})
	}
}

// maybe is an opened value in which some of the words may stand.
type maybe struct {
	seq   int64
	plain []byte
	texts func(plain []byte) ([]string, error)
}

// lookAt opens a sealed value, and keeps it if any of the words may stand in it.
// It is read only once all the words may stand in the contact: in most they do
// not, and reading takes longer than opening.
func (sc *scan) lookAt(c *candidate, m maybe, sealed []byte, open func() ([]byte, error)) {
	var err error
	if m.plain, err = open(); err != nil {
		c.broken = true
		return
	}
	has := sc.look.in(string(m.plain))
	if has == 0 {
		return
	}
	c.may |= has
	c.list = append(c.list, m)
	if c.held += len(sealed); c.held > slabBytes {
		sc.settle(c)
	}
}

// settle reads what was kept, and notes which words stand there.
func (sc *scan) settle(c *candidate) {
	for _, m := range c.list {
		texts, err := m.texts(m.plain)
		if err != nil {
			c.broken = true
			continue
		}
		for _, text := range texts {
			has := sc.look.in(text)
			c.has |= has
			if l := (spot{m.seq, has, text}); has != 0 && l.before(c.best) {
				c.best = l
			}
		}
	}
	c.list, c.held = nil, 0
}

// found says whether all the words stand in a contact that was looked through.
func (sc *scan) found(c *candidate) bool {
	if sc.look.all(c.may) {
		sc.settle(c)
	}
	return sc.look.all(c.has)
}
