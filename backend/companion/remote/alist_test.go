package remote_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

const (
	thisDevice  = "02094d74518ddac93002d5b1dcfab420"
	otherDevice = "d744484451a1a6fc24a8922872799a32"

	knownKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0sz/fOiRpM8CawqtJhKbidJmEkDnjuOKQ5knyjaQCn ann@laptop\n"
	newKey   = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJImx/Zp73KRFzpBfNYeHF4v/p8IAtZrWuAE+0XhiWj4 ann@laptop"
)

func grant() remote.Grant {
	return remote.Grant{Token: secret.New("eyJhbGciOiJIUzI1NiIs.x.y"), Device: thisDevice}
}

func detect(t *testing.T, c *remote.Client, want remote.Server) {
	t.Helper()
	got, err := c.Detect(t.Context())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Detect: %v (-want +got):\n%s", err, diff)
	}
}

func TestAListSignIn(t *testing.T) {
	c := play(t, "alist-sign-in")
	detect(t, c, remote.Server{Kind: remote.AList, Version: "3.62.0", Title: "AList"})
	bob := credentials("bob")
	coded := bob
	coded.Code = " 123 456 "
	for _, tc := range []struct {
		cr   remote.Credentials
		code string
		wait time.Duration
	}{
		{bob, "credentials_wrong", 0},
		{bob, "code_needed", 0},
		{coded, "code_wrong", 0},
		{coded, "too_many_attempts", 5 * time.Minute},
		{bob, "too_many_devices", 0},
		{bob, "server_starting", 5 * time.Second},
	} {
		_, err := c.SignIn(t.Context(), tc.cr)
		if e := refused(t, err, tc.code); e.RetryAfter != tc.wait {
			t.Errorf("%s: wait %v, want %v", tc.code, e.RetryAfter, tc.wait)
		}
		if remote.SignedOut(err) {
			t.Errorf("%s would sign out who is signed in", tc.code)
		}
	}
	got, err := c.SignIn(t.Context(), bob)
	if err != nil || got != grant() {
		t.Errorf("SignIn = %+v, %v", got, err)
	}
}

func TestNothingToSignInWith(t *testing.T) {
	c := open(t, options(t, "http://127.0.0.1:1"))
	_, err := c.SignIn(t.Context(), remote.Credentials{Password: secret.New("x")})
	wants(t, err, "username_missing")
	_, err = c.SignIn(t.Context(), remote.Credentials{Username: "x"})
	wants(t, err, "password_missing")
	_, err = c.Account(remote.Grant{})
	wants(t, err, "token_refused")
	_, err = c.Account(remote.Grant{Token: secret.New("a\r\nX: y")})
	wants(t, err, "token_refused")
}

func TestAListAccount(t *testing.T) {
	c := play(t, "alist-account")
	a := account(t, c, grant())
	ctx := t.Context()

	devices, err := a.Devices(ctx)
	want := []remote.Device{
		{ID: thisDevice, UserAgent: "UA-one/1.0", Address: "10.*.*.6", LastActive: time.Unix(1795205740, 0), Current: true},
		{ID: "aaaa84451a1a6fc24a8922872799a32a", UserAgent: "UA-three/1.0", Address: "10.*.*.7", LastActive: time.Unix(1795205749, 0)},
		{ID: otherDevice, UserAgent: "UA-two/2.0", Address: "2001:*:*:*::77", LastActive: time.Unix(1795205748, 0)},
	}
	if diff := cmp.Diff(want, devices); err != nil || diff != "" {
		t.Errorf("Devices: %v\n%s", err, diff)
	}
	wants(t, a.EndDevice(ctx, "00000000000000000000000000000000"), "session_not_found")
	wants(t, a.EndDevice(ctx, ""), "session_not_found") // not asked: AList would say yes
	if n, err := a.EndOtherDevices(ctx); n != 1 || err != nil {
		t.Errorf("EndOtherDevices = %d, %v; want 1", n, err)
	}

	alistKeys(t, a)
	alistFactor(t, a)

	if err := a.ChangePassword(ctx, remote.PasswordChange{Current: secret.New(password), New: secret.New("a new password")}); err != nil {
		t.Error(err)
	}
	wants(t, a.ChangePassword(ctx, remote.PasswordChange{}), "new_password_missing")
	wants(t, a.Rename(ctx, remote.NameChange{Username: "admin"}), "username_taken")
	wants(t, a.Rename(ctx, remote.NameChange{}), "username_missing")
	_, err = a.AllDevices(ctx)
	wants(t, err, "permission_denied")
	if err := a.SignOut(ctx); err != nil {
		t.Error(err)
	}
	if err := a.SignOut(ctx); err != nil {
		t.Errorf("the second time: %v", err)
	}
}

