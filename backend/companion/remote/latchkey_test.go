package remote_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// ways runs a test against a server of ours over each transport.
func ways(t *testing.T, test func(t *testing.T, o remote.Options)) {
	t.Run("http", func(t *testing.T) {
		test(t, options(t, latchkey(t, nil).Addresses().HTTP))
	})
	t.Run("https", func(t *testing.T) {
		a := latchkey(t, map[string]string{"lan": "true", "http": "0.0.0.0:0"}).Addresses()
		o := options(t, a.HTTP)
		o.Pin = remote.Fingerprint(a.Certificate)
		test(t, o)
	})
	t.Run("in process", func(t *testing.T) {
		o := options(t, "http://localhost")
		o.Transport = remote.InProcess(latchkey(t, nil).Handler())
		test(t, o)
	})
}

func signIn(t *testing.T, c *remote.Client, cr remote.Credentials) *remote.Account {
	t.Helper()
	g, err := c.SignIn(t.Context(), cr)
	if err != nil {
		t.Fatal(err)
	}
	return account(t, c, g)
}

func TestLatchkey(t *testing.T) {
	ways(t, func(t *testing.T, o remote.Options) {
		c := open(t, o)
		detect(t, c, remote.Server{Kind: remote.Latchkey, Version: "1.2.3", Title: "Latchkey", SFTP: remote.SFTP{Off: true}})
		bad := credentials("admin")
		bad.Password = secret.New("wrong")
		_, err := c.SignIn(t.Context(), bad)
		wants(t, err, "credentials_wrong")

		g, err := c.SignIn(t.Context(), credentials("admin"))
		if err != nil || len(g.Device) != 32 {
			t.Fatalf("SignIn = %+v, %v", g, err)
		}
		if left := time.Until(g.ExpiresAt); left < 47*time.Hour || left > 49*time.Hour {
			t.Errorf("expires in %v", left)
		}
		a := account(t, c, g)
		me, err := a.Me(t.Context())
		if err != nil || me.Username != "admin" || !me.Admin || !me.SFTP() || me.SecondFactor || me.MustChangePassword {
			t.Errorf("Me = %+v, %v", me, err)
		}
		o.ClientID = "another"
		latchkeyDevices(t, a, open(t, o))
		latchkeyKeys(t, a)
		latchkeyPassword(t, a, c)
	})
}

// Before anybody has signed in the server tells where its files are reached and
// by which key it is known there.
func TestLatchkeyTellsOfSFTP(t *testing.T) {
	s := latchkey(t, map[string]string{"sftp": "127.0.0.1:0"})
	at := s.Addresses()
	_, port, _ := net.SplitHostPort(at.SFTP)
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	got, err := open(t, options(t, at.HTTP)).Detect(t.Context())
	if err != nil || got.SFTP.Off || got.SFTP.Port != n || len(got.SFTP.HostKeys) == 0 || string(got.SFTP.HostKeys[0]) != at.HostKeys[0] {
		t.Errorf("Detect = %+v, %v; want the port and keys of %+v", got, err, at)
	}
}

func latchkeyDevices(t *testing.T, a *remote.Account, elsewhere *remote.Client) {
	t.Helper()
	ctx := t.Context()
	defer elsewhere.Close()
	other := signIn(t, elsewhere, credentials("admin"))
	list, err := a.Devices(ctx)
	if err != nil || len(list) != 2 || !list[0].Current || list[1].Current || list[0].UserAgent != "Latchkey test" {
		t.Fatalf("Devices = %+v, %v", list, err)
	}
	all, err := a.AllDevices(ctx)
	if err != nil || len(all) != 2 || all[1].Username != "admin" || all[1].User != identity.AdminID {
		t.Errorf("AllDevices = %+v, %v", all, err)
	}
	if err := a.EndDevice(ctx, list[1].ID); err != nil {
		t.Error(err)
	}
	_, err = other.Me(ctx)
	wants(t, err, "session_ended")
	if !remote.SignedOut(err) {
		t.Error("the other device is still signed in")
	}
	wants(t, a.EndDevice(ctx, "00000000000000000000000000000000"), "session_not_found")

	other = signIn(t, elsewhere, credentials("admin"))
	if n, err := a.EndOtherDevices(ctx); n != 1 || err != nil {
		t.Errorf("EndOtherDevices = %d, %v", n, err)
	}
	_, err = other.Me(ctx)
	wants(t, err, "session_ended")
}

