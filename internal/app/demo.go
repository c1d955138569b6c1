package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// demoPeople are one colleague of each role.
var demoPeople = []struct {
	name string
	role staff.Role
}{
	{"Ada", staff.Advocate},
	{"Sol", staff.Supervisor},
	{"Cam", staff.CaseManager},
	{"Kit", staff.Curator},
	{"Tam", staff.Trainer},
	{"Ana", staff.Analyst},
	{"Max", staff.Administrator},
	{"Odd", staff.Auditor},
	{"Pat", staff.Partner},
	{"Val", staff.Volunteer},
}

// demoReady is the first line that a demonstration prints.
type demoReady struct {
	Public  string      `json:"public"`
	Console string      `json:"console"`
	API     string      `json:"api"`
	Staff   []demoStaff `json:"staff"`
}

type demoStaff struct {
	Name       string `json:"name"`
	Role       string `json:"role"`
	Passphrase string `json:"passphrase"`
}

// runDemo shows the whole program at work. What it makes is marked as a
// demonstration for ever.
func runDemo(ctx context.Context, args []string, s Streams) error {
	data, invented := "", 0
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "keep the demonstration in this folder")
		f.IntVar(&invented, "services", 0, "beside the starter directory, so many services that do not exist")
	}, "config", "key-file", "database", "password-file", "listen", "tls-cert", "tls-key", "withhold-below", "emergency-file", "confine", "log")
	if err != nil {
		return err
	}
	if len(rest) > 0 || invented < 0 {
		return usageError{"too many words, or too few services"}
	}
	o.Data, o.Files, o.BackupTo, o.ACME, o.ListenHTTP = data, "", "", "", "" // the configuration of a real hotline may be in the environment
	key, remove, err := demoKey(&o, s)
	if err != nil {
		return err
	}
	defer remove()
	a, err := openApp(ctx, o, key, newLog(o, s.Err))
	if err != nil {
		return err
	}
	defer a.Close()
	people, err := a.prepareDemo(ctx)
	if err != nil {
		return err
	}
	if invented > 0 {
		if err := a.demoServices(ctx, invented, s.Err); err != nil {
			return err
		}
	}
	return a.serve(ctx, true, func(address string) error {
		fmt.Fprintln(s.Err, "This is a demonstration. The numbers on its pages must not be called. Ctrl+C ends it.")
		return json.NewEncoder(s.Out).Encode(demoReady{address, address + "/staff/", address + "/api/v1", people})
	}, os.TempDir()) // its folder there is removed at the end
}

// demoKey gives a demonstration its folder and key: a temporary folder with a
// key that is nowhere, or the folder that was named with a key beside it.
func demoKey(o *Options, s Streams) (key []byte, remove func(), err error) {
	remove = func() {}
	switch {
	case o.Database != "":
		return nil, remove, nil
	case o.Data != "":
		key, err = dataKey(*o, s, true)
		return key, remove, err
	}
	dir, err := os.MkdirTemp("", "clew-demo-")
	if err != nil {
		return nil, remove, err
	}
	o.Data = filepath.Join(dir, "data")
	key = make([]byte, 32)
	rand.Read(key)
	return key, func() { _ = os.RemoveAll(dir) }, nil
}

// prepareDemo makes the accounts, or finds those of an earlier run: their pass
// phrases follow from a secret that a demonstration, and only that, keeps.
func (a *App) prepareDemo(ctx context.Context) (people []demoStaff, err error) {
	demo, err := a.recall(ctx, isDemo)
	if err != nil {
		return nil, err
	}
	done, err := a.recall(ctx, isSetUp)
	if err != nil {
		return nil, err
	}
	if done != "" && demo == "" {
		return nil, errors.New("this data is of a real hotline: a demonstration does not touch it")
	}
	secret, err := a.recall(ctx, demoSecret)
	if err != nil {
		return nil, err
	}
	if done == "" {
		var b [16]byte
		rand.Read(b[:])
		secret = hex.EncodeToString(b[:])
	}
	for _, p := range demoPeople {
		people = append(people, demoStaff{p.name, string(p.role), demoPassphrase(secret, p.name)})
	}
	if done != "" {
		return people, nil
	}
	return people, a.makeDemo(ctx, secret, people)
}

func (a *App) makeDemo(ctx context.Context, secret string, people []demoStaff) error {
	list := make([]staff.New, len(people))
	group, inner := errgroup.WithContext(ctx)
	for i, p := range people {
		group.Go(func() (err error) {
			list[i], err = staff.Prepare(inner, homeAgency, p.Name, staff.Role(p.Role), p.Passphrase)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	recovery, err := seal.NewPair()
	if err != nil {
		return err
	}
	err = a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return setUp(ctx, tx, recovery.Public(), list, map[string]string{isDemo: "1", demoSecret: secret})
	})
	if err != nil {
		return err
	}
	if _, err := a.features.directory.LoadStarter(ctx, homeAgency); err != nil {
		return err
	}
	if err := a.demoFacts(ctx); err != nil {
		return err
	}
	return a.verifyExamples(ctx, "")
}

// verifyExamples lets everybody see what is there to be tried.
func (a *App) verifyExamples(ctx context.Context, source string) error {
	_, err := a.features.directory.VerifyAll(ctx, homeAgency, source, "Demonstration", "not checked: these are examples")
	return err
}

// demoServices adds services that do not exist, unless an earlier run did.
func (a *App) demoServices(ctx context.Context, n int, out io.Writer) error {
	added, err := a.features.directory.Invent(ctx, homeAgency, 1, n, func(done int) { fmt.Fprintln(out, inventLine(done, n)) })
	if err != nil || added == 0 {
		return err
	}
	return a.verifyExamples(ctx, directory.InventedSource)
}

func demoPassphrase(secret, name string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{"clew demo", secret, name}, "\x00")))
	return staff.PassphraseFrom(sum[:])
}
