package listen

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"
)

// settings are what we speak. TLS 1.2 is what a telephone of 2014 can; the
// suites are Go's: forward secret all, the modern ones first, and CBC last, for
// telephones that have no other. Compression, renegotiation and early data do
// not exist here.
func settings() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

// lookEvery is how long a renewed certificate may lie unnoticed.
const lookEvery = 10 * time.Second

// Certificate serves the certificate of two files, and the next one when they
// are renewed. A pair that does not fit (one file is written before the other)
// is left alone until it does. It fails when there is none at the start.
//
// plain answers on port 80: where HTTPS is, for the hosts that the certificate is
// for. A browser goes on nowhere else anyway.
func Certificate(certFile, keyFile string, log *slog.Logger) (c *tls.Config, plain http.Handler, err error) {
	k := &keeper{files: [2]string{certFile, keyFile}, log: log, now: time.Now}
	if err := k.load(k.stamp()); err != nil {
		return nil, nil, err
	}
	c = settings()
	c.GetCertificate = k.get
	return c, Onward(k.isFor), nil
}

// keeper has the certificate of two files.
type keeper struct {
	files [2]string
	log   *slog.Logger
	now   func() time.Time

	mu     sync.Mutex
	cert   *tls.Certificate
	seen   string // how the files were when they were last read
	looked time.Time
}

// stamp tells whether the files are still the same.
func (k *keeper) stamp() (s string) {
	for _, name := range k.files {
		if info, err := os.Stat(name); err == nil {
			s += fmt.Sprint(info.ModTime().UnixNano(), info.Size(), " ")
		}
	}
	return s
}

func (k *keeper) load(stamp string) error {
	k.seen, k.looked = stamp, k.now()
	cert, err := tls.LoadX509KeyPair(k.files[0], k.files[1])
	if err != nil {
		return fmt.Errorf("the certificate cannot be used: %w. --tls-cert and --tls-key name its files", err)
	}
	k.cert = &cert
	return nil
}

func (k *keeper) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now().Sub(k.looked) < lookEvery {
		return k.cert, nil
	}
	k.looked = k.now()
	if stamp := k.stamp(); stamp != k.seen {
		if err := k.load(stamp); err != nil {
			k.log.Warn("the one before is kept", "error", err)
		}
	}
	return k.cert, nil
}

// isFor says whether the certificate is for a host.
func (k *keeper) isFor(host string) bool {
	cert, err := k.get(nil)
	return err == nil && cert.Leaf != nil && cert.Leaf.VerifyHostname(host) == nil
}