func latchkeyKeys(t *testing.T, a *remote.Account) {
	t.Helper()
	ctx := t.Context()
	if err := a.AddSSHKey(ctx, remote.NewSSHKey{Title: "laptop", Line: knownKey}); err != nil {
		t.Fatal(err)
	}
	wants(t, a.AddSSHKey(ctx, remote.NewSSHKey{Title: "again", Line: knownKey}), "ssh_key_known")
	e := refused(t, a.AddSSHKey(ctx, remote.NewSSHKey{Title: strings.Repeat("x", 101), Line: newKey}), "ssh_key_title_invalid")
	if e.Field != "title" {
		t.Errorf("the field is %q", e.Field)
	}
	keys, err := a.SSHKeys(ctx)
	if err != nil || len(keys) != 1 || keys[0].Type != "ssh-ed25519" || !keys[0].LastUsedAt.IsZero() ||
		keys[0].Fingerprint != "SHA256:3uMWgSMhi9Z6OKbOdLkqSYMykglfjUz5f2k77b7L+X0" {
		t.Fatalf("SSHKeys = %+v, %v", keys, err)
	}
	latchkeyKeyRules(t, a, keys[0].ID)
	if err := a.DeleteSSHKey(ctx, keys[0].ID); err != nil {
		t.Error(err)
	}
	wants(t, a.LimitSSHKey(ctx, keys[0].ID, identity.KeyRules{}), "ssh_key_not_found")
	wants(t, a.DeleteSSHKey(ctx, keys[0].ID), "ssh_key_not_found")
}

func latchkeyKeyRules(t *testing.T, a *remote.Account, id identity.SSHKeyID) {
	t.Helper()
	ctx := t.Context()
	rules := identity.KeyRules{ExpiresAt: time.Now().Add(time.Hour).Round(time.Microsecond), From: "192.168.1.0/24,2001:db8::/32", ReadOnly: true, Folder: "/photos"}
	if err := a.LimitSSHKey(ctx, id, rules); err != nil {
		t.Fatal(err)
	}
	is := func(want identity.KeyRules) {
		t.Helper()
		keys, err := a.SSHKeys(ctx)
		if err != nil || len(keys) != 1 {
			t.Fatalf("SSHKeys = %+v, %v", keys, err)
		}
		got := keys[0].Rules
		if !got.ExpiresAt.Equal(want.ExpiresAt) || got.From != want.From || got.ReadOnly != want.ReadOnly || got.Folder != want.Folder {
			t.Errorf("the rules are %+v, want %+v", got, want)
		}
	}
	is(rules)
	for code, bad := range map[string]identity.KeyRules{
		"ssh_key_expired": {ExpiresAt: time.Unix(1, 0)}, "ssh_key_from_invalid": {From: "192.168.1.0/16"}, "ssh_key_folder_invalid": {Folder: "../x"},
	} {
		if e := refused(t, a.LimitSSHKey(ctx, id, bad), code); e.Field == "" {
			t.Errorf("%s names no field", code)
		}
	}
	is(rules)
	if err := a.AddSSHKey(ctx, remote.NewSSHKey{Title: "limited", Line: newKey, Rules: identity.KeyRules{ReadOnly: true}}); err != nil {
		t.Fatal(err)
	}
	keys, err := a.SSHKeys(ctx)
	if err != nil || len(keys) != 2 || keys[1].Rules != (identity.KeyRules{ReadOnly: true}) {
		t.Fatalf("SSHKeys = %+v, %v", keys, err)
	}
	if err := a.DeleteSSHKey(ctx, keys[1].ID); err != nil {
		t.Error(err)
	}
}

func latchkeyPassword(t *testing.T, a *remote.Account, c *remote.Client) {
	t.Helper()
	ctx := t.Context()
	wants(t, a.ChangePassword(ctx, remote.PasswordChange{Current: secret.New("wrong"), New: secret.New("a new password")}), "password_wrong")
	for text, want := range map[string]string{
		"short": "password_too_short", "password123": "password_common", password: "password_unchanged",
		strings.Repeat("long", 300): "password_too_long",
	} {
		e := refused(t, a.ChangePassword(ctx, remote.PasswordChange{Current: secret.New(password), New: secret.New(text)}), want)
		if e.Field != "new_password" || text == "short" && !strings.Contains(e.Message, "at least 8 characters") {
			t.Errorf("%s: %s of %q", want, e.Message, e.Field)
		}
	}
	for name, want := range map[string]string{
		"guest": "username_taken", "a b": "username_character", strings.Repeat("a", 65): "username_too_long", " ": "username_missing",
	} {
		if e := refused(t, a.Rename(ctx, remote.NameChange{Username: name}), want); e.Field != "username" {
			t.Errorf("%s of %q", want, e.Field)
		}
	}
	if err := a.ChangePassword(ctx, remote.PasswordChange{Current: secret.New(password), New: secret.New("a new password")}); err != nil {
		t.Fatal(err)
	}
	_, err := a.Me(ctx)
	wants(t, err, "password_changed")
	cr := credentials("admin")
	cr.Password = secret.New("a new password")
	a = signIn(t, c, cr)
	if err := a.Rename(ctx, remote.NameChange{Username: "ann"}); err != nil {
		t.Error(err)
	}
	if me, err := a.Me(ctx); err != nil || me.Username != "ann" {
		t.Errorf("Me = %+v, %v", me, err)
	}
	if err := a.SignOut(ctx); err != nil {
		t.Error(err)
	}
	_, err = a.Me(ctx)
	wants(t, err, "token_refused")
}

