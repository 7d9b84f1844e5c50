package storetest

import (
	"net/netip"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func connections() []test {
	return []test{
		{"open, list and close", openConnection},
		{"end", endConnection},
		{"beside devices", connectionsBesideDevices},
		{"close those until a time", closeConnectionsUntil},
	}
}

// connection is the nth connection of a user, opened in the tests' time plus a
// delay.
func connection(user identity.UserID, n int, delay time.Duration) identity.Session {
	return identity.Session{
		ID: sessionOf(n), User: user, Kind: identity.SFTPSession, SSHKey: "laptop", UserAgent: "SSH-2.0-OpenSSH_9.6",
		Address: netip.MustParseAddr("2001:db8::1"), CreatedAt: after(delay), LastActive: after(delay), ExpiresAt: after(delay + lifetime),
	}
}

func openConnection(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	first, second := connection(u.ID, 1, 0), connection(u.ID, 2, time.Second)
	must(t, s.OpenConnection(t.Context(), first))
	must(t, s.OpenConnection(t.Context(), second))
	same(t, "found", try(s.Session(t.Context(), first.ID))(t), first)
	same(t, "of the user", try(s.SessionsOf(t.Context(), u.ID, after(0)))(t), []identity.Session{second, first})
	list, total := tryPage(s.Sessions(t.Context(), after(0), identity.Page{}))(t)
	same(t, "of everybody", list, []identity.Session{second, first})
	if total != 2 {
		t.Errorf("total = %d, want 2", total)
	}
	same(t, "the user", try(s.User(t.Context(), u.ID))(t), u) // it is no sign-in that is counted
	is(t, "of nobody", s.OpenConnection(t.Context(), connection(99, 3, 0)), store.ErrNotFound)

	must(t, s.TouchSessions(t.Context(), []store.Activity{{Session: first.ID, At: after(time.Minute), UserAgent: first.UserAgent, Address: first.Address}}))
	first.LastActive = after(time.Minute)
	same(t, "touched", try(s.Session(t.Context(), first.ID))(t), first)

	must(t, s.CloseConnection(t.Context(), first.ID))
	must(t, s.CloseConnection(t.Context(), first.ID))
	_, err := s.Session(t.Context(), first.ID)
	is(t, "closed", err, store.ErrNotFound)
	list, total = tryPage(s.Sessions(t.Context(), after(0), identity.Page{}))(t)
	same(t, "left", list, []identity.Session{second})
	if total != 1 {
		t.Errorf("total = %d, want 1", total)
	}
}

func endConnection(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	for n, end := range []func() error{
		func() error { return s.EndSession(t.Context(), sessionOf(0), identity.EndedByEviction, now()) },
		func() error {
			_, err := s.EndSessionsOf(t.Context(), u.ID, "", identity.EndedByEviction, now())
			return err
		},
		func() error {
			_, err := s.EndAllSessions(t.Context(), identity.EndedByEviction, now())
			return err
		},
		func() error {
			_, err := s.UpdateUser(t.Context(), u.ID, newPassword(now()))
			return err
		},
	} {
		must(t, s.OpenConnection(t.Context(), connection(u.ID, n, 0)))
		before := s.Version()
		must(t, end())
		if s.Version() == before {
			t.Errorf("end %d: the version stays", n)
		}
		if got := try(s.Session(t.Context(), sessionOf(n)))(t); got.EndedAt.IsZero() {
			t.Errorf("end %d: %+v lives", n, got)
		}
		must(t, s.CloseConnection(t.Context(), sessionOf(n)))
	}
	must(t, s.OpenConnection(t.Context(), connection(u.ID, 9, 0)))
	must(t, s.DeleteUser(t.Context(), u.ID))
	_, err := s.Session(t.Context(), sessionOf(9))
	is(t, "of a user who is gone", err, store.ErrNotFound)
}

// Connections take no device's place, and closing one closes no device.
func connectionsBesideDevices(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	for n := range 5 {
		must(t, s.OpenConnection(t.Context(), connection(u.ID, n, time.Minute)))
	}
	for n := 5; n < 8; n++ {
		o := signIn(u.ID, n, 0)
		o.MaxDevices = 2
		try(s.OpenSession(t.Context(), o))(t)
	}
	if n := len(try(s.SessionsOf(t.Context(), u.ID, now()))(t)); n != 5+2 {
		t.Errorf("%d sessions live, want 5 connections and 2 devices", n)
	}
	must(t, s.CloseConnection(t.Context(), sessionOf(7)))
	must(t, s.CloseConnectionsUntil(t.Context(), after(time.Hour)))
	got := try(s.SessionsOf(t.Context(), u.ID, now()))(t)
	same(t, "left", sortedSessionIDs(got), []identity.SessionID{sessionOf(6), sessionOf(7)})
}

func closeConnectionsUntil(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	for n := range 3 {
		must(t, s.OpenConnection(t.Context(), connection(u.ID, n, time.Duration(n)*time.Second)))
	}
	must(t, s.EndSession(t.Context(), sessionOf(0), identity.EndedByEviction, now()))
	must(t, s.CloseConnectionsUntil(t.Context(), after(time.Second)))
	list, total := tryPage(s.Sessions(t.Context(), now(), identity.Page{}))(t)
	same(t, "left", sessionIDs(list), []identity.SessionID{sessionOf(2)})
	if total != 1 {
		t.Errorf("total = %d, want 1", total)
	}
	_, err := s.Session(t.Context(), sessionOf(0))
	is(t, "one that had ended", err, store.ErrNotFound)
}
