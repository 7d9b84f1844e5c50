package app

import (
	"image"
	"image/color"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
)

func TestChangePassword(t *testing.T) {
	const next = "four words and a comma,"
	d := newSignInDesk(t)
	phone := d.elsewhere(t, remote.Credentials{Username: testUser, Password: companion.NewSecret(testPassword)})
	for _, tc := range []struct{ what, current, next, want string }{
		{"wrong current one", "wrong", next, "password_wrong"},
		{"none", testPassword, "", "new_password_missing"},
		{"too short", testPassword, "short", "password_too_short"},
		{"a good one", testPassword, "first " + next, ""},
	} {
		_, err := d.account.ChangePassword(PasswordChange{ID: d.own.ID, Current: tc.current, Next: tc.next})
		checkProblem(t, tc.what, err, tc.want)
	}
	if _, err := phone.Me(t.Context()); !remote.SignedOut(err) {
		t.Errorf("the other device: %v", err)
	}
	got, err := d.account.ChangePassword(PasswordChange{ID: d.own.ID, Current: "first " + next, Next: next})
	if err != nil || !got.SignedIn {
		t.Errorf("ChangePassword = %+v, %v", got, err)
	}
	if s := d.now(t); s.State != "signed_in" {
		t.Errorf("afterwards %s", s.State)
	}
}

// TestChangePasswordWithCode: with a second factor this device stays signed in
// if a fresh code is given, and the password is changed in either case.
func TestChangePasswordWithCode(t *testing.T) {
	for _, tc := range []struct {
		what  string
		step  int // of the code; the current one was spent by turning it on
		in    bool
		state string
	}{
		{"a fresh code", 1, true, "signed_in"},
		{"a used code", 0, false, "signed_out"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			d := newSignInDesk(t)
			key, _ := d.turnOn(t)
			got, err := d.account.ChangePassword(PasswordChange{
				ID: d.own.ID, Current: testPassword, Next: "four words and a comma,", Code: codeAt(t, key, tc.step),
			})
			if err != nil || got.SignedIn != tc.in {
				t.Errorf("ChangePassword = %+v, %v", got, err)
			}
			if s := d.now(t); s.State != tc.state {
				t.Errorf("afterwards %s; want %s", s.State, tc.state)
			}
		})
	}
}

func TestRename(t *testing.T) {
	d := newSignInDesk(t)
	for _, tc := range []struct{ what, name, password, want string }{
		{"none", "", "", "username_missing"},
		{"a bad one", "a/b", "", "username_character"},
		{"taken", "guest", "", "username_taken"},
		{"wrong proof", "bob", "wrong", "password_wrong"},
	} {
		_, err := d.account.Rename(Rename{ID: d.own.ID, Username: tc.name, Password: tc.password})
		checkProblem(t, tc.what, err, tc.want)
	}
	s, err := d.account.Rename(Rename{ID: d.own.ID, Username: "bob", Password: testPassword})
	if err != nil || s.Username != "bob" || s.Me == nil || s.Me.Username != "bob" {
		t.Errorf("Rename = %+v, %v", s, err)
	}
}

// TestFactor walks through the life of a second factor.
func TestFactor(t *testing.T) {
	d := newSignInDesk(t)
	id := d.own.ID
	wantFactor(t, d.account, id, Factor{})
	checkProblem(t, "off already", d.account.DisableFactor(Proof{ID: id, Code: "000000"}), "factor_off")

	setup, err := d.account.StartFactor(id)
	if err != nil {
		t.Fatal(err)
	}
	checkSetup(t, setup, d.own.Name)
	wantFactor(t, d.account, id, Factor{}) // it is only begun
	for _, tc := range []struct{ what, secret, code, want string }{
		{"a wrong code", setup.Secret, "000000", "new_code_wrong"},
		{"another secret", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "000000", "factor_not_started"},
	} {
		_, err := d.account.EnableFactor(Enable{ID: id, Secret: tc.secret, Code: tc.code})
		checkProblem(t, tc.what, err, tc.want)
	}
	enabled, err := d.account.EnableFactor(Enable{ID: id, Secret: setup.Secret, Code: codeAt(t, setup.Secret, 0)})
	codes := enabled.RecoveryCodes
	if err != nil || len(codes) != 10 {
		t.Fatalf("EnableFactor = %d codes, %v", len(codes), err)
	}
	wantFactor(t, d.account, id, Factor{On: true, RecoveryCodesLeft: 10})
	until(t, "the page sees that it is on", func() bool { s := d.now(t); return s.CodeExpected && s.Me.SecondFactor })

	replaceFactor(t, d, setup.Secret, codes)
}

