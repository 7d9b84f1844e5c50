package storetest

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func users() []test {
	return []test{
		{"create", createUser},
		{"create with given ids", createUserWithID},
		{"create refused", createUserRefused},
		{"find none", findNoUser},
		{"list", listUsers},
		{"update", updateUser},
		{"update refused", updateUserRefused},
		{"set password", setPassword},
		{"rename with counters", renameWithCounters},
		{"delete", deleteUser},
		{"an id is never used again", userIDOnce},
	}
}

// threeRoles keeps roles with the ids 1 to 3.
func threeRoles(t *testing.T, s store.Store) {
	t.Helper()
	for _, name := range []string{"guest", "admin", "general"} {
		try(s.CreateRole(t.Context(), identity.Role{Name: name, CreatedAt: now()}))(t)
	}
}

func fullUser() identity.User {
	return identity.User{
		Username: "ann", Email: "ann@example.com",
		Profile: identity.Profile{
			Nickname: "Annie", AvatarURL: "https://example.com/ann.png", RealName: "Ann Ünal", Phone: "+49 30 1234",
			Department: "Kitchen", Position: "Cook",
		},
		PasswordHash: "$argon2id$stored", PasswordExpiresAt: now().Add(time.Hour), MustChangePassword: true,
		Disabled: true, ExpiresAt: now().Add(2 * time.Hour),
		AllowedFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")},
		BasePath:    "/home/ann", Roles: []identity.RoleID{3, 1}, SSOID: "sso-7", StorageLimit: 1 << 40,
		CreatedAt: now(), UpdatedAt: now().Add(time.Minute), PasswordChangedAt: now().Add(-time.Hour),
	}
}

// fullUserKept is fullUser as a store returns it.
func fullUserKept(id identity.UserID) identity.User {
	u := fullUser()
	u.ID, u.PasswordExpiresAt, u.ExpiresAt = id, after(time.Hour), after(2*time.Hour)
	u.CreatedAt, u.UpdatedAt, u.PasswordChangedAt = after(0), after(time.Minute), after(-time.Hour)
	return u
}

func createUser(t *testing.T, s store.Store) {
	threeRoles(t, s)
	u := fullUser()
	u.TOTPEnabled, u.LastLoginAt, u.LoginCount = true, now(), 9 // not for the caller to say
	got := try(s.CreateUser(t.Context(), u))(t)

	want := fullUserKept(got.ID)
	same(t, "created", got, want)
	if got.ID == 0 {
		t.Error("the user has no id")
	}
	same(t, "found by id", try(s.User(t.Context(), got.ID))(t), want)
	same(t, "found by name", try(s.UserByName(t.Context(), "ann"))(t), want)
	same(t, "found by e-mail", try(s.UserByEmail(t.Context(), "ann@example.com"))(t), want)

	bare := newUser(t, s, "bob")
	same(t, "bare user", bare, identity.User{
		ID: bare.ID, Username: "bob", BasePath: "/", AllowedFrom: []netip.Prefix{}, Roles: []identity.RoleID{},
		CreatedAt: after(0),
	})
}

func createUserWithID(t *testing.T, s store.Store) {
	for _, id := range []identity.UserID{1, 2, 40} {
		u := identity.User{ID: id, Username: identity.Username("u" + hexID('0', int(id)))}
		if got := try(s.CreateUser(t.Context(), u))(t); got.ID != id {
			t.Errorf("asked for id %d, got %d", id, got.ID)
		}
	}
	if got := newUser(t, s, "next"); got.ID <= 40 {
		t.Errorf("the id after 40 is %d", got.ID)
	}
	_, err := s.CreateUser(t.Context(), identity.User{ID: 2, Username: "another"})
	exists(t, "id taken", err, "id")
}

