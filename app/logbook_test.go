package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"latchkey/backend/companion"
)

func TestTheLogKeepsItsLastLines(t *testing.T) {
	var under bytes.Buffer
	book := newLogbook(slog.NewTextHandler(&under, &slog.HandlerOptions{Level: slog.LevelWarn}))
	log := slog.New(book).With(slog.String("door", "http"))
	log.Debug("not told")
	for range keptLines + 5 {
		log.Info("request", slog.Int("status", 200))
	}
	log.Warn("refused", slog.Any("password", companion.NewSecret("canary")))

	lines := book.lines()
	last := lines[len(lines)-1]
	if len(lines) != keptLines || last.Level != "warn" || last.Text != "refused door=http password=[secret]" || last.At == 0 {
		t.Errorf("%d lines, the last one %+v", len(lines), last)
	}
	if lines[0].Text != "request door=http status=200" {
		t.Errorf("first line %+v", lines[0])
	}
	if out := under.String(); strings.Count(out, "\n") != 1 || !strings.Contains(out, "refused") || strings.Contains(out, "canary") {
		t.Errorf("the log below got %q", out)
	}
}
