package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// tasks are what commands can have done. None opens a record without a
// colleague's pass phrase or the recovery key.
var tasks = map[string]func(ctx context.Context, a *App, args json.RawMessage, out io.Writer) error{
	"staff.add":        withArgs(addStaff),
	"staff.lost":       withArgs(lostPassphrase),
	"staff.list":       withArgs(listStaff),
	"staff.admit":      withArgs(admitStaff),
	"staff.disable":    withArgs(disableStaff),
	"recovery.status":  withArgs(recoveryStatus),
	"recovery.name":    withArgs(nameOfficers),
	"recovery.reply":   withArgs(replyOfficer),
	"recovery.make":    withArgs(makeShares),
	"recovery.request": withArgs(askRecovery),
	"recovery.cancel":  withArgs(cancelRecovery),
	"recovery.give":    withArgs(giveShare),
	"recovery.paper":   withArgs(printShare),
	"audit.checkpoint": withArgs(printCheckpoint),
	"audit.verify":     withArgs(verifyLog),
	"audit.key":        withArgs(printLogKey),
	"directory.verify": withArgs(verifyDirectory),
	"directory.key":    withArgs(printFeedKey),

	"directory.subscribe":   withArgs(subscribe),
	"directory.sources":     withArgs(listFeeds),
	"directory.vet":         withArgs(vetDirectory),
	"directory.fetch":       withArgs(fetchFeed),
	"directory.unsubscribe": withArgs(endFeed),
	"backup.kept":           withArgs(keptBackup),
	"retention.plan":        withArgs(printPlan),
	"retention.proof":       withArgs(printCertificate),
	"doctor":                withArgs(examine),
}

func (a *App) runTask(ctx context.Context, t task, out io.Writer) error {
	run, ok := tasks[t.Name]
	if !ok {
		return fmt.Errorf("the running server does not know %q: it may be another version", t.Name)
	}
	return run(ctx, a, t.Args, out)
}

// withArgs reads a task's arguments into what it takes.
func withArgs[T any](run func(ctx context.Context, a *App, args T, out io.Writer) error) func(context.Context, *App, json.RawMessage, io.Writer) error {
	return func(ctx context.Context, a *App, raw json.RawMessage, out io.Writer) error {
		var args T
		if err := json.Unmarshal(raw, &args); err != nil {
			return err
		}
		return run(ctx, a, args, out)
	}
}
