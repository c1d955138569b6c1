//go:build !unix

package app

import (
	"context"
	"net"
)

// keepPrivate does nothing: files get the rights of the folder they are in.
func keepPrivate() {}

// listenPrivately makes a socket in the data folder, which is its owner's.
func listenPrivately(ctx context.Context, path string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "unix", path)
}
