package servers_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/vault"
	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct-horse-battery"

var _ servers.Vault = vault.Shelf{}

// A strongbox is a vault in memory that can be locked.
type strongbox struct {
	mu      sync.Mutex
	records map[string][]byte
	err     error
	full    error // of Put alone
}

var (
	errNoRecord = identity.NewError(identity.NotFound, "vault_no_record", "The vault has no such record.")
	errLocked   = identity.NewError(identity.Unauthenticated, "vault_locked", "The vault is locked.")
)

func (v *strongbox) lock(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.err = err
}

func (v *strongbox) Get(_ context.Context, name string) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil {
		return nil, v.err
	}
	if r, ok := v.records[name]; ok {
		return r, nil
	}
	return nil, errNoRecord
}

func (v *strongbox) Put(_ context.Context, name string, record []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := cmp.Or(v.err, v.full); err != nil {
		return err
	}
	v.records[name] = record
	return nil
}

func (v *strongbox) Delete(_ context.Context, name string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil {
		return v.err
	}
	if _, ok := v.records[name]; !ok {
		return errNoRecord
	}
	delete(v.records, name)
	return nil
}

func (v *strongbox) size() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.records)
}

// A desk is a book with all that it needs.
type desk struct {
	*servers.Book
	t     *testing.T
	conf  servers.Config
	vault *strongbox
	path  string

	mu   sync.Mutex
	seen []servers.Status
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, vault: &strongbox{records: map[string][]byte{}}, path: filepath.Join(t.TempDir(), "latchkey", "servers.json")}
	d.conf = servers.Config{
		Store: servers.NewFile(d.path, env.System()), Vault: d.vault, Env: env.System(), UserAgent: "Latchkey test",
		Changed: func(s servers.Status) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.seen = append(d.seen, s)
		},
	}
	d.open()
	t.Cleanup(func() { d.Close() })
	return d
}

// open begins anew on the same files, as another start of the program.
func (d *desk) open() {
	if d.Book != nil {
		d.Close()
	}
	d.Book = servers.New(d.conf)
}

func (d *desk) add(name, address string) servers.Server {
	d.t.Helper()
	s, err := d.Add(d.t.Context(), servers.NewServer{Name: name, Base: base(d.t, address)})
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *desk) server(id servers.ID) servers.Server {
	d.t.Helper()
	s, err := d.Server(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *desk) signIn(id servers.ID) {
	d.t.Helper()
	if _, err := d.SignIn(d.t.Context(), id, admin()); err != nil {
		d.t.Fatal(err)
	}
}

// stands checks how a server stands after a look at it.
func (d *desk) stands(id servers.ID, want servers.State, code string) servers.Status {
	d.t.Helper()
	s, err := d.Check(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	got := ""
	if s.Err != nil {
		got = s.Err.Code
	}
	if s.State != want || got != code {
		d.t.Errorf("stands %s (%s); want %s (%s)", s.State, got, want, code)
	}
	return s
}

func admin() remote.Credentials {
	return remote.Credentials{Username: "admin", Password: secret.New(password)}
}

func base(t testing.TB, text string) remote.Base {
	t.Helper()
	b, err := remote.ParseBase(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b
}

func wants(t testing.TB, err error, code string) {
	t.Helper()
	e, ok := errors.AsType[*identity.Error](err)
	if !ok || e.Code != code || !strings.HasSuffix(e.Message, ".") {
		t.Errorf("got %v; want %s", err, code)
	}
}

// A machine is a server of ours that can be stopped and started again.
type machine struct {
	t    *testing.T
	cfg  config.Config
	stop func()
	*server.Server
}

func newMachine(t *testing.T, flags map[string]string) *machine {
	t.Helper()
	all := map[string]string{"data": t.TempDir(), "http": "127.0.0.1:0", "sftp": "off"}
	for k, v := range flags {
		all[k] = v
	}
	cfg, err := config.Load(all)
	if err != nil {
		t.Fatal(err)
	}
	cfg.AdminPassword = secret.New(password)
	m := &machine{t: t, cfg: cfg}
	m.start()
	t.Cleanup(func() { m.stop() })
	m.cfg.HTTP = strings.TrimPrefix(strings.TrimPrefix(m.Addresses().HTTP, "https://"), "http://")
	return m
}

func (m *machine) start() {
	m.t.Helper()
	s, err := server.New(m.t.Context(), m.cfg, server.Options{
		Env: env.System(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "1.2.3",
		AdminPassword: func(secret.Text) error { return nil },
	})
	if err != nil {
		m.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	m.Server = s
	stopped := false
	m.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			m.t.Errorf("Run: %v", err)
		}
	}
}

// A fake is a server that answers by route, and counts.
type fake struct {
	mu      sync.Mutex
	answers map[string]string // by method and path: the data, or all of it from a {"code" on
	asked   map[string]int
	tokens  []string
	before  func(route string)
}

func newFake(answers map[string]string) *fake {
	return &fake{answers: answers, asked: map[string]int{}}
}

// alist is what AList says to anybody.
func alist() map[string]string {
	return map[string]string{
		"GET /ping":                "pong",
		"GET /api/public/settings": `{"code":200,"message":"success","data":{"version":"v3.62.0","site_title":"AList"}}`,
	}
}

func (f *fake) set(route, answer string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[route] = answer
}

func (f *fake) count(route string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[route]
}

// last returns the last token that was sent.
func (f *fake) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.tokens) == 0 {
		return ""
	}
	return f.tokens[len(f.tokens)-1]
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route := r.Method + " " + r.URL.Path
	f.mu.Lock()
	f.asked[route]++
	if t := r.Header.Get("Authorization"); t != "" {
		f.tokens = append(f.tokens, t)
	}
	before := f.before
	f.mu.Unlock()
	if before != nil {
		before(route)
	}
	f.mu.Lock()
	answer, ok := f.answers[route]
	f.mu.Unlock()
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_, _ = io.WriteString(w, answer)
}

func (f *fake) serve(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: f, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	return "http://" + ln.Addr().String()
}

func refusal(code int, message string) string {
	return fmt.Sprintf(`{"code":%d,"message":%q,"data":null}`, code, message)
}

const (
	grantA = `{"code":200,"message":"success","data":{"token":"token-a","device_key":"02094d74518ddac93002d5b1dcfab420"}}`
	grantB = `{"code":200,"message":"success","data":{"token":"token-b"}}`
	meBob  = `{"code":200,"message":"success","data":{"id":3,"username":"bob","role":[3],"otp":true}}`
)

// first returns the first server of the list.
func (d *desk) first() servers.Server {
	d.t.Helper()
	list, err := d.List(d.t.Context())
	if err != nil || len(list) == 0 {
		d.t.Fatalf("%v, %v", list, err)
	}
	return list[0]
}

func contextThatEnds(t testing.TB) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), 100*time.Millisecond)
}

// ownDesk is a desk with one server, which is reached in this process.
func ownDesk(t *testing.T, rt http.RoundTripper) (*desk, servers.Server) {
	t.Helper()
	d := newDesk(t)
	d.conf.Own = func() http.RoundTripper { return rt }
	d.open()
	s, err := d.AddOwn(t.Context(), "own")
	if err != nil {
		t.Fatal(err)
	}
	return d, s
}