// replaceFactor: the old one stays until the new one is confirmed, and old
// recovery codes go with it.
func replaceFactor(t *testing.T, d *signInDesk, old string, codes []string) {
	t.Helper()
	id := d.own.ID
	next, err := d.account.StartFactor(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ what, code, current, want string }{
		{"without the old one", codeAt(t, next.Secret, 0), "", "code_needed"},
		{"with a spent code", codeAt(t, next.Secret, 0), codeAt(t, old, 0), "code_wrong"},
		{"with a code that does not fit", "000000", codeAt(t, old, 1), "new_code_wrong"},
	} {
		_, err := d.account.EnableFactor(Enable{ID: id, Secret: next.Secret, Code: tc.code, CurrentCode: tc.current})
		checkProblem(t, "replace "+tc.what, err, tc.want)
	}
	wantFactor(t, d.account, id, Factor{On: true, RecoveryCodesLeft: 10})
	replaced, err := d.account.EnableFactor(Enable{ID: id, Secret: next.Secret, Code: codeAt(t, next.Secret, 0), CurrentCode: codeAt(t, old, 1)})
	fresh := replaced.RecoveryCodes
	if err != nil || len(fresh) != 10 || fresh[0] == codes[0] {
		t.Fatalf("replace = %v, %v", fresh, err)
	}
	_, err = d.account.NewRecoveryCodes(Proof{ID: id, Code: codes[0]})
	checkProblem(t, "an old recovery code", err, "code_wrong")
	newest, err := d.account.NewRecoveryCodes(Proof{ID: id, Code: fresh[0]})
	if err != nil || len(newest) != 10 {
		t.Errorf("NewRecoveryCodes = %v, %v", newest, err)
	}
	checkProblem(t, "turn off without proof", d.account.DisableFactor(Proof{ID: id}), "code_needed")
	if err := d.account.DisableFactor(Proof{ID: id, Password: testPassword, Code: newest[1]}); err != nil {
		t.Error(err)
	}
	wantFactor(t, d.account, id, Factor{})
	until(t, "the page sees that it is off", func() bool { return !d.now(t).CodeExpected })
}

func wantFactor(t *testing.T, a *Account, id string, want Factor) {
	t.Helper()
	if got, err := a.Factor(id); err != nil || got != want {
		t.Errorf("Factor = %+v, %v; want %+v", got, err, want)
	}
}

// checkSetup reads the QR code as an authenticator does.
func checkSetup(t *testing.T, s Setup, server string) {
	t.Helper()
	if got := readQR(t, s.QR); got != s.URI {
		t.Errorf("the QR code says %q; want %q", got, s.URI)
	}
	u, err := url.Parse(s.URI)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/"+server+":"+testUser ||
		u.Query().Get("secret") != s.Secret || u.Query().Get("issuer") != server {
		t.Errorf("URI %q, %v", s.URI, err)
	}
}

func readQR(t *testing.T, rows []string) string {
	t.Helper()
	const scale, quiet = 4, 4
	side := (len(rows) + 2*quiet) * scale
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			row, col := y/scale-quiet, x/scale-quiet
			dark := row >= 0 && row < len(rows) && col >= 0 && col < len(rows[row]) && rows[row][col] == '1'
			if !dark {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrcode.NewQRCodeReader().Decode(bits, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got.GetText()
}

func TestOTPAuth(t *testing.T) {
	for _, tc := range []struct{ what, server, user, want string }{
		{"plain", "nas", "ann", "otpauth://totp/nas:ann?issuer=nas&secret=ABCD"},
		{"a space", "My NAS", "ann", "otpauth://totp/My%20NAS:ann?issuer=My%20NAS&secret=ABCD"},
		{"a colon parts the label", "nas:5244", "a:b", "otpauth://totp/nas%205244:a%20b?issuer=nas%205244&secret=ABCD"},
		{"Chinese", "家", "ann", "otpauth://totp/%E5%AE%B6:ann?issuer=%E5%AE%B6&secret=ABCD"},
		{"what means something in an address", "a&b?c#d", "ann@x", "otpauth://totp/a&b%3Fc%23d:ann@x?issuer=a%26b%3Fc%23d&secret=ABCD"},
	} {
		if got := setupURI(companion.NewSecret("ABCD"), tc.server, tc.user); got != tc.want {
			t.Errorf("%s: %s\nwant %s", tc.what, got, tc.want)
		}
	}
	if rows, err := qrModules(strings.Repeat("x", 3000)); err == nil {
		t.Errorf("a text of 3,000 bytes became %d rows", len(rows))
	}
}

func TestSaveCodes(t *testing.T) {
	d := newSignInDesk(t)
	path := filepath.Join(t.TempDir(), "codes.txt")
	for _, tc := range []struct{ language, title, name, text string }{
		{"en", "Save the recovery codes", "Latchkey recovery codes ", "User name: " + testUser},
		{"zh-CN", "保存恢复码", "Latchkey 恢复码 ", "用户名：" + testUser},
	} {
		d.screen.answer = path
		d.desk.mu.Lock()
		d.language = tc.language
		d.desk.mu.Unlock()
		got, err := d.account.SaveCodes(RecoveryCodes{ID: d.own.ID, Codes: []string{"aaaa-bbbb", "cccc-dddd"}})
		if err != nil || got != path {
			t.Fatalf("SaveCodes = %q, %v", got, err)
		}
		asked := d.screen.dialogs[len(d.screen.dialogs)-1]
		if asked.Title != tc.title || !strings.HasPrefix(asked.Name, tc.name) || !strings.HasSuffix(asked.Name, ".txt") {
			t.Errorf("%s: the dialog is %+v", tc.language, asked)
		}
		text, err := os.ReadFile(path)
		for _, want := range []string{tc.text, d.own.Name, hostname(), "aaaa-bbbb\n    cccc-dddd\n", d.env.Now().Format("2006")} {
			if err != nil || !strings.Contains(string(text), want) {
				t.Errorf("%s: %q is not in %q, %v", tc.language, want, text, err)
			}
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file is %v, %v", info.Mode(), err)
		}
	}
	d.screen.answer = ""
	if got, err := d.account.SaveCodes(RecoveryCodes{ID: d.own.ID}); got != "" || err != nil {
		t.Errorf("cancelled: %q, %v", got, err)
	}
	_, err := d.account.SaveCodes(RecoveryCodes{ID: "none"})
	checkProblem(t, "unknown server", err, "server_unknown")
}
