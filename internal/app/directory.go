package app

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/platform/db"
)

type importArgs struct {
	Source, Country, Region  string
	DryRun, SkipBad, Replace bool
	Packed                   []byte // the files, as a ZIP archive
}

// runImport is "clew import hsds DIR|FILE".
func runImport(ctx context.Context, args []string, s Streams) error {
	var in importArgs
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&in.Source, "source", "", "a name for where the data is from")
		f.StringVar(&in.Country, "country", "", "ISO 3166 code, for rows that name none")
		f.StringVar(&in.Region, "region", "", "state or province, likewise")
		f.BoolVar(&in.DryRun, "dry-run", false, "say what would happen and write nothing")
		f.BoolVar(&in.SkipBad, "skip-bad", false, "import the rest although some rows cannot be read")
		f.BoolVar(&in.Replace, "replace", false, "remove what this source gave before and has no longer")
	})
	if err != nil {
		return err
	}
	if len(rest) != 2 || rest[0] != "hsds" {
		return usageError{"what is imported, and from where?"}
	}
	path, err := filepath.Abs(rest[1])
	if err != nil {
		return err
	}
	if in.Packed, err = packSet(path); err != nil {
		return err
	}
	if in.Source == "" {
		in.Source = sourceName(path)
	}
	return do(ctx, o, s, "import.hsds", in)
}

// sourceName is a name for a set that was given none: its folder's.
func sourceName(path string) string {
	name := filepath.Base(path)
	if name == "output" || name == "data" { // says nothing; what is around it does
		name = filepath.Base(filepath.Dir(path))
	}
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, name)
}

func importHSDS(ctx context.Context, a *App, in importArgs, out io.Writer) error {
	from, err := zip.NewReader(bytes.NewReader(in.Packed), int64(len(in.Packed)))
	if err != nil {
		return err
	}
	report, err := a.features.directory.ImportHSDS(ctx, from, in.Source, directory.Options{
		Agency: homeAgency, DryRun: in.DryRun, SkipBad: in.SkipBad, Replace: in.Replace, Country: in.Country, Region: in.Region,
	})
	if report != nil {
		fmt.Fprintf(out, "source   %s\n%s", in.Source, report.Summary())
	}
	if err != nil {
		return err
	}
	if !report.Imported && !report.DryRun {
		return errors.New("nothing was imported: mend the errors above, or leave those rows out with --skip-bad")
	}
	return nil
}

// maxSet bounds what is imported at once, in bytes.
const maxSet = 256 << 20

// packSet packs a folder's files, or one file, so that a running server can
// read them: it may run where this path does not exist.
func packSet(path string) ([]byte, error) {
	names := []string{filepath.Base(path)}
	dir := filepath.Dir(path)
	if entries, err := os.ReadDir(path); err == nil {
		names, dir = nil, path
		for _, e := range entries {
			if e.Type().IsRegular() {
				names = append(names, e.Name())
			}
		}
		if !slices.ContainsFunc(names, isTable) {
			return nil, noTables(path, entries)
		}
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, name := range names {
		if err := packFile(z, dir, name); err != nil {
			return nil, fmt.Errorf("cannot read what to import: %w", err)
		}
		if packed.Len() > maxSet {
			return nil, errors.New("this is more than 256 MB packed: import it in parts")
		}
	}
	err := z.Close()
	return packed.Bytes(), err
}

func isTable(name string) bool {
	return slices.Contains([]string{".csv", ".json", ".ndjson", ".jsonl"}, strings.ToLower(filepath.Ext(name)))
}

// noTables says that a folder has no files to import, and which of its
// folders have.
func noTables(path string, entries []os.DirEntry) error {
	var better []string
	for _, e := range entries {
		inner, _ := os.ReadDir(filepath.Join(path, e.Name()))
		if slices.ContainsFunc(inner, func(e os.DirEntry) bool { return isTable(e.Name()) }) {
			better = append(better, filepath.Join(path, e.Name()))
		}
	}
	if len(better) == 0 {
		return fmt.Errorf("there are no CSV or JSON files in %s", path)
	}
	return fmt.Errorf("there are no CSV or JSON files in %s itself. There are some in: %s", path, strings.Join(better, ", "))
}

func packFile(z *zip.Writer, dir, name string) error {
	f, err := os.Open(filepath.Join(dir, name)) //nolint:gosec // the operator names the folder
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	w, err := z.Create(name)
	if err == nil {
		_, err = io.Copy(w, f)
	}
	return err
}

type exportArgs struct{ Format directory.Format }

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
	return do(ctx, o, s, "export.hsds", in)
}

func exportHSDS(ctx context.Context, a *App, in exportArgs, out io.Writer) error {
	err := a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return audit.Write(ctx, tx, homeAgency, audit.Entry{Action: string(staff.ReadDirectory) + " export"})
	})
	if err != nil {
		return err
	}
	return a.features.directory.Export(ctx, homeAgency, in.Format, out)
}

type verifyArgs struct{ Source, By, How string }

// runDirectory is "clew directory verify".
func runDirectory(ctx context.Context, args []string, s Streams) error {
	var in verifyArgs
	var all bool
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&in.Source, "source", "", "the set whose services were checked")
		f.StringVar(&in.By, "by", "", "who checked them")
		f.StringVar(&in.How, "how", "", "how: by telephone, on their site …")
		f.BoolVar(&all, "all", false, "every set")
	})
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "verify" || (in.Source == "") == !all || in.By == "" || in.How == "" {
		return usageError{"verify which source, by whom, how?"}
	}
	return do(ctx, o, s, "directory.verify", in)
}

func verifyDirectory(ctx context.Context, a *App, in verifyArgs, out io.Writer) error {
	n, err := a.features.directory.VerifyAll(ctx, homeAgency, in.Source, in.By, in.How)
	if err == nil && n == 0 {
		return errors.New("there is nothing to verify: no service is offered, or no source has this name")
	}
	if err == nil {
		_, err = fmt.Fprintf(out, "%d services are verified.\n", n)
	}
	return err
}