func createUserRefused(t *testing.T, s store.Store) {
	newUser(t, s, "ann")
	_, err := s.CreateUser(t.Context(), identity.User{Username: "ann"})
	exists(t, "name taken", err, "username")
	_, err = s.CreateUser(t.Context(), identity.User{Username: "bob", Roles: []identity.RoleID{99}})
	is(t, "unknown role", err, store.ErrNotFound)
	_, err = s.UserByName(t.Context(), "bob")
	is(t, "the user with the unknown role", err, store.ErrNotFound)
	if _, total := tryPage(s.Users(t.Context(), identity.UserFilter{}, identity.Page{}))(t); total != 1 {
		t.Errorf("total = %d, want 1", total)
	}
}

func findNoUser(t *testing.T, s store.Store) {
	newUser(t, s, "ann")
	_, err := s.User(t.Context(), 99)
	is(t, "User", err, store.ErrNotFound)
	for _, name := range []identity.Username{"bob", "Ann", "ann ", "an_", "%", ""} {
		_, err = s.UserByName(t.Context(), name)
		is(t, string(name), err, store.ErrNotFound)
	}
}

func listUsers(t *testing.T, s store.Store) {
	list, total := tryPage(s.Users(t.Context(), identity.UserFilter{}, identity.Page{}))(t)
	same(t, "no users", list, []identity.User{})
	if total != 0 {
		t.Errorf("total of none = %d", total)
	}
	threeRoles(t, s)
	var want []identity.User
	for i, name := range []identity.Username{"zoe", "ann", "李雷", "bob", "eve"} {
		u := identity.User{Username: name, Roles: []identity.RoleID{2, 3, 1}[:i%4], CreatedAt: now()}
		want = append(want, try(s.CreateUser(t.Context(), u))(t))
	}
	for _, tc := range []struct {
		page identity.Page
		want []identity.User
	}{
		{identity.Page{}, want},
		{identity.Page{Limit: 2}, want[:2]},
		{identity.Page{Offset: 2, Limit: 2}, want[2:4]},
		{identity.Page{Offset: 4, Limit: 10}, want[4:]},
		{identity.Page{Offset: 1}, want[1:]},
		{identity.Page{Offset: 5, Limit: 2}, []identity.User{}},
		{identity.Page{Offset: 1 << 40, Limit: 2}, []identity.User{}},
	} {
		list, total := tryPage(s.Users(t.Context(), identity.UserFilter{}, tc.page))(t)
		same(t, "page", list, tc.want)
		if total != len(want) {
			t.Errorf("total = %d, want %d", total, len(want))
		}
	}
}

func updateUser(t *testing.T, s store.Store) {
	threeRoles(t, s)
	u := newUser(t, s, "ann")
	must(t, s.SaveTOTP(t.Context(), identity.TOTP{User: u.ID, SealedSecret: []byte("s")}, nil))
	got, err := s.UpdateUser(t.Context(), u.ID, func(old identity.User) (identity.User, error) {
		u.TOTPEnabled = true
		same(t, "given to change", old, u)
		next := fullUser()
		next.ID, next.CreatedAt, next.TOTPEnabled = 77, now().Add(time.Hour), false
		next.LastLoginAt, next.LoginCount = now(), 9
		return next, nil
	})
	must(t, err)
	want := fullUserKept(u.ID)
	want.CreatedAt, want.TOTPEnabled = u.CreatedAt, true
	same(t, "returned", got, want)
	same(t, "kept", try(s.User(t.Context(), u.ID))(t), want)
}

func updateUserRefused(t *testing.T, s store.Store) {
	newUser(t, s, "ann")
	bob := newUser(t, s, "bob")
	errChange := errors.New("no")
	rename := func(name identity.Username, roles ...identity.RoleID) func(identity.User) (identity.User, error) {
		return func(u identity.User) (identity.User, error) {
			u.Username, u.Roles = name, roles
			return u, nil
		}
	}
	_, err := s.UpdateUser(t.Context(), bob.ID, rename("ann"))
	exists(t, "name taken", err, "username")
	_, err = s.UpdateUser(t.Context(), bob.ID, rename("rob", 99))
	is(t, "unknown role", err, store.ErrNotFound)
	_, err = s.UpdateUser(t.Context(), 99, rename("rob"))
	is(t, "unknown user", err, store.ErrNotFound)
	_, err = s.UpdateUser(t.Context(), bob.ID, func(u identity.User) (identity.User, error) {
		u.Username = "rob"
		return u, errChange
	})
	is(t, "error of change", err, errChange)
	same(t, "bob", try(s.User(t.Context(), bob.ID))(t), bob)
}

