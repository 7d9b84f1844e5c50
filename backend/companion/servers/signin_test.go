package servers_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

func TestSignInAndOut(t *testing.T) {
	d, m := newDesk(t), newMachine(t, nil)
	ctx := t.Context()
	s := d.add("NAS", m.Addresses().HTTP)
	d.stands(s.ID, servers.SignedOut, "")
	wants(t, d.Act(ctx, s.ID, nil), "not_signed_in")

	me, err := d.SignIn(ctx, s.ID, admin())
	if err != nil || me.Username != "admin" {
		t.Fatalf("SignIn = %+v, %v", me, err)
	}
	status, err := d.Status(ctx, s.ID)
	if err != nil || status.State != servers.SignedIn || status.Me.Username != "admin" || status.Err != nil {
		t.Errorf("Status = %+v, %v", status, err)
	}
	kept := d.server(s.ID)
	if kept.Username != "admin" || kept.Kind != remote.Latchkey || kept.Version != "1.2.3" || kept.Last != servers.SignedIn {
		t.Errorf("%+v", kept)
	}

	d.open() // the program starts again
	d.stands(s.ID, servers.SignedIn, "")
	err = d.Act(ctx, s.ID, func(ctx context.Context, a *remote.Account) error {
		list, err := a.Devices(ctx)
		if err != nil || len(list) != 1 || !list[0].Current {
			t.Errorf("Devices = %+v, %v", list, err)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}

	if err := d.SignOut(ctx, s.ID); err != nil || d.vault.size() != 0 {
		t.Errorf("SignOut = %v, %d records left", err, d.vault.size())
	}
	d.stands(s.ID, servers.SignedOut, "")
	if err := d.SignOut(ctx, s.ID); err != nil {
		t.Errorf("the second time: %v", err)
	}
	noSecrets(t, d)
}

// noSecrets looks for secrets in the list on the disk.
func noSecrets(t *testing.T, d *desk) {
	t.Helper()
	text, err := os.ReadFile(d.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{password, "token-a", "eyJ"} {
		if strings.Contains(string(text), s) {
			t.Errorf("the list holds a secret: %s", text)
		}
	}
}

func TestSignedOutElsewhere(t *testing.T) {
	d, m := newDesk(t), newMachine(t, nil)
	s := d.add("NAS", m.Addresses().HTTP)
	d.signIn(s.ID)
	other := newDesk(t)
	o := other.add("NAS", m.Addresses().HTTP)
	other.signIn(o.ID)
	err := other.Act(t.Context(), o.ID, func(ctx context.Context, a *remote.Account) error {
		_, err := a.EndOtherDevices(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// A screen notices first.
	err = d.Act(t.Context(), s.ID, func(ctx context.Context, a *remote.Account) error {
		_, err := a.SSHKeys(ctx)
		return err
	})
	wants(t, err, "session_ended")
	status, err := d.Status(t.Context(), s.ID)
	if err != nil || status.State != servers.SignedOut || status.Err == nil || status.Err.Code != "session_ended" || d.vault.size() != 0 {
		t.Errorf("Status = %+v, %v", status, err)
	}
	// The reason stays until somebody signs in.
	d.stands(s.ID, servers.SignedOut, "session_ended")
	d.signIn(s.ID)
	d.stands(s.ID, servers.SignedIn, "")
}

// TestRefusedTokenIsSentOnce is N08: what a server has refused it is not asked
// again.
func TestRefusedTokenIsSentOnce(t *testing.T) {
	f := newFake(alist())
	f.set("POST /api/auth/login/hash", grantA)
	f.set("GET /api/me", meBob)
	d := newDesk(t)
	s := d.add("NAS", f.serve(t))
	d.signIn(s.ID)
	if !d.server(s.ID).CodeExpected {
		t.Error("the second factor was not remembered")
	}
	before := f.count("GET /api/me")
	f.set("GET /api/me", refusal(401, "token is invalidated"))
	for range 5 {
		d.stands(s.ID, servers.SignedOut, "token_refused")
	}
	if n := f.count("GET /api/me") - before; n != 1 || d.vault.size() != 0 {
		t.Errorf("the refused token was sent %d times, %d are kept", n, d.vault.size())
	}
	if n := f.count("POST /api/auth/login/hash"); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
}

// TestPassingTroubleKeepsTheToken: only a refusal of the token ends it.
func TestPassingTroubleKeepsTheToken(t *testing.T) {
	f := newFake(alist())
	f.set("POST /api/auth/login/hash", grantA)
	f.set("GET /api/me", meBob)
	d := newDesk(t)
	s := d.add("NAS", f.serve(t))
	d.signIn(s.ID)
	for answer, want := range map[string]struct {
		state servers.State
		code  string
	}{
		"<html>":  {servers.Offline, "server_not_alist"},
		"garbage": {servers.Offline, "server_garbled"},
		refusal(500, "Loading storage, please wait"):     {servers.Offline, "server_starting"},
		refusal(403, "too many active devices"):          {servers.SignedOut, "too_many_devices"},
		strings.Repeat("x", 2<<20):                       {servers.Offline, "server_too_much"},
		strings.Replace(meBob, `"role":[3]`, `"x":1`, 1): {servers.SignedIn, ""},
	} {
		f.set("GET /api/me", answer)
		d.stands(s.ID, want.state, want.code)
		if d.vault.size() != 1 {
			t.Fatalf("the token was forgotten after %.40q", answer)
		}
	}
}

func TestOneClickIsOneSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(alist())
		f.set("POST /api/auth/login/hash", grantA)
		f.set("GET /api/me", meBob)
		release := make(chan struct{})
		f.before = func(route string) {
			if route == "POST /api/auth/login/hash" {
				<-release
			}
		}
		d, s := ownDesk(t, remote.InProcess(f))
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if me, err := d.SignIn(t.Context(), s.ID, admin()); err != nil || me.Username != "bob" {
					t.Errorf("SignIn = %+v, %v", me, err)
				}
			})
		}
		synctest.Wait()
		other := admin()
		other.Code = "123456"
		_, err := d.SignIn(t.Context(), s.ID, other)
		wants(t, err, "sign_in_running")
		ctx, cancel := contextThatEnds(t)
		defer cancel()
		_, err = d.SignIn(ctx, s.ID, admin())
		wants(t, err, "call_cancelled")
		close(release)
		wg.Wait()
		if n := f.count("POST /api/auth/login/hash"); n != 1 {
			t.Errorf("%d sign-ins went out", n)
		}
	})
}

