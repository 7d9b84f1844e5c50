package app

import (
	"sync"
	"testing"
	"time"
)

// A testClock is one that tests move. Its times have no second clock in them.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// watched is a desk with an open vault and a sentry that looks only when the
// test says so.
type watched struct {
	*testDesk
	clock *testClock
}

func newWatched(t testing.TB, minutes int) *watched {
	t.Helper()
	d := newTestDesk(t)
	if err := d.notebook.write(func(m *memory) { m.Preferences.LockMinutes = minutes }); err != nil {
		t.Fatal(err)
	}
	w := &watched{d, &testClock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}
	d.env.Now = w.clock.Now
	d.makeVault(t)
	w.sentry.look()
	return w
}

// pass lets time pass, in which the sentry looks as it would.
func (w *watched) pass(by time.Duration) {
	for by > 0 {
		step := min(by, lookEvery)
		w.sleep(step)
		by -= step
	}
}

// sleep lets time pass in which nothing runs.
func (w *watched) sleep(by time.Duration) {
	w.clock.mu.Lock()
	w.clock.now = w.clock.now.Add(by)
	w.clock.mu.Unlock()
	w.sentry.look()
}

func (w *watched) wantOpen(t *testing.T, what string, want bool) {
	t.Helper()
	if got := w.vaultStatus().State == stateUnlocked; got != want {
		t.Errorf("%s: open is %v; want %v", what, got, want)
	}
}

// Nobody does anything: the page is told half a minute before, and then the
// vault is locked, the clipboard cleared and the page told so.
func TestIdleLocks(t *testing.T) {
	w := newWatched(t, 2)
	if _, err := w.clip.copy("canary", true); err != nil {
		t.Fatal(err)
	}
	w.pass(85 * time.Second)
	w.wantOpen(t, "before", true)
	if at := w.screen.last(eventLocking); at != nil {
		t.Errorf("told too early: %v", at)
	}
	w.pass(10 * time.Second)
	if at := w.screen.last(eventLocking); at != w.clock.Now().Add(25*time.Second).UnixMilli() {
		t.Errorf("the page hears that it locks at %v; now is %v", at, w.clock.Now().UnixMilli())
	}
	w.pass(20 * time.Second)
	w.wantOpen(t, "just before", true)
	w.pass(5 * time.Second)
	w.wantOpen(t, "after two minutes", false)
	if w.screen.clip != "" {
		t.Errorf("the clipboard has %q", w.screen.clip)
	}
	if s, _ := w.screen.last(eventVault).(VaultStatus); s.State == stateUnlocked || s.State == "" {
		t.Errorf("the page hears %+v", s)
	}
	if at := w.screen.last(eventLocking); at != int64(0) {
		t.Errorf("the notice stays: %v", at)
	}

	// Opened again, it begins anew.
	if _, err := (&Vault{w.desk}).Unlock(Protection{Method: "keyring"}); err != nil {
		t.Fatal(err)
	}
	w.sentry.look()
	w.pass(110 * time.Second)
	w.wantOpen(t, "opened again", true)
}

// Whoever does something is there, also in the last half minute.
func TestActivityKeepsOpen(t *testing.T) {
	w := newWatched(t, 1)
	shell := &Shell{w.desk}
	for range 10 {
		w.pass(50 * time.Second)
		shell.Active()
		w.sentry.look()
	}
	w.wantOpen(t, "somebody works", true)
	if at := w.screen.last(eventLocking); at != int64(0) {
		t.Errorf("the notice stays: %v", at)
	}
	w.pass(time.Minute)
	w.wantOpen(t, "they went", false)
}

func TestNeverLocksIdle(t *testing.T) {
	w := newWatched(t, 0)
	w.pass(3 * time.Hour)
	w.wantOpen(t, "never", true)
	w.sleep(time.Hour)
	w.wantOpen(t, "after sleep", false)
}

// A look that comes late means that the computer has slept; a little late it
// was only busy.
func TestSleepLocks(t *testing.T) {
	w := newWatched(t, 60)
	w.sleep(30 * time.Second)
	w.wantOpen(t, "a busy computer", true)
	w.sleep(40 * time.Second)
	w.wantOpen(t, "slept", false)
	w.sleep(time.Hour)
	if _, err := (&Vault{w.desk}).Unlock(Protection{Method: "keyring"}); err != nil {
		t.Fatal(err)
	}
	w.sleep(time.Second)
	w.wantOpen(t, "opened after sleep", true)
}

// Either clock may stand still or be set; the one that says more counts.
func TestElapsed(t *testing.T) {
	now := time.Now()
	for _, tc := range []struct {
		what       string
		since, now time.Time
		want       time.Duration
	}{
		{"both", now, now.Add(time.Minute), time.Minute},
		{"the wall clock went on while the other slept", now, now.Add(time.Hour).Round(0), time.Hour},
		{"the wall clock alone", now.Round(0), now.Round(0).Add(time.Minute), time.Minute},
	} {
		if got := elapsed(tc.since, tc.now); got != tc.want {
			t.Errorf("%s: %v; want %v", tc.what, got, tc.want)
		}
	}
}

// What the system says locks an open vault, and does nothing to a locked one.
func TestSystemLocks(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.start(t)
	until(t, "the system is listened to", func() bool { d.screen.mu.Lock(); defer d.screen.mu.Unlock(); return d.screen.away != nil })
	d.screen.away()
	if s := d.vaultStatus(); s.State != stateLocked {
		t.Errorf("the vault is %s", s.State)
	}
	d.screen.mu.Lock()
	before := len(d.screen.events)
	d.screen.mu.Unlock()
	d.screen.away()
	d.screen.mu.Lock()
	defer d.screen.mu.Unlock()
	for _, e := range d.screen.events[before:] {
		if e.event == eventVault {
			t.Error("the page is told again")
		}
	}
}

func TestLockMinutes(t *testing.T) {
	d := newTestDesk(t)
	p := firstMemory().Preferences
	if p.LockMinutes != 15 {
		t.Errorf("it locks after %d minutes", p.LockMinutes)
	}
	for minutes, want := range map[int]string{0: "", 1: "", 60: "", 1440: "", -1: "preferences_invalid", 1441: "preferences_invalid"} {
		p.LockMinutes = minutes
		_, err := (&Settings{d.desk}).Save(p)
		checkProblem(t, "a number of minutes", err, want)
	}
}
