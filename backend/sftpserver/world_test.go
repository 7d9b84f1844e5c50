package sftpserver

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"

	"latchkey/backend/credential/password"
	"latchkey/backend/files"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/login"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world is who there is, in place of the sign-in pipeline and the store: it
// decides as they do and remembers what it was asked.
type world struct {
	mu       sync.Mutex
	users    map[identity.UserID]*citizen
	keys     map[identity.SSHKeyID]identity.SSHKey
	attempts []login.Attempt
	offers   int
	signedIn []identity.SSHKeyID
	listed   map[identity.SessionID]identity.Session
	touched  int
	failing  error

	version atomic.Uint64
	ahead   atomic.Int64 // how far the server's clock is moved, in nanoseconds
}

type citizen struct {
	identity.Principal
	password string
	code     string // a second factor, if there is one
	refusal  error  // in place of everything else
	panics   bool
}

// panic stands for a defect in what answers about c.
func (c *citizen) panic() {
	if c != nil && c.panics {
		panic("a defect")
	}
}

var (
	errWrong    = identity.NewError(identity.Unauthenticated, "credentials_wrong", "The user name or password is wrong.")
	errCode     = identity.NewError(identity.FactorRequired, "code_wrong", "That code is not right.")
	errLate     = identity.NewError(identity.PermissionDenied, "ssh_key_expired", "This SSH key has expired.")
	errMustTurn = identity.NewError(identity.PasswordChangeRequired, "password_change_required", "The password must be changed first.")
	errLocked   = identity.NewError(identity.Throttled, "locked", "Too many failures; try again in 5 minutes.")
)

// everything is what a person with all rights over SFTP may do.
const everything = identity.PathSFTPRead | identity.PathSFTPWrite | identity.PathWrite | identity.PathRename |
	identity.PathMove | identity.PathDelete

func newWorld() *world {
	w := &world{users: map[identity.UserID]*citizen{}, keys: map[identity.SSHKeyID]identity.SSHKey{}, listed: map[identity.SessionID]identity.Session{}}
	w.version.Store(1)
	return w
}

// person adds somebody whose base path is /home/NAME, with rights on it.
func (w *world) person(name identity.Username, rights identity.PathPermission) *citizen {
	w.mu.Lock()
	defer w.mu.Unlock()
	base := "/home/" + string(name)
	id := identity.UserID(len(w.users) + 10)
	c := &citizen{password: "password of " + string(name)}
	c.Principal = identity.Principal{
		User:  identity.User{ID: id, Username: name, BasePath: base, PasswordChangedAt: time.Unix(1, 0)},
		Roles: []identity.Role{{ID: 9, Scopes: []identity.Scope{{Path: base, Permission: rights}}}},
	}
	w.users[id] = c
	return c
}

// uploaded gives somebody a public key.
func (w *world) uploaded(c *citizen, key ssh.Signer) identity.SSHKeyID {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := identity.SSHKeyID(len(w.keys) + 1)
	w.keys[id] = identity.SSHKey{ID: id, User: c.User.ID, Title: fmt.Sprint("key ", id), Fingerprint: identity.Fingerprint(ssh.FingerprintSHA256(key.PublicKey()))}
	return id
}

// change changes the world as an administrator would.
func (w *world) change(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
	w.version.Add(1)
}

func (w *world) find(name string) *citizen {
	for _, c := range w.users {
		if string(c.User.Username) == name {
			return c
		}
	}
	return nil
}

func (w *world) CheckPassword(_ context.Context, a login.Attempt) (identity.Principal, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts = append(w.attempts, a)
	c := w.find(a.Username)
	c.panic()
	switch {
	case w.failing != nil:
		return identity.Principal{}, w.failing
	case c == nil:
		return identity.Principal{}, errWrong
	case c.refusal != nil:
		return identity.Principal{}, c.refusal
	case a.Password.Reveal() != password.DigestOf(c.password).Reveal() || c.User.Disabled:
		return identity.Principal{}, errWrong
	case c.code != "" && a.Code != c.code:
		return identity.Principal{}, errCode
	}
	return c.Principal, nil
}

func (w *world) CheckSSHKey(_ context.Context, name string, f identity.Fingerprint, _ netip.Addr) (identity.Principal, identity.SSHKey, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.offers++
	c := w.find(name)
	for _, k := range w.keys {
		if c != nil && k.User == c.User.ID && k.Fingerprint == f {
			return c.Principal, k, c.refusal
		}
	}
	return identity.Principal{}, identity.SSHKey{}, errWrong
}

func (w *world) SSHKeySignedIn(_ context.Context, _ identity.Principal, k identity.SSHKey, _ netip.Addr) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.signedIn = append(w.signedIn, k.ID)
}