func TestLockedSignIn(t *testing.T) {
	f := newFake(alist())
	f.set("POST /api/auth/login/hash", refusal(429, "Too many unsuccessful sign-in attempts have been made using an incorrect username or password, Try again later."))
	d := newDesk(t)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	d.conf.Env.Now = func() time.Time { return now }
	d.open()
	s := d.add("NAS", f.serve(t))
	for range 3 {
		_, err := d.SignIn(t.Context(), s.ID, admin())
		wants(t, err, "too_many_attempts")
		d.open() // another program does not try either
	}
	if n := f.count("POST /api/auth/login/hash"); n != 1 {
		t.Errorf("%d sign-ins went out", n)
	}
	now = now.Add(5 * time.Minute)
	f.set("POST /api/auth/login/hash", grantA)
	f.set("GET /api/me", meBob)
	d.signIn(s.ID)
	if !d.server(s.ID).LockedUntil.IsZero() {
		t.Error("still locked")
	}
	// A clock that was wrong locks nobody out.
	f.set("POST /api/auth/login/hash", refusal(429, ""))
	_, err := d.SignIn(t.Context(), s.ID, admin())
	wants(t, err, "too_many_attempts")
	now = now.AddDate(-1, 0, 0)
	f.set("POST /api/auth/login/hash", grantA)
	d.signIn(s.ID)
}

