package storetest

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func openSession() []test {
	return []test{
		{"new device", newDevice},
		{"same device", sameDevice},
		{"same device name of another user", sameDeviceOtherUser},
		{"ended device", endedDevice},
		{"expired device", expiredDevice},
		{"refused", openSessionRefused},
		{"token limit", tokenLimit},
		{"device limit", deviceLimit},
		{"expired devices do not count", deviceLimitExpired},
	}
}

const lifetime = 48 * time.Hour

func sessionOf(n int) identity.SessionID { return identity.SessionID(hexID('a', n)) }
func tokenOf(n int) identity.TokenID     { return identity.TokenID(hexID('b', n)) }

// signIn is the nth sign-in, from a device of its own, in the tests' time
// plus a delay.
func signIn(user identity.UserID, n int, delay time.Duration) store.OpenSession {
	at := now().Add(delay)
	return store.OpenSession{
		New: identity.Session{
			ID: sessionOf(n), User: user, ClientID: n%2 == 0, UserAgent: fmt.Sprintf("agent %d", n),
			Address: netip.MustParseAddr("192.0.2.1"), CreatedAt: at, LastActive: at,
		},
		Device: fmt.Sprintf("device %d", n),
		Token: identity.AccessToken{
			ID: tokenOf(n), User: user, Factors: []identity.FactorKind{identity.FactorPassword, identity.FactorOTP},
			SignedInAt: at.Add(-time.Minute), IssuedAt: at, ExpiresAt: at.Add(lifetime), Life: time.Hour, Generation: 1,
		},
		MaxDevices: 100, MaxTokens: 10,
	}
}

// openNth opens the session of the nth sign-in.
func openNth(t *testing.T, s store.Store, user identity.UserID, n int) identity.Session {
	t.Helper()
	return try(s.OpenSession(t.Context(), signIn(user, n, 0)))(t)
}

func newDevice(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	for n, address := range []string{"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0", ""} {
		o := signIn(u.ID, n, 0)
		o.New.Address = netip.Addr{}
		if address != "" {
			o.New.Address = netip.MustParseAddr(address)
		}
		got := try(s.OpenSession(t.Context(), o))(t)
		want := o.New
		want.CreatedAt, want.LastActive, want.ExpiresAt = after(0), after(0), after(lifetime)
		same(t, "opened", got, want)
		same(t, "found", try(s.Session(t.Context(), sessionOf(n)))(t), want)
		token := o.Token
		token.Session, token.SignedInAt, token.IssuedAt, token.ExpiresAt = sessionOf(n), after(-time.Minute), after(0), after(lifetime)
		same(t, "token", try(s.AccessToken(t.Context(), tokenOf(n)))(t), token)
	}
	_, err := s.Session(t.Context(), "none")
	is(t, "unknown session", err, store.ErrNotFound)
	_, err = s.AccessToken(t.Context(), "none")
	is(t, "unknown token", err, store.ErrNotFound)
}

func sameDevice(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	first := openNth(t, s, u.ID, 1)

	o := signIn(u.ID, 2, time.Hour)
	o.Device, o.New.Address = "device 1", netip.MustParseAddr("2001:db8::2")
	o.Token.Factors = nil
	want := first
	want.UserAgent, want.Address, want.LastActive, want.ExpiresAt = "agent 2", o.New.Address, after(time.Hour), after(time.Hour+lifetime)
	same(t, "opened again", try(s.OpenSession(t.Context(), o))(t), want)
	same(t, "sessions", try(s.SessionsOf(t.Context(), u.ID, now()))(t), []identity.Session{want})
	for n := 1; n <= 2; n++ {
		if got := try(s.AccessToken(t.Context(), tokenOf(n)))(t); got.Session != first.ID {
			t.Errorf("token %d belongs to %q, want %q", n, got.Session, first.ID)
		}
	}
	bare := try(s.AccessToken(t.Context(), tokenOf(2)))(t)
	same(t, "factors of none", bare.Factors, []identity.FactorKind{})

	late := signIn(u.ID, 3, -time.Hour) // told late: nothing moves backwards
	late.Device = "device 1"
	want.UserAgent, want.Address = "agent 3", late.New.Address
	same(t, "opened late", try(s.OpenSession(t.Context(), late))(t), want)
}

func sameDeviceOtherUser(t *testing.T, s store.Store) {
	ann, bob := newUser(t, s, "ann"), newUser(t, s, "bob")
	openNth(t, s, ann.ID, 1)
	o := signIn(bob.ID, 2, 0)
	o.Device = "device 1"
	if got := try(s.OpenSession(t.Context(), o))(t); got.ID != sessionOf(2) || got.User != bob.ID {
		t.Errorf("bob's session is %+v", got)
	}
}

func endedDevice(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	first := openNth(t, s, u.ID, 1)
	must(t, s.EndSession(t.Context(), first.ID, identity.EndedByEviction, now()))
	o := signIn(u.ID, 2, 0)
	o.Device = "device 1"
	if got := try(s.OpenSession(t.Context(), o))(t); got.ID != sessionOf(2) {
		t.Errorf("the ended session %q came back", got.ID)
	}
	if got := try(s.Session(t.Context(), first.ID))(t); got.EndReason != identity.EndedByEviction {
		t.Errorf("the ended session is %+v", got)
	}
}

