// Package storetest is the conformance suite of the storage contract. Each
// engine's test calls Run; what passes here is what services rely on, and
// what services rely on is tested here.
package storetest

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// A test is one promise of the contract.
type test struct {
	name string
	run  func(t *testing.T, s store.Store)
}

// Run checks every method of the contract. open returns a new, empty store
// and arranges for its closing.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"Users", users()},
		{"UserNames", userNames()},
		{"UserFilters", userFilters()},
		{"Roles", roles()},
		{"Members", members()},
		{"OpenSession", openSession()},
		{"Sessions", sessions()},
		{"EndSession", endSession()},
		{"Connections", connections()},
		{"Tokens", tokens()},
		{"TOTPs", totps()},
		{"SSHKeys", sshKeys()},
		{"APIKeys", apiKeys()},
		{"APIKeyList", apiKeyList()},
		{"APIKeyUses", apiKeyUses()},
		{"Permissions", permissions()},
		{"Tasks", tasks()},
		{"FolderPasswords", folderPasswords()},
		{"Throttles", throttles()},
		{"Audit", auditEvents()},
		{"Settings", settings()},
		{"Version", version()},
		{"Concurrency", concurrency()},
		{"Lifecycle", lifecycle()},
	} {
		for _, tc := range group.tests {
			t.Run(group.name+"/"+tc.name, func(t *testing.T) {
				t.Parallel()
				tc.run(t, open(t))
			})
		}
	}
}

// now is the time of the tests: in another zone, and finer than what is kept.
func now() time.Time {
	return time.Date(2026, 11, 20, 23, 30, 0, 123456789, time.FixedZone("UTC+5", 5*60*60))
}

// after returns the time of the tests plus d, as a store returns it.
func after(d time.Duration) time.Time { return now().Add(d).UTC().Truncate(time.Microsecond) }

// same reports a difference. Times must agree in instant and zone.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	strict := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) && a.Location() == b.Location() })
	if diff := cmp.Diff(want, got, strict, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// try returns the result of a call, or ends the test if there was an error.
func try[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// tryPage is try for a page of a list, which is never nil.
func tryPage[T any](list []T, total int, err error) func(t *testing.T) ([]T, int) {
	return func(t *testing.T) ([]T, int) {
		t.Helper()
		must(t, err)
		if list == nil {
			t.Error("the list is nil")
		}
		return list, total
	}
}

// is checks that an error matches a sentinel.
func is(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// exists checks for an ExistsError about a field.
func exists(t *testing.T, what string, err error, field string) {
	t.Helper()
	is(t, what, err, store.ErrExists)
	if e, ok := errors.AsType[*store.ExistsError](err); !ok || e.Field != field {
		t.Errorf("%s: error %v, want an ExistsError about %q", what, err, field)
	}
}

// newUser keeps a user without roles.
func newUser(t *testing.T, s store.Store, name identity.Username) identity.User {
	t.Helper()
	return try(s.CreateUser(t.Context(), identity.User{Username: name, BasePath: "/", CreatedAt: now()}))(t)
}

// hexID returns the nth identifier of a kind: 32 hexadecimal digits.
func hexID(kind byte, n int) string { return fmt.Sprintf("%c%031x", kind, n) }

func ids[T any, ID comparable](list []T, id func(T) ID) []ID {
	out := make([]ID, len(list))
	for i, v := range list {
		out[i] = id(v)
	}
	return out
}

func userIDs(list []identity.User) []identity.UserID {
	return ids(list, func(u identity.User) identity.UserID { return u.ID })
}

func sessionIDs(list []identity.Session) []identity.SessionID {
	return ids(list, func(s identity.Session) identity.SessionID { return s.ID })
}

// sortedSessionIDs is for lists whose order is not the point.
func sortedSessionIDs(list []identity.Session) []identity.SessionID {
	return slices.Sorted(slices.Values(sessionIDs(list)))
}
