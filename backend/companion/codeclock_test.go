package companion_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/internal/env"
)

// A clockwork is a server that tells the time, as wrongly as it likes.
type clockwork struct{ ahead atomic.Int64 }

func (w *clockwork) set(d time.Duration) { w.ahead.Store(int64(d)) }

func (w *clockwork) ServeHTTP(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Date", env.System().Now().Add(time.Duration(w.ahead.Load())).UTC().Format(http.TimeFormat))
	rw.WriteHeader(http.StatusNotFound)
}

// asked adds a server, and has it tell its time.
func (w *clockwork) asked(t *testing.T, c *companion.Companion, name string, ahead time.Duration) servers.ID {
	t.Helper()
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	base, err := remote.ParseBase(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Servers.Add(t.Context(), servers.NewServer{Name: name, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	w.tell(t, c, s.ID, ahead)
	return s.ID
}

func (w *clockwork) tell(t *testing.T, c *companion.Companion, id servers.ID, ahead time.Duration) {
	t.Helper()
	w.set(ahead)
	if _, err := c.Servers.Check(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

func TestClock(t *testing.T) {
	c := open(t, t.TempDir())
	var nas, office clockwork
	one, two := nas.asked(t, c, "nas", time.Minute), office.asked(t, c, "office", 0)
	if c.Clock(t.Context(), companion.CodeClock{}) != nil {
		t.Error("without a choice there is another clock than this computer's")
	}
	chosen, err := c.ChooseClock(t.Context(), one)
	if err != nil || chosen.Server != one || (chosen.Ahead-time.Minute).Abs() > time.Second {
		t.Fatalf("%+v, %v", chosen, err)
	}
	check := func(what string, l authenticator.Link, want time.Duration) {
		t.Helper()
		if got := c.Clock(t.Context(), chosen)(l); (got - want).Abs() > time.Second {
			t.Errorf("%s: ahead by %v, want %v", what, got, want)
		}
	}
	of := func(id servers.ID) authenticator.Link { return authenticator.Link{Server: string(id), Username: "ann"} }
	check("an account there", of(one), time.Minute)
	check("an account nowhere", authenticator.Link{}, time.Minute)
	check("an account on a server that goes right", of(two), 0)
	check("an account on a server that is gone", of("nobody"), 0)
	office.tell(t, c, two, 70*time.Second)
	check("an account on a server that says much the same", of(two), 70*time.Second)
}

// A server cannot lead the clock on: what is not about what the person saw does
// not count before they choose again.
func TestAServerCannotWalkTheClock(t *testing.T) {
	c := open(t, t.TempDir())
	var nas clockwork
	id := nas.asked(t, c, "nas", time.Minute)
	chosen, err := c.ChooseClock(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ says, counts time.Duration }{
		{70 * time.Second, 70 * time.Second}, // clocks differ more with time
		{90 * time.Second, 0},
		{110 * time.Second, 0}, // in small steps too
		{-time.Minute, 0},
		{0, 0}, // one of the clocks was set right
		{365 * 24 * time.Hour, 0},
		{time.Minute, time.Minute},
	} {
		nas.tell(t, c, id, tc.says)
		if got := c.Clock(t.Context(), chosen)(authenticator.Link{}); (got - tc.counts).Abs() > time.Second {
			t.Errorf("the server says %v: codes are made %v ahead, want %v", tc.says, got, tc.counts)
		}
	}
	for _, far := range []time.Duration{25 * time.Hour, -400 * 24 * time.Hour} {
		nas.tell(t, c, id, far)
		if got, err := c.ChooseClock(t.Context(), id); !errors.Is(err, companion.ErrClockUnknown) || got != (companion.CodeClock{}) {
			t.Errorf("%v can be chosen: %+v, %v", far, got, err)
		}
	}
	if _, err := c.ChooseClock(t.Context(), "nobody"); err == nil {
		t.Error("a server that is not on the list can be chosen")
	}
}
