package match

import (
	"cmp"
	"slices"
	"time"
)

// timed is what depends on the moment: who may be shown, who is verified, and
// which of equals goes first. It holds until the next verification ends.
type timed struct {
	from, to         int64
	public           *set
	verified, lapsed *set
	never            *set
	grade            []uint8 // 0 verified, 1 overdue, 2 never; 4 more if nobody can be called

	ahead []change // what changes before reach, soonest first
	reach int64
}

// change is when something about a service changes.
type change struct {
	at int64
	d  uint32
}

// foresight is how far changes are known without looking at all again.
const foresight = int64(24 * time.Hour / time.Microsecond)

// moment is what holds now. Many verifications of a large directory end every
// minute, so from one to the next only those are looked at.
func (s *segment) moment(now int64) *timed {
	t := s.timed.Load()
	switch {
	case t == nil || now < t.from || now >= t.reach:
		t = s.look(now)
	case now >= t.to:
		t = s.advance(t, now)
	default:
		return t
	}
	s.timed.Store(t)
	return t
}

func (s *segment) look(now int64) *timed {
	words := (s.n + 63) / 64
	empty := func() *set { return &set{bits: make([]uint64, words)} }
	t := &timed{from: now, reach: now + foresight, public: empty(), verified: empty(), lapsed: empty(), never: empty(), grade: make([]uint8, s.n)}
	for d := range s.n {
		t.tell(s, uint32(d), now) //nolint:gosec // numbers fit
		for _, at := range [...]int64{s.due[d], s.hide[d]} {
			if s.checked[d] != 0 && at > now && at < t.reach {
				t.ahead = append(t.ahead, change{at, uint32(d)}) //nolint:gosec // numbers fit
			}
		}
	}
	slices.SortFunc(t.ahead, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	return t.until()
}

// advance is the same at a later moment.
func (s *segment) advance(t *timed, now int64) *timed {
	next := &timed{
		from: now, reach: t.reach, public: t.public.clone(), verified: t.verified.clone(), lapsed: t.lapsed.clone(), never: t.never.clone(),
		grade: slices.Clone(t.grade), ahead: t.ahead,
	}
	for len(next.ahead) > 0 && next.ahead[0].at <= now {
		next.tell(s, next.ahead[0].d, now)
		next.ahead = next.ahead[1:]
	}
	return next.until()
}

func (t *timed) until() *timed {
	t.to = t.reach
	if len(t.ahead) > 0 {
		t.to = t.ahead[0].at
	}
	return t
}

// tell notes how a service stands now.
func (t *timed) tell(s *segment, d uint32, now int64) {
	t.grade[d] = s.status(d, now)
	t.never.put(d, t.grade[d] == 2)
	t.verified.put(d, t.grade[d] == 0)
	t.lapsed.put(d, t.grade[d] == 1)
	t.public.put(d, s.checked[d] != 0 && now < s.hide[d])
	if !s.callable[d] {
		t.grade[d] += 4
	}
}

// status is 0 for verified, 1 for overdue, 2 for never.
func (s *segment) status(d uint32, now int64) uint8 {
	switch {
	case s.checked[d] == 0:
		return 2
	case now < s.due[d]:
		return 0
	}
	return 1
}

// clone and put are for sets of bits that are being made.
func (s *set) clone() *set { return &set{bits: slices.Clone(s.bits), n: s.n} }

func (s *set) put(d uint32, in bool) {
	bit := uint64(1) << (d % 64)
	switch was := s.bits[d/64]&bit != 0; {
	case in && !was:
		s.bits[d/64] |= bit
		s.n++
	case !in && was:
		s.bits[d/64] &^= bit
		s.n--
	}
}
