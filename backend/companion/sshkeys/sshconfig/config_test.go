package sshconfig

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func folder(t testing.TB, config string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), ".ssh")
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o640))
	return dir
}

func content(t testing.TB, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	must(t, err)
	return string(b)
}

var nas = Entry{Alias: "nas", HostName: "nas.local", Port: 5222, User: "ann", Identity: "/home/ann/my keys/id_nas"}

// corpus has the shapes that people's files have. What stands in them for other
// hosts, ssh has to read as before.
var corpus = map[string]string{
	"empty":              "",
	"one line":           "Host old\n\tHostName old.lan\n",
	"no line end":        "Host old\n  HostName old.lan",
	"CRLF":               "# mine\r\nHost old\r\n\tHostName old.lan\r\n\r\nHost *\r\n\tServerAliveInterval 60\r\n",
	"tabs":               "Host\told\n\tHostName\told.lan\n\tUser\tbob\n",
	"equals signs":       "Host=old\nHostName=old.lan\nPort = 2200\n",
	"global first":       "ServerAliveInterval 30\n\n# home\n# and away\nHost old\n    HostName old.lan\n",
	"global only":        "ServerAliveInterval 30\nCompression yes\n",
	"catch-all first":    "Host *\n  User everybody\n  Port 2222\nHost old\n  HostName old.lan\n",
	"match":              "Match host old\n  HostName old.lan\nMatch all\n  Compression yes\n",
	"match without end":  "Match host old exec \"true\"\n  HostName old.lan",
	"patterns":           "Host n* !nope\n  Compression yes\nHost old\n  HostName old.lan\n",
	"lower case":         "host old\nhostname old.lan\n",
	"comments only":      "# nothing yet\n# nas\n",
	"indented":           "    Host old\n        HostName old.lan\n",
	"long":               strings.Repeat("Host x y z\n  Port 1\n", 5000),
	"another of ours":    "# >>> latchkey vps\nHost vps\n    HostName vps.example\n# <<< latchkey vps\n\nHost old\n  HostName old.lan\n",
	"blank lines at end": "Host old\n  HostName old.lan\n\n\n\n",
}

// sshG asks the real ssh what a host comes to.
func sshG(t *testing.T, config, host string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ssh", "-G", "-F", config, host).CombinedOutput()
	if err != nil {
		t.Fatalf("ssh -G %s: %v\n%s\n%s", host, err, out, content(t, config))
	}
	return string(out)
}

func TestCorpus(t *testing.T) {
	for name, before := range corpus {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, before)
			config := filepath.Join(dir, "config")
			must(t, os.Chmod(config, 0o600))
			others := sshG(t, config, "old") + sshG(t, config, "vps")
			c, err := Set(Folder(dir), nas)
			must(t, err)
			if content(t, config) != before {
				t.Fatal("planning has written")
			}
			must(t, c.Write())
			after := content(t, config)
			if after != c.After || content(t, c.Backup()) != before {
				t.Errorf("it became %q", after)
			}
			wantOutside(t, before, after)
			got := sshG(t, config, "nas")
			for _, want := range []string{"hostname nas.local\n", "port 5222\n", "user ann\n", "identityfile /home/ann/my keys/id_nas\n", "identitiesonly yes\n"} {
				if !strings.Contains(got, want) {
					t.Errorf("ssh does not see %s in\n%s", want, after)
				}
			}
			if now := sshG(t, config, "old") + sshG(t, config, "vps"); now != others {
				t.Errorf("other hosts came to\n%s\nand come to\n%s\nby\n%s", others, now, after)
			}

			// Changed, written again, and taken away.
			moved := nas
			moved.Port = 22
			c, err = Set(Folder(dir), moved)
			must(t, err)
			must(t, c.Write())
			if got := sshG(t, config, "nas"); !strings.Contains(got, "port 22\n") {
				t.Errorf("ssh sees %s", got)
			}
			if c, err = Set(Folder(dir), moved); err != nil || c.After != c.Before || c.Diff() != "" {
				t.Errorf("the same again changes something: %v\n%s", err, c.Diff())
			}
			c, err = Remove(Folder(dir), "nas")
			must(t, err)
			must(t, c.Write())
			if now := sshG(t, config, "old") + sshG(t, config, "vps"); now != others {
				t.Error("other hosts changed when it was taken away")
			}
			if got := content(t, config); strings.TrimRight(got, "\r\n") != strings.TrimRight(before, "\r\n") {
				t.Errorf("it was %q and is %q", before, got)
			}
		})
	}
}

// wantOutside checks that all that was there is there, byte for byte, and that
// what came is in one place.
func wantOutside(t *testing.T, before, after string) {
	t.Helper()
	start := strings.Index(after, beginMark+"nas")
	_, rest, _ := strings.Cut(after[start:], endMark+"nas")
	head := after[:start]
	for _, gap := range []string{"\r\n", "\n"} {
		for _, trim := range []string{"", gap, gap + gap} {
			h, hOK := strings.CutSuffix(head, trim)
			for _, lead := range []string{gap, gap + gap} {
				if r, ok := strings.CutPrefix(rest, lead); ok && hOK && h+r == before {
					return
				}
			}
		}
	}
	t.Errorf("outside the block %q became %q", before, after)
}

