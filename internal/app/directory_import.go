package app

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/feature/directory"
)

type importArgs struct {
	Source  string `json:"source"`
	Country string `json:"country"`
	Region  string `json:"region"`
	DryRun  bool   `json:"dry_run"`
	SkipBad bool   `json:"skip_bad"`
	Replace bool   `json:"replace"`
	All     bool   `json:"all"` // every finding, not the first of each kind
	Map     string `json:"map"` // the mapping's text; "" for tables of HSDS
}

// importKinds are what an import may be of, with the mapping that comes along for it.
// The last three are tables of any form, which need one or bring their own.
var importKinds = map[string]string{"hsds": "", "ohana": "", "csv": "", "xlsx": "", "icarol": "icarol", "visionlink": "visionlink", "wellsky": "wellsky", "illinois": "illinois"}

// runImport is "clew import KIND DIR|FILE".
func runImport(ctx context.Context, args []string, s Streams) error {
	var in importArgs
	mapping := ""
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&in.Source, "source", "", "a name for where the data is from")
		f.StringVar(&in.Country, "country", "", "ISO 3166 code, for rows that name none")
		f.StringVar(&in.Region, "region", "", "state or province, likewise")
		f.StringVar(&mapping, "map", "", "a file that says what the columns mean, or one of: "+strings.Join(directory.Maps(), ", "))
		f.BoolVar(&in.DryRun, "dry-run", false, "say what would happen and write nothing")
		f.BoolVar(&in.SkipBad, "skip-bad", false, "import the rest although some rows cannot be read")
		f.BoolVar(&in.Replace, "replace", false, "remove what this source gave before and has no longer")
		f.BoolVar(&in.All, "all", false, "report every line, not the first of each kind")
	})
	if err != nil {
		return err
	}
	if len(rest) != 2 {
		return usageError{"what is imported, and from where?"}
	}
	own, ok := importKinds[rest[0]]
	if !ok {
		return usageError{rest[0] + " cannot be imported"}
	}
	if in.Map, err = mappingText(mapping, own); err != nil {
		return err
	}
	if in.Map == "" && rest[0] == "csv" {
		return usageError{"a table of any form needs --map: what do its columns mean?"}
	}
	path, err := filepath.Abs(rest[1])
	if err != nil {
		return err
	}
	dir, names, err := filesToImport(path)
	if err != nil {
		return err
	}
	if in.Source == "" {
		in.Source = sourceName(path)
	}
	return doImport(ctx, o, s, in, dir, names)
}

// mappingText reads the mapping that is named, or the kind's own.
func mappingText(name, own string) (string, error) {
	if name == "" {
		name = own
	}
	if name == "" {
		return "", nil
	}
	if slices.Contains(directory.Maps(), name) {
		text, err := directory.MapText(name)
		return string(text), err
	}
	const most = 1 << 20    // what a mapping may have is the directory's to say
	f, err := os.Open(name) //nolint:gosec // the operator names the file
	if err != nil {
		return "", fmt.Errorf("cannot read the mapping: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err == nil {
		_, err = directory.ParseMapping(text)
	}
	return string(text), err
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

// filesToImport are those of a folder, or the one that is named.
func filesToImport(path string) (dir string, names []string, err error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		if _, err := os.Stat(path); err != nil {
			return "", nil, fmt.Errorf("cannot read what to import: %w", err)
		}
		return filepath.Dir(path), []string{filepath.Base(path)}, nil
	}
	for _, e := range entries {
		if e.Type().IsRegular() && directory.Readable(e.Name()) {
			names = append(names, e.Name())
		}
	}
	if names == nil {
		return "", nil, noTables(path, entries)
	}
	return path, names, nil
}

// noTables says that a folder has no files to import, and which of its
// folders have.
func noTables(path string, entries []os.DirEntry) error {
	var better []string
	for _, e := range entries {
		inner, _ := os.ReadDir(filepath.Join(path, e.Name()))
		if slices.ContainsFunc(inner, func(e os.DirEntry) bool { return directory.Readable(e.Name()) }) {
			better = append(better, filepath.Join(path, e.Name()))
		}
	}
	if len(better) == 0 {
		return fmt.Errorf("there are no tables or documents in %s", path)
	}
	return fmt.Errorf("there are no tables or documents in %s itself. There are some in: %s", path, strings.Join(better, ", "))
}

// doImport imports in the running server, or here when none runs. The server
// may run where this path does not exist, so the files are sent to it, each as
// it is read: none is in memory as a whole on either side.
func doImport(ctx context.Context, o Options, s Streams, in importArgs, dir string, names []string) error {
	heard, err := sendImport(ctx, o, s, in, dir, names)
	if heard || err != nil {
		return err
	}
	a, err := openData(ctx, o, s, false)
	if err != nil {
		return err
	}
	defer a.Close()
	files, err := directory.FolderFiles(os.DirFS(dir), names...)
	if err != nil {
		return err
	}
	return a.importSet(ctx, in, files, s.Out, func(p directory.Progress) { fmt.Fprintln(s.Err, progressLine(p)) })
}

// sendImport lets the running server import. It is false if none runs.
func sendImport(ctx context.Context, o Options, s Streams, in importArgs, dir string, names []string) (heard bool, err error) {
	from, to := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		err := sendFiles(to, in, dir, names)
		sent <- err
		_ = to.CloseWithError(err) // never fails
	}()
	answer, err := askSocket(ctx, o, importPath, from)
	if err == nil {
		// The server tells how far it is while files are still on their way.
		defer func() { _ = answer.Body.Close() }()
		err = hear(answer.Body, s, importBroke)
	}
	_ = from.CloseWithError(errHeard) // never fails
	if failed := <-sent; err != nil && failed != nil && !errors.Is(failed, errHeard) && !errors.Is(failed, io.ErrClosedPipe) {
		return true, failed // a file that cannot be read is why
	}
	if errors.Is(err, errNoServer) {
		return false, nil
	}
	return true, err
}

