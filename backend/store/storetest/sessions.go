package storetest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func sessions() []test {
	return []test{
		{"of a user", sessionsOfUser},
		{"of everybody", sessionsOfAll},
		{"touch", touchSessions},
		{"purge", purgeSessions},
		{"totals at any time", sessionTotals},
	}
}

func sessionsOfUser(t *testing.T, s store.Store) {
	u, other := newUser(t, s, "ann"), newUser(t, s, "bob")
	same(t, "none", try(s.SessionsOf(t.Context(), u.ID, now()))(t), []identity.Session{})
	openNth(t, s, other.ID, 9)
	for n, delay := range []time.Duration{2 * time.Minute, 0, 3 * time.Minute, time.Minute} {
		try(s.OpenSession(t.Context(), signIn(u.ID, n, delay)))(t)
	}
	must(t, s.EndSession(t.Context(), sessionOf(3), identity.EndedByLogout, now()))
	for _, tc := range []struct {
		at   time.Duration
		want []identity.SessionID
	}{
		{0, []identity.SessionID{sessionOf(2), sessionOf(0), sessionOf(1)}},
		{lifetime - time.Microsecond, []identity.SessionID{sessionOf(2), sessionOf(0), sessionOf(1)}},
		{lifetime, []identity.SessionID{sessionOf(2), sessionOf(0)}},
		{lifetime + time.Hour, []identity.SessionID{}},
	} {
		got := try(s.SessionsOf(t.Context(), u.ID, after(tc.at)))(t)
		same(t, tc.at.String(), sessionIDs(got), tc.want)
	}
}

func sessionsOfAll(t *testing.T, s store.Store) {
	list, total := tryPage(s.Sessions(t.Context(), now(), identity.Page{}))(t)
	if len(list) != 0 || total != 0 {
		t.Errorf("an empty store lists %d of %d sessions", len(list), total)
	}
	users := []identity.User{newUser(t, s, "ann"), newUser(t, s, "bob")}
	want := make([]identity.Session, 6)
	for n := range want {
		want[5-n] = try(s.OpenSession(t.Context(), signIn(users[n%2].ID, n, time.Duration(n)*time.Minute)))(t)
	}
	for _, tc := range []struct {
		page identity.Page
		want []identity.Session
	}{
		{identity.Page{}, want},
		{identity.Page{Limit: 4}, want[:4]},
		{identity.Page{Offset: 4, Limit: 4}, want[4:]},
		{identity.Page{Offset: 6, Limit: 4}, []identity.Session{}},
	} {
		list, total := tryPage(s.Sessions(t.Context(), now(), tc.page))(t)
		same(t, fmt.Sprint(tc.page), list, tc.want)
		if total != 6 {
			t.Errorf("total = %d, want 6", total)
		}
	}
	list, total = tryPage(s.Sessions(t.Context(), now().Add(lifetime+3*time.Minute), identity.Page{Limit: 1}))(t)
	same(t, "after some have expired", list, want[:1])
	if total != 2 {
		t.Errorf("total after some have expired = %d, want 2", total)
	}
}

func touchSessions(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	first, second, ended := openNth(t, s, u.ID, 1), openNth(t, s, u.ID, 2), openNth(t, s, u.ID, 3)
	must(t, s.EndSession(t.Context(), ended.ID, identity.EndedByLogout, now()))
	ended = try(s.Session(t.Context(), ended.ID))(t)
	at := func(id identity.SessionID, d time.Duration) store.Activity {
		return store.Activity{Session: id, At: now().Add(d), UserAgent: d.String(), Address: netip.IPv6Loopback()}
	}
	must(t, s.TouchSessions(t.Context(), nil))
	must(t, s.TouchSessions(t.Context(), []store.Activity{
		at("gone", time.Hour), at(ended.ID, time.Hour), at(first.ID, -time.Second), at(second.ID, time.Minute), at(second.ID, time.Second),
	}))
	same(t, "told late", try(s.Session(t.Context(), first.ID))(t), first)
	same(t, "ended", try(s.Session(t.Context(), ended.ID))(t), ended)
	second.LastActive, second.UserAgent, second.Address = after(time.Minute), "1m0s", netip.IPv6Loopback()
	same(t, "touched", try(s.Session(t.Context(), second.ID))(t), second)
	live := try(s.SessionsOf(t.Context(), u.ID, now()))(t)
	same(t, "order", sessionIDs(live), []identity.SessionID{second.ID, first.ID})
}