func TestTaken(t *testing.T) {
	for name, config := range map[string]string{
		"plain": "Host nas\n  Port 1\n", "among others": "Host a nas b\n", "quoted": "Host \"nas\"\n", "tabs": "\tHOST\tx\tNAS\r\n", "equals": "Host=nas\n",
	} {
		_, err := Set(Folder(folder(t, config)), nas)
		if !errors.Is(err, ErrTaken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, config := range map[string]string{"pattern": "Host na?\n", "negated": "Host * !nas\n", "comment": "# Host nas\n", "behind a comment": "Host x # nas\n"} {
		if _, err := Set(Folder(folder(t, config)), nas); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSuggest(t *testing.T) {
	for _, tc := range []struct{ server, config, want string }{
		{"nas", "", "nas"},
		{"Ann's NAS", "", "ann-s-nas"},
		{"家里的服务器", "", "latchkey"},
		{"家里 NAS-2", "", "nas-2"},
		{"-oProxyCommand=x", "", "oproxycommand-x"},
		{strings.Repeat("a", 60), "", strings.Repeat("a", 40)},
		{"nas", "Host nas\n  HostName old.lan\nHost nas-2\n", "nas-3"},
		{"nas", "Host n*\n  Compression yes\n", "nas"},
		{"nas", Entry{Alias: "nas", HostName: "other.lan", Identity: "/k"}.block("\n"), "nas-2"},
		{"nas", Entry{Alias: "nas", HostName: nas.HostName, Port: nas.Port, User: nas.User, Identity: "/old"}.block("\r\n"), "nas"},
	} {
		got, err := Suggest(Folder(folder(t, tc.config)), tc.server, nas)
		if err != nil || got != tc.want {
			t.Errorf("%q beside %q: %q, %v; want %q", tc.server, tc.config, got, err, tc.want)
		}
	}
	if _, err := Suggest(Folder(folder(t, "")), "nas", Entry{HostName: "a b", Identity: "/k"}); !errors.Is(err, ErrHostName) {
		t.Error(err)
	}
}

func TestInclude(t *testing.T) {
	dir := folder(t, "Include config.d/*.conf \"other file\" ~/.ssh/config ~/.ssh/none\n\nHost old\n  Port 1\n")
	must(t, os.Mkdir(filepath.Join(dir, "config.d"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "config.d", "a.conf"), []byte("Host elsewhere\n"), 0o600))
	if _, err := Set(Folder(dir), nas); err != nil {
		t.Fatal(err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "other file"), []byte("Host nas\n"), 0o600))
	if _, err := Set(Folder(dir), nas); !errors.Is(err, ErrTaken) {
		t.Errorf("got %v", err)
	}
}

func TestDamagedMarkers(t *testing.T) {
	whole := nas.block("\n")
	begin, end := beginMark+"nas\n", endMark+"nas\n"
	for name, config := range map[string]string{
		"no end":    strings.Replace(whole, end, "", 1),
		"no begin":  strings.Replace(whole, begin, "", 1),
		"twice":     whole + whole,
		"swapped":   end + "Host nas\n" + begin,
		"two ends":  whole + end,
		"entangled": begin + beginMark + "vps\n" + end + endMark + "vps\n",
	} {
		dir := folder(t, config)
		for _, plan := range []func() (Change, error){
			func() (Change, error) { return Set(Folder(dir), nas) }, func() (Change, error) { return Remove(Folder(dir), "nas") },
		} {
			if _, err := plan(); !errors.Is(err, ErrMarkers) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	dir := folder(t, "")
	for name, tc := range map[string]struct {
		change func(*Entry)
		want   error
	}{
		"no alias":          {func(e *Entry) { e.Alias = "" }, ErrAlias},
		"pattern":           {func(e *Entry) { e.Alias = "*" }, ErrAlias},
		"two aliases":       {func(e *Entry) { e.Alias = "a b" }, ErrAlias},
		"option":            {func(e *Entry) { e.Alias = "-x" }, ErrAlias},
		"host of two lines": {func(e *Entry) { e.HostName = "a\nProxyCommand x" }, ErrHostName},
		"token in the host": {func(e *Entry) { e.HostName = "%h" }, ErrHostName},
		"port":              {func(e *Entry) { e.Port = 70000 }, ErrPort},
		"user of two lines": {func(e *Entry) { e.User = "a\nProxyCommand x" }, ErrUser},
		"path of two lines": {func(e *Entry) { e.Identity = "a\nProxyCommand x" }, ErrIdentity},
		"quote in the path": {func(e *Entry) { e.Identity = "a\" b" }, ErrIdentity},
		"no path":           {func(e *Entry) { e.Identity = "" }, ErrIdentity},
	} {
		e := nas
		tc.change(&e)
		if _, err := Set(Folder(dir), e); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Remove(Folder(dir), "nas"); !errors.Is(err, ErrNoEntry) {
		t.Errorf("got %v", err)
	}
	if _, err := Set(Folder(folder(t, strings.Repeat("#", maxFile+1))), nas); !errors.Is(err, ErrLarge) {
		t.Errorf("got %v", err)
	}
}

func TestChangedMeanwhile(t *testing.T) {
	dir := folder(t, "Host old\n")
	c, err := Set(Folder(dir), nas)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "config"), []byte("Host newer\n"), 0o600))
	if err := c.Write(); !errors.Is(err, ErrChangedMeanwhile) || content(t, dir, "config") != "Host newer\n" {
		t.Errorf("got %v", err)
	}
}

func TestModeAndLink(t *testing.T) {
	dir := folder(t, "Host old\n")
	real := filepath.Join(t.TempDir(), "dotfiles")
	must(t, os.Rename(filepath.Join(dir, "config"), real))
	must(t, os.Symlink(real, filepath.Join(dir, "config")))
	c, err := Set(Folder(dir), nas)
	must(t, err)
	must(t, c.Write())
	if info, err := os.Stat(real); err != nil || info.Mode().Perm() != 0o640 || !strings.Contains(content(t, real), "Host nas") {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	fresh := filepath.Join(t.TempDir(), "new", ".ssh")
	c, err = Set(Folder(fresh), nas)
	must(t, err)
	must(t, c.Write())
	if info, err := os.Stat(filepath.Join(fresh, "config")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestDiff(t *testing.T) {
	c := Change{Before: "a\nb\nc\nd\ne\n", After: "a\nb\nc\nnew\nd\ne\n"}
	if got := c.Diff(); got != "  a\n  b\n  c\n+ new\n  d\n  e\n" {
		t.Errorf("got %s", got)
	}
	c = Change{Before: "a\nold\n", After: "a\nnew\n"}
	if got := c.Diff(); got != "  a\n- old\n+ new\n" {
		t.Errorf("got %s", got)
	}
}

// Whatever stands in the file, adding and taking away leaves it as it was.
func FuzzConfig(f *testing.F) {
	for _, c := range corpus {
		if len(c) < 1000 {
			f.Add(c)
		}
	}
	f.Add(nas.block("\n"))
	f.Fuzz(func(t *testing.T, before string) {
		if strings.Contains(strings.ToLower(before), "include") || len(before) > 10_000 {
			return // files of this machine are no matter of chance
		}
		dir := folder(t, before)
		c, err := Set(Folder(dir), nas)
		if err != nil {
			return
		}
		must(t, c.Write())
		again, err := Set(Folder(dir), nas)
		if err != nil || again.After != again.Before {
			t.Fatalf("%q: the same again: %v", before, err)
		}
		if strings.Contains(before, "latchkey") {
			return
		}
		gone, err := Remove(Folder(dir), "nas")
		must(t, err)
		if strings.TrimRight(gone.After, "\r\n") != strings.TrimRight(before, "\r\n") {
			t.Errorf("%q comes back as %q", before, gone.After)
		}
	})
}

// The entries for one account and one key get another key, and nothing else changes.
func TestRepoint(t *testing.T) {
	dir := folder(t, "Include extra\nHost mine\n\tIdentityFile \"~/.ssh/id_nas\"\n")
	old := filepath.Join(dir, "id_nas")
	write := func(e Entry) {
		c, err := Set(Folder(dir), e)
		must(t, err)
		must(t, c.Write())
	}
	e := nas
	e.Identity = old
	write(e)
	e.Alias = "nas-2"
	write(e)
	e.Alias, e.User = "other", "bob"
	write(e)
	must(t, os.WriteFile(filepath.Join(dir, "extra"), []byte("IdentityFile=%d/.ssh/id_nas\nMatch host x\n  IdentityFile "+old+"\n"), 0o600))

	before := content(t, dir, "config")
	e.User = nas.User
	c, err := Repoint(Folder(dir), e, old+"_2")
	must(t, err)
	if c.Before != before || strings.Count(c.After, old+"_2\"") != 2 || strings.ReplaceAll(c.After, "id_nas_2\"", "id_nas\"") != before {
		t.Errorf("got\n%s", c.After)
	}
	must(t, c.Write())
	uses, err := Uses(Folder(dir), old)
	must(t, err)
	if got := strings.Join(uses, "|"); got != "|host x|other|mine" {
		t.Errorf("it is used by %q", got)
	}
	if _, err := Repoint(Folder(dir), e, "a\"b"); !errors.Is(err, ErrIdentity) {
		t.Errorf("a bad path: %v", err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "config"), []byte(beginMark+"nas\n"), 0o600))
	if _, err := Repoint(Folder(dir), e, old); !errors.Is(err, ErrMarkers) {
		t.Errorf("half an entry: %v", err)
	}
}
