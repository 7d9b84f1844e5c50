package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func throttles() []test {
	return []test{
		{"update", updateThrottles},
		{"update refused", updateThrottlesRefused},
		{"empty counters are removed", emptyThrottles},
		{"list", listThrottles},
		{"of accounts", accountThrottles},
		{"clear", clearThrottles},
		{"settle", settleThrottles},
		{"purge by age", purgeOldThrottles},
		{"purge by number", purgeManyThrottles},
	}
}

func pair(account string) identity.ThrottleKey {
	return identity.ThrottleKey{Scope: identity.ThrottlePair, Account: account, Address: "192.0.2.1"}
}

// set keeps counters as they are given.
func set(t *testing.T, s store.Store, list ...identity.Throttle) {
	t.Helper()
	keys := ids(list, func(c identity.Throttle) identity.ThrottleKey { return c.Key })
	must(t, s.UpdateThrottles(t.Context(), keys, func(got []identity.Throttle) error {
		copy(got, list)
		return nil
	}))
}

// get reads counters without changing them.
func get(t *testing.T, s store.Store, keys ...identity.ThrottleKey) (list []identity.Throttle) {
	t.Helper()
	must(t, s.UpdateThrottles(t.Context(), keys, func(got []identity.Throttle) error {
		list = append([]identity.Throttle{}, got...)
		return nil
	}))
	return list
}

// listed returns the accounts of all counters, in the order of the list.
func listed(t *testing.T, s store.Store) []string {
	t.Helper()
	list := try(s.Throttles(t.Context(), identity.Page{}))(t)
	return ids(list, func(c identity.Throttle) string { return c.Key.Account })
}

func updateThrottles(t *testing.T, s store.Store) {
	keys := []identity.ThrottleKey{
		pair("ann"),
		{Scope: identity.ThrottleAccount, Account: "ann"},
		{Scope: identity.ThrottleAddress, Address: "192.0.2.1"},
	}
	same(t, "none yet", get(t, s, keys...), []identity.Throttle{{Key: keys[0]}, {Key: keys[1]}, {Key: keys[2]}})
	same(t, "reading keeps nothing", listed(t, s), []string{})

	must(t, s.UpdateThrottles(t.Context(), keys, func(list []identity.Throttle) error {
		list[0] = identity.Throttle{
			Failures: 5, Reserved: 2, LockedUntil: now().Add(time.Minute), LockedFor: time.Minute + 123*time.Microsecond,
			NeedsUnlock: true, UpdatedAt: now(),
		}
		list[2].Failures, list[2].UpdatedAt = 1, now()
		return nil
	}))
	want := []identity.Throttle{
		{
			Key: keys[0], Failures: 5, Reserved: 2, LockedUntil: after(time.Minute),
			LockedFor: time.Minute + 123*time.Microsecond, NeedsUnlock: true, UpdatedAt: after(0),
		},
		{Key: keys[1]},
		{Key: keys[2], Failures: 1, UpdatedAt: after(0)},
	}
	same(t, "kept", get(t, s, keys...), want)
	same(t, "in the order asked for", get(t, s, keys[2], keys[0]), []identity.Throttle{want[2], want[0]})
	if n := len(listed(t, s)); n != 2 {
		t.Errorf("%d counters, want 2", n)
	}
}

func updateThrottlesRefused(t *testing.T, s store.Store) {
	set(t, s, identity.Throttle{Key: pair("ann"), Failures: 1})
	errChange := errors.New("no")
	err := s.UpdateThrottles(t.Context(), []identity.ThrottleKey{pair("ann"), pair("bob")}, func(list []identity.Throttle) error {
		list[0].Failures, list[1].Failures = 7, 7
		return errChange
	})
	is(t, "error of change", err, errChange)
	same(t, "counters", get(t, s, pair("ann"), pair("bob")), []identity.Throttle{{Key: pair("ann"), Failures: 1}, {Key: pair("bob")}})
}

func emptyThrottles(t *testing.T, s store.Store) {
	for _, c := range []identity.Throttle{
		{Failures: 1}, {Reserved: 1}, {LockedUntil: now()}, {NeedsUnlock: true},
	} {
		c.Key = pair("ann")
		set(t, s, c)
		if n := len(listed(t, s)); n != 1 {
			t.Errorf("%+v: %d counters, want 1", c, n)
		}
		set(t, s, identity.Throttle{Key: c.Key, LockedFor: time.Minute, UpdatedAt: now()})
		if n := len(listed(t, s)); n != 0 {
			t.Errorf("%+v, then emptied: %d counters, want 0", c, n)
		}
	}
}

func listThrottles(t *testing.T, s store.Store) {
	same(t, "none", try(s.Throttles(t.Context(), identity.Page{}))(t), []identity.Throttle{})
	var want []identity.Throttle
	for n, minutes := range []int{2, 5, 1, 3, 4} {
		set(t, s, identity.Throttle{
			Key: pair(fmt.Sprint(minutes)), Failures: n + 1, UpdatedAt: now().Add(time.Duration(minutes) * time.Minute),
		})
	}
	for _, minutes := range []int{5, 4, 3, 2, 1} {
		want = append(want, get(t, s, pair(fmt.Sprint(minutes)))...)
	}
	same(t, "all", try(s.Throttles(t.Context(), identity.Page{}))(t), want)
	same(t, "a page", try(s.Throttles(t.Context(), identity.Page{Offset: 3, Limit: 5}))(t), want[3:])
	same(t, "beyond", try(s.Throttles(t.Context(), identity.Page{Offset: 5, Limit: 5}))(t), []identity.Throttle{})
}

