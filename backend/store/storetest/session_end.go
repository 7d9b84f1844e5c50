package storetest

import (
	"fmt"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func endSession() []test {
	return []test{
		{"by factor", endByFactor},
		{"one", endOneSession},
		{"those of a user", endSessionsOf},
		{"all", endAllSessions},
		{"an expired one", endExpiredSession},
		{"one token of several", endOneToken},
		{"the last live token", endLastToken},
	}
}

func endOneSession(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	first, second := openNth(t, s, u.ID, 1), openNth(t, s, u.ID, 2)
	must(t, s.EndSession(t.Context(), first.ID, identity.EndedByEviction, now().Add(time.Minute)))
	must(t, s.EndSession(t.Context(), first.ID, identity.EndedByLogout, now().Add(time.Hour)))
	is(t, "unknown", s.EndSession(t.Context(), "none", identity.EndedByLogout, now()), store.ErrNotFound)

	first.EndedAt, first.EndReason = after(time.Minute), identity.EndedByEviction
	same(t, "ended", try(s.Session(t.Context(), first.ID))(t), first)
	_, err := s.AccessToken(t.Context(), tokenOf(1))
	is(t, "its token", err, store.ErrNotFound)
	try(s.AccessToken(t.Context(), tokenOf(2)))(t)
	list, total := tryPage(s.Sessions(t.Context(), now(), identity.Page{}))(t)
	same(t, "live", list, []identity.Session{second})
	if total != 1 {
		t.Errorf("total = %d, want 1", total)
	}
}

func endSessionsOf(t *testing.T, s store.Store) {
	u, other := newUser(t, s, "ann"), newUser(t, s, "bob")
	for n := 1; n <= 4; n++ {
		openNth(t, s, u.ID, n)
	}
	openNth(t, s, other.ID, 5)
	must(t, s.EndSession(t.Context(), sessionOf(4), identity.EndedByLogout, now()))

	n := try(s.EndSessionsOf(t.Context(), u.ID, sessionOf(2), identity.EndedByEviction, now()))(t)
	if n != 2 {
		t.Errorf("ended %d sessions, want 2", n)
	}
	list, _ := tryPage(s.Sessions(t.Context(), now(), identity.Page{}))(t)
	same(t, "live", sortedSessionIDs(list), []identity.SessionID{sessionOf(2), sessionOf(5)})
	if got := try(s.Session(t.Context(), sessionOf(4)))(t); got.EndReason != identity.EndedByLogout {
		t.Errorf("a session that had ended now has the reason %q", got.EndReason)
	}
	for _, user := range []identity.UserID{u.ID, u.ID, 99} {
		try(s.EndSessionsOf(t.Context(), user, "", identity.EndedByEviction, now()))(t)
	}
	list, total := tryPage(s.Sessions(t.Context(), now(), identity.Page{}))(t)
	same(t, "live in the end", sessionIDs(list), []identity.SessionID{sessionOf(5)})
	if total != 1 {
		t.Errorf("total = %d, want 1", total)
	}
}

func endAllSessions(t *testing.T, s store.Store) {
	for n, name := range []identity.Username{"ann", "bob", "eve"} {
		openNth(t, s, newUser(t, s, name).ID, n)
	}
	if n := try(s.EndAllSessions(t.Context(), identity.EndedByPassword, now()))(t); n != 3 {
		t.Errorf("ended %d sessions, want 3", n)
	}
	if n := try(s.EndAllSessions(t.Context(), identity.EndedByPassword, now()))(t); n != 0 {
		t.Errorf("ended %d sessions again", n)
	}
	for n := range 3 {
		_, err := s.AccessToken(t.Context(), tokenOf(n))
		is(t, "token", err, store.ErrNotFound)
	}
}

// endExpiredSession: it is not counted, but a clock that is set back does not
// bring it to life.
func endExpiredSession(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	openNth(t, s, u.ID, 1)
	n := try(s.EndSessionsOf(t.Context(), u.ID, "", identity.EndedByPassword, now().Add(lifetime)))(t)
	if n != 0 {
		t.Errorf("ended %d live sessions, want 0", n)
	}
	same(t, "with the clock set back", try(s.SessionsOf(t.Context(), u.ID, now()))(t), []identity.Session{})
	_, err := s.AccessToken(t.Context(), tokenOf(1))
	is(t, "token", err, store.ErrNotFound)
}

// twoTokens opens a session with two tokens, of which the second lasts longer.
func twoTokens(t *testing.T, s store.Store) identity.Session {
	t.Helper()
	u := newUser(t, s, "ann")
	openNth(t, s, u.ID, 1)
	o := signIn(u.ID, 2, time.Hour)
	o.Device = "device 1"
	return try(s.OpenSession(t.Context(), o))(t)
}

func endOneToken(t *testing.T, s store.Store) {
	want := twoTokens(t, s)
	must(t, s.EndAccessToken(t.Context(), tokenOf(2), identity.EndedByLogout, now()))
	is(t, "again", s.EndAccessToken(t.Context(), tokenOf(2), identity.EndedByLogout, now()), store.ErrNotFound)
	_, err := s.AccessToken(t.Context(), tokenOf(2))
	is(t, "ended token", err, store.ErrNotFound)
	try(s.AccessToken(t.Context(), tokenOf(1)))(t)
	want.ExpiresAt = after(lifetime) // that of the token that is left
	same(t, "session", try(s.Session(t.Context(), want.ID))(t), want)

	must(t, s.EndAccessToken(t.Context(), tokenOf(1), identity.EndedByLogout, now().Add(time.Minute)))
	want.EndedAt, want.EndReason = after(time.Minute), identity.EndedByLogout
	same(t, "session without tokens", try(s.Session(t.Context(), want.ID))(t), want)
}

func endLastToken(t *testing.T, s store.Store) {
	want := twoTokens(t, s)
	at := lifetime + time.Minute // the first token has expired
	must(t, s.EndAccessToken(t.Context(), tokenOf(2), identity.EndedByLogout, now().Add(at)))
	want.EndedAt, want.EndReason = after(at), identity.EndedByLogout
	same(t, "session", try(s.Session(t.Context(), want.ID))(t), want)
	_, err := s.AccessToken(t.Context(), tokenOf(1))
	is(t, "expired token of an ended session", err, store.ErrNotFound)
}

func endByFactor(t *testing.T, s store.Store) {
	ann, bob := newUser(t, s, "ann"), newUser(t, s, "bob")
	open := func(user identity.UserID, n int, device string, factors ...identity.FactorKind) {
		o := signIn(user, n, 0)
		o.Device, o.Token.Factors = device, factors
		try(s.OpenSession(t.Context(), o))(t)
	}
	open(ann.ID, 1, "script", identity.FactorKey)
	open(ann.ID, 2, "shared", identity.FactorKey)
	open(ann.ID, 3, "shared", identity.FactorPassword)
	open(ann.ID, 4, "phone", identity.FactorPassword, identity.FactorOTP)
	open(bob.ID, 5, "script", identity.FactorKey)
	before := s.Version()
	if n := try(s.EndTokensBy(t.Context(), ann.ID, identity.FactorKey, identity.EndedByEviction, now().Add(time.Minute)))(t); n != 2 {
		t.Errorf("%d tokens ended, want 2", n)
	}
	if s.Version() == before {
		t.Error("the version stays")
	}
	for n, want := range map[int]error{1: store.ErrNotFound, 2: store.ErrNotFound, 3: nil, 4: nil, 5: nil} {
		_, err := s.AccessToken(t.Context(), tokenOf(n))
		is(t, fmt.Sprintf("token %d", n), err, want)
	}
	if live := try(s.SessionsOf(t.Context(), ann.ID, now().Add(time.Minute)))(t); len(live) != 2 {
		t.Errorf("%d sessions are live, want 2", len(live))
	}
	before = s.Version()
	if n := try(s.EndTokensBy(t.Context(), ann.ID, identity.FactorKey, identity.EndedByEviction, now().Add(time.Minute)))(t); n != 0 || s.Version() != before {
		t.Errorf("again: %d tokens ended", n)
	}
}
