package sqlite

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// seedFirst fills a database of schema 1. Ann was given a role twice.
const seedFirst = `
	INSERT INTO roles VALUES (1, 'guest', 'Nobody', 0, 11), (2, 'admin', 'All', 0, 12), (3, 'general', 'Most', 1, 13);
	INSERT INTO role_scopes VALUES (3, 0, '/', 8);
	INSERT INTO users VALUES (1, 'ann', 'hash 1', 1, 0, '/a', 'sso', 101, 201, 0), (2, 'bob', 'hash 2', 0, 1, '/b', '', 102, 202, 0),
		(5, 'marianne', 'hash 5', 0, 0, '/', '', 105, 0, 0);
	INSERT INTO user_roles VALUES (1, 0, 3), (1, 1, 2), (1, 2, 3), (5, 0, 3);
	INSERT INTO sessions VALUES ('s1', 1, 'phone', 1, 'agent', '192.0.2.1', 301, 302, 900, 0, '');
	INSERT INTO access_tokens VALUES ('t1', 's1', 1, 'pwd otp', 301, 900), ('t2', 's1', 1, '', 302, 800);
	INSERT INTO ssh_keys VALUES (1, 1, 'laptop', 'ssh-ed25519', 'ssh-ed25519 AAAA', 'SHA256:x', 401, 402);
	INSERT INTO totps VALUES (5, x'01', 7, 501);
	INSERT INTO throttles VALUES (1, 'account', 'marianne', '', 9, 0, 0, 0, 1, 601), (2, 'account', 'bob', '', 9, 0, 0, 0, 1, 601);
	INSERT INTO audit_events VALUES (1, 701, 1, 'sign_in', 'ann', 'alist', '192.0.2.1', 'done', '');
	INSERT INTO settings VALUES ('name', x'02')`

