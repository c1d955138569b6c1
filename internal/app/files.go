package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/platform/blob"
)

// blobs is where sealed files are kept. It asks nothing of a store on another
// machine: one that is down keeps nobody from starting.
func (o Options) blobs() (blob.Store, error) {
	if !o.bucket() {
		return blob.NewFolder(o.filesFolder()), nil
	}
	at, err := blob.ParseAddress(o.Files)
	if err != nil {
		return nil, usageError{"--files: " + err.Error()}
	}
	if o.FilesKey == "" {
		return nil, usageError{"--files with a bucket needs --files-key"}
	}
	keys, err := blob.ReadKeys(o.FilesKey)
	if err != nil {
		return nil, usageError{"--files-key: " + err.Error()}
	}
	return blob.NewBucket(at, keys, o.filesFolder()), nil
}

// bucket says whether files go into a store that speaks S3.
func (o Options) bucket() bool { return strings.HasPrefix(o.Files, blob.Scheme) }

// filesFolder is where files are, or where they wait on their way to a bucket.
func (o Options) filesFolder() string {
	if o.Files != "" && !o.bucket() {
		return o.Files
	}
	return filepath.Join(o.Data, "files")
}

// checkFor is how long the store of files has to show that it works.
const checkFor = 30 * time.Second

// checkFiles says what is amiss with the bucket; a folder is made when the
// first file comes.
func (a *App) checkFiles(ctx context.Context) error {
	b, ok := a.features.contact.Blobs.(*blob.Bucket)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	return b.Check(ctx)
}

// tellFiles writes into the log that files cannot be taken. It keeps nobody
// waiting: who writes to us is heard without.
func (a *App) tellFiles(ctx context.Context) {
	if err := a.checkFiles(ctx); err != nil && ctx.Err() == nil {
		a.Log.WarnContext(ctx, "the bucket for files does not work as it has to. Messages are taken as ever; see \"clew doctor\"", "error", err)
	}
}

// examineBucket looks at the bucket for files.
func (a *App) examineBucket(ctx context.Context, say func(string, ...any)) {
	if err := a.checkFiles(ctx); err != nil {
		say("the bucket for files does not work as it has to, so pictures and files may be refused (%v). Mend: see Pictures and files in docs/operate.md", err)
	}
}

// examineFilesKey looks at who can read what opens the bucket.
func examineFilesKey(o Options) (problems []string) {
	info, err := os.Stat(o.FilesKey)
	if o.FilesKey == "" || err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o007 == 0 {
		return nil
	}
	return []string{fmt.Sprintf("everybody on this machine can read the key of the bucket. Mend: chmod 600 %s", o.FilesKey)}
}

// maxFileMB is the most that file-limit can be: while a picture is shown, all
// of its file is in memory, and a longer upload than this has no time to come.
const maxFileMB = 64

// fileLimits are how large files may be.
func (o Options) fileLimits() (l contact.Limits, err error) {
	for _, one := range []struct {
		given string
		field *int64
	}{{o.FileLimit, &l.File}, {o.FilesLimit, &l.Total}} {
		n, err := strconv.ParseInt(firstOf(one.given, "0"), 10, 32)
		if err != nil || n < 0 {
			return l, usageError{"--file-limit and --files-limit are numbers of MiB"}
		}
		*one.field = n << 20
	}
	switch {
	case l == contact.Limits{}:
		return contact.DefaultLimits, nil
	case l.File < 1<<20 || l.File > maxFileMB<<20 || l.Total < l.File:
		return l, usageError{"--file-limit is 1 to " + strconv.Itoa(maxFileMB) + ", and --files-limit at least as much"}
	}
	return l, nil
}