func TestLatchkeysLockIsAskedEachTime(t *testing.T) {
	d, m := newDesk(t), newMachine(t, nil)
	s := d.add("NAS", m.Addresses().HTTP)
	d.stands(s.ID, servers.SignedOut, "")
	bad := admin()
	bad.Password = secret.New("wrong")
	for range 5 {
		_, err := d.SignIn(t.Context(), s.ID, bad)
		wants(t, err, "credentials_wrong")
	}
	_, err := d.SignIn(t.Context(), s.ID, admin())
	wants(t, err, "too_many_attempts")
	if !d.server(s.ID).LockedUntil.IsZero() {
		t.Error("kept a lock that the server's administrator may lift")
	}
}

func TestWrongPasswordKeepsWhoIsSignedIn(t *testing.T) {
	d, m := newDesk(t), newMachine(t, nil)
	s := d.add("NAS", m.Addresses().HTTP)
	d.signIn(s.ID)
	bad := admin()
	bad.Password = secret.New("wrong")
	_, err := d.SignIn(t.Context(), s.ID, bad)
	wants(t, err, "credentials_wrong")
	if status, err := d.Status(t.Context(), s.ID); err != nil || status.State != servers.SignedIn {
		t.Errorf("%+v, %v", status, err)
	}
	d.stands(s.ID, servers.SignedIn, "")
}

func TestCodeIsRemembered(t *testing.T) {
	f := newFake(alist())
	f.set("POST /api/auth/login/hash", refusal(402, "Invalid 2FA code"))
	d := newDesk(t)
	s := d.add("NAS", f.serve(t))
	_, err := d.SignIn(t.Context(), s.ID, admin())
	wants(t, err, "code_needed")
	if !d.server(s.ID).CodeExpected {
		t.Error("the next sign-in would cost another failure")
	}
}

func TestVaultThatDoesNotTakeTheToken(t *testing.T) {
	f := newFake(alist())
	f.set("POST /api/auth/login/hash", grantA)
	f.set("GET /api/me", meBob)
	f.set("GET /api/auth/logout", `{"code":200,"message":"success","data":null}`)
	d := newDesk(t)
	s := d.add("NAS", f.serve(t))
	d.vault.full = identity.NewError(identity.Conflict, "vault_full", "The vault is full.")
	_, err := d.SignIn(t.Context(), s.ID, admin())
	wants(t, err, "vault_full")
	if f.count("GET /api/auth/logout") != 1 {
		t.Error("the token was not given back")
	}
	d.vault.lock(errLocked)
	_, err = d.SignIn(t.Context(), s.ID, admin())
	wants(t, err, "vault_locked")
	if n := f.count("POST /api/auth/login/hash"); n != 1 {
		t.Errorf("%d sign-ins went out; the one with a closed vault should not", n)
	}
	d.stands(s.ID, servers.SignedOut, "vault_locked")
	wants(t, d.SignOut(t.Context(), s.ID), "vault_locked")
	wants(t, d.Act(t.Context(), s.ID, nil), "vault_locked")
	d.vault.lock(nil)
	d.stands(s.ID, servers.SignedOut, "")
}

func TestGuestIsNotSignedIn(t *testing.T) {
	f := newFake(alist())
	f.set("POST /api/auth/login/hash", grantA)
	f.set("GET /api/me", `{"code":200,"data":{"id":1,"username":"guest","role":[1]}}`)
	d := newDesk(t)
	s := d.add("NAS", f.serve(t))
	_, err := d.SignIn(t.Context(), s.ID, admin())
	wants(t, err, "token_ignored")
	if d.vault.size() != 0 || f.count("GET /api/auth/logout") != 0 {
		t.Error("the guest's token was kept, or the guest signed out")
	}
}

