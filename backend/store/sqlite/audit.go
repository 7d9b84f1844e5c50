package sqlite

import (
	"context"
	"time"

	"latchkey/backend/identity"
)

const auditPage = `
	SELECT id, at, actor, action, target, door, address, outcome, reason FROM audit_events
	WHERE id < ? ORDER BY id DESC LIMIT ?`

// AppendAudit implements store.Audit.
func (s *Store) AppendAudit(ctx context.Context, events []identity.AuditEvent) error {
	if len(events) == 0 {
		return nil
	}
	return s.write(ctx, "append audit events", func(t *tx) error {
		for _, e := range events {
			_, err := t.exec(`INSERT INTO audit_events (at, actor, action, target, door, address, outcome, reason)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
				micros(e.At), e.Actor, e.Action, e.Target, e.Door, addrText(e.Address), e.Outcome, e.Reason)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// AuditEvents implements store.Audit. A limit of 0 means all.
func (s *Store) AuditEvents(ctx context.Context, before int64, limit int) (list []identity.AuditEvent, err error) {
	if before <= 0 {
		before = all
	}
	most, _ := bounds(identity.Page{Limit: limit})
	err = s.snapshot(ctx, "list audit events", func(t *tx) (err error) {
		list, err = collect(t, scanAuditEvent, auditPage, before, most)
		return err
	})
	return list, err
}

// PurgeAudit implements store.Audit.
func (s *Store) PurgeAudit(ctx context.Context, before time.Time) (n int, err error) {
	err = s.write(ctx, "purge audit events", func(t *tx) (err error) {
		n, err = t.exec("DELETE FROM audit_events WHERE at < ?", micros(before))
		return err
	})
	return n, err
}

func scanAuditEvent(r scanner) (e identity.AuditEvent, err error) {
	err = r.Scan(&e.ID, (*stamp)(&e.At), &e.Actor, &e.Action, &e.Target, &e.Door,
		(*addr)(&e.Address), &e.Outcome, &e.Reason)
	return e, err
}
