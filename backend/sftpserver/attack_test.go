package sftpserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"latchkey/backend/identity"
)

// A forger shows somebody's public key and signs with another.
type forger struct {
	ssh.Signer
	victim ssh.PublicKey
}

func (f forger) PublicKey() ssh.PublicKey { return f.victim }

func TestForgedSignature(t *testing.T) {
	w := newWorld()
	victims := newKey(t)
	w.uploaded(w.person("victim", everything), victims)
	r := start(t, w, Limits{})
	conn, err := r.dial("victim", ssh.PublicKeys(forger{newKey(t), victims.PublicKey()}))
	if err == nil {
		_ = conn.Close()
		t.Error("got in with a forged signature")
	}
	r.stop()
	if _, _, signedIn := w.uses(); len(signedIn) != 0 {
		t.Errorf("keys recorded as used: %v", signedIn)
	}
}

// What the callbacks do with an offer is forgotten at the next one: the proof
// is that of the key that signed.
func TestOfferLeavesNothing(t *testing.T) {
	w := newWorld()
	mallory, victim := w.person("mallory", everything), w.person("victim", everything)
	own, stolen := newKey(t), newKey(t)
	w.uploaded(mallory, own)
	w.uploaded(victim, stolen)
	r := start(t, w, Limits{})
	d := doorman{login: w, log: r.srv.Log, ctx: t.Context()}
	as := func(user string) ssh.ConnMetadata { return named{user: user} }
	if _, err := d.offered(as("victim"), stolen.PublicKey()); err != nil {
		t.Fatal(err)
	}
	perms, err := d.offered(as("mallory"), own.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	perms, err = d.signed(as("mallory"), own.PublicKey(), perms, ssh.KeyAlgoED25519)
	if p, ok := proofOf(perms); err != nil || !ok || p.who.User.ID != mallory.User.ID {
		t.Errorf("signed in as %v, %v", p.who.User.Username, err)
	}
	for _, perms := range []*ssh.Permissions{nil, {}, {Extensions: map[string]string{"user": "victim"}}} {
		if p, ok := proofOf(perms); ok {
			t.Errorf("proof out of nothing: %v", p)
		}
	}
}

type named struct {
	ssh.ConnMetadata
	user string
}

func (n named) User() string { return n.user }

// A certificate is no way in, even for a key that is known.
func TestCertificate(t *testing.T) {
	w := newWorld()
	key, ca := newKey(t), newKey(t)
	w.uploaded(w.person("ann", everything), key)
	r := start(t, w, Limits{})
	cert := &ssh.Certificate{
		Key: key.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{"ann"}, ValidBefore: ssh.CertTimeInfinity,
	}
	if err := cert.SignCert(bytes.NewReader(make([]byte, 64)), ca); err != nil {
		t.Fatal(err)
	}
	with, err := ssh.NewCertSigner(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	if conn, err := r.dial("ann", ssh.PublicKeys(with)); err == nil {
		_ = conn.Close()
		t.Error("got in with a certificate")
	}
}

// Offering keys or guessing passwords without end is cut short, and a guess too
// many does not let in who knows the password.
func TestTooManyTries(t *testing.T) {
	w := newWorld()
	w.person("ann", everything)
	r := start(t, w, Limits{})
	many := make([]ssh.Signer, 200)
	for i := range many {
		many[i] = newKey(t)
	}
	if _, err := r.dial("ann", ssh.PublicKeys(many...), ssh.Password("password of ann")); err == nil {
		t.Error("got in after 200 keys")
	}
	if _, offers, _ := w.uses(); offers > 6 {
		t.Errorf("%d offers were looked at", offers)
	}
	guesses := 0
	guess := ssh.PasswordCallback(func() (string, error) {
		if guesses++; guesses > 6 {
			return "password of ann", nil
		}
		return fmt.Sprint("guess ", guesses), nil
	})
	if _, err := r.dial("ann", ssh.RetryableAuthMethod(guess, 100)); err == nil {
		t.Error("got in at the seventh try")
	}
	r.stop()
	if attempts, _, signedIn := w.uses(); len(attempts) > 6 || len(signedIn) != 0 {
		t.Errorf("%d guesses on one connection, keys recorded as used: %v", len(attempts), signedIn)
	}
}

// halfOpen are clients that begin a handshake and do not end it.
func halfOpen(t *testing.T, addr string) map[string]net.Conn {
	t.Helper()
	out := map[string]net.Conn{}
	for name, says := range map[string]string{
		"nothing":            "",
		"half a banner":      "SSH-2.0-half",
		"a banner":           "SSH-2.0-whole\r\n",
		"a banner and more":  "SSH-2.0-more\r\n\x00\x00\x01\x00\x05\x14",
		"an endless banner":  strings.Repeat("x", 200),
		"another protocol":   "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"an endless preface": strings.Repeat("x\r\n", 500),
	} {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = nc.Close() })
		if _, err := io.WriteString(nc, says); err != nil {
			t.Fatal(err)
		}
		out[name] = nc
	}
	return out
}

