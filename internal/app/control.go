package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/clew-hotline/clew/internal/platform/listen"
)

// A running server owns its data folder. Commands that need the data are
// handed to it over a socket that only the owner of the folder can reach; when
// nothing runs, the command opens the data itself. With PostgreSQL there is no
// folder to own, and commands always open the database themselves.

// controlLimit bounds a task, in bytes.
const controlLimit = 1 << 20

func socketPath(o Options) string { return filepath.Join(o.Data, "clew.sock") }

// task is one deed of a command, which runs here or in the server.
type task struct {
	Name string          `json:"name"`
	Args json.RawMessage `json:"args"`
}

type taskResult struct {
	Output string `json:"output"`
	Error  string `json:"error,omitempty"`
}

// control listens for tasks until ctx ends.
func (a *App) control(ctx context.Context) error {
	if a.Options.Database != "" {
		return nil
	}
	path := socketPath(a.Options)
	_ = os.Remove(path) // left by a program that was killed; the folder's lock says that none runs
	l, err := listenPrivately(ctx, path)
	if err != nil {
		return fmt.Errorf("the control socket cannot be made: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", a.answerTask)
	mux.HandleFunc(backupPath, a.answerBackup)
	mux.HandleFunc(importPath, a.answerImport)
	mux.HandleFunc(exportPath, a.answerExport)
	mux.HandleFunc(inventPath, a.answerInvent)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: listen.HeaderTime}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (a *App) answerTask(w http.ResponseWriter, r *http.Request) {
	var t task
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, controlLimit)).Decode(&t); err != nil {
		http.Error(w, "no task", http.StatusBadRequest)
		return
	}
	var out bytes.Buffer
	result := taskResult{}
	if err := a.runTask(r.Context(), t, &out); err != nil {
		result.Error = explain(err)
	}
	result.Output = out.String()
	if err := json.NewEncoder(w).Encode(result); err != nil {
		a.Log.Error("a command went away before its answer", "error", err)
	}
}

// do runs a task in the running server, or here when none runs.
func do(ctx context.Context, o Options, s Streams, name string, args any) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return err
	}
	t := task{Name: name, Args: raw}
	if result, err := askServer(ctx, o, t); err == nil {
		_, _ = io.WriteString(s.Out, result.Output)
		if result.Error != "" {
			return errors.New(result.Error)
		}
		return nil
	} else if !errors.Is(err, errNoServer) {
		return err
	}
	a, err := openData(ctx, o, s, false)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.runTask(ctx, t, s.Out)
}

var errNoServer = errors.New("no server runs on this data")

func askServer(ctx context.Context, o Options, t task) (r taskResult, err error) {
	body, err := json.Marshal(t)
	if err != nil {
		return r, err
	}
	answer, err := askSocket(ctx, o, "/", bytes.NewReader(body))
	if err != nil {
		return r, err
	}
	defer answer.Body.Close()
	return r, json.NewDecoder(answer.Body).Decode(&r)
}

// askSocket asks the running server something, or says errNoServer.
func askSocket(ctx context.Context, o Options, path string, body io.Reader) (*http.Response, error) {
	if o.Database != "" {
		return nil, errNoServer
	}
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", socketPath(o))
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://clew"+path, body)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, errNoServer
	}
	return answer, nil
}
