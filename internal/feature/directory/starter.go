package directory

import (
	"context"
	"embed"
)

//go:embed starter/*.csv
var starterFiles embed.FS

// StarterSource is the name under which the starter directory is kept.
const StarterSource = "starter"

// LoadStarter puts the directory in place that we wrote from old public facts:
// organizations and hotlines with their source, none of them verified. The
// numbers in it are years old. They show staff what to look for, and the public
// sees none of it until somebody has verified it. Who they are is known: they come
// with the program, and not from a stranger.
func (f *Feature) LoadStarter(ctx context.Context, agency string) (*Report, error) {
	rep, err := f.ImportHSDS(ctx, within(starterFiles, "starter"), StarterSource, Options{Agency: agency})
	if err != nil {
		return rep, err
	}
	_, err = f.VetAll(ctx, agency, StarterSource, "Clew", "comes with the program")
	return rep, err
}
