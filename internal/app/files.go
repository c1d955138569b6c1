package app

import (
	"path/filepath"
	"strconv"

	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/platform/blob"
)

// blobs is where sealed files are kept.
func (o Options) blobs() blob.Store {
	return blob.NewFolder(firstOf(o.Files, filepath.Join(o.Data, "files")))
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
