package storetest

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func apiKeys() []test {
	return []test{
		{"create and find", createAPIKey},
		{"limit of each kind", apiKeyLimit},
		{"refused", createAPIKeyRefused},
		{"update", updateAPIKey},
		{"update refused", updateAPIKeyRefused},
		{"replace", replaceAPIKey},
		{"replace refused", replaceAPIKeyRefused},
		{"delete", deleteAPIKey},
	}
}

func hashOf(n int) identity.SecretHash { return identity.SecretHash{byte(n), byte(n >> 8), 31: 7} }

// apiKey is the nth key, of a user.
func apiKey(user identity.UserID, n int) identity.APIKey {
	return identity.APIKey{User: user, Kind: identity.KeyAPI, Name: fmt.Sprint("key ", n), Hash: hashOf(n), CreatedAt: now()}
}

func newAPIKey(t *testing.T, s store.Store, k identity.APIKey) identity.APIKey {
	t.Helper()
	return try(s.CreateAPIKey(t.Context(), k, 100))(t)
}

func apiKeyIDs(list []identity.APIKey) []identity.APIKeyID {
	return ids(list, func(k identity.APIKey) identity.APIKeyID { return k.ID })
}

func createAPIKey(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	full := identity.APIKey{
		ID: 77, User: u.ID, Kind: identity.KeyAPI, Name: "Übung %_", Description: "for the kitchen", Prefix: "lk_abc", Hash: hashOf(1),
		Permissions: []identity.Permission{identity.Read, "recipes.write"}, CreatedAt: now(), ExpiresAt: now().Add(time.Hour),
		DisabledAt: now().Add(time.Minute), EnabledAt: now().Add(2 * time.Minute), LastUsedAt: now().Add(3 * time.Minute),
		LastAddress: netip.MustParseAddr("2001:db8::1"),
	}
	got := newAPIKey(t, s, full)
	want := full
	want.ID, want.CreatedAt, want.ExpiresAt = got.ID, after(0), after(time.Hour)
	want.DisabledAt, want.EnabledAt, want.LastUsedAt = after(time.Minute), after(2*time.Minute), after(3*time.Minute)
	same(t, "created", got, want)
	same(t, "found", try(s.APIKey(t.Context(), got.ID))(t), want)
	same(t, "by hash", try(s.APIKeyByHash(t.Context(), hashOf(1)))(t), want)

	bare := newAPIKey(t, s, identity.APIKey{User: u.ID, Kind: identity.KeyDev, Hash: hashOf(2)})
	same(t, "bare key", bare, identity.APIKey{
		ID: bare.ID, User: u.ID, Kind: identity.KeyDev, Hash: hashOf(2), Permissions: []identity.Permission{},
	})
	_, err := s.APIKey(t.Context(), 99)
	is(t, "unknown", err, store.ErrNotFound)
	for _, hash := range []identity.SecretHash{{}, hashOf(3), {1}} {
		_, err = s.APIKeyByHash(t.Context(), hash)
		is(t, "unknown hash", err, store.ErrNotFound)
	}
}

func apiKeyLimit(t *testing.T, s store.Store) {
	ann, bob := newUser(t, s, "ann"), newUser(t, s, "bob")
	n := 0
	create := func(user identity.UserID, kind identity.KeyKind, limit int) error {
		n++
		k := apiKey(user, n)
		k.Kind = kind
		_, err := s.CreateAPIKey(t.Context(), k, limit)
		return err
	}
	for range 2 {
		must(t, create(ann.ID, identity.KeyAPI, 2))
	}
	is(t, "one too many", create(ann.ID, identity.KeyAPI, 2), store.ErrLimit)
	must(t, create(ann.ID, identity.KeyDev, 1))
	is(t, "one too many of the other kind", create(ann.ID, identity.KeyDev, 1), store.ErrLimit)
	must(t, create(bob.ID, identity.KeyAPI, 1))
	is(t, "none allowed", create(bob.ID, identity.KeyDev, 0), store.ErrLimit)
	list, _ := tryPage(s.APIKeys(t.Context(), store.APIKeyFilter{User: ann.ID}, identity.Page{}))(t)
	must(t, s.DeleteAPIKey(t.Context(), list[0].ID))
	must(t, create(ann.ID, identity.KeyAPI, 2))
	must(t, s.Check(t.Context()))
}

func createAPIKeyRefused(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	newAPIKey(t, s, apiKey(u.ID, 1))
	_, err := s.CreateAPIKey(t.Context(), apiKey(99, 2), 10)
	is(t, "unknown user", err, store.ErrNotFound)
	if _, err := s.CreateAPIKey(t.Context(), apiKey(u.ID, 1), 10); err == nil {
		t.Error("two keys have the same text")
	}
	list, total := tryPage(s.APIKeys(t.Context(), store.APIKeyFilter{}, identity.Page{}))(t)
	if len(list) != 1 || total != 1 {
		t.Errorf("%d of %d keys, want 1", len(list), total)
	}
}

