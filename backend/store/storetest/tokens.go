package storetest

import (
	"errors"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func tokens() []test {
	return []test{
		{"renew", renewToken},
		{"renew refused", renewTokenRefused},
		{"a session lives as long as its last token", renewedSession},
		{"purge", purgeRenewed},
		{"sign-ins are counted", countSignIns},
	}
}

// nextGeneration is an exchange of a token at a time.
func nextGeneration(at time.Time) func(identity.AccessToken) (identity.AccessToken, error) {
	return func(k identity.AccessToken) (identity.AccessToken, error) {
		k.Generation++
		k.IssuedAt, k.ExpiresAt = at, at.Add(lifetime)
		return k, nil
	}
}

func renewToken(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	session := openNth(t, s, u.ID, 1)
	old := try(s.AccessToken(t.Context(), tokenOf(1)))(t)
	got, err := s.UpdateAccessToken(t.Context(), tokenOf(1), func(k identity.AccessToken) (identity.AccessToken, error) {
		same(t, "given to change", k, old)
		return identity.AccessToken{
			ID: tokenOf(7), Session: sessionOf(7), User: 7, SignedInAt: now().Add(time.Hour), Life: time.Minute,
			IssuedAt: now().Add(time.Minute), ExpiresAt: now().Add(time.Minute + lifetime), Generation: 2,
		}, nil
	})
	must(t, err)
	want := old
	want.IssuedAt, want.ExpiresAt, want.Generation = after(time.Minute), after(time.Minute+lifetime), 2
	same(t, "returned", got, want)
	same(t, "kept", try(s.AccessToken(t.Context(), tokenOf(1)))(t), want)
	session.ExpiresAt = after(time.Minute + lifetime)
	same(t, "session", try(s.Session(t.Context(), session.ID))(t), session)
	list, total := tryPage(s.Sessions(t.Context(), now().Add(lifetime), identity.Page{}))(t)
	if len(list) != 1 || total != 1 {
		t.Errorf("%d of %d sessions live beyond the first generation, want 1", len(list), total)
	}
}

func renewTokenRefused(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	openNth(t, s, u.ID, 1)
	openNth(t, s, u.ID, 2)
	old := try(s.AccessToken(t.Context(), tokenOf(1)))(t)
	errChange := errors.New("no")
	_, err := s.UpdateAccessToken(t.Context(), tokenOf(1), func(k identity.AccessToken) (identity.AccessToken, error) {
		k.Generation, k.ExpiresAt = 9, now()
		return k, errChange
	})
	is(t, "error of change", err, errChange)
	same(t, "token", try(s.AccessToken(t.Context(), tokenOf(1)))(t), old)
	_, err = s.UpdateAccessToken(t.Context(), "none", nextGeneration(now()))
	is(t, "unknown", err, store.ErrNotFound)
	must(t, s.EndSession(t.Context(), sessionOf(2), identity.EndedByReuse, now()))
	_, err = s.UpdateAccessToken(t.Context(), tokenOf(2), nextGeneration(now()))
	is(t, "of an ended session", err, store.ErrNotFound)
	if got := try(s.Session(t.Context(), sessionOf(2)))(t); got.EndReason != identity.EndedByReuse {
		t.Errorf("the ended session is %+v", got)
	}
}

func renewedSession(t *testing.T, s store.Store) {
	want := twoTokens(t, s) // the second is an hour younger
	try(s.UpdateAccessToken(t.Context(), tokenOf(1), nextGeneration(now().Add(time.Minute))))(t)
	same(t, "session of a longer token", try(s.Session(t.Context(), want.ID))(t), want)
	try(s.UpdateAccessToken(t.Context(), tokenOf(1), nextGeneration(now().Add(3*time.Hour))))(t)
	want.ExpiresAt = after(3*time.Hour + lifetime)
	same(t, "session of the renewed token", try(s.Session(t.Context(), want.ID))(t), want)
}

func purgeRenewed(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	openNth(t, s, u.ID, 1)
	openNth(t, s, u.ID, 2)
	try(s.UpdateAccessToken(t.Context(), tokenOf(2), nextGeneration(now().Add(time.Hour))))(t)
	if n := try(s.PurgeSessions(t.Context(), now().Add(lifetime+time.Minute)))(t); n != 1 {
		t.Errorf("purged %d sessions, want 1", n)
	}
	_, err := s.AccessToken(t.Context(), tokenOf(1))
	is(t, "the token that was not renewed", err, store.ErrNotFound)
	try(s.AccessToken(t.Context(), tokenOf(2)))(t)
	try(s.Session(t.Context(), sessionOf(2)))(t)
}

func countSignIns(t *testing.T, s store.Store) {
	ann, bob := newUser(t, s, "ann"), newUser(t, s, "bob")
	for n, delay := range []time.Duration{0, time.Hour, -time.Hour} {
		o := signIn(ann.ID, n, delay)
		o.Device = "the one"
		try(s.OpenSession(t.Context(), o))(t)
	}
	taken := signIn(ann.ID, 0, 2*time.Hour)
	_, err := s.OpenSession(t.Context(), taken)
	exists(t, "refused", err, "id")
	ann.LoginCount, ann.LastLoginAt = 3, after(time.Hour)
	same(t, "ann", try(s.User(t.Context(), ann.ID))(t), ann)
	same(t, "bob", try(s.User(t.Context(), bob.ID))(t), bob)
}
