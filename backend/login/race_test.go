package login_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
)

// What changes while a password is being checked counts: whoever passes a
// check of how things were is not let in, and leaves no session behind.
func TestChangesDuringTheCheck(t *testing.T) {
	other := "another good one"
	for name, tc := range map[string]struct {
		change func(c *testkit.Core, id identity.UserID) error
		want   error
	}{
		"password changed": {func(c *testkit.Core, id identity.UserID) error {
			_, err := c.Accounts.UpdateUser(context.Background(), id, account.UserChange{Password: &other}, testkit.Origin())
			return err
		}, login.ErrCredentials},
		"disabled": {func(c *testkit.Core, id identity.UserID) error {
			off := true
			_, err := c.Accounts.UpdateUser(context.Background(), id, account.UserChange{Disabled: &off}, testkit.Origin())
			return err
		}, login.ErrCredentials},
		"second factor on": {func(c *testkit.Core, id identity.UserID) error {
			return c.Store.SaveTOTP(context.Background(), identity.TOTP{User: id, SealedSecret: []byte("x")}, nil)
		}, login.ErrCodeNeeded},
	} {
		for door, through := range map[string]func(c *testkit.Core) error{
			"session": func(c *testkit.Core) error { return try(c, "ann", testkit.Password) },
			"SFTP": func(c *testkit.Core) error {
				_, err := c.Login.CheckPassword(context.Background(), testkit.Attempt("ann", testkit.Password))
				return err
			},
		} {
			c := testkit.Open(t, testkit.Options{})
			ann := c.User("ann")
			var once sync.Once
			c.Hasher.During = func() { once.Do(func() { must(t, tc.change(c, ann.ID)) }) }
			want(t, name+", "+door, through(c), tc.want)
			if list, err := c.Sessions.List(t.Context(), ann.ID); err != nil || len(list) != 0 {
				t.Errorf("%s, %s: %d sessions are left, %v", name, door, len(list), err)
			}
			if _, reserved, _ := c.Failures("ann"); reserved != 0 {
				t.Errorf("%s, %s: %d reservations are left", name, door, reserved)
			}
		}
	}
}

// The same while the session is being opened.
func TestPasswordChangesWhileTheSessionOpens(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	c.Store.FailWith(func(method string) error {
		if method != "OpenSession" {
			return nil
		}
		c.Store.FailWith(nil)
		other := "another good one"
		_, err := c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Password: &other}, testkit.Origin())
		return err
	})
	want(t, "the old password", try(c, "ann", testkit.Password), login.ErrCredentials)
	if list, err := c.Sessions.List(t.Context(), ann.ID); err != nil || len(list) != 0 {
		t.Errorf("%d sessions are left, %v", len(list), err)
	}
}

func TestUserDeletedDuringTheCheck(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	c.Hasher.During = func() { must(t, c.Accounts.DeleteUser(t.Context(), ann.ID, testkit.Origin())) }
	if err := try(c, "ann", testkit.Password); err == nil {
		t.Error("a deleted user signed in")
	}
	c.Hasher.During = nil
	wantKind(t, "after that", try(c, "ann", testkit.Password), identity.Unauthenticated)
}

// A password that is proven while somebody changes it proves nothing.
func TestPasswordChangesDuringAProof(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	thief := c.MustWho(c.MustSignIn("ann", "thief").Token)
	theirs, own := "what the thief wants", "what the owner wants"
	var once sync.Once
	c.Hasher.During = func() {
		once.Do(func() {
			_, err := c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Password: &own}, testkit.Origin())
			must(t, err)
		})
	}
	_, err := c.Accounts.UpdateOwn(t.Context(), thief, account.OwnChange{
		Password: &theirs, Proof: account.Proof{Password: password.DigestOf(testkit.Password)},
	}, testkit.Origin())
	if err == nil {
		t.Error("the thief's change passed")
	}
	c.Hasher.During = nil
	must(t, try(c, "ann", own))
}

// Each call to the store that a sign-in makes fails once, one after the other:
// nobody gets in by it, nothing stays reserved, and the next sign-in works.
func TestStoreFailsAnywhere(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, text := range []string{testkit.Password, "wrong"} {
		c := testkit.Open(t, testkit.Options{})
		secret, recovery := withFactor(t, c, "ann")
		failed := 0
		for at := 1; ; at++ {
			c.Clock.Add(time.Minute)
			a := testkit.Attempt("ann", text)
			a.Code = c.Code(secret)
			if at%2 == 0 {
				a.Code = recovery[at/2%len(recovery)]
			}
			calls, method := 0, ""
			c.Store.FailWith(func(m string) error {
				if m == "AppendAudit" { // another goroutine's
					return nil
				}
				if calls++; calls != at {
					return nil
				}
				method = m
				return broken
			})
			_, err := c.SignIn(a, "")
			c.Store.FailWith(nil)
			if calls < at {
				break
			}
			failed++
			what := fmt.Sprintf("call %d, %s, %q", at, method, text)
			if err == nil {
				t.Errorf("%s: signed in", what)
			}
			c.Clock.Add(6 * time.Minute) // no lock is in the way
			a.Password, a.Code = password.DigestOf(testkit.Password), c.Code(secret)
			if _, err := c.SignIn(a, ""); err != nil {
				t.Errorf("%s: the next sign-in: %v", what, err)
			}
			wantFailures(t, c, "ann", 0)
		}
		if failed < 3 {
			t.Errorf("%q: only %d calls failed, so this proves nothing", text, failed)
		}
	}
}

func TestAuditThatCannotBeStored(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	c.Store.FailWith(func(method string) error {
		if method == "AppendAudit" {
			return errors.New("disk full")
		}
		return nil
	})
	must(t, try(c, "ann", testkit.Password))
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(c.Logged(), "action=sign_in"); {
		if time.Now().After(deadline) {
			t.Fatalf("the event is in no log:\n%s", c.Logged())
		}
		<-time.After(time.Millisecond)
	}
}

// A defect in a check must not keep its attempt open.
func TestPanicDuringTheCheck(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	c.Hasher.During = func() { panic("a defect") }
	for range 4 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = try(c, "ann", testkit.Password)
		}()
	}
	c.Hasher.During = nil
	wantFailures(t, c, "ann", 4)
	must(t, try(c, "ann", testkit.Password))
}

const childDir = "LATCHKEY_TEST_CHILD"

// The program is killed while it checks a password. The test runs itself as
// that program.
func TestKilledDuringTheCheck(t *testing.T) {
	if dir := os.Getenv(childDir); dir != "" {
		c := testkit.Open(t, testkit.Options{Dir: dir})
		c.Hasher.During = func() {
			fmt.Println("checking")
			select {} // until it is killed
		}
		_ = try(c, "ann", "wrong")
		return
	}
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	phone := c.MustSignIn("ann", "phone")
	wrong(t, c, "ann", 4)
	c.Close()
	killedWhileChecking(t, c.Dir)

	again := c.Again()
	wantFailures(t, again, "ann", 5)
	wantKind(t, "after the crash", try(again, "ann", testkit.Password), identity.Throttled)
	again.MustWho(phone.Token)
	must(t, again.Store.Check(t.Context()))
}

func killedWhileChecking(t *testing.T, dir string) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestKilledDuringTheCheck$")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "checking" {
	}
	must(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
}
