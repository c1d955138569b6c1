package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/platform/blob"
	"github.com/clew-hotline/clew/internal/platform/confine"
)

// confine holds the running server to its folders, its certificates and the
// ports that it needs. What it listens on is open already.
func (a *App) confine(ctx context.Context, more ...string) error {
	o := a.Options
	if o.Confine != "on" || o.Data == "" { // a demonstration on PostgreSQL has no folder of its own
		return nil
	}
	err := confine.Process(confine.Needs{Write: append(o.folders(ctx, a), more...), Read: o.reads(), Ports: a.ports(ctx)})
	if errors.Is(err, confine.ErrUnable) {
		a.Log.Info("this system has no Landlock: nothing but file permissions holds the program")
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w. --confine off does without", err)
	}
	return nil
}

// folders are those that a server writes into. One that cannot be made is
// left out: what needs it says so when it does.
func (o Options) folders(ctx context.Context, a *App) (all []string) {
	wanted := []string{o.filesFolder(), o.BackupTo}
	if o.Database == "" {
		wanted = append(wanted, o.Data)
	}
	for _, dir := range wanted {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			a.Log.WarnContext(ctx, "a folder is not there, and cannot be used until the next start", "error", err)
			continue
		}
		all = append(all, dir)
	}
	return all
}

// scratchFolder is one that a server may write into for as long as something
// takes; "" is the system's own for such.
func (o Options) scratchFolder() string {
	for _, dir := range []string{o.Data, o.filesFolder()} {
		if info, err := os.Stat(dir); err == nil && info.IsDir() && (o.Database == "" || dir != o.Data) {
			return dir
		}
	}
	return ""
}

// reads are the folders of files that are read again while the server runs.
// Folders, for who renews a file puts another in its place; and where links
// lead, for that is how certificates are renewed. /etc is among them because
// the system puts new files there when its network changes; what is secret
// there has its own permissions.
func (o Options) reads() []string {
	dirs := []string{"/etc"}
	for _, file := range []string{o.TLSCert, o.TLSKey, o.BackupRecipients, o.PasswordFile} {
		if file != "" {
			dirs = append(dirs, filepath.Dir(file), filepath.Dir(followed(file)))
		}
	}
	return dirs
}

// ports are those of other machines: of name servers by TCP, the database's,
// the bucket's, that of the authority for certificates, that of the OpenID
// provider, and those of feeds that are taken over.
func (a *App) ports(ctx context.Context) []uint16 {
	ports := append(a.DB.Ports(), 53)
	if at, err := blob.ParseAddress(a.Options.Files); err == nil {
		ports = append(ports, at.Port())
	}
	if a.Options.ACME != "" {
		ports = append(ports, portOf(a.Options.ACMEDirectory))
	}
	if a.Options.OIDCIssuer != "" {
		ports = append(ports, portOf(a.Options.OIDCIssuer))
	}
	feeds, err := a.features.directory.Subscriptions(ctx, homeAgency)
	if err != nil {
		a.Log.WarnContext(ctx, "feeds of others cannot be fetched until the next start", "error", err)
	}
	for _, feed := range feeds {
		ports = append(ports, portOf(feed.URL))
	}
	return ports
}

// portOf is the port of an https address, as the program will ask for it.
func portOf(address string) uint16 {
	if u, err := url.Parse(address); err == nil {
		if port, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
			return uint16(port)
		}
	}
	return 443
}

// examineMemory looks at where the system may write what is in memory.
func examineMemory() (problems []string) {
	if open := confine.OpenSwap("/"); len(open) > 0 {
		problems = append(problems, swapIsOpen(open))
	}
	return problems
}

func swapIsOpen(places []string) string {
	return fmt.Sprintf("memory may be written to a disk unencrypted (%s). Mend: swapoff -a and take it out of /etc/fstab, or encrypt it; the service's MemorySwapMax=0 keeps only Clew out of it", strings.Join(places, ", "))
}

// keepMemory keeps keys out of core files and from other processes.
func keepMemory(s Streams) {
	if err := confine.Memory(); err != nil && runtime.GOOS == "linux" {
		fmt.Fprintf(s.Err, "core files could not be turned off: %v\n", err)
	}
}
