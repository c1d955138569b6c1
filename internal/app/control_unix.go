//go:build unix

package app

import (
	"context"
	"net"
	"os"
	"syscall"
)

// keepPrivate makes everything that the program writes from now on its
// owner's alone, whatever the shell allows.
func keepPrivate() { syscall.Umask(0o077) }

// listenPrivately makes a socket that only its owner can use. The folder it is
// in is its owner's alone (0700), so nobody can come in between.
func listenPrivately(ctx context.Context, path string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(path, 0o600)
}
