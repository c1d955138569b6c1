package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"

	"github.com/clew-hotline/clew/internal/feature/directory"
)

type inventArgs struct {
	Services int    `json:"services"`
	Seed     uint64 `json:"seed"`
	Remove   bool   `json:"remove"`
	Anyway   bool   `json:"anyway"`
}

// inventPath is where the server is asked for invented services.
const inventPath = "/invent"

// runInvent is "clew directory invent".
func runInvent(ctx context.Context, args []string, s Streams) error {
	var in inventArgs
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.IntVar(&in.Services, "services", 10_000, "how many")
		f.Uint64Var(&in.Seed, "seed", 1, "the same seed gives the same services")
		f.BoolVar(&in.Remove, "remove", false, "take every invented service out again")
		f.BoolVar(&in.Anyway, "not-a-demonstration", false, "put them among the services of a real hotline")
	})
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "invent" || in.Services < 1 {
		return usageError{"how many services are invented?"}
	}
	order, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := askSocket(ctx, o, inventPath, bytes.NewReader(order))
	if err == nil {
		defer func() { _ = answer.Body.Close() }()
		return hear(answer.Body, s, "the server ended before all was there: ask again, what is there stays")
	}
	if !errors.Is(err, errNoServer) {
		return err
	}
	a, err := openData(ctx, o, s, false)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.invent(ctx, in, s.Out, func(line string) { fmt.Fprintln(s.Err, line) })
}

// answerInvent does it in the server that runs.
func (a *App) answerInvent(w http.ResponseWriter, r *http.Request) {
	var in inventArgs
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, controlLimit)).Decode(&in); err != nil {
		http.Error(w, "no order", http.StatusBadRequest)
		return
	}
	a.tell(w, func(out io.Writer, progress func(string)) error { return a.invent(r.Context(), in, out, progress) })
}

// invent fills a demonstration. Nobody who looks for a place to stay may find
// one that does not exist: a real hotline takes no such service by mistake.
func (a *App) invent(ctx context.Context, in inventArgs, out io.Writer, progress func(string)) error {
	if in.Remove {
		n, err := a.features.directory.Uninvent(ctx, homeAgency)
		if err == nil {
			_, err = fmt.Fprintf(out, "%d invented records are gone.\n", n)
		}
		return err
	}
	demo, err := a.recall(ctx, isDemo)
	if err != nil {
		return err
	}
	if demo == "" && !in.Anyway {
		return errors.New("this is no demonstration: people would look for help at services that do not exist. Try them with clew demo, or say --not-a-demonstration")
	}
	added, err := a.features.directory.Invent(ctx, homeAgency, in.Seed, in.Services, func(done int) { progress(inventLine(done, in.Services)) })
	if err == nil {
		_, err = fmt.Fprintf(out, "%d services are there that do not exist, as source %s; %d records are new. The public sees none of them until it is verified.\n", in.Services, directory.InventedSource, added)
	}
	return err
}

func inventLine(done, of int) string { return fmt.Sprintf("%d of %d services invented", done, of) }
