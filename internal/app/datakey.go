package app

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// dataKey finds the key of the embedded database, which must not lie in the
// data folder: who takes the folder has no key with it. With create it makes
// one where there is none.
func dataKey(o Options, s Streams, create bool) ([]byte, error) {
	if o.Database != "" {
		return nil, nil
	}
	if o.KeyFile == "-" {
		text, err := ask(s, "Key of the database: ")
		if err != nil {
			return nil, err
		}
		return parseKey(text)
	}
	path, err := keyPath(o)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	_, there := os.Stat(filepath.Join(o.Data, db.FileName))
	if errors.Is(err, fs.ErrNotExist) && create && errors.Is(there, fs.ErrNotExist) {
		return createKey(path, s)
	}
	if errors.Is(err, fs.ErrNotExist) && !create && errors.Is(there, fs.ErrNotExist) {
		return nil, fmt.Errorf("nothing is set up in %s: run \"clew init\" first, or name another folder with --data", o.Data)
	}
	if info, serr := os.Stat(path); serr == nil && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		fmt.Fprintf(s.Err, "others on this machine can read the key of the database. Mend: chmod 600 %s\n", path)
	}
	if err != nil {
		return nil, fmt.Errorf("the key of the database cannot be read: %w. Without it nobody can open the data; --key-file names it", err)
	}
	return parseKey(string(b))
}

func keyPath(o Options) (string, error) {
	path := o.KeyFile
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); path == "" && dir != "" {
		path = filepath.Join(dir, "clew.key")
	}
	if path == "" {
		path = filepath.Clean(o.Data) + ".key"
	}
	data, err := filepath.Abs(o.Data)
	if err != nil {
		return "", err
	}
	key, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(followed(key), followed(data)+string(filepath.Separator)) {
		return "", errors.New("the key lies in the data folder, where it protects nothing: move it elsewhere and name it with --key-file")
	}
	return path, nil
}

// followed is where a path leads when its links are followed; of one that is not
// there yet, where its folder leads.
func followed(path string) string {
	if at, err := filepath.EvalSymlinks(path); err == nil {
		return at
	}
	if at, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(at, filepath.Base(path))
	}
	return path
}

func createKey(path string, s Streams) ([]byte, error) {
	key := make([]byte, 32)
	rand.Read(key)
	if err := os.WriteFile(path, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("the key of the database cannot be written: %w", err)
	}
	fmt.Fprintf(s.Err, "A key for the database is in %s. Keep a copy apart from the data: without it the data is lost.\n", path)
	return key, nil
}

func parseKey(text string) ([]byte, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != 32 {
		return nil, errors.New("the key of the database is not 64 hexadecimal digits")
	}
	return key, nil
}

// ask reads one line, without showing it where the input is a terminal.
func ask(s Streams, prompt string) (string, error) {
	fmt.Fprint(s.Err, prompt)
	if text, ok, err := askTerminal(s); ok {
		fmt.Fprintln(s.Err)
		return text, err
	}
	line, err := bufio.NewReader(oneByte{s.In}).ReadString('\n')
	if err != nil && line == "" {
		return "", fmt.Errorf("nothing was typed: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
