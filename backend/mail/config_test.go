package mail_test

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/backend/internal/secret"
	"latchkey/backend/mail"
)

func TestNew(t *testing.T) {
	good := mail.Config{Address: "mail.example:587", From: "nas@home.example", Security: mail.StartTLS}
	for _, tc := range []struct {
		name   string
		change func(*mail.Config)
		wrong  string
	}{
		{"nothing wrong", func(*mail.Config) {}, ""},
		{"a name before the mailbox", func(c *mail.Config) { c.From = "The NAS <nas@home.example>" }, ""},
		{"a mailbox on this machine", func(c *mail.Config) { c.From = "root@nas" }, ""},
		{"IPv6", func(c *mail.Config) { c.Address = "[fd00::1]:25" }, ""},
		{"no port", func(c *mail.Config) { c.Address = "mail.example" }, "host:port"},
		{"no host", func(c *mail.Config) { c.Address = ":25" }, "host:port"},
		{"port 0", func(c *mail.Config) { c.Address = "mail.example:0" }, "port"},
		{"port 65536", func(c *mail.Config) { c.Address = "mail.example:65536" }, "port"},
		{"a port by name", func(c *mail.Config) { c.Address = "mail.example:smtp" }, "port"},
		{"a negative port", func(c *mail.Config) { c.Address = "mail.example:-25" }, "port"},
		{"no mailbox", func(c *mail.Config) { c.From = "" }, "mailbox"},
		{"two mailboxes", func(c *mail.Config) { c.From = "a@b.example, c@d.example" }, "mailbox"},
		{"a mailbox with a line break", func(c *mail.Config) { c.From = "nas@home.example\r\nBcc: eve@example.com" }, "mailbox"},
		{"a quoted line break", func(c *mail.Config) { c.From = "\"a\r\nBcc: eve@example.com\"@home.example" }, "mailbox"},
		{"a mailbox beyond ASCII", func(c *mail.Config) { c.From = "nås@home.example" }, "mailbox"},
		{"a long mailbox", func(c *mail.Config) { c.From = strings.Repeat("a", 260) + "@home.example" }, "mailbox"},
		{"no security", func(c *mail.Config) { c.Security = "" }, "security"},
		{"another security", func(c *mail.Config) { c.Security = "STARTTLS" }, "security"},
	} {
		c := good
		tc.change(&c)
		_, err := mail.New(c, testEnv())
		if (err == nil) != (tc.wrong == "") || err != nil && !strings.Contains(err.Error(), tc.wrong) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.wrong)
		}
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	c := mail.Config{Password: secret.New("canary")}
	m := mail.Message{Text: secret.New("canary")}
	p := mail.TemporaryPassword{Password: secret.New("canary")}
	if text := fmt.Sprintf("%v %+v %#v %v %+v %#v %v %+v %#v", c, c, c, m, m, m, p, p, p); strings.Contains(text, "canary") {
		t.Errorf("a secret shows in %s", text)
	}
}

func TestNames(t *testing.T) {
	_, err := mail.New(mail.Config{Address: "mail.example:25", From: "nas@home.example", User: "ann",
		Password: secret.New("canary"), Security: mail.Plain}, testEnv())
	if err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "plain text") {
		t.Errorf("a password without TLS: %v", err)
	}
}
