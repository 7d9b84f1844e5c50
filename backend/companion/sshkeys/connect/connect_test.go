package connect_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/companion/sshkeys/hosts"
	"latchkey/backend/companion/sshkeys/sshdtest"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

type pair struct {
	sshkeys.KeyFile
	private *sshkeys.Private
}

func (p pair) proof() connect.Proof { return connect.Proof{Signers: []ssh.Signer{p.private.Signer()}} }

func makeKey(t *testing.T) pair {
	t.Helper()
	k, err := sshkeys.NewWorkshop(env.System()).Make(t.Context(), sshkeys.Request{Folder: t.TempDir(), Comment: "ann"})
	must(t, err)
	p, err := sshkeys.Open(k.Path, secret.Text{})
	must(t, err)
	return pair{k, p}
}

// A world is the real sshd, an account on it, and what the person trusts.
type world struct {
	target connect.Target
	files  hosts.Files
	home   string // where SFTP begins
}

func (w world) book(t *testing.T) *hosts.Book {
	t.Helper()
	b, err := w.files.Open()
	must(t, err)
	return b
}

// start runs sshd with more lines of configuration. The keys of the account
// are those that Upload writes.
func start(t *testing.T, more string) world {
	t.Helper()
	home := t.TempDir()
	at := sshdtest.Start(t, home, filepath.Join(home, ".ssh", "authorized_keys"), more)
	return world{connect.Target{Host: "127.0.0.1", Port: at.Port, User: at.User}, hosts.Files{Own: filepath.Join(t.TempDir(), "known_hosts")}, home}
}

// admit lets a key in.
func (w world) admit(t *testing.T, line string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(w.home, ".ssh"), 0o700))
	must(t, os.WriteFile(filepath.Join(w.home, ".ssh", "authorized_keys"), []byte(line), 0o600))
}

// trust accepts what the host shows.
func (w world) trust(t *testing.T) {
	t.Helper()
	shown, err := connect.HostKey(t.Context(), w.target, w.book(t))
	want(t, err, hosts.ErrUnknown)
	must(t, w.files.Trust(w.target.Address(), shown, false))
	_, err = connect.HostKey(t.Context(), w.target, w.book(t))
	must(t, err)
}

func TestAgainstSSHD(t *testing.T) {
	w, key, stranger := start(t, ""), makeKey(t), makeKey(t)
	w.admit(t, key.Line+"\n")

	_, err := connect.Test(t.Context(), w.target, w.book(t), key.proof(), true)
	want(t, err, hosts.ErrUnknown)
	w.trust(t)
	r, err := connect.Test(t.Context(), w.target, w.book(t), key.proof(), true)
	must(t, err)
	if !strings.HasPrefix(r.Server, "SSH-2.0-OpenSSH") || r.Folder != w.home || !r.Writable || r.Cipher == "" || r.Exchange == "" || r.HostKey.Line == "" {
		t.Errorf("got %+v", r)
	}
	if left, err := os.ReadDir(w.home); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	_, err = connect.Test(t.Context(), w.target, w.book(t), stranger.proof(), false)
	want(t, err, connect.ErrRefused)
	_, err = connect.Test(t.Context(), w.target, w.book(t), connect.Proof{}, false)
	want(t, err, connect.ErrNoMethod)
	_, err = connect.Test(t.Context(), w.target, w.book(t), connect.Proof{Password: secret.New("not that one")}, false)
	want(t, err, connect.ErrPassword)

	// Another key at the same address is not spoken to.
	must(t, w.files.Trust(w.target.Address(), stranger.Public, true))
	_, err = connect.Test(t.Context(), w.target, w.book(t), key.proof(), false)
	want(t, err, hosts.ErrChanged)
}

func TestNoSFTP(t *testing.T) {
	w, key := start(t, "ForceCommand /bin/false\n"), makeKey(t)
	w.admit(t, key.Line)
	w.trust(t)
	_, err := connect.Test(t.Context(), w.target, w.book(t), key.proof(), false)
	want(t, err, connect.ErrNoSFTP)
}