// TestAnotherUserGivesTheFirstOnesTokenBack: but the same user, however the
// name is written, must not: on a Latchkey server signing out ends the device,
// and the new token with it.
func TestAnotherUserGivesTheFirstOnesTokenBack(t *testing.T) {
	d, m := newDesk(t), newMachine(t, nil)
	s := d.add("NAS", m.Addresses().HTTP)
	d.signIn(s.ID)
	shouting := admin()
	shouting.Username = " ADMIN "
	if _, err := d.SignIn(t.Context(), s.ID, shouting); err != nil {
		t.Fatal(err)
	}
	d.stands(s.ID, servers.SignedIn, "")
	if name := d.server(s.ID).Username; !strings.EqualFold(strings.TrimSpace(name), "admin") {
		t.Errorf("the name is %q", name)
	}

	f := newFake(alist())
	f.set("POST /api/auth/login/hash", grantA)
	f.set("GET /api/me", meBob)
	f.set("GET /api/auth/logout", `{"code":200,"message":"success","data":null}`)
	s = d.add("AList", f.serve(t))
	d.signIn(s.ID)
	f.set("POST /api/auth/login/hash", grantB)
	f.before = func(route string) {
		if route == "GET /api/me" && f.last() == "token-b" {
			f.set(route, strings.Replace(meBob, `"id":3,"username":"bob"`, `"id":4,"username":"eve"`, 1))
		} else if route == "GET /api/me" {
			f.set(route, meBob)
		}
	}
	_, err := d.SignIn(t.Context(), s.ID, remote.Credentials{Username: "eve", Password: secret.New(password)})
	if err != nil || f.count("GET /api/auth/logout") != 1 || f.last() != "token-a" {
		t.Errorf("%v, %d times out, last with %s", err, f.count("GET /api/auth/logout"), f.last())
	}
	if !strings.Contains(string(d.vault.records["server/"+string(s.ID)]), "token-b") {
		t.Error("the new token is not kept")
	}
}

// TestRenamedElsewhere: the next sign-in begins with the new name.
func TestRenamedElsewhere(t *testing.T) {
	d, m := newDesk(t), newMachine(t, nil)
	s := d.add("NAS", m.Addresses().HTTP)
	d.signIn(s.ID)
	err := d.Act(t.Context(), s.ID, func(ctx context.Context, a *remote.Account) error {
		return a.Rename(ctx, remote.NameChange{Username: "ann"})
	})
	if err != nil {
		t.Fatal(err)
	}
	d.stands(s.ID, servers.SignedIn, "")
	if name := d.server(s.ID).Username; name != "ann" {
		t.Errorf("the name is %q", name)
	}
}

func TestSetUsername(t *testing.T) {
	d := newDesk(t)
	id := d.add("NAS", "http://127.0.0.1:9").ID
	if s, err := d.SetUsername(t.Context(), id, "ann"); err != nil || s.Username != "ann" || d.server(id).Username != "ann" {
		t.Errorf("SetUsername = %+v, %v", s, err)
	}
	_, err := d.SetUsername(t.Context(), "none", "ann")
	wants(t, err, "server_unknown")
}

