package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"latchkey/backend/audit"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// keep stores n events from a time on, as if they had been recorded then.
func keep(t *testing.T, c *testkit.Core, n int, at time.Time) {
	t.Helper()
	events := make([]identity.AuditEvent, n)
	for i := range events {
		events[i] = identity.AuditEvent{At: at.Add(time.Duration(i) * time.Millisecond), Action: identity.AuditSignIn, Outcome: identity.AuditDone}
	}
	if err := c.Store.AppendAudit(t.Context(), events); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, c *testkit.Core) int {
	t.Helper()
	all, err := c.Audit.List(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// Whatever was recorded before Close is kept, each once, whoever recorded it.
func TestNothingIsLost(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 500 {
				c.Audit.Record(identity.Origin{Door: "test", Address: testkit.Address(worker)}.
					Event(identity.AuditSignOut, fmt.Sprint(i)))
			}
		})
	}
	wg.Wait()
	events, err := c.Restart().Audit.List(t.Context(), 0, 0)
	if err != nil || len(events) != 8*500 {
		t.Fatalf("%d events, %v; want %d", len(events), err, 8*500)
	}
	next := map[string]int{}
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		from := e.Address.String()
		if e.Target != fmt.Sprint(next[from]) || !e.At.Equal(c.Clock.Now()) || e.Outcome != identity.AuditDone {
			t.Fatalf("event %d of %s is %+v", next[from], from, e)
		}
		next[from]++
	}
}

func TestListPages(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	keep(t, c, 10, c.Clock.Now())
	first, err := c.Audit.List(t.Context(), 0, 4)
	if err != nil || len(first) != 4 || first[0].ID != 10 {
		t.Fatalf("first page: %+v, %v", first, err)
	}
	second, err := c.Audit.List(t.Context(), first[3].ID, 100)
	if err != nil || len(second) != 6 || second[0].ID != 6 {
		t.Errorf("second page: %+v, %v", second, err)
	}
}

func TestPurge(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	purge := func() {
		t.Helper()
		if err := c.Audit.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	purge()
	old := c.Clock.Now().Add(-181 * 24 * time.Hour)
	keep(t, c, 300, old)
	purge()
	if n := count(t, c); n != 300 {
		t.Errorf("%d events are left of few, want all 300", n)
	}
	keep(t, c, 1_000, c.Clock.Now())
	purge()
	if n := count(t, c); n != 1_000 {
		t.Errorf("%d events are left, want the 1,000 newest", n)
	}
	keep(t, c, 500, c.Clock.Now())
	purge()
	if n := count(t, c); n != 1_500 {
		t.Errorf("%d events are left, want all 1,500 of half a year", n)
	}
}

// A clock that jumps ten years ahead for an hour must not empty the record,
// and one that is back at 1970 removes nothing.
func TestPurgeWithAWrongClock(t *testing.T) {
	for _, wrong := range []time.Time{testkit.Start.AddDate(10, 0, 0), time.Unix(0, 0)} {
		c := testkit.Open(t, testkit.Options{NoSeed: true})
		keep(t, c, 1_500, c.Clock.Now())
		c.Clock.Set(wrong)
		keep(t, c, 1, wrong)
		if err := c.Audit.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := count(t, c); n < 1_000 {
			t.Errorf("at %v: %d events are left", wrong, n)
		}
	}
}

// Events that cannot be stored go to the program's log, and those after them
// are stored again.
func TestEventsThatCannotBeStored(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	var text bytes.Buffer
	l := audit.New(c.Store, c.Env, slog.New(slog.NewTextHandler(&text, nil)))
	c.Store.FailWith(func(method string) error {
		if method == "AppendAudit" {
			return errors.New("disk full")
		}
		return nil
	})
	l.Record(identity.Origin{Actor: 7, Door: "sftp"}.Event(identity.AuditSSHKeyAdded, "SHA256:abc"))
	for c.Store.Calls()["AppendAudit"] == 0 {
		<-time.After(time.Millisecond)
	}
	c.Store.FailWith(nil)
	l.Record(identity.Origin{}.Event(identity.AuditSignOut, "later"))
	l.Close()
	for _, part := range []string{"audit events not stored", "disk full", "actor=7", "action=ssh_key_added", "door=sftp", "SHA256:abc"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("the log has no %q:\n%s", part, text.String())
		}
	}
	events, err := c.Audit.List(context.WithoutCancel(t.Context()), 0, 10)
	if err != nil || len(events) != 1 || events[0].Target != "later" {
		t.Errorf("stored are %+v, %v", events, err)
	}
}

// More events than may wait make Record wait, not memory grow.
func TestRecordWaitsForTheStore(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	gate := make(chan struct{})
	c.Store.FailWith(func(method string) error {
		if method == "AppendAudit" {
			<-gate
		}
		return nil
	})
	recorded := make(chan int, 5000)
	go func() {
		for i := range 5000 {
			c.Audit.Record(identity.Origin{}.Event(identity.AuditSignOut, ""))
			recorded <- i
		}
		close(recorded)
	}()
	most := 0
	for idle := false; !idle; {
		select {
		case most = <-recorded:
		case <-time.After(200 * time.Millisecond):
			idle = true
		}
	}
	if most > 3000 {
		t.Errorf("%d events were taken while none could be stored", most)
	}
	close(gate)
	for range recorded {
	}
	if n := len(must(c.Restart().Audit.List(t.Context(), 0, 0))(t)); n != 5000 {
		t.Errorf("%d events are stored, want 5000", n)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