// Latchkey's server says why, where OpenSSH's keeps it to itself.
func TestNoSFTPSaysWhy(t *testing.T) {
	key := makeKey(t)
	for words, told := range map[string]string{
		"The folder is\x1b[2J not there.\r\n": " The server says: The folder is [2J not there.",
		strings.Repeat("no ", 100_000):        " The server says: no no",
		"":                                    "Ask its administrator to allow SFTP.",
	} {
		target, book := admitting(t, func(channel ssh.Channel) { _, _ = io.WriteString(channel.Stderr(), words) })
		_, err := connect.Test(t.Context(), target, book, key.proof(), false)
		want(t, err, connect.ErrNoSFTP)
		if said := identity.AsError(err).Message; !strings.Contains(said, told) || len(said) > 3000 {
			t.Errorf("told %.300q, want %q", said, told)
		}
	}
}

// patient is an SFTP server like AList's: a file that was written is there later,
// when who wrote it may have gone, and paths begin at the root. stays: folders are
// not removed.
type patient struct {
	mu      sync.Mutex
	stays   bool
	folders []string
}

func (p *patient) Fileread(*sftp.Request) (io.ReaderAt, error) { return nil, os.ErrNotExist }

func (p *patient) Filewrite(*sftp.Request) (io.WriterAt, error) { return nil, errors.New("later") }

func (p *patient) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	if r.Filepath != "/" {
		return nil, errors.New("failure")
	}
	return root{}, nil
}

func (p *patient) Filecmd(r *sftp.Request) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case r.Method == "Mkdir":
		p.folders = append(p.folders, r.Filepath)
		return nil
	case r.Method == "Rmdir" && !p.stays:
		p.folders = slices.DeleteFunc(p.folders, func(f string) bool { return f == r.Filepath })
		return nil
	}
	return errors.New("failure")
}

// root lists the folder at the top.
type root struct{}

func (root) ListAt(to []os.FileInfo, at int64) (int, error) {
	info, err := os.Stat(os.TempDir())
	if err != nil || at > 0 || len(to) == 0 {
		return 0, io.EOF
	}
	to[0] = info
	return 1, io.EOF
}

func TestWritingWhereFilesComeLater(t *testing.T) {
	key := makeKey(t)
	for _, stays := range []bool{false, true} {
		there := &patient{stays: stays}
		target, book := admitting(t, func(channel ssh.Channel) {
			_ = sftp.NewRequestServer(channel, sftp.Handlers{FileGet: there, FilePut: there, FileCmd: there, FileList: there}).Serve()
		})
		r, err := connect.Test(t.Context(), target, book, key.proof(), true)
		must(t, err)
		there.mu.Lock()
		left := strings.Join(there.folders, " ")
		there.mu.Unlock()
		if !r.Writable || r.Folder != "/" || r.Left != left || (left != "") != stays {
			t.Errorf("got %+v, and %q is there", r, left)
		}
	}
}

