package config

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/identity"
)

const handmade = `# The box in the cellar.` + "   " + `
lan  =  false	# for the TV
  "http" = "127.0.0.1:1" # not # 80

site_title = 'a # b'# Mum
hosts = [ # names
  "nas.example", # the old one

  'nas.local'] # both
log_level="info"`

func TestEdit(t *testing.T) {
	for _, tc := range []struct {
		name      string
		text      string
		changes   map[string]string
		old, want string // what is replaced in the text
	}{
		{"a switch", handmade, map[string]string{"lan": "true"}, "lan  =  false\t#", "lan  =  true\t#"},
		{"a text under a quoted name", handmade, map[string]string{"http": "127.0.0.1:2"}, `"127.0.0.1:1"`, `'127.0.0.1:2'`},
		{"a text with a number sign", handmade, map[string]string{"site_title": `it's # "1"`}, `'a # b'# Mum`, `"it's # \"1\""# Mum`},
		{"the last line", handmade, map[string]string{"log_level": "warn"}, `"info"`, `'warn'`},
		{
			"a list over several lines", handmade, map[string]string{"hosts": "c.example, d.example"},
			"[ # names\n  \"nas.example\", # the old one\n\n  'nas.local']", `['c.example', 'd.example']`,
		},
		{"out, with its comment left", handmade, map[string]string{"lan": ""}, "lan  =  false\t# for", "# for"},
		{"the last line out", handmade, map[string]string{"log_level": ""}, `log_level="info"`, ""},
		{"a new one behind a line without end", handmade, map[string]string{"password_min": "12"}, `"info"`, "\"info\"\npassword_min = 12\n"},
		{
			"all out", handmade, map[string]string{"lan": "", "http": "", "site_title": "", "hosts": "", "log_level": ""},
			handmade[strings.Index(handmade, "lan  ="):], "# for the TV\n# not # 80\n\n# Mum\n# both\n",
		},
		{"two at once in an empty file", "", map[string]string{"sftp": "off", "lan": "true"}, "", "lan = true\nsftp = 'off'\n"},
		{"out of an empty file", "", map[string]string{"sftp": ""}, "", ""},
		{
			"lines as on Windows", "# a\r\nlan = true # b\r\n", map[string]string{"lan": "false", "sftp": "off"},
			"true # b\r\n", "false # b\r\nsftp = 'off'\r\n",
		},
		{"out on Windows", "lan = true\r\n# a\r\n", map[string]string{"lan": ""}, "lan = true\r\n", ""},
		{"what is wrong is mended", "log_level = 'loud'\n", map[string]string{"log_level": "info"}, "'loud'", "'info'"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			nobody(t)
			data := t.TempDir()
			file := write(t, filepath.Join(data, "latchkey.toml"), tc.text)
			if err := Edit(data, tc.changes); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Replace(tc.text, tc.old, tc.want, 1), string(got)); diff != "" {
				t.Errorf("the file (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEditMakesTheFile(t *testing.T) {
	nobody(t)
	data := filepath.Join(t.TempDir(), "new", "latchkey")
	if err := Edit(data, map[string]string{"lan": "true", "files": "people"}); err != nil {
		t.Fatal(err)
	}
	c, err := Load(map[string]string{"data": data})
	if err != nil || !c.LAN || c.Files != "people" {
		t.Errorf("Load = %+v, %v", c, err)
	}
	info, err := os.Stat(filepath.Join(data, "latchkey.toml"))
	if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
}

// A file that lies elsewhere stays there, as does the link to it.
func TestEditFollowsLinks(t *testing.T) {
	nobody(t)
	data := t.TempDir()
	real := write(t, filepath.Join(t.TempDir(), "dotfiles.toml"), "lan = true\n")
	if err := os.Symlink(real, filepath.Join(data, "latchkey.toml")); err != nil {
		t.Fatal(err)
	}
	if err := Edit(data, map[string]string{"lan": "false"}); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(real); err != nil || string(b) != "lan = false\n" {
		t.Errorf("the file holds %q, %v", b, err)
	}
}

// The file that is changed is the one that is read.
func TestEditOfANamedFile(t *testing.T) {
	nobody(t)
	data := t.TempDir()
	named := write(t, filepath.Join(t.TempDir(), "any.toml"), "lan = true\n")
	t.Setenv("LATCHKEY_CONFIG", named)
	if err := Edit(data, map[string]string{"lan": ""}); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(named); err != nil || string(b) != "" {
		t.Errorf("the file holds %q, %v", b, err)
	}
}

func TestRefusedEdits(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		changes    map[string]string
		code, says string
	}{
		{"no TOML", "lan = true\nhttp = \n", map[string]string{"lan": "false"}, "settings_unreadable", "line 2"},
		{"a table", "[http]\nlan = true\n", map[string]string{"http": ""}, "settings_unreadable", "http in"},
		{"a strange setting", "htp = ':1'\n", map[string]string{"lan": "true"}, "settings_unreadable", "line 1: there is no such setting"},
		{"no such setting", "", map[string]string{"htp": "x"}, "settings_refused", "htp: there is no such setting"},
		{"no such setting to take out", "", map[string]string{"admin_password": ""}, "settings_refused", "there is no such setting"},
		{"another data folder", "", map[string]string{"data": "/elsewhere"}, "settings_refused", "cannot name another one"},
		{"a bad address", "", map[string]string{"http": "99"}, "settings_refused", `http: "99" is not an address`},
		{"a switch that is none", "", map[string]string{"lan": "perhaps"}, "settings_refused", "neither true nor false"},
		{"a number that is none", "", map[string]string{"password_min": "few"}, "settings_refused", "whole number"},
		{"two that clash", "sftp = '127.0.0.1:1'\n", map[string]string{"http": "127.0.0.1:1"}, "settings_refused", "same address"},
		{"one that another needs", "lan = true\nhttp = ':1'\n", map[string]string{"lan": ""}, "settings_refused", "other machines can reach"},
		{"files over all", "", map[string]string{"files": "."}, "settings_refused", "files: "},
		{"bytes that are no text", "", map[string]string{"site_title": "\xff"}, "settings_refused", "site_title"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			nobody(t)
			data := t.TempDir()
			file := write(t, filepath.Join(data, "latchkey.toml"), tc.text)
			e := identity.AsError(Edit(data, tc.changes))
			if e.Code != tc.code || !strings.Contains(e.Message, tc.says) || !strings.HasSuffix(e.Message, ".") || strings.Contains(e.Message, "\n") {
				t.Errorf("%s: %s; want %s with %q", e.Code, e.Message, tc.code, tc.says)
			}
			if got, err := os.ReadFile(file); err != nil || string(got) != tc.text {
				t.Errorf("the file holds %q, %v; want it as it was", got, err)
			}
		})
	}
}

func TestOverrides(t *testing.T) {
	nobody(t)
	t.Setenv("LATCHKEY_LAN", "true")
	t.Setenv("LATCHKEY_LOG_LEVEL", "info")
	t.Setenv("LATCHKEY_HTTP", "")
	got := Overrides(map[string]string{"log_level": "debug", "data": "x"})
	want := map[string]string{"lan": "LATCHKEY_LAN", "log_level": "--log-level", "data": "--data"}
	if !maps.Equal(got, want) {
		t.Errorf("Overrides = %v; want %v", got, want)
	}
}

// FuzzEdit takes any file that Load would take apart and together again, and
// reads back what it writes.
func FuzzEdit(f *testing.F) {
	for _, seed := range []string{
		handmade, "lan = true", "", "site_title = \"\"\"\na\n\"\"\" # c\r\nlan = true\r",
		"\ufeffsite_title = '''a # b''' #\n", "hosts = [\n#]\n'a', # ]\n]", "'site_title'='a'\n#",
	} {
		for _, title := range []string{"x", "a # b", "'''", "\\", "\"\n"} {
			f.Add(seed, title)
		}
	}
	f.Fuzz(func(t *testing.T, text, title string) {
		before, err := parseFile("f", []byte(text))
		if err != nil || title == "" {
			t.Skip()
		}
		if got := statements(text).String(); got != text {
			t.Fatalf("%q became %q", text, got)
		}
		fresh, err := edited(text, map[string]string{"site_title": title})
		if err != nil {
			t.Skip()
		}
		after, err := parseFile("f", []byte(fresh))
		if err != nil {
			t.Skip() // what TOML cannot hold, and Edit refuses
		}
		before["site_title"] = entry{text: title}
		for name, e := range before {
			if after[name].text != e.text {
				t.Errorf("%q with the title %q became %q", text, title, fresh)
			}
		}
	})
}
