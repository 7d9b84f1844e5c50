package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"latchkey/backend/internal/secret"
)

// nobody makes the environment that of somebody who has set nothing, and
// returns their folder for settings.
func nobody(t *testing.T) string {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, envPrefix) {
			t.Setenv(name, "")
		}
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("AppData", home)
	dir, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, file, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func check(t *testing.T, got, want Config) {
	t.Helper()
	opts := cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Prefix{}, secret.Text{})}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestDefaults(t *testing.T) {
	dir := nobody(t)
	got, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	check(t, got, Config{
		Data: filepath.Join(dir, "latchkey"), HTTP: "127.0.0.1:5244", SFTP: "127.0.0.1:5222",
		LogLevel: slog.LevelInfo, LogFormat: "text", PasswordMin: 8, LinkHours: 24, SiteTitle: "Latchkey", SMTPSecurity: "starttls",
	})
	if got.TLS() {
		t.Error("TLS on the loopback")
	}
}

func TestEverySettingFromTheFile(t *testing.T) {
	nobody(t)
	file := write(t, filepath.Join(t.TempDir(), "any.toml"), `
data = "/srv/latchkey"
files = "/srv/people"
http = "0.0.0.0:8443"
sftp = "off"
lan = true
insecure = true
cert = "/etc/c.pem"
key = "/etc/k.pem"
hosts = ["NAS.example", "[fd00::1]:8443"]
allowed_origins = ["https://app.example:8080"]
trusted_proxies = ["10.0.0.2", "10.1.2.3/16"]
log_level = "debug"
log_format = "json"
password_min = 12
link_hours = 48
site_title = "Mum, Dad & me"
allow_registration = true
smtp = "mail.example:465"
smtp_user = "nas, with a comma"
smtp_password = "päss # word"
smtp_from = "The NAS <nas@home.example>"
smtp_security = "tls"
`)
	got, err := Load(map[string]string{"config": file})
	if err != nil {
		t.Fatal(err)
	}
	check(t, got, Config{
		Data: "/srv/latchkey", Files: "/srv/people", HTTP: "0.0.0.0:8443", SFTP: Off, LAN: true, Insecure: true,
		Cert: "/etc/c.pem", Key: "/etc/k.pem",
		Hosts:          []string{"nas.example", "[fd00::1]:8443"},
		AllowedOrigins: []string{"https://app.example:8080"},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.2/32"), netip.MustParsePrefix("10.1.0.0/16")},
		LogLevel:       slog.LevelDebug, LogFormat: "json", PasswordMin: 12, LinkHours: 48, SiteTitle: "Mum, Dad & me",
		AllowRegistration: true, SMTP: "mail.example:465", SMTPUser: "nas, with a comma", SMTPPassword: secret.New("päss # word"),
		SMTPFrom: "The NAS <nas@home.example>", SMTPSecurity: "tls",
	})
}

func TestLaterLayersWin(t *testing.T) {
	nobody(t)
	data := t.TempDir()
	write(t, filepath.Join(data, "latchkey.toml"), "http = \"127.0.0.1:1\"\nsftp = \"127.0.0.1:2\"\nsite_title = \"file\"\nlan = true\n")
	t.Setenv("LATCHKEY_DATA", data)
	t.Setenv("LATCHKEY_SFTP", "127.0.0.1:3")
	t.Setenv("LATCHKEY_SITE_TITLE", "env")
	t.Setenv("LATCHKEY_HOSTS", " a.example , b.example,")
	t.Setenv("LATCHKEY_ADMIN_PASSWORD", "from the environment")
	t.Setenv("LATCHKEY_LOG_LEVEL", "") // as in a compose file that leaves it open
	got, err := Load(map[string]string{"site_title": "flag", "lan": "false"})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Data, want.HTTP, want.SFTP, want.SiteTitle = data, "127.0.0.1:1", "127.0.0.1:3", "flag"
	want.Hosts, want.AdminPassword = []string{"a.example", "b.example"}, secret.New("from the environment")
	check(t, got, want)
}

func TestDataIsMadeAbsolute(t *testing.T) {
	nobody(t)
	t.Chdir(t.TempDir())
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load(map[string]string{"data": "here"})
	if want := filepath.Join(wd, "here"); err != nil || got.Data != want {
		t.Errorf("Data = %q, %v, want %q", got.Data, err, want)
	}
}