func TestUploadAndRemove(t *testing.T) {
	w, key, fresh := start(t, ""), makeKey(t), makeKey(t)
	before := "# mine\r\n\r\nnonsense\nrestrict " + key.Line // no line end
	w.admit(t, before)
	w.trust(t)
	dial := func(p pair) *connect.Client {
		t.Helper()
		c, err := connect.Dial(t.Context(), w.target, w.book(t), p.proof())
		must(t, err)
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	file := filepath.Join(w.home, ".ssh", "authorized_keys")
	wantFile := func(want string) {
		t.Helper()
		got, err := os.ReadFile(file)
		info, err2 := os.Stat(file)
		if err != nil || err2 != nil || string(got) != want || info.Mode().Perm() != 0o600 {
			t.Errorf("the file is %q, %v, %v", got, info.Mode(), err)
		}
		if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
	c := dial(key)
	for _, isNew := range []bool{true, false} {
		added, err := c.Upload(t.Context(), fresh.Public)
		if err != nil || added != isNew {
			t.Errorf("added %v, %v", added, err)
		}
		wantFile(before + "\n" + fresh.Line + "\n")
	}
	c = dial(fresh)
	for _, isThere := range []bool{true, false} {
		removed, err := c.Remove(t.Context(), key.Fingerprint)
		if err != nil || removed != isThere {
			t.Errorf("removed %v, %v", removed, err)
		}
		wantFile("# mine\r\n\r\nnonsense\n" + fresh.Line + "\n")
	}

	// One that comes after another may do what that one may.
	limited := makeKey(t)
	must(t, os.WriteFile(file, []byte("# mine\nfrom=\"127.0.0.1,10.0.0.0/8\",restrict "+key.Line+"\n"+fresh.Line+"\n"), 0o600))
	added, err := c.UploadAs(t.Context(), limited.Public, key.Fingerprint)
	if err != nil || !added {
		t.Errorf("added %v, %v", added, err)
	}
	wantFile("# mine\nfrom=\"127.0.0.1,10.0.0.0/8\",restrict " + key.Line + "\n" + fresh.Line + "\nfrom=\"127.0.0.1,10.0.0.0/8\",restrict " + limited.Line + "\n")

	// A link stays one.
	must(t, os.Rename(file, filepath.Join(w.home, "real")))
	must(t, os.Symlink("../real", file))
	if _, err := c.Upload(t.Context(), key.Public); err != nil {
		t.Error(err)
	}
	if info, err := os.Lstat(file); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}

	// What is too large is left alone.
	must(t, os.Truncate(filepath.Join(w.home, "real"), 2<<20))
	_, err = c.Upload(t.Context(), makeKey(t).Public)
	want(t, err, connect.ErrAuthorizedKeys)

	// And nothing there at all is a beginning.
	must(t, os.RemoveAll(filepath.Join(w.home, ".ssh")))
	if _, err := c.Upload(t.Context(), key.Public); err != nil {
		t.Error(err)
	}
	wantFile(key.Line + "\n")
	if info, err := os.Stat(filepath.Dir(file)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has %v, %v", info.Mode(), err)
	}
}

// serve takes connections and does with each what is given.
func serve(t *testing.T, do func(net.Conn)) connect.Target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			do(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return connect.Target{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, User: "ann"}
}

// admitting serves a host that lets every key in and starts whatever is asked
// for as do, and returns it with the book that knows its host key.
func admitting(t *testing.T, do func(ssh.Channel)) (connect.Target, *hosts.Book) {
	t.Helper()
	return known(t, &ssh.ServerConfig{
		PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return &ssh.Permissions{}, nil },
	}, func(conn *ssh.ServerConn, channels <-chan ssh.NewChannel, requests <-chan *ssh.Request) {
		go ssh.DiscardRequests(requests)
		for open := range channels {
			channel, asked, err := open.Accept()
			if err != nil {
				return
			}
			_ = (<-asked).Reply(true, nil)
			go ssh.DiscardRequests(asked)
			do(channel)
			_ = channel.Close()
		}
		_ = conn.Close()
	})
}

// known serves a host of its own key, and returns it with the book that knows
// that. do is called for who has signed in.
func known(t *testing.T, conf *ssh.ServerConfig, do func(*ssh.ServerConn, <-chan ssh.NewChannel, <-chan *ssh.Request)) (connect.Target, *hosts.Book) {
	t.Helper()
	host := makeKey(t)
	conf.AddHostKey(host.private.Signer())
	target := serve(t, func(c net.Conn) {
		if conn, channels, requests, err := ssh.NewServerConn(c, conf); err == nil {
			do(conn, channels, requests)
		}
	})
	files := hosts.Files{Own: filepath.Join(t.TempDir(), "known_hosts")}
	must(t, files.Trust(target.Address(), host.Public, false))
	book, err := files.Open()
	must(t, err)
	return target, book
}

func until(conn net.Conn) {
	for b := make([]byte, 1000); ; {
		if _, err := conn.Read(b); err != nil {
			return
		}
	}
}