// migrated opens a database of schema 1 with the newest one.
func migrated(t *testing.T) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "latchkey.db")
	steps, err := schema(released)
	if err != nil {
		t.Fatal(err)
	}
	old, err := open(t.Context(), path, Options{Create: true}, steps[:1])
	if err != nil {
		t.Fatal(err)
	}
	err = old.write(t.Context(), "seed", func(t *tx) error {
		_, err := t.c.raw.ExecContext(t.ctx, seedFirst)
		return err
	})
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Options{}); !errors.Is(err, ErrOlder) {
		t.Errorf("error %v, want %v", err, ErrOlder)
	}
	s, err := Open(t.Context(), path, Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Check(context.WithoutCancel(t.Context())), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestMigratesUsers(t *testing.T) {
	s := migrated(t)
	us := func(n int64) time.Time { return time.UnixMicro(n).UTC() }
	want := []identity.User{
		{
			ID: 1, Username: "ann", PasswordHash: "hash 1", MustChangePassword: true, AllowedFrom: []netip.Prefix{}, BasePath: "/a",
			Roles: []identity.RoleID{3, 2}, SSOID: "sso", CreatedAt: us(101), UpdatedAt: us(101), PasswordChangedAt: us(201),
		},
		{
			ID: 2, Username: "bob", PasswordHash: "hash 2", Disabled: true, AllowedFrom: []netip.Prefix{}, BasePath: "/b",
			Roles: []identity.RoleID{}, CreatedAt: us(102), UpdatedAt: us(102), PasswordChangedAt: us(202),
		},
		{
			ID: 5, Username: "marianne", PasswordHash: "hash 5", AllowedFrom: []netip.Prefix{}, BasePath: "/",
			Roles: []identity.RoleID{3}, TOTPEnabled: true, CreatedAt: us(105), UpdatedAt: us(105),
		},
	}
	for name, tc := range map[string]struct {
		filter identity.UserFilter
		page   identity.Page
		want   []identity.User
		total  int
	}{
		"all":      {identity.UserFilter{}, identity.Page{}, want, 3},
		"a page":   {identity.UserFilter{}, identity.Page{Limit: 2}, want[:2], 3},
		"found":    {identity.UserFilter{Username: "anne"}, identity.Page{}, want[2:], 1},
		"active":   {identity.UserFilter{Status: identity.UserActive}, identity.Page{Limit: 1}, want[:1], 1},
		"inactive": {identity.UserFilter{Status: identity.UserInactive}, identity.Page{Limit: 1}, want[1:2], 1},
		"locked":   {identity.UserFilter{Status: identity.UserLocked}, identity.Page{Limit: 1}, want[2:], 1},
	} {
		list, total, err := s.Users(t.Context(), tc.filter, tc.page)
		if diff := cmp.Diff(tc.want, list); diff != "" || total != tc.total || err != nil {
			t.Errorf("%s: total %d, %v (-want +got):\n%s", name, total, err, diff)
		}
	}
	members, total, err := s.Members(t.Context(), 3, identity.Page{})
	if diff := cmp.Diff([]identity.Member{{User: want[0], AddedAt: us(101)}, {User: want[2], AddedAt: us(105)}}, members); diff != "" ||
		total != 2 || err != nil {
		t.Errorf("%d members, %v (-want +got):\n%s", total, err, diff)
	}
}

func TestMigratesRoles(t *testing.T) {
	us := func(n int64) time.Time { return time.UnixMicro(n).UTC() }
	want := []identity.Role{
		{ID: 1, Name: "guest", Description: "Nobody", Scopes: []identity.Scope{}, CreatedAt: us(11), UpdatedAt: us(11)},
		{ID: 2, Name: "admin", Description: "All", Scopes: []identity.Scope{}, Users: 1, CreatedAt: us(12), UpdatedAt: us(12)},
		{
			ID: 3, Name: "general", Description: "Most", Default: true, Scopes: []identity.Scope{{Path: "/", Permission: 8}},
			Users: 2, CreatedAt: us(13), UpdatedAt: us(13),
		},
	}
	for i := range want {
		want[i].Grants = []identity.Permission{}
	}
	list, err := migrated(t).Roles(t.Context())
	if diff := cmp.Diff(want, list); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestMigratesTokens: a token from before keeps the life it was given and
// cannot be renewed.
func TestMigratesTokens(t *testing.T) {
	s := migrated(t)
	us := func(n int64) time.Time { return time.UnixMicro(n).UTC() }
	for _, want := range []identity.AccessToken{
		{
			ID: "t1", Session: "s1", User: 1, Factors: []identity.FactorKind{"pwd", "otp"},
			SignedInAt: us(301), IssuedAt: us(301), ExpiresAt: us(900), Life: 599 * time.Microsecond,
		},
		{
			ID: "t2", Session: "s1", User: 1, Factors: []identity.FactorKind{},
			SignedInAt: us(302), IssuedAt: us(302), ExpiresAt: us(800), Life: 498 * time.Microsecond,
		},
	} {
		got, err := s.AccessToken(t.Context(), want.ID)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if _, total, err := s.Sessions(t.Context(), us(303), identity.Page{}); total != 1 || err != nil {
		t.Errorf("%d sessions live, %v", total, err)
	}
}

// TestMigratesCounters: what triggers keep goes on from what was there.
func TestMigratesCounters(t *testing.T) {
	s := migrated(t)
	p, err := s.CreatePermission(t.Context(), identity.PermissionInfo{Name: "p"}, 1)
	if err != nil || p.ID != identity.LastBuiltInPermission+1 {
		t.Errorf("the first permission has the id %d, %v", p.ID, err)
	}
	if _, err := s.CreateAPIKey(t.Context(), identity.APIKey{User: 1, Kind: identity.KeyAPI, Hash: [32]byte{1}}, 1); err != nil {
		t.Error(err)
	}
	if _, total, err := s.APIKeys(t.Context(), store.APIKeyFilter{User: 1}, identity.Page{Limit: 1}); total != 1 || err != nil {
		t.Errorf("%d keys, %v", total, err)
	}
	if err := s.DeleteUser(t.Context(), 2); err != nil {
		t.Error(err)
	}
	if _, total, err := s.Users(t.Context(), identity.UserFilter{Status: identity.UserInactive}, identity.Page{Limit: 1}); total != 0 || err != nil {
		t.Errorf("%d users are inactive, %v", total, err)
	}
}