func accountThrottles(t *testing.T, s store.Store) {
	account := func(name string) identity.Throttle {
		key := identity.ThrottleKey{Scope: identity.ThrottleAccount, Account: name}
		return identity.Throttle{Key: key, Failures: 3, LockedUntil: after(time.Hour), NeedsUnlock: true, UpdatedAt: after(0)}
	}
	set(t, s, account("ann"), account("bob"), account("eve"),
		identity.Throttle{Key: pair("ann"), Failures: 5},
		identity.Throttle{Key: pair("zoe"), Failures: 5},
		identity.Throttle{Key: identity.ThrottleKey{Scope: identity.ThrottleAddress, Address: "ann"}, Failures: 5},
	)
	for _, tc := range []struct {
		accounts []string
		want     []identity.Throttle
	}{
		{nil, []identity.Throttle{}},
		{[]string{"zoe", "an", "Ann", "", "%"}, []identity.Throttle{}},
		{[]string{"eve", "zoe", "ann", "eve"}, []identity.Throttle{account("ann"), account("eve")}},
	} {
		got := try(s.AccountThrottles(t.Context(), tc.accounts))(t)
		slices.SortFunc(got, func(a, b identity.Throttle) int { return strings.Compare(a.Key.Account, b.Key.Account) })
		same(t, fmt.Sprint(tc.accounts), got, tc.want)
	}
}

func clearThrottles(t *testing.T, s store.Store) {
	set(t, s,
		identity.Throttle{Key: pair("ann"), Failures: 5, LockedUntil: now(), NeedsUnlock: true},
		identity.Throttle{Key: identity.ThrottleKey{Scope: identity.ThrottleAccount, Account: "ann"}, Failures: 5},
		identity.Throttle{Key: identity.ThrottleKey{Scope: identity.ThrottleAddress, Address: "ann"}, Failures: 5},
		identity.Throttle{Key: pair("anna"), Failures: 5},
	)
	for _, tc := range []struct {
		account string
		want    int
	}{{"an", 0}, {"ann", 2}, {"ann", 0}, {"", 2}, {"", 0}} {
		if n := try(s.ClearThrottles(t.Context(), tc.account))(t); n != tc.want {
			t.Errorf("cleared %d counters of %q, want %d", n, tc.account, tc.want)
		}
	}
}

func settleThrottles(t *testing.T, s store.Store) {
	set(t, s,
		identity.Throttle{Key: pair("ann"), Failures: 2, Reserved: 3, UpdatedAt: now()},
		identity.Throttle{Key: pair("bob"), Failures: 2},
		identity.Throttle{Key: pair("eve"), Reserved: 1},
	)
	must(t, s.SettleThrottles(t.Context()))
	must(t, s.SettleThrottles(t.Context()))
	same(t, "settled", get(t, s, pair("ann"), pair("bob"), pair("eve")), []identity.Throttle{
		{Key: pair("ann"), Failures: 5, UpdatedAt: after(0)},
		{Key: pair("bob"), Failures: 2},
		{Key: pair("eve"), Failures: 1},
	})
}

func purgeOldThrottles(t *testing.T, s store.Store) {
	old := now().Add(-time.Second)
	set(t, s,
		identity.Throttle{Key: pair("old"), Failures: 1, UpdatedAt: old},
		identity.Throttle{Key: pair("lock over"), Failures: 5, LockedUntil: old, UpdatedAt: old},
		identity.Throttle{Key: pair("new"), Failures: 1, UpdatedAt: now()},
		identity.Throttle{Key: pair("locked"), Failures: 5, LockedUntil: now().Add(time.Second), UpdatedAt: old},
		identity.Throttle{Key: pair("needs unlock"), Failures: 100, NeedsUnlock: true, UpdatedAt: old.Add(-time.Second)},
	)
	if n := try(s.PurgeThrottles(t.Context(), now(), 10))(t); n != 2 {
		t.Errorf("purged %d counters, want 2", n)
	}
	same(t, "left", listed(t, s), []string{"new", "locked", "needs unlock"})
}

func purgeManyThrottles(t *testing.T, s store.Store) {
	for n := range 6 {
		set(t, s, identity.Throttle{
			Key: pair(fmt.Sprint(n)), Failures: 1, NeedsUnlock: n == 0, UpdatedAt: now().Add(time.Duration(n) * time.Second),
		})
	}
	if n := try(s.PurgeThrottles(t.Context(), now().Add(-time.Hour), 2))(t); n != 3 {
		t.Errorf("purged %d counters, want 3", n)
	}
	same(t, "left: the newest two, and the locked one", listed(t, s), []string{"5", "4", "0"})
}
