package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestConnect makes a key, uploads it and runs the command that Latchkey shows
// in a shell, with the real sftp against the real listener.
func TestConnect(t *testing.T) {
	ssh := atHome(t)
	d := newTestDesk(t)
	s := d.withOwn(t)
	screen := &Keys{d: d.desk}
	made, err := screen.Make(NewKey{Kind: "ed25519", Name: "mine+desk", Comment: "ann@desk"})
	if err != nil {
		t.Fatal(err)
	}
	checkProblem(t, "Upload", screen.Upload(Upload{ID: s.ID, Title: "desk", Line: made.Line}), "")
	key := made.Path
	for _, folder := range []string{".", "ann's folder", "100% \\ $HOME"} { // home folders are called what people like
		if err := os.MkdirAll(filepath.Join(ssh, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		moved := filepath.Join(ssh, folder, made.Name)
		if err := os.Rename(key, moved); err != nil {
			t.Fatal(err)
		}
		key = moved
		c, err := screen.Connect(KeyRef{ID: s.ID, Key: key})
		if err != nil || c.Host != "127.0.0.1" || c.Port == 0 || c.Username != testUser || len(c.HostKeys) == 0 {
			t.Fatalf("Connect: %+v, %v", c, err)
		}
		checkConnects(t, c)
	}
	list, err := screen.List(s.ID)
	if err != nil || len(list.Keys) != 1 || list.Keys[0].LastUsedAt == 0 {
		t.Errorf("List after connecting: %+v, %v; want the key used", list, err)
	}
}

// checkConnects runs the command, and compares the host key that it is shown.
func checkConnects(t *testing.T, c Connection) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hello.txt")
	batch := filepath.Join(t.TempDir(), "batch")
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(batch, []byte("put "+file+" hello.txt\nls -l\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	known := filepath.Join(t.TempDir(), "known_hosts")
	more := " -b " + batch + " -F none -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=" + known + " "
	out, err := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(c.Command, " ", more, 1)).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "hello.txt") {
		t.Fatalf("%s: %v\n%s", c.Command, err, out)
	}
	shown, err := exec.CommandContext(t.Context(), "ssh-keygen", "-l", "-f", known).Output()
	if err != nil || !slices.ContainsFunc(c.HostKeys, func(fp string) bool { return strings.Contains(string(shown), fp) }) {
		t.Errorf("the host key is %s, %v; want one of %v", shown, err, c.HostKeys)
	}
}

func TestConnectElsewhere(t *testing.T) {
	d := newTestDesk(t)
	d.withOwn(t)
	nas := d.withRemote(t)
	screen := &Keys{d: d.desk}
	c, err := screen.Connect(KeyRef{ID: nas.ID})
	if want := "sftp -P " + strconv.Itoa(nas.SFTP.Port) + " ann@127.0.0.1"; err != nil || c.Command != want || len(c.HostKeys) != 0 {
		t.Errorf("Connect: %+v, %v; want a command without a key", c, err)
	}
	_, err = screen.Connect(KeyRef{ID: "nobody"})
	checkProblem(t, "Connect to an unknown server", err, "server_unknown")
}

func TestConnectOff(t *testing.T) {
	d := newTestDesk(t, "sftp", "off")
	s := d.withOwn(t)
	c, err := (&Keys{d: d.desk}).Connect(KeyRef{ID: s.ID})
	if err != nil || c.Command != "" {
		t.Errorf("Connect with SFTP off: %+v, %v; want no command", c, err)
	}
	_, err = (&Keys{d: d.desk}).HostKey(s.ID)
	checkProblem(t, "HostKey with SFTP off", err, "ssh_sftp_off")
}

func TestConnectStopped(t *testing.T) {
	d := newTestDesk(t)
	s := d.withOwn(t)
	d.own.stop()
	writeSettings(t, d.data, "http = \"127.0.0.1:0\"\nsftp = \"127.0.0.1:5333\"\n")
	c, err := (&Keys{d: d.desk}).Connect(KeyRef{ID: s.ID})
	if err != nil || c.Port != 5333 {
		t.Errorf("Connect to a stopped server: %+v, %v; want the port of the settings", c, err)
	}
}

func TestCommand(t *testing.T) {
	for _, tc := range []struct {
		name string
		c    Connection
		key  string
		goos string
		want string
	}{
		{"plain", Connection{Host: "nas.local", Port: 5222, Username: "ann"}, "", "linux", "sftp -P 5222 ann@nas.local"},
		{"the usual port", Connection{Host: "nas", Port: 22, Username: "ann"}, "/home/ann/.ssh/id", "linux", "sftp -i /home/ann/.ssh/id -o IdentitiesOnly=yes ann@nas"},
		{"IPv6", Connection{Host: "fe80::1", Port: 22, Username: "ann"}, "", "linux", "sftp 'ann@[fe80::1]'"},
		{"a command in the name", Connection{Host: "nas", Port: 22, Username: "$(rm -rf ~)"}, "", "linux", `sftp -o 'User=$(rm\ -rf\ ~)' nas`},
		{"an option as the name", Connection{Host: "nas", Port: 22, Username: "-oProxyCommand=x"}, "", "linux", "sftp -o User=-oProxyCommand=x nas"},
		{"an at sign", Connection{Host: "nas", Port: 22, Username: "ann@home"}, "", "linux", "sftp -o User=ann@home nas"},
		{"Chinese", Connection{Host: "nas", Port: 22, Username: "安妮"}, "", "linux", "sftp -o 'User=安妮' nas"},
		{"a percent sign", Connection{Host: "nas", Port: 22, Username: "ann"}, "/home/100% ann/id", "linux", `sftp -o 'IdentityFile=/home/100%%\ ann/id' -o IdentitiesOnly=yes ann@nas`},
		{"Windows", Connection{Host: "nas", Port: 22, Username: "ann"}, `C:\Users\Ann Lee\.ssh\id`, "windows", `sftp -i "C:\Users\Ann Lee\.ssh\id" -o IdentitiesOnly=yes ann@nas`},
		{"Windows, odd", Connection{Host: "nas", Port: 22, Username: "ann"}, `C:\$x\it's`, "windows", `sftp -i 'C:\$x\it''s' -o IdentitiesOnly=yes ann@nas`},
	} {
		if got := tc.c.command(tc.key, tc.goos); got != tc.want {
			t.Errorf("%s: %s; want %s", tc.name, got, tc.want)
		}
	}
}

// TestCommandIsUnderstood asks OpenSSH who it would sign in as.
func TestCommandIsUnderstood(t *testing.T) {
	for _, username := range []string{"ann", "ann@home", "安妮", "ann smith", `ann\smith`, "$HOME"} {
		c := Connection{Host: "nas.local", Port: 5222, Username: username}
		line := strings.Replace(strings.Replace(c.command("", "linux"), "sftp", "ssh -F none -G", 1), "-P", "-p", 1)
		out, err := exec.CommandContext(t.Context(), "sh", "-c", line).CombinedOutput()
		if err != nil || !strings.Contains("\n"+string(out), "\nuser "+username+"\n") || !strings.Contains(string(out), "\nport 5222\n") {
			t.Errorf("%s: %v\n%.200s", line, err, out)
		}
	}
}
