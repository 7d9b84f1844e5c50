package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/mail"
)

// mailing is what it takes to send mail.
func mailing(changes map[string]string) map[string]string {
	all := map[string]string{
		"smtp": "mail.example:587", "smtp_user": "ann", "smtp_password": "canary", "smtp_from": "nas@home.example",
	}
	maps.Copy(all, changes)
	return all
}

func TestMailRules(t *testing.T) {
	for _, tc := range []struct {
		change map[string]string
		want   string // "" for settings that are fine
	}{
		{nil, ""},
		{map[string]string{"smtp": ""}, ""}, // mail that is turned off for now
		{map[string]string{"smtp_user": "", "smtp_password": ""}, ""},
		{map[string]string{"smtp": "MAIL.example:465", "smtp_security": "tls"}, ""},
		{map[string]string{"smtp": "[fd00::1]:25"}, ""},
		{map[string]string{"smtp": "mail.example"}, `smtp: "mail.example" is not a mail server; write it as mail.example:587`},
		{map[string]string{"smtp": ":587"}, "is not a mail server"},
		{map[string]string{"smtp": "mail.example:0"}, "is not a mail server"},
		{map[string]string{"smtp": "mail.example:smtp"}, "is not a mail server"},
		{map[string]string{"smtp": "smtp://mail.example:25"}, "is not a mail server"},
		{map[string]string{"smtp": "mail example:25"}, "is not a mail server"},
		{map[string]string{"smtp": "a.example:25,b.example:25"}, "is not a mail server"},
		{map[string]string{"smtp_from": ""}, "smtp_from: mail needs a sender"},
		{map[string]string{"smtp_from": "Mum's NAS <nas@home.example>"}, ""},
		{map[string]string{"smtp_from": "Das Gerät <root@nas>"}, ""},
		{map[string]string{"smtp_from": "nas"}, `smtp_from: "nas" is not a mailbox`},
		{map[string]string{"smtp_from": "a@b.example, c@d.example"}, "is not a mailbox"},
		{map[string]string{"smtp_from": "nås@home.example"}, "is not a mailbox"},
		{map[string]string{"smtp_from": "nas@home.example\r\nBcc: eve@example.com"}, "is not a mailbox"},
		{map[string]string{"smtp_from": strings.Repeat("a", 260) + "@home.example"}, "is not a mailbox"},
		{map[string]string{"smtp_password": ""}, "smtp_user and smtp_password belong together"},
		{map[string]string{"smtp_user": ""}, "smtp_user and smtp_password belong together"},
		{map[string]string{"smtp_user": "a\nb"}, "smtp_user: must be"},
		{map[string]string{"smtp_password": "canary\r"}, "smtp_password: must be"},
		{map[string]string{"smtp_password": strings.Repeat("canary", 40)}, "smtp_password: must be"},
		{map[string]string{"smtp_security": ""}, `smtp_security: "" is none of`},
		{map[string]string{"smtp_security": "ssl"}, `smtp_security: "ssl" is none of`},
		{map[string]string{"smtp_security": "none"}, "smtp_security: with none the password would cross the network"},
		{map[string]string{"smtp_security": "none", "smtp": "192.168.1.2:25"}, "cross the network"},
		{map[string]string{"smtp_security": "none", "smtp": "localhost.example:25"}, "cross the network"},
		{map[string]string{"smtp_security": "none", "smtp": "localhost:25"}, ""},
		{map[string]string{"smtp_security": "none", "smtp": "127.0.0.1:25"}, ""},
		{map[string]string{"smtp_security": "none", "smtp": "[::1]:25"}, ""},
		{map[string]string{"smtp_security": "none", "smtp_user": "", "smtp_password": ""}, ""},
	} {
		nobody(t)
		c, err := Load(mailing(tc.change))
		checkProblem(t, fmt.Sprint(tc.change), err, tc.want)
		if err == nil && c.SMTP != "" {
			checkUsable(t, c)
		}
	}
}

// checkUsable wants what passes here to be good enough for mail itself.
func checkUsable(t *testing.T, c Config) {
	t.Helper()
	_, err := mail.New(mail.Config{
		Address: c.SMTP, User: c.SMTPUser, Password: c.SMTPPassword, From: c.SMTPFrom, Security: mail.Security(c.SMTPSecurity),
	}, env.System())
	if err != nil {
		t.Errorf("the settings are accepted, but mail says: %v", err)
	}
}

func TestMailFromTheEnvironment(t *testing.T) {
	nobody(t)
	data := t.TempDir()
	write(t, filepath.Join(data, "latchkey.toml"), "smtp = 'mail.example:25'\nsmtp_user = 'ann'\nsmtp_from = 'nas@home.example'\nsmtp_security = 'none'\n")
	t.Setenv("LATCHKEY_SMTP_PASSWORD", "from, the environment")
	t.Setenv("LATCHKEY_SMTP_SECURITY", "starttls")
	t.Setenv("LATCHKEY_ALLOW_REGISTRATION", "1")
	got, err := Load(map[string]string{"data": data})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Data, want.HTTP, want.SFTP = data, "127.0.0.1:5244", "127.0.0.1:5222"
	want.SMTP, want.SMTPUser, want.SMTPPassword = "mail.example:25", "ann", secret.New("from, the environment")
	want.SMTPFrom, want.AllowRegistration = "nas@home.example", true
	check(t, got, want)
	_, err = Load(map[string]string{"data": data, "allow_registration": "anybody"})
	checkProblem(t, "allow_registration", err, `--allow-registration: "anybody" is neither true nor false`)
}

// FuzzMail tries any settings: what is accepted can be used.
func FuzzMail(f *testing.F) {
	f.Add("mail.example:587", "nas@home.example", "ann", "starttls")
	f.Add("127.0.0.1:25", "The NAS <root@nas>", "", "none")
	f.Add("[::1%eth0]:25", "\"a b\"@home.example", "x", "tls")
	f.Add("1:1", "a@[127.0.0.1]", "", "tls")
	f.Fuzz(func(t *testing.T, server, from, user, security string) {
		c := Config{SMTP: server, SMTPFrom: from, SMTPUser: user, SMTPPassword: secret.New(user), SMTPSecurity: security}
		if server != "" && len(c.validateMail()) == 0 {
			checkUsable(t, c)
		}
	})
}