func (w *world) Principal(ctx context.Context, id identity.UserID) (identity.Principal, error) {
	if err := ctx.Err(); err != nil {
		return identity.Principal{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.users[id]
	if !ok {
		return identity.Principal{}, errors.New("not found")
	}
	c.panic()
	p := c.Principal
	p.Roles = slices.Clone(p.Roles)
	return p, nil
}

func (w *world) SSHKey(_ context.Context, id identity.SSHKeyID) (identity.SSHKey, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k, ok := w.keys[id]
	if !ok {
		return k, errors.New("not found")
	}
	return k, nil
}

func (w *world) OpenConnection(_ context.Context, c identity.Session) (identity.Session, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.ID, c.Kind = identity.SessionID(rand.Text()), identity.SFTPSession
	w.listed[c.ID] = c
	return c, w.failing
}

func (w *world) ConnectionLives(_ context.Context, id identity.SessionID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.listed[id]; !ok {
		return errors.New("ended")
	}
	return nil
}

func (w *world) TouchConnection(identity.Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.touched++
}

func (w *world) CloseConnection(_ context.Context, id identity.SessionID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.listed, id)
	return nil
}

// list returns the connections that are listed.
func (w *world) list() []identity.Session {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Values(w.listed))
}

func (w *world) Version() uint64 { return w.version.Load() }

// Pass opens everything: here nothing is protected. See package server's tests.
func (w *world) Pass(context.Context, func() identity.Principal, string, netip.Addr) files.Pass {
	return nil
}

// uses returns how often each thing happened.
func (w *world) uses() (attempts []login.Attempt, offers int, signedIn []identity.SSHKeyID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.attempts), w.offers, slices.Clone(w.signedIn)
}

// A running is a server on a port of its own.
type running struct {
	*world
	t     testing.TB
	addr  string
	files string // the files folder
	keys  *HostKeys
	log   *logBook
	stop  func() // and wait
	srv   *Server
}

func start(t testing.TB, w *world, limits Limits) *running {
	t.Helper()
	dir := t.TempDir()
	r := &running{world: w, t: t, files: filepath.Join(dir, "files"), log: &logBook{}}
	store, err := files.Open(r.files, env.System())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.keys, err = OpenHostKeys(hostKeyFolder(t), env.System(), true, log)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = l.Addr().String()
	clock := env.Env{Now: func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }, Rand: rand.Reader}
	r.srv = New(Config{Login: w, Principals: w, Connections: w, Keys: w, Files: store, Folders: w, HostKeys: r.keys, Env: clock, Log: log, Limits: limits})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.srv.Serve(ctx, l) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
		_ = store.Close()
	})
	t.Cleanup(r.stop)
	return r
}

// hostKeyFolder holds ready host keys, because making RSA ones takes long.
func hostKeyFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, key := range hostKeys() {
		if err := os.WriteFile(filepath.Join(dir, name), key, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var hostKeys = sync.OnceValue(func() map[string][]byte {
	dir, err := os.MkdirTemp("", "hostkeys")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	h, err := OpenHostKeys(dir, env.System(), true, slog.New(slog.DiscardHandler))
	if err == nil {
		err = h.makeRSA()
	}
	if err != nil {
		panic(err)
	}
	out := map[string][]byte{}
	for _, name := range []string{ed25519File, rsaFile} {
		if out[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			panic(err)
		}
	}
	return out
})

func newKey(t testing.TB) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer(t, key)
}

func signer(t testing.TB, key crypto.Signer) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ecdsaKey(t testing.TB) ssh.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer(t, key)
}

func rsaKey(t testing.TB) ssh.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return signer(t, key)
}

// dial signs in, and checks that the host is the one it should be.
func (r *running) dial(user string, auth ...ssh.AuthMethod) (*ssh.Client, error) {
	return ssh.Dial("tcp", r.addr, r.client(user, auth...))
}

func (r *running) client(user string, auth ...ssh.AuthMethod) *ssh.ClientConfig {
	return &ssh.ClientConfig{
		User: user, Auth: auth,
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
		HostKeyCallback:   ssh.FixedHostKey(r.keys.all()[0].PublicKey()),
	}
}

// join adds somebody with rights on their folder, signs them in and starts SFTP.
func (r *running) join(name identity.Username, rights identity.PathPermission) (*sftp.Client, *citizen) {
	r.t.Helper()
	c := r.person(name, rights)
	key := newKey(r.t)
	r.uploaded(c, key)
	conn, err := r.dial(string(name), ssh.PublicKeys(key))
	if err != nil {
		r.t.Fatal(err)
	}
	return r.sftp(conn), c
}

func (r *running) sftp(conn *ssh.Client) *sftp.Client {
	r.t.Helper()
	client, err := sftp.NewClient(conn)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		_ = client.Close()
		_ = conn.Close()
	})
	return client
}

// home is somebody's folder as another program sees it.
func (r *running) home(name string, below ...string) string {
	return filepath.Join(append([]string{r.files, "home", name}, below...)...)
}

func (r *running) write(path, content string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// content reads a file, "-" if there is none.
func (r *running) content(path string) string {
	r.t.Helper()
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "-"
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// eventually waits for something that another goroutine is about to do.
func (r *running) eventually(what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("not so after 20 s: %s\n%s", what, r.log)
		}
	}
}

func (r *running) connections() int {
	r.srv.slots.mu.Lock()
	defer r.srv.slots.mu.Unlock()
	return r.srv.slots.all
}

// A logBook is a log that tests can read.
type logBook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func publicKey(key ssh.Signer) ssh.AuthMethod { return ssh.PublicKeys(key) }

func dialWith(t testing.TB, addr string, conf *ssh.ClientConfig) *ssh.Client {
	t.Helper()
	conn, err := ssh.Dial("tcp", addr, conf)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

type keyID = identity.SSHKeyID

func usernameOf(name string) identity.Username { return identity.Username(name) }
