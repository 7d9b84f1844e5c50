// Package audit keeps the record of what happened that matters for security:
// sign-ins, locks, changes of passwords, factors, keys, users and roles. Every
// service writes to it; the administrator reads it. It never holds a secret.
package audit

import (
	"context"
	"log/slog"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/batch"
	"latchkey/backend/internal/env"
	"latchkey/backend/store"
)

const (
	// waiting bounds the events that wait to be written.
	waiting = 1024
	// retention is how long events are kept.
	retention = 180 * 24 * time.Hour
	// keepAlways is how many of the newest events are kept whatever their age,
	// so that a clock that jumps years ahead does not empty the record.
	keepAlways = 1_000
)

// A Log records events. Events go to the store in batches within
// milliseconds, so that nobody waits for them.
type Log struct {
	store  store.Audit
	env    env.Env
	log    *slog.Logger
	writer *batch.Writer[identity.AuditEvent]
}

// New returns a log over st. Close it before the store.
func New(st store.Audit, e env.Env, log *slog.Logger) *Log {
	l := &Log{store: st, env: e, log: log}
	l.writer = batch.NewWriter(waiting, l.write)
	return l
}

// Record keeps an event; its time is set here.
func (l *Log) Record(e identity.AuditEvent) {
	e.At = l.env.Now()
	l.writer.Add(e)
}

// List returns events, newest first, from before an id; 0 is from the newest.
func (l *Log) List(ctx context.Context, before int64, limit int) ([]identity.AuditEvent, error) {
	return l.store.AuditEvents(ctx, before, limit)
}

// Purge removes events older than half a year, but never the newest 1,000.
func (l *Log) Purge(ctx context.Context) error {
	newest, err := l.List(ctx, 0, 1)
	if err != nil || len(newest) == 0 || newest[0].ID <= keepAlways {
		return err
	}
	oldest, err := l.List(ctx, newest[0].ID-keepAlways+2, 1) // of those that stay
	if err != nil || len(oldest) == 0 {
		return err
	}
	before := l.env.Now().Add(-retention)
	if oldest[0].At.Before(before) {
		before = oldest[0].At
	}
	_, err = l.store.PurgeAudit(ctx, before)
	return err
}

// Close writes what is left.
func (l *Log) Close() { l.writer.Close() }

// write stores events. When the store fails they go to the program's log, so
// that they are not lost altogether.
func (l *Log) write(events []identity.AuditEvent) {
	err := l.store.AppendAudit(context.Background(), events)
	if err == nil {
		return
	}
	l.log.Error("audit events not stored", slog.Any("err", err), slog.Int("events", len(events)))
	for _, e := range events {
		l.log.Warn("audit", slog.Int64("actor", int64(e.Actor)), slog.String("action", string(e.Action)),
			slog.String("target", e.Target), slog.String("door", e.Door), slog.String("outcome", string(e.Outcome)),
			slog.String("reason", e.Reason))
	}
}