func setPassword(t *testing.T, s store.Store) {
	ann, bob := newUser(t, s, "ann"), newUser(t, s, "bob")
	first, second := openNth(t, s, ann.ID, 1), openNth(t, s, ann.ID, 2)
	other := openNth(t, s, bob.ID, 3)
	must(t, s.EndSession(t.Context(), second.ID, identity.EndedByLogout, now()))

	try(s.UpdateUser(t.Context(), ann.ID, func(u identity.User) (identity.User, error) {
		u.PasswordHash = "rehashed"
		return u, nil
	}))(t)
	same(t, "first, after a rehash", try(s.Session(t.Context(), first.ID))(t), first)
	try(s.UpdateUser(t.Context(), ann.ID, newPassword(now().Add(time.Minute))))(t)
	got := try(s.User(t.Context(), ann.ID))(t)
	ann.PasswordHash, ann.MustChangePassword, ann.PasswordChangedAt = "new", true, after(time.Minute)
	ann.LastLoginAt, ann.LoginCount = after(0), 2
	same(t, "user", got, ann)
	same(t, "sessions", try(s.SessionsOf(t.Context(), ann.ID, now()))(t), []identity.Session{})
	first.EndedAt, first.EndReason = after(time.Minute), identity.EndedByPassword
	same(t, "first", try(s.Session(t.Context(), first.ID))(t), first)
	second.EndedAt, second.EndReason = after(0), identity.EndedByLogout
	same(t, "second, ended before", try(s.Session(t.Context(), second.ID))(t), second)
	_, err := s.AccessToken(t.Context(), tokenOf(1))
	is(t, "token of an ended session", err, store.ErrNotFound)
	same(t, "somebody else's", try(s.Session(t.Context(), other.ID))(t), other)
}

// newPassword is a change of the password at a time.
func newPassword(at time.Time) func(identity.User) (identity.User, error) {
	return func(u identity.User) (identity.User, error) {
		u.PasswordHash, u.MustChangePassword, u.PasswordChangedAt = "new", true, at
		return u, nil
	}
}

// fill gives a user one of everything and returns the id of the SSH key. The
// hash of the API key is that of n.
func fill(t *testing.T, s store.Store, user identity.UserID, n int) identity.SSHKeyID {
	t.Helper()
	openNth(t, s, user, n)
	must(t, s.SaveTOTP(t.Context(), identity.TOTP{User: user, SealedSecret: []byte("s")}, []store.RecoveryHash{{1}, {2}}))
	must(t, s.SavePendingTOTP(t.Context(), identity.PendingTOTP{User: user, SealedSecret: []byte("p")}))
	key := identity.SSHKey{User: user, Title: "laptop", Fingerprint: "SHA256:x", AddedAt: now()}
	api := newAPIKey(t, s, apiKey(user, n))
	must(t, s.RecordKeyUses(t.Context(), []identity.KeyUse{use(api.ID, 0, "/a", 1, 0)}, nil))
	return try(s.CreateSSHKey(t.Context(), key, 10))(t).ID
}