// closed waits until the other side has closed a connection.
func closed(t *testing.T, nc net.Conn) {
	t.Helper()
	if err := nc.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, nc); errors.Is(err, net.ErrClosed) || isTimeout(err) {
		t.Errorf("still open: %v", err)
	}
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func TestHalfOpenHandshakes(t *testing.T) {
	w := newWorld()
	key := newKey(t)
	w.uploaded(w.person("ann", everything), key)
	r := start(t, w, Limits{Handshake: 500 * time.Millisecond})
	stalled := halfOpen(t, r.addr)
	conn, err := r.dial("ann", ssh.PublicKeys(key)) // meanwhile others are served
	if err != nil {
		t.Fatal(err)
	}
	for name, nc := range stalled {
		t.Log(name)
		closed(t, nc)
	}
	if _, err := r.sftp(conn).Getwd(); err != nil { // the limit is for the handshake alone
		t.Error(err)
	}
	r.eventually("one connection is left", func() bool { return r.connections() == 1 })
}

func TestConnectionLimits(t *testing.T) {
	for name, tc := range map[string]struct {
		limits Limits
		signIn bool // whether those that take the slots sign in
	}{
		"in all":      {Limits{Connections: 4}, true},
		"per address": {Limits{PerAddress: 4}, true},
		"pending":     {Limits{PendingPerAddress: 4}, false},
	} {
		w := newWorld()
		key := newKey(t)
		w.uploaded(w.person("ann", everything), key)
		r := start(t, w, tc.limits)
		var holding []io.Closer
		for range 4 {
			var c io.Closer
			var err error
			if tc.signIn {
				c, err = r.dial("ann", ssh.PublicKeys(key))
			} else {
				c, err = net.Dial("tcp", r.addr)
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			holding = append(holding, c)
		}
		r.eventually("the slots are taken", func() bool { return r.connections() == 4 })
		more, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, more)
		_ = more.Close()
		if err := holding[0].Close(); err != nil {
			t.Error(err)
		}
		r.eventually("a slot is free", func() bool { return r.connections() == 3 })
		conn, err := r.dial("ann", ssh.PublicKeys(key))
		if err != nil {
			t.Errorf("%s: with a free slot: %v", name, err)
		} else {
			_ = conn.Close()
		}
		for _, c := range holding[1:] {
			_ = c.Close()
		}
		r.stop()
	}
}

// One account takes so many connections, wherever they come from, and no other
// has fewer for it.
func TestConnectionsOfOneAccount(t *testing.T) {
	r := start(t, newWorld(), Limits{PerUser: 2})
	key := newKey(t)
	r.uploaded(r.person("ann", everything), key)
	join := func() (*ssh.Client, error) {
		conn, err := r.dial("ann", ssh.PublicKeys(key))
		if err == nil {
			t.Cleanup(func() { _ = conn.Close() })
			_, err = sftp.NewClient(conn)
		}
		return conn, err
	}
	first, err := join()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := join(); err != nil {
		t.Fatal(err)
	}
	if _, err := join(); err == nil {
		t.Error("the third was opened")
	}
	if len(r.list()) != 2 || !strings.Contains(r.log.String(), "connections of one account") {
		t.Errorf("%d are listed\n%s", len(r.list()), r.log)
	}
	if _, err := r.sftp(r.signIn("bob")).Getwd(); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	r.eventually("there is room for one more", func() bool { _, err := join(); return err == nil })
}

// A session that is opened and not used holds what is sent to it in memory, so
// it does not stay.
func TestSessionsThatDoNotStart(t *testing.T) {
	r := start(t, newWorld(), Limits{Start: 2 * time.Second})
	working := r.sftp(r.signIn("ann"))
	conn := r.signIn("bob")
	ch, reqs, err := conn.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	go ssh.DiscardRequests(reqs)
	if ok, err := ch.SendRequest("shell", true, nil); ok || err != nil {
		t.Errorf("shell: %v, %v", ok, err)
	}
	_ = conn.Wait()
	if _, err := working.Getwd(); err != nil {
		t.Errorf("the one that has started: %v", err)
	}
}