func alistKeys(t *testing.T, a *remote.Account) {
	t.Helper()
	ctx := t.Context()
	keys, err := a.SSHKeys(ctx)
	if err != nil || len(keys) != 2 {
		t.Fatalf("SSHKeys = %v, %v", keys, err)
	}
	if !keys[0].LastUsedAt.IsZero() || keys[0].AddedAt.UTC().Hour() != 12 {
		t.Errorf("a key that was never used: %+v", keys[0])
	}
	if keys[1].LastUsedAt.IsZero() || keys[1].Fingerprint == "" || keys[1].ID != 2 {
		t.Errorf("a key that was used: %+v", keys[1])
	}
	wants(t, a.AddSSHKey(ctx, remote.NewSSHKey{Title: "other", Line: knownKey}), "ssh_key_known")
	wants(t, a.AddSSHKey(ctx, remote.NewSSHKey{Title: " laptop ", Line: newKey}), "ssh_key_title_taken")
	if err := a.AddSSHKey(ctx, remote.NewSSHKey{Title: " new ", Line: newKey}); err != nil {
		t.Error(err)
	}
	wants(t, a.AddSSHKey(ctx, remote.NewSSHKey{Title: "new", Line: newKey}), "ssh_key_title_taken")
	// It would take the key, and pass over its limits.
	readOnly := identity.KeyRules{ReadOnly: true}
	wants(t, a.AddSSHKey(ctx, remote.NewSSHKey{Title: "limited", Line: newKey, Rules: readOnly}), "ssh_key_rules_unsupported")
	wants(t, a.LimitSSHKey(ctx, 1, readOnly), "ssh_key_rules_unsupported")
	if err := a.DeleteSSHKey(ctx, 1); err != nil {
		t.Error(err)
	}
	wants(t, a.DeleteSSHKey(ctx, 1), "ssh_key_not_found")
	wants(t, a.DeleteSSHKey(ctx, 9), "server_failed")
}

func TestOnlyPublicKeysAreSent(t *testing.T) {
	a := account(t, open(t, options(t, "http://127.0.0.1:1")), grant())
	for line, code := range map[string]string{
		"": "ssh_key_invalid", "garbage": "ssh_key_invalid", "ssh-ed25519": "ssh_key_invalid",
		"ssh-ed25519 !!!!": "ssh_key_invalid",
		"ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIB0sz/fOiRpM8CawqtJhKbidJmEkDnjuOKQ5knyjaQCn": "ssh_key_invalid",
		knownKey + newKey:       "ssh_key_invalid",
		`command="x" ` + newKey: "ssh_key_invalid",
		"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----": "ssh_key_private",
		"PuTTY-User-Key-File-3: ssh-ed25519": "ssh_key_private",
	} {
		wants(t, a.AddSSHKey(t.Context(), remote.NewSSHKey{Title: "x", Line: line}), code)
	}
	wants(t, a.AddSSHKey(t.Context(), remote.NewSSHKey{Title: " \t", Line: newKey}), "ssh_key_title_invalid")
}

