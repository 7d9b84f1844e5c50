package dialecttest

import (
	"context"
	"log/slog"
)

// logger fails a test on each error that the server logs: a recording that
// provokes a fault of the server shows a defect.
type logger struct{ w *world }

func (logger) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

func (h logger) Handle(_ context.Context, rec slog.Record) error {
	attrs := ""
	rec.Attrs(func(a slog.Attr) bool {
		attrs += " " + a.String()
		return true
	})
	h.w.t.Errorf("the server logged: %s%s", rec.Message, attrs)
	return nil
}

func (h logger) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h logger) WithGroup(string) slog.Handler { return h }
