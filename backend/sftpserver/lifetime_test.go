package sftpserver

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/identity"
)

// What ends a connection that is signed in, an upload under way included.
func TestRevoked(t *testing.T) {
	for name, revoke := range map[string]func(w *world, c *citizen){
		"user deleted":         func(w *world, c *citizen) { delete(w.users, c.User.ID) },
		"user disabled":        func(_ *world, c *citizen) { c.User.Disabled = true },
		"password changed":     func(_ *world, c *citizen) { c.User.PasswordChangedAt = time.Unix(2, 0) },
		"must change password": func(_ *world, c *citizen) { c.User.MustChangePassword = true },
		"base path changed":    func(_ *world, c *citizen) { c.User.BasePath = "/" },
		"role gone":            func(_ *world, c *citizen) { c.Roles = nil },
		"right gone":           func(_ *world, c *citizen) { c.Roles[0].Scopes[0].Permission &^= identity.PathSFTPRead },
		"key deleted":          func(w *world, _ *citizen) { clear(w.keys) },
		"evicted":              func(w *world, _ *citizen) { clear(w.listed) },
	} {
		w := newWorld()
		r := start(t, w, Limits{})
		c, ann := r.join("ann", everything)
		f, err := c.Create("/new")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, "half"); err != nil {
			t.Fatal(err)
		}
		w.change(func() { revoke(w, ann) })
		if err := c.Wait(); err == nil { // nothing was sent to make it notice
			t.Errorf("%s: the connection ended well", name)
		}
		r.eventually("the slot is free", func() bool { return r.connections() == 0 })
		if got := tree(t, r.home("ann")); len(got) != 1 {
			t.Errorf("%s: left behind: %v", name, got)
		}
		if !strings.Contains(r.log.String(), "SFTP connection closed") {
			t.Errorf("%s: not logged", name)
		}
		r.stop()
	}
}

// A change that takes nothing from somebody does not disturb them; a password
// connection depends on no key.
func TestNotRevoked(t *testing.T) {
	w := newWorld()
	r := start(t, w, Limits{Recheck: time.Millisecond})
	byKey, ann := r.join("ann", everything)
	conn, err := r.dial("ann", ssh.Password("password of ann"))
	if err != nil {
		t.Fatal(err)
	}
	byPassword := r.sftp(conn)
	other, bob := r.join("bob", everything)
	w.change(func() { ann.User.TOTPEnabled = true })
	w.change(func() { bob.User.Disabled = true })
	if err := other.Wait(); err == nil {
		t.Error("bob's connection ended well")
	}
	for _, c := range []interface{ Getwd() (string, error) }{byKey, byPassword} {
		if _, err := c.Getwd(); err != nil {
			t.Errorf("ann's connection: %v", err)
		}
	}
	w.change(func() { clear(w.keys) })
	if err := byKey.Wait(); err == nil {
		t.Error("the connection of the deleted key ended well")
	}
	if _, err := byPassword.Getwd(); err != nil {
		t.Errorf("the connection by password: %v", err)
	}
}

// What is open is listed, with how it was opened, until it is closed.
func TestListed(t *testing.T) {
	w := newWorld()
	r := start(t, w, Limits{Recheck: time.Millisecond})
	c, ann := r.join("ann", everything)
	list := w.list()
	if len(list) != 1 || list[0].User != ann.User.ID || list[0].SSHKey != "key 1" || list[0].Address.String() != "127.0.0.1" ||
		list[0].UserAgent != "SSH-2.0-Go" || time.Until(list[0].ExpiresAt) > 12*time.Hour || time.Until(list[0].ExpiresAt) < 11*time.Hour {
		t.Errorf("listed: %+v", list)
	}
	if _, err := c.Getwd(); err != nil {
		t.Fatal(err)
	}
	r.eventually("its use is told", func() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.touched > 0 })
	conn, err := r.dial("ann", ssh.Password("password of ann"))
	if err != nil {
		t.Fatal(err)
	}
	byPassword := r.sftp(conn)
	if _, err := byPassword.Getwd(); err != nil {
		t.Fatal(err)
	}
	list = w.list()
	if len(list) != 2 || list[0].SSHKey != "" && list[1].SSHKey != "" {
		t.Errorf("listed: %+v", list)
	}
	_, _ = r.dial("ann", ssh.Password("a wrong one"))
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	r.eventually("one is off the list", func() bool { return len(w.list()) == 1 })
	r.stop()
	if list := w.list(); len(list) != 0 {
		t.Errorf("listed after the end: %+v", list)
	}
}

// A connection that cannot be listed, and so not be ended, does not begin.
func TestNotListed(t *testing.T) {
	w := newWorld()
	ann := w.person("ann", everything)
	key := newKey(t)
	w.uploaded(ann, key)
	r := start(t, w, Limits{})
	w.change(func() { w.failing = errors.New("the disk is full") })
	conn, err := r.dial("ann", ssh.PublicKeys(key))
	if err == nil {
		err = conn.Wait()
	}
	if err == nil {
		t.Error("the connection goes on")
	}
	r.stop()
	if _, _, signedIn := w.uses(); len(signedIn) != 0 {
		t.Errorf("keys recorded as used: %v", signedIn)
	}
}

