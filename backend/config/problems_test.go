package config

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestRules(t *testing.T) {
	const lan = "other machines can reach"
	for _, tc := range []struct {
		setting, value string
		want           string // "" for a value that is fine
	}{
		{"http", "off", ""},
		{"http", "localhost:0", ""},
		{"http", "127.5.5.5:80", ""},
		{"http", "[::1]:5244", ""},
		{"http", "[::ffff:127.0.0.1]:5244", ""},
		{"http", "127.0.0.1", `http: "127.0.0.1" is not an address`},
		{"http", "127.0.0.1:65536", "is not an address"},
		{"http", "127.0.0.1:-1", "is not an address"},
		{"http", "127.0.0.1:http", "is not an address"},
		{"http", "nas.example:5244", "is not an address"},
		{"http", "http://127.0.0.1:5244", "is not an address"},
		{"http", "OFF", "is not an address"},
		{"http", ":5244", "http: " + lan},
		{"http", "0.0.0.0:0", lan},
		{"http", "[::]:5244", lan},
		{"http", "192.168.1.2:5244", lan},
		{"sftp", "5222", `sftp: "5222" is not an address`},
		{"sftp", ":5222", "sftp: " + lan},
		{"sftp", "127.0.0.1:5244", "http and sftp have the same address"},
		{"lan", "maybe", `--lan: "maybe" is neither true nor false`},
		{"insecure", "2", "--insecure: "},
		{"cert", "c.pem", "cert and key belong together"},
		{"key", "k.pem", "cert and key belong together"},
		{"hosts", "nas,nas.example,192.168.1.2,192.168.1.2:1,fd00::1,[fd00::1]:1,a_b.local:65535", ""},
		{"hosts", "0.0.0.0", `hosts: "0.0.0.0" is not a name`},
		{"hosts", "[::]:80", "is not a name"},
		{"hosts", "127.1", "is not a name"},
		{"hosts", "0x7f000001", "is not a name"},
		{"hosts", "2130706433", "is not a name"},
		{"hosts", "::ffff:127.0.0.1", "is not a name"},
		{"hosts", "*.example", "is not a name"},
		{"hosts", "https://nas.example", "is not a name"},
		{"hosts", "nas.example:0", "is not a name"},
		{"hosts", "nas.example:080", "is not a name"},
		{"hosts", "nas.example.", "is not a name"},
		{"hosts", "näs.example", "is not a name"},
		{"hosts", strings.Repeat("a.", 127) + "a", "is not a name"},
		{"allowed_origins", "https://app.example,http://localhost:5173,http://[::1]:1", ""},
		{"allowed_origins", "*", `allowed_origins: "*" is not an origin`},
		{"allowed_origins", "null", "is not an origin"},
		{"allowed_origins", "app.example", "is not an origin"},
		{"allowed_origins", "https://app.example/", "is not an origin"},
		{"allowed_origins", "https://app.example:443", "is not an origin"},
		{"allowed_origins", "http://app.example:80", "is not an origin"},
		{"allowed_origins", "https://u@app.example", "is not an origin"},
		{"allowed_origins", "ftp://app.example", "is not an origin"},
		{"trusted_proxies", "10.0.0.1,::1,fd00::/8", ""},
		{"trusted_proxies", "proxy", `--trusted-proxies: "proxy" is neither an address nor a network`},
		{"trusted_proxies", "::ffff:10.0.0.0/104", "is neither"},
		{"trusted_proxies", "0.0.0.0/0", "trusted_proxies: 0.0.0.0/0 is everybody"},
		{"trusted_proxies", "::/0", "is everybody"},
		{"log_level", "WARN", ""},
		{"log_level", "info+1", `--log-level: "info+1" is not one of`},
		{"log_format", "xml", `log_format: "xml" is neither text nor json`},
		{"password_min", "6", ""},
		{"password_min", "64", ""},
		{"password_min", "5", "password_min: 5 is not from 6 to 64"},
		{"password_min", "65", "password_min: 65"},
		{"password_min", "eight", "--password-min: must be a whole number"},
		{"link_hours", "1", ""},
		{"link_hours", "8760", ""},
		{"link_hours", "0", "link_hours: 0 is not from 1 to 8760"},
		{"link_hours", "8761", "link_hours: 8761"},
		{"site_title", strings.Repeat("ü", 100), ""},
		{"site_title", "", "site_title: must be"},
		{"site_title", "a\nb", "site_title: must be"},
		{"site_title", strings.Repeat("a", 101), "site_title: must be"},
	} {
		nobody(t)
		_, err := Load(map[string]string{tc.setting: tc.value})
		checkProblem(t, tc.setting+" = "+tc.value, err, tc.want)
	}
}