func alistFactor(t *testing.T, a *remote.Account) {
	t.Helper()
	ctx := t.Context()
	s, err := a.StartFactor(ctx)
	if err != nil || s.Reveal() != "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" {
		t.Errorf("StartFactor = %v", err)
	}
	proof := remote.Proof{Password: secret.New(password), Code: "999999"}
	_, err = a.EnableFactor(ctx, remote.FactorSetUp{Secret: s, Code: "123 456", Proof: proof, RecoveryCodes: true})
	wants(t, err, "new_code_wrong")
	codes, err := a.EnableFactor(ctx, remote.FactorSetUp{Secret: s, Code: "654321", Proof: proof, RecoveryCodes: true})
	if err != nil || codes != nil {
		t.Errorf("EnableFactor = %d codes, %v", len(codes), err)
	}
	wants(t, a.DisableFactor(ctx, proof), "server_lacks_this")
	noDevKeys(t, a)
	_, err = a.NewRecoveryCodes(ctx, proof)
	wants(t, err, "server_lacks_this")
	if f, err := a.Factor(ctx); err != nil || !f.On || f.RecoveryCodesLeft != 0 {
		t.Errorf("Factor = %+v, %v", f, err)
	}
}

func TestAListRefusesTokens(t *testing.T) {
	a := account(t, play(t, "alist-refusals"), grant())
	for _, code := range []string{"token_refused", "token_expired", "token_ignored", "password_changed", "user_disabled", "user_gone", "session_ended"} {
		_, err := a.Me(t.Context())
		wants(t, err, code)
		if !remote.SignedOut(err) {
			t.Errorf("%s: still signed in", code)
		}
	}
	_, err := a.Me(t.Context())
	wants(t, err, "too_many_devices")
	if remote.SignedOut(err) {
		t.Error("a limit of devices signs nobody out")
	}
}

func TestGuestIsNotSignedIn(t *testing.T) {
	a := account(t, play(t, "alist-guest"), grant())
	_, err := a.Me(t.Context())
	wants(t, err, "token_ignored")
	if _, err = a.Devices(t.Context()); !remote.SignedOut(err) {
		t.Errorf("the guest's devices: %v", err)
	}
	if err := a.SignOut(t.Context()); err != nil { // and the guest is left alone
		t.Error(err)
	}
}

func TestAListAdministrator(t *testing.T) {
	a := account(t, play(t, "alist-admin"), grant())
	got, err := a.AllDevices(t.Context())
	want := []remote.Device{
		{ID: thisDevice, User: 2, Username: "admin", UserAgent: "UA-one/1.0", Address: "10.*.*.6", LastActive: time.Unix(1795205740, 0), Current: true},
		{ID: otherDevice, User: 3, Username: "bob", UserAgent: "UA-two/2.0", Address: "2001:*:*:*::77", LastActive: time.Unix(1795205748, 0)},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("AllDevices: %v\n%s", err, diff)
	}
	if err := a.EndAnyDevice(t.Context(), otherDevice); err != nil {
		t.Error(err)
	}
}

func TestOldAList(t *testing.T) {
	c := play(t, "alist-old")
	g, err := c.SignIn(t.Context(), credentials("bob"))
	if err != nil || g.Device != "" || !g.ExpiresAt.IsZero() {
		t.Fatalf("SignIn = %+v, %v", g, err)
	}
	a := account(t, c, g)
	me, err := a.Me(t.Context())
	want := remote.Me{ID: 3, Username: "bob", Roles: []string{"general"}, BasePath: "/", Permission: identity.PathSFTPRead}
	if diff := cmp.Diff(want, me); err != nil || diff != "" || !me.SFTP() {
		t.Errorf("Me: %v\n%s", err, diff)
	}
	_, err = a.Devices(t.Context())
	wants(t, err, "server_lacks_this")
	_, err = a.SSHKeys(t.Context())
	wants(t, err, "server_lacks_this")
}

func TestOpenList(t *testing.T) {
	c := play(t, "openlist")
	detect(t, c, remote.Server{Kind: remote.OpenList, Version: "4.1.0", Title: "OpenList"})
	bob := credentials("bob")
	for _, tc := range []struct{ otp, code string }{{"", "credentials_wrong"}, {"", "code_needed"}, {"000000", "code_wrong"}} {
		bob.Code = tc.otp
		_, err := c.SignIn(t.Context(), bob)
		wants(t, err, tc.code)
	}
	bob.Code = "111111"
	g, err := c.SignIn(t.Context(), bob)
	if err != nil {
		t.Fatal(err)
	}
	a := account(t, c, g)
	if me, err := a.Me(t.Context()); err != nil || me.SFTP() || me.Admin || !me.SecondFactor {
		t.Errorf("Me = %+v, %v", me, err)
	}
	_, err = a.Devices(t.Context())
	wants(t, err, "server_lacks_this")
	_, err = a.EndOtherDevices(t.Context())
	wants(t, err, "server_lacks_this")
	noDevKeys(t, a)
}

