package app

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"latchkey/backend/account"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// A signInDesk is a testDesk with a server of its own and the screens at it.
type signInDesk struct {
	*testDesk
	own     Server
	signIn  *SignIn
	account *Account
}

func newSignInDesk(t testing.TB) *signInDesk {
	d := newTestDesk(t)
	return &signInDesk{testDesk: d, own: d.withOwn(t), signIn: &SignIn{d.desk}, account: &Account{d.desk}}
}

func (d *signInDesk) credentials(password, code string) Credentials {
	return Credentials{ID: d.own.ID, Username: testUser, Password: password, Code: code}
}

// elsewhere signs in on another device of the same person.
func (d *signInDesk) elsewhere(t testing.TB, cr remote.Credentials) *remote.Account {
	t.Helper()
	base, err := remote.ParseBase("http://localhost")
	if err != nil {
		t.Fatal(err)
	}
	c := remote.New(remote.Options{
		Base: base, ClientID: "ffffffffffffffffffffffffffffffff", UserAgent: "phone", Transport: d.desk.own.transport(), Env: d.env,
	})
	t.Cleanup(c.Close)
	g, err := c.SignIn(t.Context(), cr)
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.Account(g)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// turnOn turns the second factor on and returns its secret and recovery codes.
func (d *signInDesk) turnOn(t testing.TB) (key string, recovery []string) {
	t.Helper()
	s, err := d.account.StartFactor(d.own.ID)
	if err != nil {
		t.Fatal(err)
	}
	enabled, err := d.account.EnableFactor(Enable{ID: d.own.ID, Secret: s.Secret, Code: codeAt(t, s.Secret, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return s.Secret, enabled.RecoveryCodes
}

// codeAt is the code of a secret some steps of time from now. The server takes
// one step early or late, and each once.
func codeAt(t testing.TB, key string, steps int) string {
	t.Helper()
	code, err := totp.GenerateCode(key, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func (d *signInDesk) now(t testing.TB) Server {
	t.Helper()
	s, err := d.desk.server(t.Context(), servers.ID(d.own.ID))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignIn(t *testing.T) {
	d := newSignInDesk(t)
	if err := d.signIn.SignOut(d.own.ID); err != nil {
		t.Fatal(err)
	}
	if s := d.now(t); s.State != "signed_out" || s.Me != nil || s.Problem != nil {
		t.Errorf("after signing out: %+v", s)
	}
	for _, tc := range []struct {
		what string
		in   Credentials
		want string
	}{
		{"no name", Credentials{ID: d.own.ID, Password: "x"}, "username_missing"},
		{"no password", d.credentials("", ""), "password_missing"},
		{"wrong password", d.credentials("wrong", ""), "credentials_wrong"},
		{"unknown name", Credentials{ID: d.own.ID, Username: "nobody", Password: testPassword}, "credentials_wrong"},
		{"unknown server", Credentials{ID: "none", Username: testUser, Password: testPassword}, "server_unknown"},
	} {
		_, err := d.signIn.SignIn(tc.in)
		checkProblem(t, tc.what, err, tc.want)
	}
	s, err := d.signIn.SignIn(d.credentials(testPassword, ""))
	if err != nil || s.State != "signed_in" || s.Me == nil || s.Me.Username != testUser || s.Username != testUser {
		t.Errorf("SignIn = %+v, %v", s, err)
	}
	checkProblem(t, "sign out of nothing", d.signIn.SignOut("none"), "server_unknown")
}

// TestSignInWithCode: a missing code is asked for and not counted, a wrong one
// is; a used one is worth nothing; a recovery code does as well, once.
func TestSignInWithCode(t *testing.T) {
	d := newSignInDesk(t)
	key, recovery := d.turnOn(t)
	until(t, "the page knows that a code is wanted", func() bool { return d.now(t).CodeExpected })
	for _, tc := range []struct{ what, code, want string }{
		{"no code", "", "code_needed"},
		{"again", "", "code_needed"},
		{"the code that turned it on", codeAt(t, key, 0), "code_wrong"},
		{"a wrong code", "000000", "code_wrong"},
		{"the next code, with a space", codeAt(t, key, 1)[:3] + " " + codeAt(t, key, 1)[3:], ""},
		{"the same again", codeAt(t, key, 1), "code_wrong"},
		{"a recovery code", recovery[0], ""},
		{"the same recovery code", recovery[0], "code_wrong"},
	} {
		_, err := d.signIn.SignIn(d.credentials(testPassword, tc.code))
		checkProblem(t, tc.what, err, tc.want)
	}
	if f, err := d.account.Factor(d.own.ID); err != nil || f != (Factor{On: true, RecoveryCodesLeft: len(recovery) - 1}) {
		t.Errorf("Factor = %+v, %v", f, err)
	}
}

// TestSignInLocks: five failures lock, and the answer tells for how long.
func TestSignInLocks(t *testing.T) {
	d := newSignInDesk(t)
	for range 5 {
		_, err := d.signIn.SignIn(d.credentials("wrong", ""))
		checkProblem(t, "wrong password", err, "credentials_wrong")
	}
	_, err := d.signIn.SignIn(d.credentials(testPassword, ""))
	checkProblem(t, "locked", err, "too_many_attempts")
	if p := asProblem(err); p.RetryAfter < 200 || p.RetryAfter > 300 {
		t.Errorf("wait %v seconds; want five minutes", p.RetryAfter)
	}
	if s := d.now(t); s.State != "signed_in" {
		t.Errorf("a lock signed out who was in: %s", s.State)
	}
}

// mustChange has the person change their password, as an administrator at the
// command line would.
func (d *signInDesk) mustChange(t testing.TB) {
	t.Helper()
	cfg, err := config.Load(d.conf.Settings)
	if err != nil {
		t.Fatal(err)
	}
	core, err := server.OpenCore(t.Context(), cfg, server.Options{Env: d.env, Log: d.log, Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	_, err = core.Accounts.UpdateUser(t.Context(), identity.AdminID, account.UserChange{MustChange: &yes}, identity.Origin{Rights: identity.Everything()})
	if err := errors.Join(err, core.Close()); err != nil {
		t.Fatal(err)
	}
	until(t, "the server has seen it", func() bool {
		st, err := d.companion.Servers.Check(t.Context(), servers.ID(d.own.ID))
		return err == nil && st.Me.MustChangePassword
	})
}

func TestForcedChange(t *testing.T) {
	const next = "four words and a comma,"
	d := newSignInDesk(t)
	d.mustChange(t)
	s, err := d.signIn.SignIn(d.credentials(testPassword, ""))
	if err != nil || s.Me == nil || !s.Me.MustChangePassword {
		t.Fatalf("SignIn = %+v, %v", s, err)
	}
	_, err = d.account.StartFactor(d.own.ID)
	checkProblem(t, "anything else", err, "password_change_required")
	for _, tc := range []struct{ what, current, next, want string }{
		{"wrong current one", "wrong", next, "password_wrong"},
		{"too short", testPassword, "short", "password_too_short"},
		{"the same", testPassword, testPassword, "password_unchanged"},
		{"none", testPassword, "", "new_password_missing"},
		{"a good one", testPassword, next, ""},
	} {
		s, err = d.signIn.ChangePassword(ForcedChange{ID: d.own.ID, Username: testUser, Current: tc.current, Next: tc.next})
		checkProblem(t, tc.what, err, tc.want)
	}
	if s.State != "signed_in" || s.Me.MustChangePassword {
		t.Errorf("afterwards: %+v", s)
	}
	_, err = d.signIn.SignIn(d.credentials(testPassword, ""))
	checkProblem(t, "the old password", err, "credentials_wrong")
}

// TestForcedChangeWithCode: the code that signed in is spent, so the change
// succeeds and signing in again asks for the next one.
func TestForcedChangeWithCode(t *testing.T) {
	const next = "four words and a comma,"
	d := newSignInDesk(t)
	key, _ := d.turnOn(t)
	d.mustChange(t)
	if _, err := d.signIn.SignIn(d.credentials(testPassword, codeAt(t, key, 1))); err != nil {
		t.Fatal(err)
	}
	_, err := d.signIn.ChangePassword(ForcedChange{ID: d.own.ID, Username: testUser, Current: testPassword, Next: next})
	checkProblem(t, "changed, but a code is needed", err, "code_needed")
	if s := d.now(t); s.State != "signed_out" {
		t.Errorf("the page does not hear that nobody is signed in: %s", s.State)
	}
	_, err = d.signIn.SignIn(d.credentials(testPassword, ""))
	checkProblem(t, "the old password", err, "credentials_wrong")
	_, err = d.signIn.SignIn(d.credentials(next, ""))
	checkProblem(t, "the new password", err, "code_needed")
}

// TestSecretsStayInTheCall: no password, code or secret gets into the log, an
// answer's error or an event.
func TestSecretsStayInTheCall(t *testing.T) {
	var log bytes.Buffer
	d := newTestDesk(t)
	d.desk.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	own := d.withOwn(t)
	signIn, account := &SignIn{d.desk}, &Account{d.desk}
	const canary = "canary-8f31c2"
	var told strings.Builder
	note := func(err error) {
		if err == nil {
			t.Error("a call with a made-up secret succeeded")
			return
		}
		told.WriteString(err.Error() + asProblem(err).Message + asProblem(err).Details)
	}
	_, err := signIn.SignIn(Credentials{ID: own.ID, Username: testUser, Password: canary, Code: canary})
	note(err)
	_, err = signIn.ChangePassword(ForcedChange{ID: own.ID, Username: testUser, Current: canary, Next: canary, Code: canary})
	note(err)
	_, err = account.ChangePassword(PasswordChange{ID: own.ID, Current: canary, Next: canary, Code: canary})
	note(err)
	_, err = account.Rename(Rename{ID: own.ID, Username: "bob", Password: canary})
	note(err)
	_, err = account.EnableFactor(Enable{ID: own.ID, Secret: canary, Code: canary, Password: canary, CurrentCode: canary})
	note(err)
	note(account.DisableFactor(Proof{ID: own.ID, Password: canary, Code: canary}))
	_, err = account.NewRecoveryCodes(Proof{ID: own.ID, Password: canary, Code: canary})
	note(err)
	_, err = account.MakeDevKey(NewDevKey{ID: own.ID, Name: "x", Password: canary, Code: canary})
	note(err)
	d.screen.failing = errFailed
	_, err = account.SaveDevKey(ShownDevKey{ID: own.ID, Name: "x", Text: canary})
	note(err)
	_, err = account.SaveCodes(RecoveryCodes{ID: own.ID, Codes: []string{canary}})
	note(err)
	d.close()
	for _, line := range d.desk.own.book.lines() {
		told.WriteString(line.Text)
	}
	if all := told.String() + log.String(); strings.Contains(all, canary) {
		t.Errorf("the canary sings in %q", all)
	}
	if told.Len() == 0 {
		t.Error("nothing was looked at")
	}
}