// checkProblem wants exactly one problem that contains a text, or none.
func checkProblem(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != "" && err == nil:
		t.Errorf("%s: accepted, want %q", what, want)
	case want != "" && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n")):
		t.Errorf("%s: %q, want one line with %q", what, err, want)
	}
}

func TestBothListenersOff(t *testing.T) {
	nobody(t)
	_, err := Load(map[string]string{"http": "off", "sftp": "off"})
	checkProblem(t, "both off", err, "nothing to serve")
	_, err = Load(map[string]string{"http": "127.0.0.1:0", "sftp": "127.0.0.1:0"})
	checkProblem(t, "two free ports", err, "")
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	nobody(t)
	file := write(t, filepath.Join(t.TempDir(), "a.toml"), "lan = 7\nhtp = 'x'\n")
	t.Setenv("LATCHKEY_LOG_LEVEL", "loud")
	_, err := Load(map[string]string{"config": file, "password_min": "1", "cert": "c"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"htp in " + file + ", line 2: there is no such setting",
		"lan in " + file + ", line 1: \"7\" is neither",
		"LATCHKEY_LOG_LEVEL: \"loud\"",
		"password_min: 1",
		"cert and key",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != 5 {
		t.Errorf("%d lines, want 5:\n%v", got, err)
	}
}

func TestBadFiles(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", ""},
		{"# only a comment\n", ""},
		{"\n\nlisten = ':1'\n", ", line 3: there is no such setting"},
		{"[http]\nport = 1\n", "http in"},
		{"[server]\nport = 1\n", "server in FILE, line 1: there is no such setting"},
		{"lan = true\nlan = false\n", "FILE, line 2"},
		{"lan = \n", "FILE, line 1, column"},
		{"hosts = [1, 2]\n", "hosts in FILE, line 1: must be text"},
		{"password_min = 8.5\n", "must be text"},
		{"lan = 2026-11-20\n", "must be text"},
		{"admin_password = 'canary-9'\n", "admin_password in FILE, line 1: a password does not belong in a file; use LATCHKEY_ADMIN_PASSWORD"},
		{"config = 'other.toml'\n", "there is no such setting"},
		{"'lan' = true\n", ""},
		{"\xff\xfe", "not valid TOML"},
	} {
		nobody(t)
		file := write(t, filepath.Join(t.TempDir(), "a.toml"), tc.text)
		_, err := Load(map[string]string{"config": file})
		checkProblem(t, tc.text, err, strings.ReplaceAll(tc.want, "FILE", file))
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

func TestWhichFileIsRead(t *testing.T) {
	nobody(t)
	t.Setenv("LATCHKEY_CONFIG", filepath.Join(t.TempDir(), "missing.toml"))
	_, err := Load(nil)
	checkProblem(t, "a file that was asked for", err, "missing.toml")

	data := t.TempDir()
	inData := write(t, filepath.Join(data, "latchkey.toml"), "data = '/elsewhere'\n")
	t.Setenv("LATCHKEY_CONFIG", "")
	c, err := Load(map[string]string{"data": data})
	checkProblem(t, "a data folder that names another", err, "data in "+inData+", line 1: a file in the data folder cannot name another one")
	if c.Data != data {
		t.Errorf("Data = %s, want %s", c.Data, data)
	}

	named := write(t, filepath.Join(t.TempDir(), "b.toml"), "data = '"+data+"'\n")
	t.Setenv("LATCHKEY_CONFIG", named)
	c, err = Load(nil)
	if err != nil || c.Data != data {
		t.Errorf("Data = %s, %v, want %s", c.Data, err, data)
	}
}

func TestNoHome(t *testing.T) {
	nobody(t)
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, "")
	}
	_, err := Load(nil)
	checkProblem(t, "no home", err, "say where data goes with --data DIR")
	_, err = Load(map[string]string{"data": t.TempDir()})
	checkProblem(t, "no home, but a data folder", err, "")
}

func FuzzFile(f *testing.F) {
	for _, seed := range []string{"lan = true", "[a.b]\nc=1", "hosts = ['a']", "a.b.c = 1", "lan = 1e400", "\x00"} {
		f.Add([]byte(seed))
	}
	known := map[string]bool{}
	for _, n := range names() {
		known[n] = true
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		l, _ := parseFile("f", body)
		for name := range l {
			if !known[name] {
				t.Errorf("unknown setting %q passed", name)
			}
		}
	})
}
