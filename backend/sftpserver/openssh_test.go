package sftpserver

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// An outsider is somebody with the real OpenSSH client and a folder of their own.
type outsider struct {
	t    *testing.T
	r    *running
	user string
	dir  string
	env  []string
	opts []string
}

// outsider adds somebody with all rights whose key lies in their folder.
func (r *running) outsider(t *testing.T, name string) *outsider {
	t.Helper()
	o := &outsider{t: t, r: r, user: name, dir: t.TempDir()}
	key := o.keyFile("id")
	r.uploaded(r.person(usernameOf(name), everything), key)
	host, _, _ := strings.Cut(r.addr, ":")
	port := r.addr[len(host)+1:]
	known := ""
	for _, k := range r.keys.all() {
		known += fmt.Sprintf("[%s]:%s %s", host, port, ssh.MarshalAuthorizedKey(k.PublicKey()))
	}
	o.file("known_hosts", known)
	o.opts = []string{
		"-F", "none", "-o", "Port=" + port, "-o", "UserKnownHostsFile=" + filepath.Join(o.dir, "known_hosts"),
		"-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes",
	}
	return o
}

// keyFile makes a key pair as ssh-keygen does.
func (o *outsider) keyFile(name string) ssh.Signer {
	o.t.Helper()
	private, s := newKeyPair(o.t)
	o.file(name, string(private))
	o.file(name+".pub", string(ssh.MarshalAuthorizedKey(s.PublicKey())))
	return s
}

// newKeyPair makes a key, and its private file.
func newKeyPair(t testing.TB) ([]byte, ssh.Signer) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(block), signer(t, key)
}

