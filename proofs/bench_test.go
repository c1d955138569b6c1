package proofs

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// story is a message of usual length.
var story = strings.Repeat("He keeps my passport and says that I owe him for the journey. ", 6)

// BenchmarkIntakes takes sealed contacts over HTTP from 32 clients on the
// encrypted file, without issuing codes, and then writes rows of as many bytes
// one by one into a file of the same kind: "ratio" is how many contacts are
// taken in the time of one bare commit.
func BenchmarkIntakes(b *testing.B) {
	data := filepath.Join(b.TempDir(), "data")
	r := startDemo(b, "--data", data)
	body := fmt.Sprintf(`{"text":%q,"mailbox":false,"language":"en"}`, story)
	settle(r)
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 64 //nolint:forcetypeassert // it is one
	began := time.Now()
	dbtest.Parallel(b, 32, func(ctx context.Context) error { return taken(ctx, r.API, body) })
	rate := float64(b.N) / time.Since(began).Seconds()
	b.StopTimer()
	b.ReportMetric(rate, "intakes/s")
	b.ReportMetric(memory(r, "VmRSS"), "MB-loaded")
	r.kill()
	bare := bareCommits(b, bytesOfContact(b, data))
	b.ReportMetric(bare, "bare-commits/s")
	b.ReportMetric(rate/bare, "ratio")
}

// BenchmarkIntakesWithCode issues a code with each contact, which costs what
// guessing one costs.
func BenchmarkIntakesWithCode(b *testing.B) {
	r := startDemo(b)
	settle(r)
	body := fmt.Sprintf(`{"text":%q,"language":"en"}`, story)
	began := time.Now()
	dbtest.Parallel(b, 32, func(ctx context.Context) error { return taken(ctx, r.API, body) })
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "intakes/s")
	b.ReportMetric(memory(r, "VmHWM"), "MB-most")
}

// BenchmarkStart measures from the command to the first line, on data that is
// there already.
func BenchmarkStart(b *testing.B) {
	data := filepath.Join(b.TempDir(), "data")
	startDemo(b, "--data", data).kill()
	var idle float64
	for b.Loop() {
		r := startDemo(b, "--data", data)
		b.StopTimer()
		settle(r)
		idle = memory(r, "VmRSS")
		r.kill()
		b.StartTimer()
	}
	b.ReportMetric(idle, "MB-idle")
}

func taken(ctx context.Context, api, body string) error {
	status, answer, err := post(ctx, api+"/contacts", body, "")
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("status %d: %s", status, answer)
	}
	return err
}

// bytesOfContact is how many bytes of a contact are written.
func bytesOfContact(b *testing.B, data string) (n int) {
	d := openData(b, data)
	defer d.Close()
	err := d.View(b.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT length(c.sealed_intake) + length(c.public_key) + length(w.sealed)
			FROM contacts c JOIN key_wraps w ON w.owner = c.id LIMIT 1`).Scan(&n)
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func bareCommits(b *testing.B, size int) float64 {
	bare := dbtest.OpenBare(b, dbtest.SQLite(b))
	row := make([]byte, size)
	n, began := 0, time.Now()
	for time.Since(began) < 3*time.Second {
		if err := bare.Commit(row); err != nil {
			b.Fatal(err)
		}
		n++
	}
	return float64(n) / time.Since(began).Seconds()
}

// settle waits until the program has made its stock of codes and rests, so
// that a benchmark does not measure its start.
func settle(r *running) {
	for quiet, last := 0, cpuTicks(r); quiet < 5; {
		time.Sleep(100 * time.Millisecond)
		now := cpuTicks(r)
		if quiet++; now > last {
			quiet = 0
		}
		last = now
	}
}

// cpuTicks is the processor time of the program so far, in hundredths of a
// second; always 0 where the system does not tell.
func cpuTicks(r *running) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(r.cmd.Process.Pid) + "/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return user + system
}

// memory reads a figure of the process in megabytes, 0 where the system does
// not tell.
func memory(r *running, field string) float64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(r.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0
	}
	var kb int64
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			kb = n
		}
	}
	return float64(kb) / 1000
}