func expiredDevice(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	openNth(t, s, u.ID, 1)
	o := signIn(u.ID, 2, lifetime) // at the very moment of expiry
	o.Device = "device 1"
	got := try(s.OpenSession(t.Context(), o))(t)
	if got.ID != sessionOf(2) {
		t.Errorf("the expired session %q came back", got.ID)
	}
	list, total := tryPage(s.Sessions(t.Context(), now().Add(lifetime), identity.Page{}))(t)
	same(t, "sessions", list, []identity.Session{got})
	if total != 1 {
		t.Errorf("total = %d, want 1", total)
	}
	_, err := s.AccessToken(t.Context(), tokenOf(1))
	is(t, "expired token of a session that was replaced", err, store.ErrNotFound)
}

func openSessionRefused(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	_, err := s.OpenSession(t.Context(), signIn(99, 1, 0))
	is(t, "unknown user", err, store.ErrNotFound)
	openNth(t, s, u.ID, 1)
	o := signIn(u.ID, 1, 0)
	o.Device, o.Token.ID = "device 2", tokenOf(2)
	_, err = s.OpenSession(t.Context(), o)
	exists(t, "session id taken", err, "id")
	o.New.ID, o.Token.ID = sessionOf(2), tokenOf(1)
	_, err = s.OpenSession(t.Context(), o)
	exists(t, "token id taken", err, "id")
	_, err = s.Session(t.Context(), sessionOf(2))
	is(t, "session whose token was refused", err, store.ErrNotFound)
}

func tokenLimit(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	// The third token expires first, and the fourth is issued before the others.
	for i, delay := range []time.Duration{0, time.Minute, 2 * time.Minute, -time.Minute} {
		o := signIn(u.ID, i+1, delay)
		o.Device, o.MaxTokens = "device 1", 2
		if i == 2 {
			o.Token.ExpiresAt = o.Token.IssuedAt.Add(time.Hour)
		}
		try(s.OpenSession(t.Context(), o))(t)
	}
	for n, want := range map[int]error{1: store.ErrNotFound, 2: store.ErrNotFound, 3: nil, 4: nil} {
		_, err := s.AccessToken(t.Context(), tokenOf(n))
		is(t, fmt.Sprintf("token %d", n), err, want)
	}
	if got := try(s.Session(t.Context(), sessionOf(1)))(t); !got.ExpiresAt.Equal(after(lifetime - time.Minute)) {
		t.Errorf("the session expires at %v, want the expiry of the token that lasts longest", got.ExpiresAt)
	}
	for n := 5; n < 25; n++ {
		o := signIn(u.ID, n, time.Hour)
		o.Device, o.MaxTokens = "device 1", 0
		try(s.OpenSession(t.Context(), o))(t)
	}
	try(s.AccessToken(t.Context(), tokenOf(3)))(t)
}

func deviceLimit(t *testing.T, s store.Store) {
	u, other := newUser(t, s, "ann"), newUser(t, s, "bob")
	openNth(t, s, other.ID, 50)
	for n := 1; n <= 4; n++ {
		try(s.OpenSession(t.Context(), signIn(u.ID, n, time.Duration(n)*time.Minute)))(t)
	}
	must(t, s.TouchSessions(t.Context(), []store.Activity{{Session: sessionOf(1), At: now().Add(time.Hour)}}))

	o := signIn(u.ID, 5, -time.Minute) // the longest idle of all, but the new one
	o.MaxDevices = 3
	try(s.OpenSession(t.Context(), o))(t)
	live := try(s.SessionsOf(t.Context(), u.ID, now()))(t)
	same(t, "live", sessionIDs(live), []identity.SessionID{sessionOf(1), sessionOf(4), sessionOf(5)})
	for _, n := range []int{2, 3} {
		got := try(s.Session(t.Context(), sessionOf(n)))(t)
		if got.EndReason != identity.EndedByLimit || !got.EndedAt.Equal(after(-time.Minute)) {
			t.Errorf("session %d ended %v for %q", n, got.EndedAt, got.EndReason)
		}
		_, err := s.AccessToken(t.Context(), tokenOf(n))
		is(t, "token of an ended session", err, store.ErrNotFound)
	}
	again := signIn(u.ID, 6, 2*time.Hour) // a known device is no further device
	again.Device, again.MaxDevices = "device 5", 3
	try(s.OpenSession(t.Context(), again))(t)
	if n := len(try(s.SessionsOf(t.Context(), u.ID, now()))(t)); n != 3 {
		t.Errorf("%d sessions, want 3", n)
	}
	try(s.AccessToken(t.Context(), tokenOf(50)))(t)
}

func deviceLimitExpired(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	openNth(t, s, u.ID, 1)
	try(s.OpenSession(t.Context(), signIn(u.ID, 2, time.Hour)))(t)
	o := signIn(u.ID, 3, lifetime)
	o.MaxDevices = 2
	try(s.OpenSession(t.Context(), o))(t)
	live := try(s.SessionsOf(t.Context(), u.ID, now().Add(lifetime)))(t)
	same(t, "live", sessionIDs(live), []identity.SessionID{sessionOf(3), sessionOf(2)})
}
