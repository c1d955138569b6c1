// Command clew is the software behind an anti-trafficking hotline: public
// site, interface for programs and staff console in one program.
//
// Run "clew help" for the commands.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/clew-hotline/clew/internal/app"
)

// collectAt is how much garbage, in percent of what is in use, may gather
// before it is collected. Measured with 32 clients making contact (make bench
// BENCH=Intakes): 75 takes 172 MB, 50 takes 154 and 40 takes 147, at rates that
// cannot be told apart. GOGC sets another.
const collectAt = 40

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := app.Main(ctx, os.Args[1:], app.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
