package app

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/platform/listen"
)

// Options are what can be set. Each is a flag, a variable of the environment
// and a line of the configuration file; see optionTable.
type Options struct {
	Config       string
	Data         string
	KeyFile      string
	Database     string
	PasswordFile string
	Listen       string
	TLSCert      string
	TLSKey       string
	ACME         string
	ListenHTTP   string
	Withhold     string
	Emergency    string
	Confine      string
	Log          string

	ACMEDirectory string

	OIDCIssuer, OIDCClient, OIDCSecretFile, OIDCName string

	Files, FilesKey, FileLimit, FilesLimit string

	BackupTo, BackupRecipients, BackupEvery, BackupKeep string
}

// option is one line of the table from which flags, environment, file and
// documentation are made.
type option struct {
	name, value, help string
	field             func(*Options) *string
}

var optionTable = []option{
	{"config", "", "file with lines name = value, for any option here", func(o *Options) *string { return &o.Config }},
	{"data", "clew-data", "folder of the embedded database", func(o *Options) *string { return &o.Data }},
	{"key-file", "", "file with the key of the embedded database; - asks for it. Without: the service manager's credential clew.key, else the data folder's name with .key beside it", func(o *Options) *string { return &o.KeyFile }},
	{"database", "", "postgres://user@host/name, to keep everything in PostgreSQL instead", func(o *Options) *string { return &o.Database }},
	{"password-file", "", "file with PostgreSQL's password", func(o *Options) *string { return &o.PasswordFile }},
	{"listen", "127.0.0.1:8080", "address to answer on", func(o *Options) *string { return &o.Listen }},
	{"tls-cert", "", "file with the certificate chain; with it the program speaks HTTPS itself", func(o *Options) *string { return &o.TLSCert }},
	{"tls-key", "", "file with the certificate's key", func(o *Options) *string { return &o.TLSKey }},
	{"acme", "", "names for which the program gets certificates by itself, with a comma between; then it speaks HTTPS. By this you agree to the authority's terms", func(o *Options) *string { return &o.ACME }},
	{"acme-directory", listen.Authority, "address of the authority", func(o *Options) *string { return &o.ACMEDirectory }},
	{"listen-http", "", "address for plain HTTP, as :80: leads to HTTPS, and answers the authority", func(o *Options) *string { return &o.ListenHTTP }},
	{"emergency-file", "", "file with emergency numbers that put ours right, of the form of internal/lib/geo/emergency/numbers.csv", func(o *Options) *string { return &o.Emergency }},
	{"withhold-below", "10", "smallest figure that is published; smaller ones are withheld, with others so that none can be told (3 or more)", func(o *Options) *string { return &o.Withhold }},
	{"files", "", "folder for pictures and files, sealed; or s3://bucket/prefix?endpoint=https://host&region=name, for a store that several machines share. Without: files in the data folder", func(o *Options) *string { return &o.Files }},
	{"files-key", "", "file with that store's key: its name on the first line, its secret on the second", func(o *Options) *string { return &o.FilesKey }},
	{"file-limit", "10", "size of one file that somebody sends, at most, in MiB", func(o *Options) *string { return &o.FileLimit }},
	{"files-limit", "100", "size of all files of one contact, at most, in MiB", func(o *Options) *string { return &o.FilesLimit }},
	{"backup-to", "", "folder into which the server makes backups by itself", func(o *Options) *string { return &o.BackupTo }},
	{"backup-recipients", "", "file with the public keys (age1…, one a line) that can open them; \"clew backup keygen\" makes one", func(o *Options) *string { return &o.BackupRecipients }},
	{"backup-every", "24h", "how often", func(o *Options) *string { return &o.BackupEvery }},
	{"backup-keep", "", "how long content is kept in that folder, as 2160h for 90 days. Without: for ever. Keys are always kept for 30 days", func(o *Options) *string { return &o.BackupKeep }},
	{"oidc-issuer", "", "address of the organisation's own OpenID provider, which may say who a colleague is", func(o *Options) *string { return &o.OIDCIssuer }},
	{"oidc-client", "", "client id that the provider gave us", func(o *Options) *string { return &o.OIDCClient }},
	{"oidc-secret-file", "", "file with the client secret in its first line; those from before stay below until everybody has come once", func(o *Options) *string { return &o.OIDCSecretFile }},
	{"oidc-name", "single sign-on", "what people call the provider, on the button", func(o *Options) *string { return &o.OIDCName }},
	{"confine", "on", "on or off: whether a server gives away, on Linux, what it does not need: files that are not its own, ports of others", func(o *Options) *string { return &o.Confine }},
	{"log", "info", "debug, info, warn or error", func(o *Options) *string { return &o.Log }},
}

func (o option) variable() string {
	return "CLEW_" + strings.ToUpper(strings.ReplaceAll(o.name, "-", "_"))
}

// parse reads a command's options and gives what is left. Flags go before the
// environment, the environment before the file, the file before the default.
func parse(args []string, own func(*flag.FlagSet), names ...string) (o Options, rest []string, err error) {
	set := flag.NewFlagSet("", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	table := slices.DeleteFunc(slices.Clone(optionTable), func(opt option) bool {
		return len(names) > 0 && !slices.Contains(names, opt.name)
	})
	for _, opt := range table {
		set.StringVar(opt.field(&o), opt.name, "", opt.help)
	}
	if own != nil {
		own(set)
	}
	rest, err = parseMixed(set, args)
	if errors.Is(err, flag.ErrHelp) {
		return o, nil, helpWanted{set}
	}
	if err != nil {
		return o, nil, usageError{err.Error()}
	}
	file, err := readConfig(firstOf(o.Config, os.Getenv("CLEW_CONFIG")))
	if err != nil {
		return o, nil, err
	}
	for _, opt := range optionTable {
		field := opt.field(&o)
		*field = firstOf(*field, os.Getenv(opt.variable()), file[opt.name], opt.value)
	}
	if err := new(slog.Level).UnmarshalText([]byte(o.Log)); err != nil {
		return o, nil, usageError{"--log is debug, info, warn or error"}
	}
	if o.Confine != "on" && o.Confine != "off" {
		return o, nil, usageError{"--confine is on or off"}
	}
	return o, rest, nil
}

// parseMixed lets flags stand before and after the other words, as people type them.
func parseMixed(set *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := set.Parse(args); err != nil {
			return nil, err
		}
		args = set.Args()
		if len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

func readConfig(path string) (map[string]string, error) {
	values := map[string]string{}
	if path == "" {
		return values, nil
	}
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("the configuration file cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || !slices.ContainsFunc(optionTable, func(o option) bool { return o.name == name }) {
			return nil, fmt.Errorf("configuration file, line %d: there is no option %q", n, name)
		}
		values[name] = strings.TrimSpace(value)
	}
	return values, lines.Err()
}

// printOptions writes lines of the table for people.
func printOptions(w io.Writer, table []option) {
	for _, o := range table {
		fmt.Fprintf(w, "  --%-14s %s\n", o.name, o.help)
		line := o.variable()
		if o.value != "" {
			line += ", without: " + o.value
		}
		fmt.Fprintf(w, "    %-14s (%s)\n", "", line)
	}
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
