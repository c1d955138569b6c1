package directory

import (
	"sync"
	"sync/atomic"
)

// newest keeps, for each agency, the newest of what is made of its records.
// The zero value is ready.
type newest[T any] struct {
	mu   sync.Mutex
	each map[string]*making[T]
}

type making[T any] struct {
	mu   sync.Mutex
	last atomic.Pointer[T]
}

// get gives what is fresh, and renews what is not: one does it, the others wait
// for it and then find it done. fresh and renew get nil where there is none yet.
func (n *newest[T]) get(agency string, fresh func(have *T) bool, renew func(have *T) (*T, error)) (*T, error) {
	one := n.of(agency)
	if have := one.last.Load(); fresh(have) {
		return have, nil
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	have := one.last.Load()
	if fresh(have) {
		return have, nil
	}
	made, err := renew(have)
	if err != nil {
		return nil, err
	}
	one.last.Store(made)
	return made, nil
}

func (n *newest[T]) of(agency string) *making[T] {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.each == nil {
		n.each = map[string]*making[T]{}
	}
	if n.each[agency] == nil {
		n.each[agency] = &making[T]{}
	}
	return n.each[agency]
}
