package session_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/session"
)

// act makes a request from an address as a program.
func act(t *testing.T, c *testkit.Core, in session.SignedIn, agent string, from int) {
	t.Helper()
	_, err := c.Sessions.Authenticate(t.Context(), in.Token, testkit.Audience,
		session.Client{UserAgent: agent, Address: testkit.Address(from)})
	must(t, err)
}

func TestActivityIsListedBeforeItIsWritten(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	old, young := open(t, c, ann.ID, device("old")), open(t, c, ann.ID, device("young"))
	c.Clock.Add(time.Minute)
	act(t, c, young, "before", 3)
	c.Clock.Add(time.Minute)
	act(t, c, old, "browser", 2)
	for _, written := range []bool{false, true} {
		list, err := c.Sessions.List(t.Context(), ann.ID)
		must(t, err)
		first := list[0]
		if first.ID != old.Session.ID || !first.LastActive.Equal(c.Clock.Now()) || first.UserAgent != "browser" || first.Address != testkit.Address(2) {
			t.Errorf("written %v: the newest is %+v", written, first)
		}
		all, total, err := c.Sessions.ListAll(t.Context(), identity.Page{})
		if err != nil || total != 2 || all[0].ID != old.Session.ID {
			t.Errorf("written %v: ListAll = %d of %d, %v", written, len(all), total, err)
		}
		must(t, c.Sessions.Flush(t.Context()))
	}
}

func TestActivitySurvivesClose(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	in := open(t, c, ann.ID, device("phone"))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); c.Sessions.Run(ctx, slog.New(slog.DiscardHandler)) }()
	c.Clock.Add(time.Hour)
	act(t, c, in, "late", 9)
	stop()
	<-done
	list := must2(c.Restart().Sessions.List(context.WithoutCancel(ctx), ann.ID))(t)
	if len(list) != 1 || !list[0].LastActive.Equal(c.Clock.Now()) || list[0].UserAgent != "late" {
		t.Errorf("after a restart: %+v", list)
	}
}

// Any number of requests is one write, and none is a write for nothing.
func TestActivityIsOneWrite(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	a, b := open(t, c, ann.ID, device("a")), open(t, c, ann.ID, device("b"))
	for range 100 {
		act(t, c, a, "x", 1)
		act(t, c, b, "x", 1)
	}
	c.Store.Calls()
	must(t, c.Sessions.Flush(t.Context()))
	must(t, c.Sessions.Flush(t.Context()))
	if n := c.Store.Calls()["TouchSessions"]; n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
}

// What cannot be written is written the next time, unless there is newer.
func TestActivityThatCannotBeWritten(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	a, b := open(t, c, ann.ID, device("a")), open(t, c, ann.ID, device("b"))
	c.Clock.Add(time.Second)
	act(t, c, a, "kept", 1)
	act(t, c, b, "old", 1)
	c.Store.FailWith(func(method string) error {
		if method == "TouchSessions" {
			act(t, c, b, "newer", 1) // while the write is under way
			return errors.New("disk full")
		}
		return nil
	})
	if err := c.Sessions.Flush(t.Context()); err == nil {
		t.Error("the failure is not told")
	}
	all, _, err := c.Sessions.ListAll(t.Context(), identity.Page{})
	if err != nil || len(all) != 2 || all[0].UserAgent == "" || all[1].UserAgent == "" {
		t.Errorf("listed meanwhile: %+v, %v", all, err)
	}
	c.Store.FailWith(nil)
	must(t, c.Sessions.Flush(t.Context()))
	for _, s := range must2(c.Restart().Sessions.List(t.Context(), ann.ID))(t) {
		if want := map[identity.SessionID]string{a.Session.ID: "kept", b.Session.ID: "newer"}[s.ID]; s.UserAgent != want {
			t.Errorf("stored as %q, want %q", s.UserAgent, want)
		}
	}
}

// A clock that is set back leaves the newest activity, and a session that has
// ended is not touched.
func TestActivityNeverMovesBack(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	in := open(t, c, ann.ID, device("phone"))
	c.Clock.Add(10 * time.Second)
	newest := c.Clock.Now()
	act(t, c, in, "newest", 1)
	must(t, c.Sessions.Flush(t.Context()))
	c.Clock.Add(-5 * time.Second)
	act(t, c, in, "from the past", 1)
	for _, written := range []bool{false, true} {
		list := must2(c.Sessions.List(t.Context(), ann.ID))(t)
		if !list[0].LastActive.Equal(newest) || list[0].UserAgent != "newest" {
			t.Errorf("written %v: %+v", written, list[0])
		}
		must(t, c.Sessions.Flush(t.Context()))
	}
	act(t, c, in, "last", 1)
	must(t, c.Sessions.End(t.Context(), ann.ID, in.Session.ID, testkit.Origin()))
	must(t, c.Sessions.Flush(t.Context()))
	want(t, "a late sign of life", whoErr(c, in.Token), session.ErrEnded)
}

func TestUserAgentIsClipped(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	in := open(t, c, ann.ID, device("phone"))
	for _, agent := range []string{strings.Repeat("ü", 4096), "\xff\xfe", "é" + strings.Repeat("x", 511)} {
		act(t, c, in, agent, 1)
		must(t, c.Sessions.Flush(t.Context()))
		got := must2(c.Sessions.List(t.Context(), ann.ID))(t)[0].UserAgent
		if len(got) > 512 || strings.ToValidUTF8(got, "?") != got || !strings.HasPrefix(strings.ToValidUTF8(agent, ""), got) {
			t.Errorf("%.10q is kept as %.10q, %d bytes", agent, got, len(got))
		}
	}
}

// An ended session is remembered for as long as any token of it could live.
func TestEndedSessionIsRemembered(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	in := open(t, c, ann.ID, device("phone"))
	must(t, c.Sessions.End(t.Context(), ann.ID, in.Session.ID, testkit.Origin()))
	c.Clock.Set(in.ExpiresAt.Add(-time.Second))
	_, err := c.Store.PurgeSessions(t.Context(), c.Clock.Now().Add(-48*time.Hour))
	must(t, err)
	want(t, "at the last second", whoErr(c, in.Token), session.ErrEnded)
}

func must2[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}