// TestTheTokenIsConfirmedOnce: a screen's calls do not each ask who it is.
func TestTheTokenIsConfirmedOnce(t *testing.T) {
	f := newFake(alist())
	f.set("POST /api/auth/login/hash", grantA)
	f.set("GET /api/me", meBob)
	f.set("GET /api/me/sshkey/list", `{"code":200,"data":{"content":null}}`)
	d := newDesk(t)
	s := d.add("NAS", f.serve(t))
	d.signIn(s.ID)
	for range 5 {
		err := d.Act(t.Context(), s.ID, func(ctx context.Context, a *remote.Account) error {
			_, err := a.SSHKeys(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := f.count("GET /api/me"); n > 2 {
		t.Errorf("asked %d times", n)
	}
}

// TestLateRefusal: a refusal of the old token comes in after somebody has
// signed in again, in this program or in another one.
func TestLateRefusal(t *testing.T) {
	for _, elsewhere := range []bool{false, true} {
		f := newFake(alist())
		f.set("POST /api/auth/login/hash", grantA)
		f.set("GET /api/me", meBob)
		d := newDesk(t)
		s := d.add("NAS", f.serve(t))
		d.signIn(s.ID)
		again := d.Book
		if elsewhere {
			again = servers.New(d.conf)
			defer again.Close()
		}
		err := d.Act(t.Context(), s.ID, func(ctx context.Context, a *remote.Account) error {
			f.set("POST /api/auth/login/hash", grantB)
			if _, err := again.SignIn(ctx, s.ID, admin()); err != nil {
				t.Fatal(err)
			}
			f.set("GET /api/me", refusal(401, "token is invalidated"))
			_, err := a.Me(ctx)
			f.set("GET /api/me", meBob)
			return err
		})
		wants(t, err, "token_refused")
		if d.vault.size() != 1 {
			t.Error("the new token was forgotten")
		}
		d.stands(s.ID, servers.SignedIn, "")
	}
}

func TestSignOutWhileTheServerIsAway(t *testing.T) {
	d, m := newDesk(t), newMachine(t, nil)
	s := d.add("NAS", m.Addresses().HTTP)
	d.signIn(s.ID)
	m.stop()
	wants(t, d.SignOut(t.Context(), s.ID), "signed_out_here_only")
	if d.vault.size() != 0 {
		t.Error("the token is still here")
	}
	d.stands(s.ID, servers.Offline, "server_unreachable")
}

func TestTokenThatHasRunOutIsNotSent(t *testing.T) {
	f := newFake(alist())
	d := newDesk(t)
	s := d.add("NAS", f.serve(t))
	for _, record := range []string{`{"token":"token-a","expires_at":"2020-01-01T00:00:00Z"}`, `{"token":""}`, "garbage", `{"token":"a\nb"}`} {
		d.vault.records["server/"+string(s.ID)] = []byte(record)
		if status, err := d.Check(t.Context(), s.ID); err != nil || status.State != servers.SignedOut {
			t.Errorf("%s: %+v, %v", record, status, err)
		}
	}
	if f.count("GET /api/me") != 0 {
		t.Error("it was sent")
	}
}

func TestOwnServer(t *testing.T) {
	m := newMachine(t, nil)
	d := newDesk(t)
	var running http.RoundTripper
	d.conf.Own = func() http.RoundTripper { return running }
	d.open()
	s, err := d.AddOwn(t.Context(), "This computer")
	if err != nil {
		t.Fatal(err)
	}
	d.stands(s.ID, servers.Offline, "server_stopped")
	_, err = d.SignIn(t.Context(), s.ID, admin())
	wants(t, err, "server_stopped")
	wants(t, d.Ask(t.Context(), s.ID, nil), "server_stopped")
	running = remote.InProcess(m.Handler())
	d.stands(s.ID, servers.SignedOut, "")
	d.signIn(s.ID)
	d.stands(s.ID, servers.SignedIn, "")
	err = d.Ask(t.Context(), s.ID, func(ctx context.Context, c *remote.Client) error {
		got, err := c.Detect(ctx)
		if got.Kind != remote.Latchkey {
			t.Errorf("%+v", got)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	running = nil
	wants(t, d.SignOut(t.Context(), s.ID), "signed_out_here_only")
}

func TestRemoving(t *testing.T) {
	d, m := newDesk(t), newMachine(t, nil)
	s := d.add("NAS", m.Addresses().HTTP)
	d.signIn(s.ID)
	if err := d.Remove(t.Context(), s.ID); err != nil || d.vault.size() != 0 {
		t.Errorf("%v, %d tokens", err, d.vault.size())
	}
	if list, err := d.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	wants(t, d.Act(t.Context(), s.ID, nil), "server_unknown")
}

func TestRemovedWhileSigningIn(t *testing.T) {
	f := newFake(alist())
	f.set("POST /api/auth/login/hash", grantA)
	f.set("GET /api/me", meBob)
	f.set("GET /api/auth/logout", `{"code":200,"message":"success","data":null}`)
	d := newDesk(t)
	s := d.add("NAS", f.serve(t))
	f.before = func(route string) {
		if route == "GET /api/me" && f.count("GET /api/me") == 1 {
			if err := d.Remove(t.Context(), s.ID); err != nil {
				t.Error(err)
			}
		}
	}
	_, err := d.SignIn(t.Context(), s.ID, admin())
	wants(t, err, "server_unknown")
	if d.vault.size() != 0 || f.count("GET /api/auth/logout") != 1 {
		t.Errorf("%d tokens are left, %d times out", d.vault.size(), f.count("GET /api/auth/logout"))
	}
}