// noDevKeys checks that a server without developer keys is not asked about them.
func noDevKeys(t *testing.T, a *remote.Account) {
	t.Helper()
	ctx := t.Context()
	_, err := a.DevKeys(ctx)
	wants(t, err, "server_lacks_this")
	_, _, err = a.MakeDevKey(ctx, remote.NewDevKey{Name: "x", Proof: remote.Proof{Password: secret.New(password)}})
	wants(t, err, "server_lacks_this")
	_, _, err = a.ReplaceDevKey(ctx, remote.DevKeyReplacement{ID: 1})
	wants(t, err, "server_lacks_this")
	for _, change := range []func(*remote.Account, context.Context, identity.APIKeyID) error{
		(*remote.Account).EnableDevKey, (*remote.Account).DisableDevKey, (*remote.Account).DeleteDevKey,
	} {
		wants(t, change(a, ctx, 1), "server_lacks_this")
	}
}

func TestPermission(t *testing.T) {
	for name, tc := range map[string]struct {
		me   string
		want identity.PathPermission
	}{
		"AList counts every path of a role":       {`"role":[4],"permission":0,"permissions":[{"path":"/","permission":8},{"path":"/x","permission":1024}]`, 1032},
		"AList with no path":                      {`"role":[4],"permission":1024,"permissions":[]`, 0},
		"AList's administrator":                   {`"role":[2],"permission":0,"permissions":null`, identity.PathAll},
		"AList before roles by path, or OpenList": {`"role":0,"permission":1024`, 1024},
		"an administrator before roles by path":   {`"role":2,"permission":0`, identity.PathAll},
		"Latchkey counts the base path":           {`"role":[4],"permission":8,"password_must_change":false,"permissions":[{"path":"/x","permission":1024}]`, 8},
		"bits that mean nothing":                  {`"role":0,"permission":-1`, identity.PathKnown},
	} {
		c := open(t, options(t, listen(t, jsonSays(`{"code":200,"data":{"id":3,"username":"bob",`+tc.me+`}}`))))
		if me, err := account(t, c, grant()).Me(t.Context()); err != nil || me.Permission != tc.want {
			t.Errorf("%s: %b, %v; want %b", name, me.Permission, err, tc.want)
		}
	}
}

// TestWithoutKnowingThisDevice: ending all the others would end it too.
func TestWithoutKnowingThisDevice(t *testing.T) {
	g := grant()
	g.Device = ""
	a := account(t, play(t, "alist-unknown-device"), g)
	_, err := a.EndOtherDevices(t.Context())
	wants(t, err, "device_unknown")
}

func TestCapabilities(t *testing.T) {
	for _, tc := range []struct {
		server             remote.Server
		devices, keys, off bool
	}{
		{remote.Server{Kind: remote.Latchkey, Version: "0.1.0"}, true, true, true},
		{remote.Server{Kind: remote.AList, Version: "3.62.0"}, true, true, false},
		{remote.Server{Kind: remote.AList, Version: "3.51.9"}, false, true, false},
		{remote.Server{Kind: remote.AList, Version: "3.41.0"}, false, false, false},
		{remote.Server{Kind: remote.OpenList, Version: "4.0.0"}, false, true, false},
		{remote.Server{Kind: remote.Other}, true, true, false},
	} {
		got := tc.server.Capabilities()
		if got.Devices != tc.devices || got.SSHKeys != tc.keys || got.FactorOff != tc.off || got.FixedLock != tc.off {
			t.Errorf("%+v: %+v", tc.server, got)
		}
	}
}

func TestRefusalKeepsTheServersWords(t *testing.T) {
	a := account(t, play(t, "alist-refusals"), grant())
	for range 8 {
		_, err := a.Me(t.Context())
		r, ok := errors.AsType[*remote.RefusalError](err)
		if !ok || r.Status != 200 || r.Said == "" || r.Code < 400 {
			t.Errorf("the cause of %v is %+v", err, r)
		}
	}
}