func purgeSessions(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	for n := range 4 {
		try(s.OpenSession(t.Context(), signIn(u.ID, n, time.Duration(n)*time.Hour)))(t)
	}
	again := signIn(u.ID, 10, 5*time.Hour) // a second, later token keeps session 0
	again.Device = "device 0"
	try(s.OpenSession(t.Context(), again))(t)
	must(t, s.EndSession(t.Context(), sessionOf(3), identity.EndedByLogout, now().Add(lifetime)))

	n := try(s.PurgeSessions(t.Context(), now().Add(-time.Hour)))(t)
	if n != 0 {
		t.Errorf("purged %d sessions before anything ended", n)
	}
	// Session 1 expired an hour before, session 2 in this moment, session 3
	// ended an hour before, session 0 lives.
	n = try(s.PurgeSessions(t.Context(), now().Add(lifetime+2*time.Hour)))(t)
	if n != 2 {
		t.Errorf("purged %d sessions, want 2", n)
	}
	for n, want := range map[int]error{0: nil, 1: store.ErrNotFound, 2: nil, 3: store.ErrNotFound} {
		_, err := s.Session(t.Context(), sessionOf(n))
		is(t, fmt.Sprintf("session %d", n), err, want)
	}
	for n, want := range map[int]error{0: store.ErrNotFound, 1: store.ErrNotFound, 2: nil, 10: nil} {
		_, err := s.AccessToken(t.Context(), tokenOf(n))
		is(t, fmt.Sprintf("token %d", n), err, want)
	}
	list, total := tryPage(s.Sessions(t.Context(), now(), identity.Page{}))(t)
	same(t, "left", sortedSessionIDs(list), []identity.SessionID{sessionOf(0), sessionOf(2)})
	if total != 2 {
		t.Errorf("total = %d, want 2", total)
	}
}

// sessionTotals does all that can change how many sessions are live, in an
// order of chance, and compares the total with the list.
func sessionTotals(t *testing.T, s store.Store) {
	const seed = 20261120
	r := rand.New(rand.NewPCG(seed, seed))
	users := []identity.UserID{newUser(t, s, "u0").ID, newUser(t, s, "u1").ID, newUser(t, s, "u2").ID}
	moment := func() time.Duration { return time.Duration(r.IntN(100)) * time.Hour }
	for step := range 300 {
		user, n, d := users[r.IntN(3)], r.IntN(40), moment()
		switch r.IntN(10) {
		default:
			o := signIn(user, 1000+step, d)
			o.Device, o.MaxDevices, o.MaxTokens = fmt.Sprint(n), 5, 2
			try(s.OpenSession(t.Context(), o))(t)
		case 0:
			must(t, s.TouchSessions(t.Context(), []store.Activity{{Session: sessionOf(1000 + n), At: now().Add(d)}}))
		case 1:
			ignoreMissing(t, s.EndSession(t.Context(), sessionOf(1000+r.IntN(step+1)), identity.EndedByLogout, now().Add(d)))
		case 2:
			ignoreMissing(t, s.EndAccessToken(t.Context(), tokenOf(1000+r.IntN(step+1)), identity.EndedByLogout, now().Add(d)))
		case 3:
			try(s.PurgeSessions(t.Context(), now().Add(d-50*time.Hour)))(t)
		case 4:
			i := r.IntN(3)
			must(t, s.DeleteUser(t.Context(), users[i]))
			users[i] = newUser(t, s, identity.Username(hexID('u', step))).ID
		case 5:
			before := try(s.SessionsOf(t.Context(), user, now().Add(d)))(t)
			if got := try(s.EndSessionsOf(t.Context(), user, "", identity.EndedByEviction, now().Add(d)))(t); got != len(before) {
				t.Fatalf("step %d: ended %d sessions of %d", step, got, len(before))
			}
		}
		at := now().Add(moment())
		list, total := tryPage(s.Sessions(t.Context(), at, identity.Page{}))(t)
		if len(list) != total {
			t.Fatalf("step %d: the list has %d sessions, the total is %d", step, len(list), total)
		}
	}
	must(t, s.Check(t.Context()))
}

func ignoreMissing(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		is(t, "end", err, store.ErrNotFound)
	}
}
