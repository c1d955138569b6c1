package app

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

func runVersion(_ context.Context, _ []string, s Streams) error {
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
	_, err := fmt.Fprintf(s.Out, "clew %s%s (%s, %s/%s)\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
