package storetest

import (
	"net/netip"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func apiKeyUses() []test {
	return []test{
		{"add up", addKeyUses},
		{"the most used endpoints", mostUsedEndpoints},
		{"last use", lastKeyUse},
		{"keys that are gone", usesOfGoneKeys},
		{"purge", purgeKeyUses},
	}
}

// days is a day of the tests, at midnight UTC.
func days(n int) time.Time {
	return time.Date(2026, 11, 20+n, 0, 0, 0, 0, time.UTC)
}

func use(key identity.APIKeyID, dayNumber int, endpoint string, requests, errors int64) identity.KeyUse {
	return identity.KeyUse{Key: key, Day: days(dayNumber), Endpoint: endpoint, Requests: requests, Errors: errors}
}

// wantUsage checks what was done with a key from a day on. Lists are never nil.
func wantUsage(t *testing.T, s store.Store, key identity.APIKeyID, from int, want identity.KeyUsage) {
	t.Helper()
	want.Days, want.Endpoints = append([]identity.DayCount{}, want.Days...), append([]identity.EndpointCount{}, want.Endpoints...)
	same(t, "usage", try(s.KeyUsage(t.Context(), key, days(from), 10))(t), want)
}

func addKeyUses(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	key, other := newAPIKey(t, s, apiKey(u.ID, 1)).ID, newAPIKey(t, s, apiKey(u.ID, 2)).ID
	wantUsage(t, s, key, 0, identity.KeyUsage{})
	must(t, s.RecordKeyUses(t.Context(), nil, nil))
	must(t, s.RecordKeyUses(t.Context(), []identity.KeyUse{
		use(key, 1, "/a", 3, 1), use(key, 0, "/a", 1, 0), use(key, 0, "/b", 1, 1), use(other, 0, "/a", 100, 100),
	}, nil))
	must(t, s.RecordKeyUses(t.Context(), []identity.KeyUse{use(key, 1, "/a", 2, 2), use(key, 1, "/a", 4, 0)}, nil))
	wantUsage(t, s, key, 0, identity.KeyUsage{
		Requests: 11, Errors: 4,
		Days:      []identity.DayCount{{Day: days(0), Requests: 2}, {Day: days(1), Requests: 9}},
		Endpoints: []identity.EndpointCount{{Endpoint: "/a", Requests: 10}, {Endpoint: "/b", Requests: 1}},
	})
	wantUsage(t, s, key, 1, identity.KeyUsage{
		Requests: 9, Errors: 3,
		Days:      []identity.DayCount{{Day: days(1), Requests: 9}},
		Endpoints: []identity.EndpointCount{{Endpoint: "/a", Requests: 9}},
	})
	wantUsage(t, s, key, 2, identity.KeyUsage{})
}

func mostUsedEndpoints(t *testing.T, s store.Store) {
	key := newAPIKey(t, s, apiKey(newUser(t, s, "ann").ID, 1)).ID
	must(t, s.RecordKeyUses(t.Context(), []identity.KeyUse{
		use(key, 0, "/seldom", 1, 0), use(key, 0, "/b", 3, 0), use(key, 0, "/often", 4, 0),
		use(key, 1, "/b", 3, 0), use(key, 1, "/often", 5, 0), use(key, 1, "/a", 6, 0),
	}, nil))
	all := []identity.EndpointCount{
		{Endpoint: "/often", Requests: 9}, {Endpoint: "/a", Requests: 6}, {Endpoint: "/b", Requests: 6}, {Endpoint: "/seldom", Requests: 1},
	}
	for n, want := range map[int][]identity.EndpointCount{0: all[:0], 1: all[:1], 3: all[:3], 4: all, 9: all} {
		got := try(s.KeyUsage(t.Context(), key, days(0), n))(t)
		same(t, "endpoints", got.Endpoints, want)
		if got.Requests != 22 {
			t.Errorf("%d requests, want 22 however many endpoints are asked for", got.Requests)
		}
	}
}

func lastKeyUse(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	first, second := newAPIKey(t, s, apiKey(u.ID, 1)), newAPIKey(t, s, apiKey(u.ID, 2))
	note := func(at time.Duration, address string) {
		t.Helper()
		must(t, s.RecordKeyUses(t.Context(), nil, []store.KeyLastUse{
			{Key: 99, At: now(), Address: netip.IPv6Loopback()},
			{Key: first.ID, At: now().Add(at), Address: netip.MustParseAddr(address)},
		}))
	}
	note(time.Hour, "192.0.2.1")
	note(time.Minute, "192.0.2.2")
	first.LastUsedAt, first.LastAddress = after(time.Hour), netip.MustParseAddr("192.0.2.1")
	same(t, "used", try(s.APIKey(t.Context(), first.ID))(t), first)
	note(2*time.Hour, "2001:db8::1")
	first.LastUsedAt, first.LastAddress = after(2*time.Hour), netip.MustParseAddr("2001:db8::1")
	same(t, "used again", try(s.APIKey(t.Context(), first.ID))(t), first)
	same(t, "not used", try(s.APIKey(t.Context(), second.ID))(t), second)
}

// usesOfGoneKeys: what was counted before a key was deleted is told after it.
func usesOfGoneKeys(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	gone, kept := newAPIKey(t, s, apiKey(u.ID, 1)).ID, newAPIKey(t, s, apiKey(u.ID, 2)).ID
	must(t, s.DeleteAPIKey(t.Context(), gone))
	must(t, s.RecordKeyUses(t.Context(), []identity.KeyUse{use(gone, 0, "/a", 1, 0), use(kept, 0, "/a", 2, 0), use(99, 0, "/a", 1, 0)},
		[]store.KeyLastUse{{Key: gone, At: now()}, {Key: kept, At: now()}}))
	wantUsage(t, s, gone, 0, identity.KeyUsage{})
	wantUsage(t, s, kept, 0, identity.KeyUsage{
		Requests: 2, Days: []identity.DayCount{{Day: days(0), Requests: 2}}, Endpoints: []identity.EndpointCount{{Endpoint: "/a", Requests: 2}},
	})
	if got := try(s.APIKey(t.Context(), kept))(t); !got.LastUsedAt.Equal(after(0)) {
		t.Errorf("the key was last used at %v", got.LastUsedAt)
	}
}

func purgeKeyUses(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	n := 0
	create := func(kind identity.KeyKind, expires, disabled time.Time) identity.APIKeyID {
		n++
		k := apiKey(u.ID, n)
		k.Kind, k.ExpiresAt, k.DisabledAt = kind, expires, disabled
		return newAPIKey(t, s, k).ID
	}
	old := days(0).Add(-time.Microsecond)
	api := create(identity.KeyAPI, old, time.Time{})
	create(identity.KeyDev, old, time.Time{})
	atThatTime := create(identity.KeyDev, days(0), time.Time{})
	disabled, never := create(identity.KeyDev, time.Time{}, old), create(identity.KeyDev, time.Time{}, time.Time{})
	must(t, s.RecordKeyUses(t.Context(), []identity.KeyUse{use(api, -1, "/a", 1, 0), use(api, -1, "/b", 1, 0), use(api, 0, "/a", 2, 0)}, nil))

	if n := try(s.PurgeKeyUses(t.Context(), days(0)))(t); n != 3 {
		t.Errorf("purged %d counts and keys, want 3", n)
	}
	if n := try(s.PurgeKeyUses(t.Context(), days(0)))(t); n != 0 {
		t.Errorf("purged %d counts and keys again", n)
	}
	list, total := tryPage(s.APIKeys(t.Context(), store.APIKeyFilter{}, identity.Page{}))(t)
	same(t, "left", apiKeyIDs(list), []identity.APIKeyID{api, atThatTime, disabled, never})
	if total != 4 {
		t.Errorf("total = %d, want 4", total)
	}
	wantUsage(t, s, api, -9, identity.KeyUsage{
		Requests: 2, Days: []identity.DayCount{{Day: days(0), Requests: 2}}, Endpoints: []identity.EndpointCount{{Endpoint: "/a", Requests: 2}},
	})
}
