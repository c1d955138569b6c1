package app

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

func runVersion(_ context.Context, _ []string, s Streams) error {
	_, err := fmt.Fprintf(s.Out, "clew %s (%s, %s/%s)\n", programVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// programVersion is the version, and the commit where that is known.
func programVersion() string {
	version, revision := "development", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			version = v
		}
		for _, set := range info.Settings {
			if set.Key == "vcs.revision" {
				revision = " " + set.Value
			}
		}
	}
	return version + revision
}
