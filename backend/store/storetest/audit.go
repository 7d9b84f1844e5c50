package storetest

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func auditEvents() []test {
	return []test{
		{"append and list", appendAudit},
		{"purge", purgeAudit},
	}
}

func event(n int) identity.AuditEvent {
	return identity.AuditEvent{
		At: now().Add(time.Duration(n) * time.Second), Actor: identity.UserID(n), Action: identity.AuditSignIn,
		Target: fmt.Sprintf("target %d", n), Door: "alist", Address: netip.MustParseAddr("2001:db8::1"),
		Outcome: identity.AuditRefused, Reason: "password_wrong",
	}
}

func targets(list []identity.AuditEvent) []string {
	return ids(list, func(e identity.AuditEvent) string { return e.Target })
}

func appendAudit(t *testing.T, s store.Store) {
	same(t, "none", try(s.AuditEvents(t.Context(), 0, 10))(t), []identity.AuditEvent{})
	must(t, s.AppendAudit(t.Context(), nil))
	must(t, s.AppendAudit(t.Context(), []identity.AuditEvent{event(1), event(2)}))
	must(t, s.AppendAudit(t.Context(), []identity.AuditEvent{event(3), {}, event(5)}))

	all := try(s.AuditEvents(t.Context(), 0, 0))(t)
	same(t, "newest first", targets(all), []string{"target 5", "", "target 3", "target 2", "target 1"})
	want := event(5)
	want.ID, want.At = all[0].ID, after(5*time.Second)
	same(t, "kept", all[0], want)
	same(t, "the empty one", all[1], identity.AuditEvent{ID: all[1].ID})

	var paged []identity.AuditEvent
	for before := int64(0); ; {
		list := try(s.AuditEvents(t.Context(), before, 2))(t)
		if len(list) == 0 {
			break
		}
		paged = append(paged, list...)
		before = list[len(list)-1].ID
	}
	same(t, "page by page", paged, all)
}

func purgeAudit(t *testing.T, s store.Store) {
	must(t, s.AppendAudit(t.Context(), []identity.AuditEvent{event(1), event(3), event(2), event(4)}))
	last := try(s.AuditEvents(t.Context(), 0, 1))(t)[0].ID
	if n := try(s.PurgeAudit(t.Context(), now().Add(3*time.Second)))(t); n != 2 {
		t.Errorf("purged %d events, want 2", n)
	}
	same(t, "left", targets(try(s.AuditEvents(t.Context(), 0, 0))(t)), []string{"target 4", "target 3"})
	if n := try(s.PurgeAudit(t.Context(), now().Add(time.Hour)))(t); n != 2 {
		t.Errorf("purged %d events, want 2", n)
	}
	must(t, s.AppendAudit(t.Context(), []identity.AuditEvent{event(5)}))
	if id := try(s.AuditEvents(t.Context(), 0, 1))(t)[0].ID; id <= last {
		t.Errorf("after id %d was purged the next one is %d", last, id)
	}
}

func settings() []test {
	return []test{{"save and add", saveSetting}}
}

func saveSetting(t *testing.T, s store.Store) {
	_, err := s.Setting(t.Context(), "name")
	is(t, "none", err, store.ErrNotFound)
	same(t, "added", try(s.AddSetting(t.Context(), "name", []byte("first")))(t), []byte("first"))
	same(t, "added again", try(s.AddSetting(t.Context(), "name", []byte("second")))(t), []byte("first"))
	binary := []byte{0, 0xFF, 0}
	must(t, s.SaveSetting(t.Context(), "name", binary))
	same(t, "saved", try(s.Setting(t.Context(), "name"))(t), binary)
	_, err = s.Setting(t.Context(), "Name")
	is(t, "another name", err, store.ErrNotFound)
	for _, empty := range [][]byte{nil, {}} {
		must(t, s.SaveSetting(t.Context(), "name", empty))
		if got := try(s.Setting(t.Context(), "name"))(t); len(got) != 0 {
			t.Errorf("an empty value became %q", got)
		}
	}
}