// Signed-in connections do not count as pending.
func TestPendingEndsWithSignIn(t *testing.T) {
	w := newWorld()
	key := newKey(t)
	w.uploaded(w.person("ann", everything), key)
	r := start(t, w, Limits{Pending: 1})
	for range 3 {
		conn, err := r.dial("ann", ssh.PublicKeys(key))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := r.dial("ann", ssh.Password("wrong")); err == nil {
			t.Error("got in")
		}
		r.eventually("nobody is pending", func() bool {
			r.srv.slots.mu.Lock()
			defer r.srv.slots.mu.Unlock()
			return len(r.srv.slots.pending) == 0
		})
	}
}

// signIn dials as somebody new.
func (r *running) signIn(name identity.Username) *ssh.Client {
	r.t.Helper()
	key := newKey(r.t)
	r.uploaded(r.person(name, everything), key)
	conn, err := r.dial(string(name), ssh.PublicKeys(key))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestOnlySFTP(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	conn := r.signIn("ann")
	for _, kind := range []string{"direct-tcpip", "forwarded-tcpip", "direct-streamlocal@openssh.com", "x11", "auth-agent@openssh.com", "tun@openssh.com", ""} {
		if ch, _, err := conn.OpenChannel(kind, ssh.Marshal(struct{ S string }{"x"})); err == nil {
			_ = ch.Close()
			t.Errorf("a channel %q was opened", kind)
		}
	}
	for _, kind := range []string{"tcpip-forward", "cancel-tcpip-forward", "streamlocal-forward@openssh.com", "hostkeys-prove-00@openssh.com", "unknown"} {
		if ok, _, err := conn.SendRequest(kind, true, nil); ok || err != nil {
			t.Errorf("global request %q: %v, %v", kind, ok, err)
		}
	}
	if ok, _, err := conn.SendRequest("keepalive@openssh.com", true, nil); !ok || err != nil {
		t.Errorf("keepalive: %v, %v", ok, err)
	}
	ch, reqs, err := conn.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	go ssh.DiscardRequests(reqs)
	for kind, payload := range map[string]any{
		"shell": nil, "exec": struct{ C string }{"id"}, "pty-req": nil, "env": struct{ N, V string }{"LD_PRELOAD", "x"},
		"x11-req": nil, "auth-agent-req@openssh.com": nil, "window-change": nil, "signal": struct{ S string }{"KILL"},
		"subsystem": struct{ N string }{"netconf"}, "unknown": nil,
	} {
		var b []byte
		if payload != nil {
			b = ssh.Marshal(payload)
		}
		if ok, err := ch.SendRequest(kind, true, b); ok || err != nil {
			t.Errorf("request %q: %v, %v", kind, ok, err)
		}
	}
	sub := ssh.Marshal(struct{ N string }{"sftp"})
	if ok, err := ch.SendRequest("subsystem", true, sub); !ok || err != nil {
		t.Errorf("sftp after all that: %v, %v", ok, err)
	}
	if ok, err := ch.SendRequest("subsystem", true, sub); ok || err != nil {
		t.Errorf("sftp twice on a channel: %v, %v", ok, err)
	}
	_ = ch.Close()
}

func TestChannelLimit(t *testing.T) {
	r := start(t, newWorld(), Limits{Channels: 3})
	conn := r.signIn("ann")
	for range 1000 {
		if _, _, err := conn.OpenChannel("x11", nil); err == nil {
			t.Fatal("a channel x11 was opened")
		}
	}
	var open []ssh.Channel
	for range 3 {
		ch, reqs, err := conn.OpenChannel("session", nil)
		if err != nil {
			t.Fatal(err)
		}
		go ssh.DiscardRequests(reqs)
		open = append(open, ch)
	}
	if _, _, err := conn.OpenChannel("session", nil); err == nil {
		t.Error("one more session was opened")
	}
	for _, ch := range open {
		if err := ch.Close(); err != nil {
			t.Error(err)
		}
	}
	r.eventually("a session is free", func() bool {
		_, reqs, err := conn.OpenChannel("session", nil)
		if err == nil {
			go ssh.DiscardRequests(reqs)
		}
		return err == nil
	})
}

// A panic ends the connection that it happened on, and no other.
func TestPanic(t *testing.T) {
	w := newWorld()
	r := start(t, w, Limits{})
	other, _ := r.join("other", everything)
	c, ann := r.join("ann", everything)
	w.change(func() { ann.panics = true })
	if _, err := c.Stat("/"); err == nil {
		t.Error("the request was answered")
	}
	if _, err := r.dial("ann", ssh.Password("password of ann")); err == nil {
		t.Error("the sign-in succeeded")
	}
	if _, err := other.Stat("/"); err != nil {
		t.Errorf("the other connection: %v", err)
	}
	r.eventually("only the other is left", func() bool { return r.connections() == 1 })
	if log := r.log.String(); strings.Count(log, "SFTP connection panicked") < 2 || !strings.Contains(log, "world_test.go") {
		t.Errorf("not logged with its stack: %s", log)
	}
}