func (o *outsider) file(name, content string) string {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

func (o *outsider) local(name string) string {
	o.t.Helper()
	b, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil {
		o.t.Error(err)
	}
	return string(b)
}

// run runs a program in the folder and returns what it said.
func (o *outsider) run(stdin string, name string, args ...string) (string, error) {
	o.t.Helper()
	cmd := exec.CommandContext(o.t.Context(), name, args...)
	cmd.Dir, cmd.Env = o.dir, append(os.Environ(), o.env...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.WaitDelay = time.Second
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	return said.String(), err
}

// sftp runs a batch; it stops at the first command that fails.
func (o *outsider) sftp(commands ...string) (string, error) {
	o.t.Helper()
	args := slices.Concat(o.opts, []string{"-i", "id", "-b", "-", o.user + "@127.0.0.1"})
	return o.run(strings.Join(commands, "\n")+"\n", "sftp", args...)
}

// must is sftp that has to succeed.
func (o *outsider) must(commands ...string) string {
	o.t.Helper()
	said, err := o.sftp(commands...)
	if err != nil {
		o.t.Errorf("sftp %q: %v\n%s", commands, err, said)
	}
	return said
}

func (o *outsider) scp(args ...string) (string, error) {
	o.t.Helper()
	return o.run("", "scp", slices.Concat(o.opts, []string{"-i", "id", "-s"}, args)...)
}

func TestOpenSSH(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	o := r.outsider(t, "ann")
	big := strings.Repeat("0123456789abcdef", 1<<17) // 2 MiB
	o.file("f", "hello")
	o.file("big", big)
	o.file("script", "#!/bin/sh")
	o.file("tree/sub/deep", "deep")
	if err := os.Chmod(filepath.Join(o.dir, "script"), 0o755); err != nil {
		t.Fatal(err)
	}
	when := time.Unix(1_000_000_000, 0)
	if err := os.Chtimes(filepath.Join(o.dir, "f"), when, when); err != nil {
		t.Fatal(err)
	}
	said := o.must(
		"pwd", "put f", "put big", "put script", "put -p f kept", "put -f f synced", "cp synced copied", "mkdir d", "put f d/g", "put -r tree", "ls -la", "ls -l d",
		"get f back", "get copied backcopied", "get -p kept backkept", "get -r tree backtree", "get big backbig",
		"rename f f2", "rename f2 d/g", // sftp renames by posix-rename where it can
		"chmod 700 big", "df -h /", "rm kept", "rm d/g", "rmdir d", "rename big large", "-ls nothing*",
	)
	for _, want := range []string{"Remote working directory: /", "ann ", "script", "tree"} {
		if !strings.Contains(said, want) {
			t.Errorf("sftp did not say %q:\n%s", want, said)
		}
	}
	for name, want := range map[string]string{"back": "hello", "backcopied": "hello", "backkept": "hello", "backtree/sub/deep": "deep", "backbig": big} {
		if got := o.local(name); got != want {
			t.Errorf("%s came back as %.40q (%d bytes)", name, got, len(got))
		}
	}
	if fi, err := os.Stat(filepath.Join(o.dir, "backkept")); err != nil || !fi.ModTime().Equal(when) {
		t.Errorf("put -p and get -p: %v, %v", fi.ModTime(), err)
	}
	for name, want := range map[string]os.FileMode{"script": 0o700, "large": 0o700} {
		if fi, err := os.Stat(r.home("ann", name)); err != nil || fi.Mode() != want {
			t.Errorf("%s has mode %v, %v, want %v", name, fi.Mode(), err, want)
		}
	}
	want := map[string]string{".": "/", "script": "#!/bin/sh", "large": big, "synced": "hello", "copied": "hello", "tree": "/", "tree/sub": "/", "tree/sub/deep": "deep"}
	if got := tree(t, r.home("ann")); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("at the end there is %.300v", got)
	}
}

func TestOpenSSHRefusals(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	o := r.outsider(t, "ann")
	o.file("f", "hello")
	r.write(r.home("ann", "full", "f"), "x")
	r.write(filepath.Join(r.files, "secret"), "secret")
	cases := []struct{ command, says string }{
		{"get missing", "not found"},
		{"get ../secret", "not found"},
		{"get /../../secret", "not found"},
		{"get /etc/passwd", "not found"},
		{`get ..\\\\secret`, "not found"},
		{`get C:\\\\x`, "not found"},
		{"get " + strings.Repeat("n", 300), "not found"},
		{"put f con", "permission denied"},
		{"put f missing/f", "no such file"},
		{"rmdir full", "failure"},
		{"rm full", "failure"},
		{"rmdir /", "permission denied"},
		{"rename full full/x", "failure"},
		{"ln f hard", "does not support"},
		{"symlink f soft", "unsupported"},
		{"mkdir .latchkey-tmp-x", "permission denied"},
	}
	batch := []string{}
	for _, tc := range cases {
		batch = append(batch, "-"+tc.command) // go on after a failure
	}
	said := o.must(batch...)
	answers := strings.Split(said, "sftp> ")[1:]
	if len(answers) != len(cases) || strings.Contains(said, r.files) {
		t.Fatalf("%d answers to %d commands, or a server path in them:\n%s", len(answers), len(cases), said)
	}
	for i, tc := range cases {
		_, answer, _ := strings.Cut(answers[i], "\n")
		if !strings.Contains(strings.ToLower(answer), tc.says) {
			t.Errorf("%s: says %q, want %q", tc.command, answer, tc.says)
		}
	}
	if got := tree(t, r.files); got["secret"] != "secret" || len(got) != 7 {
		t.Errorf("there is %v", got)
	}
}

func TestOpenSSHResume(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	o := r.outsider(t, "ann")
	big := strings.Repeat("0123456789abcdef", 1<<16)
	o.file("up", big)
	r.write(r.home("ann", "up"), big[:len(big)/3])
	r.write(r.home("ann", "down"), big)
	o.file("down", big[:len(big)/2])
	o.file("up2", big)
	r.write(r.home("ann", "up2"), big[:len(big)/4])
	o.must("reput up", "reget down", "put -a up2")
	for _, name := range []string{"up", "up2"} {
		if got := r.content(r.home("ann", name)); got != big {
			t.Errorf("resuming %s left %d bytes of %d", name, len(got), len(big))
		}
	}
	if got := o.local("down"); got != big {
		t.Errorf("reget left %d bytes of %d", len(got), len(big))
	}
}

func TestOpenSSHScp(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	o := r.outsider(t, "ann")
	o.file("f", "hello")
	o.file("tree/sub/deep", "deep")
	for _, args := range [][]string{
		{"f", "ann@127.0.0.1:"}, {"-p", "f", "ann@127.0.0.1:kept"}, {"-r", "tree", "ann@127.0.0.1:/"},
		{"ann@127.0.0.1:f", "back"}, {"-pr", "ann@127.0.0.1:tree", "backtree"},
	} {
		if said, err := o.scp(args...); err != nil {
			t.Errorf("scp %q: %v\n%s", args, err, said)
		}
	}
	if o.local("back") != "hello" || o.local("backtree/sub/deep") != "deep" || r.content(r.home("ann", "kept")) != "hello" {
		t.Error("scp lost something on the way")
	}
	if said, err := o.scp("ann@127.0.0.1:../../x", "y"); err == nil {
		t.Errorf("scp of a path that leads out succeeded: %s", said)
	}
	if said, err := o.run("", "scp", slices.Concat(o.opts, []string{"-i", "id", "-O", "f", "ann@127.0.0.1:legacy"})...); err == nil {
		t.Errorf("the old scp protocol, which is a shell command, succeeded: %s", said)
	}
}

// A client that offers a key it does not hold, and then signs with its own, is
// who its own key says; and the use of the first key is not recorded.
func TestOpenSSHOffersTheVictimsKey(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	victim := r.outsider(t, "victim")
	o := r.outsider(t, "mallory")
	r.write(r.home("victim", "whose"), "victim's")
	r.write(r.home("mallory", "whose"), "mallory's")
	o.file("stolen.pub", victim.local("id.pub"))
	o.opts = append(o.opts, "-i", "stolen.pub")
	o.must("get whose")
	if got := o.local("whose"); got != "mallory's" {
		t.Errorf("mallory got %q", got)
	}
	o.user = "victim"
	if said, err := o.sftp("get whose"); err == nil {
		t.Errorf("mallory got in as the victim: %s", said)
	}
	r.stop()
	attempts, offers, signedIn := r.uses()
	if len(attempts) != 0 || offers < 3 || !slices.Equal(signedIn, []keyID{2}) {
		t.Errorf("%d attempts, %d offers, keys recorded as used: %v, want mallory's alone", len(attempts), offers, signedIn)
	}
}

// Of two keys of one account, the one that signed is the one that was used.
func TestOpenSSHSecondKeySigns(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	o := r.outsider(t, "ann")
	second := o.keyFile("second")
	r.uploaded(r.find("ann"), second)
	if err := os.Rename(filepath.Join(o.dir, "id"), filepath.Join(o.dir, "gone")); err != nil {
		t.Fatal(err)
	}
	said, err := o.run("pwd\n", "sftp", slices.Concat(o.opts, []string{"-i", "id.pub", "-i", "second", "-b", "-", "ann@127.0.0.1"})...)
	if err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	r.stop()
	if _, offers, signedIn := r.uses(); offers < 2 || !slices.Equal(signedIn, []keyID{2}) {
		t.Errorf("%d offers, keys recorded as used: %v, want the second", offers, signedIn)
	}
}

// The real client asks a person for both, or for the code after a password.
func TestOpenSSHSecondFactor(t *testing.T) {
	for _, methods := range []string{"keyboard-interactive", "password,keyboard-interactive", "password"} {
		r := start(t, newWorld(), Limits{})
		o := r.outsider(t, "bob")
		r.find("bob").code = "123456"
		o.env = []string{"SSH_ASKPASS_REQUIRE=force", "DISPLAY=none", "SSH_ASKPASS=" + o.askpass("password of bob", "123456")}
		// The first value counts, and sftp -b sets BatchMode itself.
		ask := []string{"-o", "BatchMode=no", "-o", "PreferredAuthentications=" + methods, "-o", "NumberOfPasswordPrompts=2"}
		said, err := o.run("pwd\n", "sftp", slices.Concat(ask, o.opts, []string{"-b", "-", "bob@127.0.0.1"})...)
		if wantIn := strings.Contains(methods, "keyboard"); (err == nil) != wantIn {
			t.Errorf("%s: got in: %v, want %v\n%s", methods, err == nil, wantIn, said)
		}
	}
}

// askpass writes a program that answers ssh's questions.
func (o *outsider) askpass(pw, code string) string {
	path := o.file("askpass", "#!/bin/sh\ncase \"$1\" in *assword*) echo '"+pw+"';; *Code*) echo '"+code+"';; esac\n")
	if err := os.Chmod(path, 0o700); err != nil {
		o.t.Fatal(err)
	}
	return path
}

// Nothing runs on the server, and nothing is forwarded by it.
func TestOpenSSHShellIsRefused(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	o := r.outsider(t, "ann")
	for _, args := range [][]string{{"id"}, {}, {"-s", "shell"}, {"-tt"}, {"scp -t ."}, {"-s", "sftp-server"}} {
		if said, err := o.run("echo hacked\n", "ssh", slices.Concat(o.opts, []string{"-i", "id", "ann@127.0.0.1"}, args)...); err == nil || strings.Contains(said, "hacked") {
			t.Errorf("ssh %q: %v\n%s", args, err, said)
		}
	}
	said, err := o.run("", "ssh", slices.Concat(o.opts, []string{"-i", "id", "-o", "ExitOnForwardFailure=yes", "-N", "-R", "0:127.0.0.1:1", "ann@127.0.0.1"})...)
	if err == nil || !strings.Contains(said, "forward") {
		t.Errorf("remote forwarding: %v\n%s", err, said)
	}
	said, err = o.run("", "ssh", slices.Concat(o.opts, []string{"-i", "id", "-W", r.addr, "ann@127.0.0.1"})...)
	if err == nil || strings.Contains(said, "SSH-2.0") {
		t.Errorf("direct forwarding: %v\n%s", err, said)
	}
	o.must("pwd")
}