func TestTheLANHasTLSUnlessItIsInsecure(t *testing.T) {
	nobody(t)
	for _, tc := range []struct {
		flags    map[string]string
		http     string
		sftp     string
		wantsTLS bool
	}{
		{map[string]string{"lan": "true"}, ":5244", ":5222", true},
		{map[string]string{"lan": "true", "insecure": "true"}, ":5244", ":5222", false},
		{map[string]string{"lan": "true", "http": "127.0.0.1:1"}, "127.0.0.1:1", ":5222", false},
		{map[string]string{"lan": "true", "http": "off"}, Off, ":5222", false},
		{map[string]string{"lan": "true", "http": "[::1]:1"}, "[::1]:1", ":5222", false},
		{map[string]string{"lan": "true", "http": "[::]:1"}, "[::]:1", ":5222", true},
		{map[string]string{"insecure": "true", "http": "0.0.0.0:1"}, "0.0.0.0:1", "127.0.0.1:5222", false},
		{map[string]string{"cert": "c", "key": "k"}, "127.0.0.1:5244", "127.0.0.1:5222", true},
	} {
		c, err := Load(tc.flags)
		if err != nil {
			t.Errorf("%v: %v", tc.flags, err)
		}
		if c.HTTP != tc.http || c.SFTP != tc.sftp || c.TLS() != tc.wantsTLS {
			t.Errorf("%v: %s %s TLS %v, want %s %s %v", tc.flags, c.HTTP, c.SFTP, c.TLS(), tc.http, tc.sftp, tc.wantsTLS)
		}
	}
}

func TestPasswordsNeverShow(t *testing.T) {
	nobody(t)
	const planted, mailed = "canary-4be1", "canary-smtp-9"
	t.Setenv("LATCHKEY_ADMIN_PASSWORD", planted)
	t.Setenv("LATCHKEY_SMTP_PASSWORD", mailed)
	c, err := Load(map[string]string{"password_min": "1", "smtp": "x", "smtp_user": "\n", "smtp_from": "y", "smtp_security": "z"})
	if err == nil || c.AdminPassword.Reveal() != planted || c.SMTPPassword.Reveal() != mailed {
		t.Fatalf("Load = %q, %q, %v, want the passwords and an error", c.AdminPassword.Reveal(), c.SMTPPassword.Reveal(), err)
	}
	data := t.TempDir()
	file := write(t, filepath.Join(data, "latchkey.toml"), "smtp_password = \"canary-file\"\n")
	_, inFile := Load(map[string]string{"data": data, "smtp_security": "none", "smtp": "mail.example:25"})
	var out bytes.Buffer
	fmt.Fprintf(&out, "%v %+v %#v %v %+v %v %v\n", c, c, c, &c, err, inFile, Overrides(nil))
	for _, text := range []string{"canary-\n", strings.Repeat("canary-", 100)} {
		fmt.Fprintln(&out, Edit(data, map[string]string{"smtp_user": "ann", "smtp_password": text}))
	}
	for _, text := range []string{"smtp_password = [\"canary-a\"]", "smtp_password = \"canary-b", "smtp_password = canary-c", "smtp_password = 1\nsmtp_password = \"canary-d\""} {
		write(t, file, text)
		_, err := Load(map[string]string{"data": data})
		fmt.Fprintln(&out, err, Edit(data, map[string]string{"lan": "true"}))
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "config", c, "err", err)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "config", c)
	if err := json.NewEncoder(&out).Encode(c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "[secret]") || strings.Contains(out.String(), "canary") {
		t.Errorf("a password shows in:\n%s", out.String())
	}
}

// TestIsDefault knows the addresses of somebody who chose none, and no others.
func TestIsDefault(t *testing.T) {
	for addr, want := range map[string]bool{"127.0.0.1:5244": true, "127.0.0.1:5222": true, ":5244": false, "127.0.0.1:5245": false, Off: false} {
		if got := Default().IsDefault(addr); got != want {
			t.Errorf("%s: %v, want %v", addr, got, want)
		}
	}
	lan := Config{LAN: true}
	if !lan.IsDefault(":5244") || lan.IsDefault("127.0.0.1:5244") {
		t.Error("with lan it is every interface")
	}
}
