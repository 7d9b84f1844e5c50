package app

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// A LogLine is one line of the own server's log, as the page shows it.
type LogLine struct {
	At    int64  `json:"at"` // milliseconds of Unix time
	Level string `json:"level"`
	Text  string `json:"text"`
}

// keptLines is how much of the log the page can see.
const keptLines = 500

// A logbook keeps the last lines of a log. It is a slog.Handler over another
// one, which gets every record too.
type logbook struct {
	over slog.Handler
	kept *lines
	with []slog.Attr
}

type lines struct {
	mu   sync.Mutex
	last []LogLine
}

func newLogbook(over slog.Handler) logbook { return logbook{over: over, kept: &lines{}} }

func (l logbook) lines() []LogLine {
	l.kept.mu.Lock()
	defer l.kept.mu.Unlock()
	return slices.Clone(l.kept.last)
}

// Enabled implements slog.Handler.
func (l logbook) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

// Handle implements slog.Handler.
func (l logbook) Handle(ctx context.Context, r slog.Record) error {
	var text strings.Builder
	text.WriteString(r.Message)
	write := func(a slog.Attr) bool {
		text.WriteString(" " + a.Key + "=" + a.Value.Resolve().String())
		return true
	}
	for _, a := range l.with {
		write(a)
	}
	r.Attrs(write)
	l.kept.add(LogLine{At: r.Time.UnixMilli(), Level: strings.ToLower(r.Level.String()), Text: text.String()})
	if !l.over.Enabled(ctx, r.Level) {
		return nil
	}
	return l.over.Handle(ctx, r)
}

func (k *lines) add(line LogLine) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.last) == keptLines {
		k.last = slices.Delete(k.last, 0, 1)
	}
	k.last = append(k.last, line)
}

// WithAttrs implements slog.Handler.
func (l logbook) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logbook{over: l.over.WithAttrs(attrs), kept: l.kept, with: append(slices.Clip(l.with), attrs...)}
}

// WithGroup implements slog.Handler. The server's log has no groups, so the
// page's lines leave their names out.
func (l logbook) WithGroup(name string) slog.Handler {
	return logbook{over: l.over.WithGroup(name), kept: l.kept, with: l.with}
}
