package storetest

import (
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func version() []test {
	return []test{
		{"changes at once", versionChanges},
		{"stays", versionStays},
	}
}

// A stage is a store with one of everything.
type stage struct {
	store.Store

	role    identity.RoleID
	user    identity.UserID
	session identity.SessionID
	token   identity.TokenID
	key     identity.SSHKeyID
	api     identity.APIKeyID
}

func newStage(t *testing.T, s store.Store) stage {
	t.Helper()
	role := try(s.CreateRole(t.Context(), identity.Role{Name: "role"}))(t)
	user := newUser(t, s, "ann")
	key := fill(t, s, user.ID, 1)
	second := signIn(user.ID, 2, 0)
	second.Device = "device 1"
	try(s.OpenSession(t.Context(), second))(t)
	openNth(t, s, user.ID, 3)
	api := try(s.APIKeyByHash(t.Context(), hashOf(1)))(t).ID
	return stage{s, role.ID, user.ID, sessionOf(3), tokenOf(1), key, api}
}

// A deed is one call on a stage.
type deed struct {
	name string
	do   func(t *testing.T, s stage) error
}

func keepUser(u identity.User) (identity.User, error)    { return u, nil }
func keepKey(k identity.APIKey) (identity.APIKey, error) { return k, nil }
func keepRole(r identity.Role) (identity.Role, error)    { return r, nil }

// loud lists what others must hear of, each possible after those before it.
func loud() []deed {
	return []deed{
		{"CreateRole", func(t *testing.T, s stage) error {
			_, err := s.CreateRole(t.Context(), identity.Role{Name: "new"})
			return err
		}},
		{"UpdateRole", func(t *testing.T, s stage) error {
			_, err := s.UpdateRole(t.Context(), s.role, keepRole)
			return err
		}},
		{"DeleteRole", func(t *testing.T, s stage) error { return s.DeleteRole(t.Context(), s.role) }},
		{"CreateUser", func(t *testing.T, s stage) error {
			_, err := s.CreateUser(t.Context(), identity.User{Username: "new"})
			return err
		}},
		{"UpdateUser", func(t *testing.T, s stage) error {
			_, err := s.UpdateUser(t.Context(), s.user, keepUser)
			return err
		}},
		{"SaveTOTP", func(t *testing.T, s stage) error {
			return s.SaveTOTP(t.Context(), identity.TOTP{User: s.user, SealedSecret: []byte("s")}, nil)
		}},
		{"DeleteTOTP", func(t *testing.T, s stage) error { return s.DeleteTOTP(t.Context(), s.user) }},
		{"DeleteSSHKey", func(t *testing.T, s stage) error { return s.DeleteSSHKey(t.Context(), s.key) }},
		{"UpdateAPIKey", func(t *testing.T, s stage) error {
			_, err := s.UpdateAPIKey(t.Context(), s.api, keepKey)
			return err
		}},
		{"ReplaceAPIKey", func(t *testing.T, s stage) error {
			_, err := s.ReplaceAPIKey(t.Context(), s.api, now(), apiKey(s.user, 20))
			return err
		}},
		{"DeleteAPIKey", func(t *testing.T, s stage) error { return s.DeleteAPIKey(t.Context(), s.api) }},
		{"PurgeKeyUses of a key that ended", func(t *testing.T, s stage) error {
			k := apiKey(s.user, 21)
			k.Kind, k.ExpiresAt = identity.KeyDev, now()
			newAPIKey(t, s, k)
			_, err := s.PurgeKeyUses(t.Context(), now().Add(time.Minute))
			return err
		}},
		{"CreateFolderPassword", func(t *testing.T, s stage) error {
			_, err := s.CreateFolderPassword(t.Context(), folderPassword("/a"), 10)
			return err
		}},
		{"CopyFolderPasswords", func(t *testing.T, s stage) error {
			return s.CopyFolderPasswords(t.Context(), []store.FolderPasswordCopy{{From: "/a", To: "/b"}}, 10)
		}},
		{"DropFolderPasswords", func(t *testing.T, s stage) error { return s.DropFolderPasswords(t.Context(), []string{"/a"}) }},
		{"UpdateFolderPassword", func(t *testing.T, s stage) error {
			_, err := s.UpdateFolderPassword(t.Context(), onlyFolder(t, s).ID, keepFolder)
			return err
		}},
		{"DeleteFolderPassword", func(t *testing.T, s stage) error {
			return s.DeleteFolderPassword(t.Context(), onlyFolder(t, s).ID)
		}},
		{"SaveSetting", func(t *testing.T, s stage) error { return s.SaveSetting(t.Context(), "new", []byte("1")) }},
		{"AddSetting", func(t *testing.T, s stage) error {
			_, err := s.AddSetting(t.Context(), "newer", []byte("1"))
			return err
		}},
		{"EndAccessToken", func(t *testing.T, s stage) error {
			return s.EndAccessToken(t.Context(), s.token, identity.EndedByLogout, now())
		}},
		{"OpenSession beyond the limit of tokens", func(t *testing.T, s stage) error {
			o := signIn(s.user, 20, 0)
			o.Device, o.MaxTokens = "device 1", 1
			_, err := s.OpenSession(t.Context(), o)
			return err
		}},
		{"OpenSession beyond the limit of devices", func(t *testing.T, s stage) error {
			o := signIn(s.user, 21, 0)
			o.MaxDevices = 2
			_, err := s.OpenSession(t.Context(), o)
			return err
		}},
		{"EndSession", func(t *testing.T, s stage) error {
			return s.EndSession(t.Context(), sessionOf(21), identity.EndedByEviction, now())
		}},
		{"EndSessionsOf", func(t *testing.T, s stage) error {
			_, err := s.EndSessionsOf(t.Context(), s.user, "", identity.EndedByEviction, now())
			return err
		}},
		{"EndAllSessions", func(t *testing.T, s stage) error {
			openNth(t, s, s.user, 22)
			_, err := s.EndAllSessions(t.Context(), identity.EndedByEviction, now())
			return err
		}},
		{"UpdateUser with a new password", func(t *testing.T, s stage) error {
			_, err := s.UpdateUser(t.Context(), s.user, newPassword(now()))
			return err
		}},
		{"DeleteUser", func(t *testing.T, s stage) error { return s.DeleteUser(t.Context(), s.user) }},
	}
}

// quiet lists what nobody needs to hear of.
func quiet() []deed {
	return []deed{
		{"OpenSession of a new device", func(t *testing.T, s stage) error {
			_, err := s.OpenSession(t.Context(), signIn(s.user, 30, 0))
			return err
		}},
		{"OpenSession of a known device", func(t *testing.T, s stage) error {
			o := signIn(s.user, 31, 0)
			o.Device = "device 1"
			_, err := s.OpenSession(t.Context(), o)
			return err
		}},
		{"OpenConnection", func(t *testing.T, s stage) error {
			return s.OpenConnection(t.Context(), connection(s.user, 32, 0))
		}},
		{"CloseConnection", func(t *testing.T, s stage) error { return s.CloseConnection(t.Context(), sessionOf(32)) }},
		{"CloseConnectionsUntil", func(t *testing.T, s stage) error {
			return s.CloseConnectionsUntil(t.Context(), now().Add(time.Hour))
		}},
		{"TouchSessions", func(t *testing.T, s stage) error {
			return s.TouchSessions(t.Context(), []store.Activity{{Session: s.session, At: now().Add(time.Hour)}})
		}},
		{"TouchSSHKeys", func(t *testing.T, s stage) error {
			return s.TouchSSHKeys(t.Context(), map[identity.SSHKeyID]time.Time{s.key: now()})
		}},
		{"UpdateAccessToken", func(t *testing.T, s stage) error {
			_, err := s.UpdateAccessToken(t.Context(), s.token, nextGeneration(now().Add(time.Hour)))
			return err
		}},
		{"CreateAPIKey", func(t *testing.T, s stage) error {
			_, err := s.CreateAPIKey(t.Context(), apiKey(s.user, 30), 10)
			return err
		}},
		{"CreatePermission", func(t *testing.T, s stage) error {
			_, err := s.CreatePermission(t.Context(), identity.PermissionInfo{Name: "new"}, 10)
			return err
		}},
		{"RecordKeyUses", func(t *testing.T, s stage) error {
			return s.RecordKeyUses(t.Context(), []identity.KeyUse{use(s.api, 0, "/a", 1, 0)}, []store.KeyLastUse{{Key: s.api, At: now()}})
		}},
		{"PurgeKeyUses of counts", func(t *testing.T, s stage) error {
			_, err := s.PurgeKeyUses(t.Context(), days(9))
			return err
		}},
		{"SpendTOTPStep", func(t *testing.T, s stage) error { return s.SpendTOTPStep(t.Context(), s.user, 7) }},
		{"UpdateThrottles", func(t *testing.T, s stage) error {
			set(t, s, identity.Throttle{Key: pair("ann"), Reserved: 1})
			return nil
		}},
		{"SettleThrottles", func(t *testing.T, s stage) error { return s.SettleThrottles(t.Context()) }},
		{"ClearThrottles", func(t *testing.T, s stage) error {
			_, err := s.ClearThrottles(t.Context(), "ann")
			return err
		}},
		{"PurgeThrottles", func(t *testing.T, s stage) error {
			_, err := s.PurgeThrottles(t.Context(), now(), 0)
			return err
		}},
		{"AppendAudit", func(t *testing.T, s stage) error {
			return s.AppendAudit(t.Context(), []identity.AuditEvent{event(1)})
		}},
		{"PurgeAudit", func(t *testing.T, s stage) error {
			_, err := s.PurgeAudit(t.Context(), now().Add(time.Hour))
			return err
		}},
	}
}

func versionChanges(t *testing.T, s store.Store) {
	st := newStage(t, s)
	for _, d := range loud() {
		before := s.Version()
		if err := d.do(t, st); err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		if s.Version() == before {
			t.Errorf("%s: the version stays %d", d.name, before)
		}
	}
}

// versionStays waits long enough for the store to notice its own writes.
func versionStays(t *testing.T, s store.Store) {
	st := newStage(t, s)
	before := s.Version()
	for _, d := range quiet() {
		if err := d.do(t, st); err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		if got := s.Version(); got != before {
			t.Errorf("%s: the version changes from %d to %d", d.name, before, got)
			before = got
		}
	}
	time.Sleep(noticed)
	if got := s.Version(); got != before {
		t.Errorf("later the version changes from %d to %d", before, got)
	}
}

// noticed is when a change of another process must have been seen.
const noticed = 200 * time.Millisecond

// RunShared checks what one process sees of another. open returns two stores
// over the same data, each standing for a process.
func RunShared(t *testing.T, open func(t *testing.T) (mine, other store.Store)) {
	mine, other := open(t)
	st := newStage(t, other)
	time.Sleep(noticed)
	for _, d := range loud() {
		before := mine.Version()
		if err := d.do(t, st); err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		if !changes(mine, before) {
			t.Errorf("%s in another process: the version stays %d", d.name, before)
		}
	}
}

// changes waits for a version to change. It allows a busy machine more than
// the contract gives the store, so that only a change that never comes fails.
func changes(s store.Store, from uint64) bool {
	for range 100 {
		if s.Version() != from {
			return true
		}
		time.Sleep(noticed / 10)
	}
	return false
}