// A change during the handshake is seen at its end.
func TestRevokedDuringHandshake(t *testing.T) {
	w := newWorld()
	ann := w.person("ann", everything)
	key := newKey(t)
	w.uploaded(ann, key)
	r := start(t, w, Limits{})
	conf := r.client("ann", ssh.PublicKeys(key))
	conf.HostKeyCallback = func(string, net.Addr, ssh.PublicKey) error { return nil }
	slow := ssh.PublicKeysCallback(func() ([]ssh.Signer, error) { return []ssh.Signer{revoking{key, w, ann}}, nil })
	conf.Auth = []ssh.AuthMethod{slow}
	conn, err := ssh.Dial("tcp", r.addr, conf)
	if err == nil {
		err = conn.Wait()
	}
	if err == nil {
		t.Error("the connection goes on")
	}
	r.stop()
	if _, _, signedIn := w.uses(); len(signedIn) != 0 {
		t.Errorf("keys recorded as used: %v", signedIn)
	}
}

// revoking signs after the server has said that the key is welcome, and takes
// away the account in between.
type revoking struct {
	ssh.Signer
	w   *world
	ann *citizen
}

func (s revoking) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	s.w.change(func() { s.ann.User.PasswordChangedAt = time.Unix(2, 0) })
	return s.Signer.Sign(rand, data)
}

func TestIdle(t *testing.T) {
	r := start(t, newWorld(), Limits{Idle: 2 * time.Second})
	quiet, lively := r.signIn("quiet"), r.signIn("lively")
	c := r.sftp(lively)
	ended := make(chan error, 1)
	go func() { ended <- quiet.Wait() }()
	for {
		if _, err := c.Getwd(); err != nil {
			t.Fatalf("the lively connection: %v", err)
		}
		// Signs of life alone keep nothing open.
		_, _, _ = quiet.SendRequest("keepalive@openssh.com", true, nil)
		select {
		case <-ended:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestTotal(t *testing.T) {
	r := start(t, newWorld(), Limits{Total: 300 * time.Millisecond})
	c, _ := r.join("ann", everything)
	for {
		if _, err := c.Getwd(); err != nil {
			return
		}
	}
}

// What a lost connection leaves: an old file whole, or else what has arrived.
func TestLostConnection(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	conn := r.signIn("ann")
	c := r.sftp(conn)
	r.write(r.home("ann", "old"), "the old content")
	for _, name := range []string{"/old", "/new"} {
		f, err := c.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, "half"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Create("/empty"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	r.eventually("the connection is gone", func() bool { return r.connections() == 0 })
	want := map[string]string{".": "/", "old": "the old content", "new": "half"}
	if got := tree(t, r.home("ann")); len(got) != len(want) || got["old"] != want["old"] || got["new"] != want["new"] {
		t.Errorf("there is %v, want %v", got, want)
	}
}

// A server that stops closes idle connections at once and lets a transfer end.
func TestDrain(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	c, _ := r.join("ann", everything)
	idle := r.signIn("idle")
	f, err := c.Create("/f")
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() { r.stop(); close(stopped) }()
	if err := idle.Wait(); err == nil {
		t.Error("the idle connection ended well")
	}
	if _, err := net.Dial("tcp", r.addr); err == nil {
		t.Error("new connections are accepted")
	}
	if _, err := io.WriteString(f, "to the end"); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	<-stopped
	if got := r.content(r.home("ann", "f")); got != "to the end" {
		t.Errorf("the file is %q", got)
	}
}

func TestDrainHasAnEnd(t *testing.T) {
	r := start(t, newWorld(), Limits{Drain: 200 * time.Millisecond})
	c, _ := r.join("ann", everything)
	r.write(r.home("ann", "f"), "the old content")
	f, err := c.Create("/f")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "half"); err != nil {
		t.Fatal(err)
	}
	halfOpen(t, r.addr)
	r.stop()
	if err := f.Close(); err == nil {
		t.Error("the upload ended well")
	}
	if got := tree(t, r.home("ann")); got["f"] != "the old content" || len(got) != 2 {
		t.Errorf("there is %v", got)
	}
}

// A listener that fails ends Serve with an error; one that is only short of
// something does not.
func TestListenerFails(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	l := &shortListener{left: 3}
	err := r.srv.Serve(t.Context(), l)
	if !errors.Is(err, net.ErrClosed) || l.left != 0 {
		t.Errorf("Serve = %v, %d failures left", err, l.left)
	}
}

type shortListener struct{ left int }

func (l *shortListener) Accept() (net.Conn, error) {
	if l.left == 0 {
		return nil, net.ErrClosed
	}
	l.left--
	return nil, errors.New("too many open files")
}
func (l *shortListener) Close() error   { return nil }
func (l *shortListener) Addr() net.Addr { return nil }

func TestServeAgain(t *testing.T) {
	w := newWorld()
	for range 3 {
		r := start(t, w, Limits{})
		c, _ := r.join("ann", everything)
		if _, err := c.Getwd(); err != nil {
			t.Error(err)
		}
		r.stop()
		clear(w.users)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := start(t, w, Limits{}).srv.Serve(ctx, l); err != nil {
		t.Errorf("Serve with a context that has ended: %v", err)
	}
}