// importBroke is said when the server ends before it has told how an import went.
const importBroke = "the server ended before it said how the import went. It imports all of a set or nothing: look at the list of imports, or import it again, which brings nothing twice"

// errHeard ends the sending of files that nobody waits for any more.
var errHeard = errors.New("the server has answered")

func progressLine(p directory.Progress) string {
	switch {
	case p.Written > 0:
		return fmt.Sprintf("%d of %d records compared", p.Written, p.Joined)
	case p.Checked > 0:
		return fmt.Sprintf("%d of %d records checked", p.Checked, p.Joined)
	case p.Joined > 0:
		return fmt.Sprintf("%d rows read, %d records joined", p.Rows, p.Joined)
	}
	return fmt.Sprintf("%d rows read, %d MB of %s", p.Rows, p.Bytes>>20, p.File)
}

// importPath is where the server takes sets.
const importPath = "/import"

// orderName is the first file of what is sent: how to import the others.
const orderName = "order"

func sendFiles(w io.Writer, in importArgs, dir string, names []string) error {
	order, err := json.Marshal(in)
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	if err := t.WriteHeader(&tar.Header{Name: orderName, Size: int64(len(order)), Mode: 0o600}); err != nil {
		return err
	}
	if _, err := t.Write(order); err != nil {
		return err
	}
	for _, name := range names {
		if err := sendOne(t, dir, name); err != nil {
			return fmt.Errorf("cannot read what to import: %w", err)
		}
	}
	return t.Close()
}

func sendOne(t *tar.Writer, dir, name string) error {
	f, err := os.Open(filepath.Join(dir, name)) //nolint:gosec // the operator names the folder
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Size: info.Size(), Mode: 0o600}); err != nil {
		return err
	}
	_, err = io.CopyN(t, f, info.Size())
	return err
}

// heard is one line of the server's answer.
type heard struct {
	Progress string `json:"progress,omitempty"`
	Output   string `json:"output,omitempty"`
	Error    string `json:"error,omitempty"`
	Done     bool   `json:"done,omitempty"`
}

// hear passes on what a server tells that works for a while; broken says what
// it means if it ends in the midst of it.
func hear(r io.Reader, s Streams, broken string) error {
	lines := json.NewDecoder(r)
	for {
		var h heard
		if err := lines.Decode(&h); err != nil {
			return errors.New(broken)
		}
		if h.Progress != "" {
			fmt.Fprintln(s.Err, h.Progress)
		}
		if !h.Done {
			continue
		}
		_, _ = io.WriteString(s.Out, h.Output)
		if h.Error != "" {
			return errors.New(h.Error)
		}
		return nil
	}
}

// answerImport takes a set that a command sends.
func (a *App) answerImport(w http.ResponseWriter, r *http.Request) {
	files := tar.NewReader(r.Body)
	var in importArgs
	first, err := files.Next()
	if err == nil && first.Name == orderName {
		err = json.NewDecoder(io.LimitReader(files, 1<<20)).Decode(&in)
	}
	if err != nil || first.Name != orderName {
		http.Error(w, "no order", http.StatusBadRequest)
		return
	}
	a.tell(w, func(out io.Writer, progress func(string)) error {
		return a.importSet(r.Context(), in, func() (string, io.Reader, error) {
			head, err := files.Next()
			if err != nil {
				return "", nil, err
			}
			return filepath.Base(head.Name), files, nil
		}, out, func(p directory.Progress) { progress(progressLine(p)) })
	})
}

// tell does something that takes a while, and says how far it is.
func (a *App) tell(w http.ResponseWriter, do func(out io.Writer, progress func(string)) error) {
	answer, flush := json.NewEncoder(w), http.NewResponseController(w)
	_ = flush.EnableFullDuplex() // progress is told while files still come
	var out strings.Builder
	h := heard{Done: true}
	err := do(&out, func(line string) {
		if err := answer.Encode(heard{Progress: line}); err != nil {
			return // who asked went away; the end says so
		}
		_ = flush.Flush() // whoever listens hears it later otherwise
	})
	if err != nil {
		h.Error = explain(err)
	}
	h.Output = out.String()
	if err := answer.Encode(h); err != nil {
		a.Log.Error("a command went away before its answer", "error", err)
	}
}

// importSet imports, and writes the report.
func (a *App) importSet(ctx context.Context, in importArgs, files directory.Files, out io.Writer, progress func(directory.Progress)) error {
	opt := directory.Options{
		Agency: homeAgency, DryRun: in.DryRun, SkipBad: in.SkipBad, Replace: in.Replace, Country: in.Country, Region: in.Region, Progress: progress,
	}
	if in.Map != "" {
		var err error
		if opt.Map, err = directory.ParseMapping([]byte(in.Map)); err != nil {
			return err
		}
	}
	report, err := a.features.directory.Import(ctx, files, in.Source, opt)
	if report != nil {
		fmt.Fprintf(out, "source   %s\n%s", in.Source, report.Summary(in.All))
	}
	if err != nil {
		return err
	}
	if !report.Imported && !report.DryRun {
		return errors.New("nothing was imported: mend the errors above, or leave those rows out with --skip-bad")
	}
	return nil
}
