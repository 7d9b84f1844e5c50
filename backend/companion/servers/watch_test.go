package servers_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
)

// A line is a transport that can be cut.
type line struct {
	to    http.RoundTripper
	cut   atomic.Bool
	asked atomic.Int64
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.asked.Add(1)
	if l.cut.Load() {
		return nil, &net.OpError{Op: "dial", Err: errors.New("no route")}
	}
	return l.to.RoundTrip(r)
}

// watch runs a book until the test ends.
func watch(t *testing.T, d *desk) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { d.Run(ctx) })
	return func() { cancel(); wg.Wait() }
}

func (d *desk) status(id servers.ID) servers.Status {
	d.t.Helper()
	s, err := d.Status(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func TestWatching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{to: remote.InProcess(newFake(alist()))}
		l.cut.Store(true)
		d, s := ownDesk(t, l)
		stop := watch(t, d)
		defer stop()
		start := time.Now()

		// It waits longer each time, up to five minutes, and never more than that.
		time.Sleep(time.Hour)
		synctest.Wait()
		status := d.status(s.ID)
		if status.State != servers.Offline || status.Since.Sub(start) > time.Second || status.Err == nil || status.Err.Code != "server_unreachable" {
			t.Errorf("%+v", status)
		}
		if wait := time.Until(status.Next); wait > 5*time.Minute || wait < 0 {
			t.Errorf("the next look is in %v", wait)
		}
		if n := l.asked.Load(); n < 12+6 || n > 17+9 {
			t.Errorf("asked %d times in an hour", n)
		}

		// It is back: the person asks now, and does not wait.
		l.cut.Store(false)
		if now := d.stands(s.ID, servers.SignedOut, ""); now.Since.Before(start.Add(time.Hour)) {
			t.Errorf("%+v", now)
		}
		before := l.asked.Load()
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		if n := l.asked.Load() - before; n != 10*2 { // ping and settings
			t.Errorf("asked %d times in ten minutes", n)
		}

		// It goes again, and a screen notices.
		l.cut.Store(true)
		d.vault.records["server/"+string(s.ID)] = []byte(`{"token":"token-a"}`)
		err := d.Act(t.Context(), s.ID, func(ctx context.Context, a *remote.Account) error {
			_, err := a.Me(ctx)
			return err
		})
		wants(t, err, "server_unreachable")
		synctest.Wait()
		if status := d.status(s.ID); status.State != servers.Offline {
			t.Errorf("%+v", status)
		}
	})
}

func TestWatchingSeesWhatIsAdded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.conf.Own = func() http.RoundTripper { return remote.InProcess(newFake(alist())) }
		d.open()
		stop := watch(t, d)
		defer stop()
		synctest.Wait()
		s, err := d.AddOwn(t.Context(), "own")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if status := d.status(s.ID); status.State != servers.SignedOut {
			t.Errorf("%+v", status)
		}
		if err := d.Remove(t.Context(), s.ID); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.seen) != 1 || d.seen[0].State != servers.SignedOut {
			t.Errorf("told %+v", d.seen)
		}
	})
}

func TestChecksAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(alist())
		release := make(chan struct{})
		f.before = func(route string) {
			if route == "GET /ping" {
				<-release
			}
		}
		d, s := ownDesk(t, remote.InProcess(f))
		var wg sync.WaitGroup
		gaveUp, giveUp := context.WithCancel(t.Context())
		wg.Go(func() {
			_, err := d.Check(gaveUp, s.ID)
			wants(t, err, "call_cancelled")
		})
		synctest.Wait()
		for range 3 {
			wg.Go(func() { d.stands(s.ID, servers.SignedOut, "") })
		}
		synctest.Wait()
		giveUp() // the first gives up; the others do not suffer by it
		synctest.Wait()
		close(release)
		wg.Wait()
		if n := f.count("GET /ping"); n != 2 {
			t.Errorf("asked %d times", n)
		}
	})
}

// TestEveryStateIsTold: the window hears of each new status, and the list
// remembers it over a restart.
func TestEveryStateIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{to: remote.InProcess(newFake(alist()))}
		d, s := ownDesk(t, l)
		d.stands(s.ID, servers.SignedOut, "")
		l.cut.Store(true)
		since := d.stands(s.ID, servers.Offline, "server_unreachable").Since
		time.Sleep(time.Hour)
		d.open()
		if before := d.status(s.ID); before.State != servers.Offline || !before.Since.Equal(since) {
			t.Errorf("%+v", before)
		}
		if now := d.stands(s.ID, servers.Offline, "server_unreachable"); !now.Since.Equal(since) {
			t.Errorf("offline since %v, not since %v", now.Since, since)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.seen) != 3 {
			t.Errorf("told %d times", len(d.seen))
		}
	})
}

// TestLateAnswers: what was asked before somebody signed out, or was signed in
// again, does not say how things stand now.
func TestLateAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(alist())
		f.set("POST /api/auth/login/hash", grantA)
		f.set("GET /api/me", meBob)
		f.set("GET /api/auth/logout", `{"code":200,"message":"success","data":null}`)
		d, s := ownDesk(t, remote.InProcess(f))
		d.signIn(s.ID)

		release := make(chan struct{})
		var held atomic.Bool
		f.before = func(route string) {
			if route == "GET /api/me" && held.CompareAndSwap(false, true) {
				<-release
			}
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := d.Check(t.Context(), s.ID); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if err := d.SignOut(t.Context(), s.ID); err != nil {
			t.Error(err)
		}
		close(release)
		wg.Wait()
		if status := d.status(s.ID); status.State != servers.SignedOut {
			t.Errorf("%+v", status)
		}
	})
}