func deleteUser(t *testing.T, s store.Store) {
	threeRoles(t, s)
	ann := try(s.CreateUser(t.Context(), fullUser()))(t)
	bob := newUser(t, s, "bob")
	annKey, bobKey := fill(t, s, ann.ID, 1), fill(t, s, bob.ID, 2)
	must(t, s.AppendAudit(t.Context(), []identity.AuditEvent{{Actor: ann.ID, Address: netip.IPv6Loopback()}}))

	must(t, s.DeleteUser(t.Context(), ann.ID))
	is(t, "again", s.DeleteUser(t.Context(), ann.ID), store.ErrNotFound)

	gone := map[string]func() error{
		"user":    func() error { _, err := s.User(t.Context(), ann.ID); return err },
		"name":    func() error { _, err := s.UserByName(t.Context(), "ann"); return err },
		"session": func() error { _, err := s.Session(t.Context(), sessionOf(1)); return err },
		"token":   func() error { _, err := s.AccessToken(t.Context(), tokenOf(1)); return err },
		"key":     func() error { _, err := s.SSHKey(t.Context(), annKey); return err },
		"factor":  func() error { _, err := s.TOTP(t.Context(), ann.ID); return err },
		"API key": func() error { _, err := s.APIKeyByHash(t.Context(), hashOf(1)); return err },
		"pending": func() error { _, err := s.PendingTOTP(t.Context(), ann.ID); return err },
	}
	for what, find := range gone {
		is(t, what, find(), store.ErrNotFound)
	}
	if n := try(s.RecoveryCodesLeft(t.Context(), ann.ID))(t); n != 0 {
		t.Errorf("%d recovery codes left", n)
	}
	if n := len(try(s.AuditEvents(t.Context(), 0, 0))(t)); n != 1 {
		t.Errorf("%d audit events left, want 1", n)
	}
	try(s.Session(t.Context(), sessionOf(2)))(t)
	try(s.SSHKey(t.Context(), bobKey))(t)
	keys, keyTotal := tryPage(s.APIKeys(t.Context(), store.APIKeyFilter{}, identity.Page{Limit: 1}))(t)
	same(t, "API keys left", apiKeyIDs(keys), []identity.APIKeyID{try(s.APIKeyByHash(t.Context(), hashOf(2)))(t).ID})
	list, total := tryPage(s.Users(t.Context(), identity.UserFilter{}, identity.Page{}))(t)
	same(t, "users left", userIDs(list), []identity.UserID{bob.ID})
	live, liveTotal := tryPage(s.Sessions(t.Context(), now(), identity.Page{}))(t)
	if total != 1 || len(live) != 1 || liveTotal != 1 || keyTotal != 1 {
		t.Errorf("totals: %d users, %d sessions, %d API keys; want 1 of each", total, liveTotal, keyTotal)
	}
	wantHolders(t, s, 0, 0, 0)
	must(t, s.Check(t.Context()))
}

func userIDOnce(t *testing.T, s store.Store) {
	newUser(t, s, "ann")
	last := newUser(t, s, "bob")
	must(t, s.DeleteUser(t.Context(), last.ID))
	if again := newUser(t, s, "bob"); again.ID <= last.ID {
		t.Errorf("after id %d was deleted the next one is %d", last.ID, again.ID)
	}
}

// Failures are counted by name, and a new name does not forget them.
func renameWithCounters(t *testing.T, s store.Store) {
	ann := newUser(t, s, "ann")
	key := func(scope identity.ThrottleScope, account, address string) identity.ThrottleKey {
		return identity.ThrottleKey{Scope: scope, Account: account, Address: address}
	}
	for i, k := range []identity.ThrottleKey{
		key(identity.ThrottlePair, "ann", "192.0.2.1"), key(identity.ThrottleAccount, "ann", ""),
		key(identity.ThrottlePair, "anna", "192.0.2.1"), key(identity.ThrottleAccount, "bob", ""),
	} {
		must(t, s.UpdateThrottles(t.Context(), []identity.ThrottleKey{k}, func(c []identity.Throttle) error {
			c[0].Failures, c[0].UpdatedAt = i+1, now()
			return nil
		}))
	}
	try(s.UpdateUser(t.Context(), ann.ID, func(u identity.User) (identity.User, error) {
		u.Username = "anna"
		return u, nil
	}))(t)
	got := map[identity.ThrottleKey]int{}
	for _, c := range try(s.Throttles(t.Context(), identity.Page{}))(t) {
		got[c.Key] = c.Failures
	}
	same(t, "counters", got, map[identity.ThrottleKey]int{
		key(identity.ThrottlePair, "anna", "192.0.2.1"): 1, key(identity.ThrottleAccount, "anna", ""): 2, key(identity.ThrottleAccount, "bob", ""): 4,
	})
}