func TestLatchkeySecondFactor(t *testing.T) {
	c := open(t, options(t, latchkey(t, nil).Addresses().HTTP))
	ctx := t.Context()
	a := signIn(t, c, credentials("admin"))
	key, err := a.StartFactor(ctx)
	if err != nil {
		t.Fatal(err)
	}
	code := func(at time.Time) string {
		text, err := totp.GenerateCode(key.Reveal(), at)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	_, err = a.EnableFactor(ctx, remote.FactorSetUp{Secret: key, Code: "000000"})
	wants(t, err, "new_code_wrong")
	_, err = a.EnableFactor(ctx, remote.FactorSetUp{Secret: secret.New("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), Code: "000000"})
	wants(t, err, "factor_not_started")
	codes, err := a.EnableFactor(ctx, remote.FactorSetUp{Secret: key, Code: code(time.Now()), RecoveryCodes: true})
	if err != nil || len(codes) != 10 {
		t.Fatalf("EnableFactor = %d codes, %v", len(codes), err)
	}
	if f, err := a.Factor(ctx); err != nil || f != (remote.Factor{On: true, RecoveryCodesLeft: 10}) {
		t.Errorf("Factor = %+v, %v", f, err)
	}

	cr := credentials("admin")
	_, err = c.SignIn(ctx, cr)
	wants(t, err, "code_needed")
	cr.Code = "000000"
	_, err = c.SignIn(ctx, cr)
	wants(t, err, "code_wrong")
	cr.Code = codes[0].Reveal()
	a = signIn(t, c, cr)

	_, err = a.EnableFactor(ctx, remote.FactorSetUp{Secret: key, Code: "000000"})
	wants(t, err, "factor_not_started")
	_, err = a.NewRecoveryCodes(ctx, remote.Proof{})
	wants(t, err, "code_needed")
	_, err = a.NewRecoveryCodes(ctx, remote.Proof{Code: "000000"})
	wants(t, err, "code_wrong")
	fresh, err := a.NewRecoveryCodes(ctx, remote.Proof{Code: codes[1].Reveal()})
	if err != nil || len(fresh) != 10 {
		t.Fatalf("NewRecoveryCodes = %d, %v", len(fresh), err)
	}
	wants(t, a.DisableFactor(ctx, remote.Proof{Code: fresh[0].Reveal(), Password: secret.New("wrong")}), "password_wrong")
	if err := a.DisableFactor(ctx, remote.Proof{Code: fresh[1].Reveal(), Password: secret.New(password)}); err != nil {
		t.Error(err)
	}
	wants(t, a.DisableFactor(ctx, remote.Proof{Code: fresh[2].Reveal()}), "factor_off")
}

func TestLatchkeyLock(t *testing.T) {
	c := open(t, options(t, latchkey(t, nil).Addresses().HTTP))
	bad := credentials("admin")
	bad.Password = secret.New("wrong")
	for range 5 {
		_, err := c.SignIn(t.Context(), bad)
		wants(t, err, "credentials_wrong")
	}
	_, err := c.SignIn(t.Context(), credentials("admin"))
	if e := refused(t, err, "too_many_attempts"); e.RetryAfter < 4*time.Minute || e.RetryAfter > 5*time.Minute {
		t.Errorf("wait %v", e.RetryAfter)
	}
}

func TestPinnedCertificate(t *testing.T) {
	first := latchkey(t, map[string]string{"lan": "true", "http": "0.0.0.0:0"}).Addresses()
	o := options(t, first.HTTP)

	shown, err := remote.Inspect(t.Context(), o)
	if err != nil || string(shown.Fingerprint) != first.Certificate || shown.Doubt != remote.SelfMade || shown.Issuer != "Latchkey" {
		t.Fatalf("Inspect = %+v, %v; want %s", shown, err, first.Certificate)
	}
	_, err = open(t, o).SignIn(t.Context(), credentials("admin"))
	wants(t, err, "certificate_untrusted")
	if e, ok := errors.AsType[*remote.CertificateError](err); !ok || e.Shown.Fingerprint != shown.Fingerprint || e.Accepted != "" {
		t.Errorf("the cause is %v", err)
	}

	o.Pin = shown.Fingerprint
	signIn(t, open(t, o), credentials("admin"))

	second := latchkey(t, map[string]string{"lan": "true", "http": "0.0.0.0:0"}).Addresses()
	o.Base = base(t, second.HTTP)
	_, err = open(t, o).SignIn(t.Context(), credentials("admin"))
	wants(t, err, "certificate_changed")
	e, ok := errors.AsType[*remote.CertificateError](err)
	if !ok || e.Accepted != shown.Fingerprint || string(e.Shown.Fingerprint) != second.Certificate {
		t.Errorf("the cause is %v", err)
	}
}

func TestCertificateThatTheSystemTrusts(t *testing.T) {
	dir := t.TempDir()
	a := latchkey(t, map[string]string{"data": dir, "lan": "true", "http": "0.0.0.0:0"}).Addresses()
	pem, err := os.ReadFile(filepath.Join(dir, "secrets", "tls.crt"))
	if err != nil {
		t.Fatal(err)
	}
	o := options(t, a.HTTP)
	o.Roots = x509.NewCertPool()
	o.Roots.AppendCertsFromPEM(pem)
	if shown, err := remote.Inspect(t.Context(), o); err != nil || shown.Doubt != remote.NoDoubt || string(shown.Fingerprint) != a.Certificate {
		t.Errorf("Inspect = %+v, %v", shown, err)
	}
	signIn(t, open(t, o), credentials("admin"))

	far := o
	far.Env.Now = func() time.Time { return time.Now().AddDate(50, 0, 0) }
	if shown, err := remote.Inspect(t.Context(), far); err != nil || shown.Doubt != remote.OutOfDate {
		t.Errorf("in fifty years: %+v, %v", shown, err)
	}
}

func TestMustChangePassword(t *testing.T) {
	s := latchkey(t, nil)
	ctx := context.Background()
	u, err := s.Core().Accounts.User(ctx, identity.AdminID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Core().Store.UpdateUser(ctx, u.ID, func(u identity.User) (identity.User, error) {
		u.MustChangePassword = true
		return u, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a := signIn(t, open(t, options(t, s.Addresses().HTTP)), credentials("admin"))
	if me, err := a.Me(t.Context()); err != nil || !me.MustChangePassword {
		t.Errorf("Me = %+v, %v", me, err)
	}
	_, err = a.Devices(t.Context())
	if e := refused(t, err, "password_change_required"); e.Kind != identity.PasswordChangeRequired {
		t.Errorf("kind %v", e.Kind)
	}
	if err := a.ChangePassword(t.Context(), remote.PasswordChange{New: secret.New("a new password")}); err != nil {
		t.Error(err)
	}
}

func TestProofIsNeededLater(t *testing.T) {
	var later atomic.Int64
	s := latchkeyAt(t, nil, func() time.Time { return time.Now().Add(time.Duration(later.Load())) })
	c := open(t, options(t, s.Addresses().HTTP))
	a := signIn(t, c, credentials("admin"))
	later.Store(int64(11 * time.Minute))
	fresh := secret.New("a new password")
	wants(t, a.ChangePassword(t.Context(), remote.PasswordChange{New: fresh}), "proof_needed")
	wants(t, a.ChangePassword(t.Context(), remote.PasswordChange{New: fresh, Current: fresh}), "password_wrong")
	if err := a.ChangePassword(t.Context(), remote.PasswordChange{New: fresh, Current: secret.New(password)}); err != nil {
		t.Error(err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	c := open(t, options(t, latchkey(t, nil).Addresses().HTTP))
	cr := credentials("admin")
	g, err := c.SignIn(t.Context(), cr)
	if err != nil {
		t.Fatal(err)
	}
	cr.Password = secret.New("another-" + password)
	_, refused := c.SignIn(t.Context(), cr)
	broken := options(t, listen(t, hangUp))
	_, lost := open(t, broken).SignIn(t.Context(), cr)
	_, lost2 := account(t, open(t, broken), g).Me(t.Context())
	for _, text := range []string{
		fmt.Sprintf("%+v %#v %v", g, g, cr), fmt.Sprint(refused), fmt.Sprint(lost), fmt.Sprint(lost2),
	} {
		for _, s := range []string{password, g.Token.Reveal()} {
			if strings.Contains(text, s) {
				t.Errorf("a secret is printed: %s", strings.ReplaceAll(text, s, "SECRET"))
			}
		}
	}
}
