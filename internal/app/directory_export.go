package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/platform/db"
)

type exportArgs struct {
	Format directory.Format `json:"format"`
}

// A running server sends an export as it is written: an archive is no text, and
// a million services are no answer to keep in memory.
//
//	POST /export {"format": "datapackage"}
//	→ the export's bytes, and a trailer Clew-End: "done", or what went wrong
const (
	exportPath = "/export"
	exportEnd  = "Clew-End"
	exportDone = "done"
)

// runExport is "clew export hsds".
func runExport(ctx context.Context, args []string, s Streams) error {
	in := exportArgs{directory.JSON}
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.Func("format", "json (a page), ndjson (a service on each line) or datapackage (CSV tables in a ZIP file)", func(v string) error {
			if in.Format = directory.Format(v); !slices.Contains(directory.Formats, in.Format) {
				return errors.New("it is json, ndjson or datapackage")
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "hsds" {
		return usageError{"what is exported?"}
	}
	if err := receiveExport(ctx, o, s.Out, in); !errors.Is(err, errNoServer) {
		return err
	}
	a, err := openData(ctx, o, s, false)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.exportHSDS(ctx, in, s.Out)
}

// receiveExport takes an export from the running server, or says errNoServer.
func receiveExport(ctx context.Context, o Options, out io.Writer, in exportArgs) error {
	order, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := askSocket(ctx, o, exportPath, bytes.NewReader(order))
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return errors.New("the running server does not export in this way: it is another version. Restart it")
	}
	if _, err := io.Copy(out, answer.Body); err != nil {
		return errors.New("the export is not whole: the server ended before its end, or it cannot be written here")
	}
	why, err := url.QueryUnescape(answer.Trailer.Get(exportEnd))
	if err != nil || why == "" {
		return errors.New("the export is not whole: the server ended before its end")
	}
	if why != exportDone {
		return errors.New(why)
	}
	return nil
}

// answerExport sends one.
func (a *App) answerExport(w http.ResponseWriter, r *http.Request) {
	var in exportArgs
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, controlLimit)).Decode(&in)
	if err != nil || !slices.Contains(directory.Formats, in.Format) {
		http.Error(w, "no order", http.StatusBadRequest)
		return
	}
	w.Header().Set("Trailer", exportEnd)
	w.Header().Set("Content-Type", "application/octet-stream")
	end := exportDone
	if err := a.exportHSDS(r.Context(), in, w); err != nil {
		end = explain(err)
	}
	w.Header().Set(exportEnd, url.QueryEscape(end))
}

func (a *App) exportHSDS(ctx context.Context, in exportArgs, out io.Writer) error {
	err := a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return audit.Write(ctx, tx, homeAgency, audit.Entry{Action: string(staff.ReadDirectory) + " export"})
	})
	if err != nil {
		return err
	}
	return a.features.directory.Export(ctx, homeAgency, in.Format, out)
}