func updateAPIKey(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	old := newAPIKey(t, s, apiKey(u.ID, 1))
	got, err := s.UpdateAPIKey(t.Context(), old.ID, func(k identity.APIKey) (identity.APIKey, error) {
		same(t, "given to change", k, old)
		return identity.APIKey{
			ID: 9, User: 9, Kind: identity.KeyDev, Name: "new", Description: "words", Prefix: "p", Hash: hashOf(9),
			Permissions: []identity.Permission{identity.Admin}, CreatedAt: now().Add(time.Hour), ExpiresAt: now().Add(time.Minute),
			DisabledAt: now(), EnabledAt: now().Add(time.Second), LastUsedAt: now(), LastAddress: netip.IPv6Loopback(),
		}, nil
	})
	must(t, err)
	want := old
	want.Name, want.Description, want.Permissions = "new", "words", []identity.Permission{identity.Admin}
	want.ExpiresAt, want.DisabledAt, want.EnabledAt = after(time.Minute), after(0), after(time.Second)
	same(t, "returned", got, want)
	same(t, "kept", try(s.APIKey(t.Context(), old.ID))(t), want)
	for name, n := range map[string]int{"key 1": 0, "new": 1} {
		list, total := tryPage(s.APIKeys(t.Context(), store.APIKeyFilter{Name: name}, identity.Page{}))(t)
		if len(list) != n || total != n {
			t.Errorf("%d of %d keys are called %q, want %d", len(list), total, name, n)
		}
	}
}

func updateAPIKeyRefused(t *testing.T, s store.Store) {
	old := newAPIKey(t, s, apiKey(newUser(t, s, "ann").ID, 1))
	errChange := errors.New("no")
	to := func(err error) func(identity.APIKey) (identity.APIKey, error) {
		return func(identity.APIKey) (identity.APIKey, error) { return identity.APIKey{Name: "new"}, err }
	}
	_, err := s.UpdateAPIKey(t.Context(), old.ID, to(errChange))
	is(t, "error of change", err, errChange)
	_, err = s.UpdateAPIKey(t.Context(), 99, to(nil))
	is(t, "unknown key", err, store.ErrNotFound)
	same(t, "key", try(s.APIKey(t.Context(), old.ID))(t), old)
}

func replaceAPIKey(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	for n, tc := range []struct{ expires, want time.Duration }{
		{0, time.Hour}, // it would never have ended
		{2 * time.Hour, time.Hour},
		{time.Minute, time.Minute},
	} {
		old := apiKey(u.ID, 2*n)
		if tc.expires > 0 {
			old.ExpiresAt = now().Add(tc.expires)
		}
		old = try(s.CreateAPIKey(t.Context(), old, n+1+n))(t)
		got := try(s.ReplaceAPIKey(t.Context(), old.ID, now().Add(time.Hour), apiKey(u.ID, 2*n+1)))(t)
		want := apiKey(u.ID, 2*n+1)
		want.ID, want.CreatedAt, want.Permissions = got.ID, after(0), []identity.Permission{}
		same(t, "new", got, want)
		same(t, "new, kept", try(s.APIKeyByHash(t.Context(), hashOf(2*n+1)))(t), want)
		old.ExpiresAt = after(tc.want)
		same(t, "old", try(s.APIKey(t.Context(), old.ID))(t), old)
	}
}

func replaceAPIKeyRefused(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	old := newAPIKey(t, s, apiKey(u.ID, 1))
	_, err := s.ReplaceAPIKey(t.Context(), 99, now(), apiKey(u.ID, 2))
	is(t, "unknown key", err, store.ErrNotFound)
	_, err = s.APIKeyByHash(t.Context(), hashOf(2))
	is(t, "what was to replace it", err, store.ErrNotFound)
	if _, err := s.ReplaceAPIKey(t.Context(), old.ID, now(), apiKey(u.ID, 1)); err == nil {
		t.Error("two keys have the same text")
	}
	_, err = s.ReplaceAPIKey(t.Context(), old.ID, now(), apiKey(99, 2))
	is(t, "unknown user", err, store.ErrNotFound)
	same(t, "old", try(s.APIKey(t.Context(), old.ID))(t), old)
}

func deleteAPIKey(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	first, second := newAPIKey(t, s, apiKey(u.ID, 1)), newAPIKey(t, s, apiKey(u.ID, 2))
	must(t, s.RecordKeyUses(t.Context(), []identity.KeyUse{use(second.ID, 0, "/a", 5, 1)}, nil))
	must(t, s.DeleteAPIKey(t.Context(), second.ID))
	is(t, "again", s.DeleteAPIKey(t.Context(), second.ID), store.ErrNotFound)
	_, err := s.APIKeyByHash(t.Context(), hashOf(2))
	is(t, "deleted", err, store.ErrNotFound)
	wantUsage(t, s, second.ID, 0, identity.KeyUsage{})
	list, total := tryPage(s.APIKeys(t.Context(), store.APIKeyFilter{}, identity.Page{}))(t)
	same(t, "left", list, []identity.APIKey{first})
	if total != 1 {
		t.Errorf("total = %d, want 1", total)
	}
	if again := newAPIKey(t, s, apiKey(u.ID, 2)); again.ID <= second.ID {
		t.Errorf("after id %d was deleted the next one is %d", second.ID, again.ID)
	}
}