func TestReasons(t *testing.T) {
	key := makeKey(t)
	none := hosts.Files{Own: filepath.Join(t.TempDir(), "none")}
	book, err := none.Open()
	must(t, err)
	old := &ssh.ServerConfig{Config: ssh.Config{KeyExchanges: []string{"diffie-hellman-group1-sha1"}}, NoClientAuth: true}
	old.AddHostKey(key.private.Signer())
	closed := serve(t, func(net.Conn) {})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	nobody := connect.Target{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}
	must(t, l.Close())
	for name, tc := range map[string]struct {
		target connect.Target
		want   error
	}{
		"nobody listens": {nobody, connect.ErrPort},
		"closes":         {closed, connect.ErrClosed},
		"HTTP":           {serve(t, func(c net.Conn) { _, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\nno\r\n")) }), connect.ErrNotSSH},
		"closes later":   {serve(t, func(c net.Conn) { _, _ = c.Write([]byte("SSH-2.0-x\r\n")) }), connect.ErrClosed},
		"old algorithms": {serve(t, func(c net.Conn) { _, _, _, _ = ssh.NewServerConn(c, old) }), connect.ErrOldAlgorithms},
		"no such name":   {connect.Target{Host: "no-such-host.invalid"}, connect.ErrName},
		"a path":         {connect.Target{Host: "nas/files"}, connect.ErrTarget},
		"a command":      {connect.Target{Host: "nas`touch x`"}, connect.ErrTarget},
		"a quotation":    {connect.Target{Host: `nas"x`}, connect.ErrTarget},
		"an option":      {connect.Target{Host: "-oProxyCommand=x"}, connect.ErrTarget},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := connect.Test(t.Context(), tc.target, book, key.proof(), false)
			want(t, err, tc.want)
		})
	}
}

// What a server says after a key was used is its reason, and what it says before
// to everybody is not.
func TestReasonsThatTheServerGives(t *testing.T) {
	key := makeKey(t)
	for name, tc := range map[string]struct {
		before, after string
		want          error
		told          string
	}{
		"nothing":           {"", "", connect.ErrRefused, "Upload its public half there"},
		"a greeting":        {"Members only, no SFTP games.\r\n", "", connect.ErrRefused, "The server says: Members only, no SFTP games."},
		"the key's time":    {"Members only.\r\n", "This SSH key expired at 2026-01-01 00:00 UTC. By the clock of this server it is 2033-01-01 00:00 UTC now.\r\n", connect.ErrRefusedExpired, "The server says: Members only. This SSH key expired at 2026-01-01 00:00 UTC."},
		"the account":       {"", "This account may not use SFTP.\r\n", connect.ErrRefusedSFTP, "may not use SFTP."},
		"something else":    {"", "The moon is\x1b[31m full.\r\n", connect.ErrRefusedTold, "The server says: The moon is [31m full."},
		"more than a page":  {"", strings.Repeat("no ", 10_000), connect.ErrRefusedTold, "The server says: no no no"},
		"text turned round": {"", "a\u202eb", connect.ErrRefusedTold, "The server says: a b"},
	} {
		t.Run(name, func(t *testing.T) {
			conf := &ssh.ServerConfig{
				BannerCallback: func(ssh.ConnMetadata) string { return tc.before },
				PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
					return &ssh.Permissions{}, nil
				},
				VerifiedPublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey, *ssh.Permissions, string) (*ssh.Permissions, error) {
					if tc.after == "" {
						return nil, errors.New("no")
					}
					return nil, &ssh.BannerError{Err: errors.New("no"), Message: tc.after}
				},
			}
			target, book := known(t, conf, func(*ssh.ServerConn, <-chan ssh.NewChannel, <-chan *ssh.Request) {})
			_, err := connect.Test(t.Context(), target, book, key.proof(), false)
			want(t, err, tc.want)
			e := identity.AsError(err)
			if !strings.Contains(e.Message, tc.told) || len(e.Message) > 3000 || strings.ContainsAny(e.Message, "\x1b\u202e\r\n") {
				t.Errorf("%s: %.400q", e.Code, e.Message)
			}
		})
	}
}

func TestServerThatHangs(t *testing.T) {
	key := makeKey(t)
	book, err := hosts.Files{Own: filepath.Join(t.TempDir(), "none")}.Open()
	must(t, err)
	target := serve(t, func(c net.Conn) {
		_, _ = c.Write([]byte("SSH-2.0-x\r\n"))
		until(c)
	})
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, connect.ErrHangs)
	defer cancel()
	_, err = connect.Test(ctx, target, book, key.proof(), false)
	want(t, err, connect.ErrHangs)
}

// Somebody who goes away while a server is dialled has not found that it is off.
func TestInterruptedDial(t *testing.T) {
	key := makeKey(t)
	book, err := hosts.Files{Own: filepath.Join(t.TempDir(), "none")}.Open()
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = connect.Test(ctx, serve(t, until), book, key.proof(), false)
	want(t, err, context.Canceled)
}
