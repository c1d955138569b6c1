package app

import (
	"io"
	"log/slog"
	"strings"
)

// newLog writes the program's log. What may be personal never gets here; as a
// second net, values under names that could hold it are dropped.
func newLog(o Options, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.Log)); err != nil {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: redact}))
}

// redacted are the names under which somebody might log what must not be
// logged.
var redacted = []string{"remote", "addr", "ip", "url", "path", "query", "cookie", "token", "code", "phone", "email", "body", "text", "passphrase", "secret"}

func redact(_ []string, a slog.Attr) slog.Attr {
	for _, name := range redacted {
		if strings.EqualFold(a.Key, name) {
			return slog.String(a.Key, "[left out]")
		}
	}
	return a
}
