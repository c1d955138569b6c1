//go:build !linux

package confine

// Process does nothing here.
func Process(Needs) error { return ErrUnable }

// Memory does nothing here.
func Memory() error { return ErrUnable }
