package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/reqctx"
)

// The tests drive a tiny dialect through a real listener. Like AList's, it
// says 200 to everything that is not a wire error.

// maxBody bounds a body, in bytes.
const maxBody int64 = 16 << 10

type envelope struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field"`
	Dialect string `json:"dialect"`
	Data    any    `json:"data"`
}

var errTestToken = identity.NewError(identity.Unauthenticated, "token_invalid", "That token is not valid.")

// people are who signs in with which token.
var people = map[string]identity.Principal{
	"":        {User: identity.User{ID: identity.GuestID}},
	"ann":     {User: identity.User{ID: 5}},
	"admin":   {User: identity.User{ID: identity.AdminID, Roles: []identity.RoleID{identity.RoleAdmin}}},
	"fresh":   {User: identity.User{ID: identity.AdminID, Roles: []identity.RoleID{identity.RoleAdmin}, MustChangePassword: true}},
	"off":     {User: identity.User{ID: 6, Disabled: true}},
	"nobody":  {},
	"noguest": {User: identity.User{ID: identity.GuestID, Disabled: true}},
}

func testDialect(name string) Dialect {
	return Dialect{
		Name: name,
		Authenticate: func(r *http.Request) (identity.Principal, error) {
			p, ok := people[r.Header.Get("Authorization")]
			if !ok {
				return p, errTestToken
			}
			return p, nil
		},
		WriteError: func(w http.ResponseWriter, _ *http.Request, err *identity.Error, status int) {
			if status == 0 {
				status = http.StatusOK
			}
			_ = WriteJSON(w, status, envelope{Code: err.Code, Message: err.Message, Field: err.Field, Dialect: name})
		},
	}
}

// doc is what all routes of the test dialect say of themselves.
var doc = Doc{Summary: "Do what the test wants."}

// A fixture is the routes of the test dialect and what they saw.
type fixture struct {
	logins  atomic.Int32
	gets    atomic.Int32
	entered chan struct{} // wait has begun
	release chan struct{} // wait may end
}

type loginBody struct {
	Username string `json:"username"`
	Password string `json:"password"`
	OTPCode  string `json:"otp_code"`
	ID       int64  `json:"id"`
	Remember bool   `json:"remember"`
	Roles    []int  `json:"roles"`
	Ratio    float64
	Inner    struct {
		Proof

		Name string `json:"name"`
	} `json:"inner"`
	Proof
}

type Proof struct {
	Again string `json:"again"`
}

func (f *fixture) mux(name string) *Mux {
	m := NewMux(testDialect(name))
	m.Handle("POST /login", identity.Public, f.login, doc)
	m.Handle("GET /me", identity.OwnAccount, f.me, doc)
	m.Handle("GET /open", identity.AnyAccount, f.me, doc)
	m.Handle("POST /password", identity.OwnAccountLimited, f.me, doc)
	m.Handle("GET /users", identity.UserManage, f.me, doc)
	m.Handle("POST /users", identity.UserManage, f.login, Doc{Summary: "Make a user.", Body: loginBody{}})
	m.Handle("GET /users/{id}", identity.Public, func(w http.ResponseWriter, r *http.Request) error {
		return WriteJSON(w, http.StatusOK, envelope{Code: "ok", Data: r.PathValue("id")})
	}, doc)
	m.Handle("GET /logout", identity.Public, func(w http.ResponseWriter, _ *http.Request) error {
		f.gets.Add(1)
		return WriteJSON(w, http.StatusOK, envelope{Code: "ok"})
	}, doc)
	m.Handle("HEAD /logout", identity.Public, func(http.ResponseWriter, *http.Request) error {
		return MethodNotAllowed(http.MethodGet)
	}, doc)
	m.Handle("GET /address", identity.Public, func(w http.ResponseWriter, r *http.Request) error {
		return WriteJSON(w, http.StatusOK, envelope{Code: "ok", Data: ClientAddr(r).String()})
	}, doc)
	m.Handle("GET /secure", identity.Public, func(w http.ResponseWriter, r *http.Request) error {
		return WriteJSON(w, http.StatusOK, envelope{Code: "ok", Data: strconv.FormatBool(IsSecure(r))})
	}, doc)
	m.Handle("GET /panic", identity.Public, func(http.ResponseWriter, *http.Request) error { panic("canary-panic") }, doc)
	m.Handle("GET /late-panic", identity.Public, func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half of")
		panic("canary-panic")
	}, doc)
	m.Handle("GET /late-error", identity.Public, func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half of")
		return errors.New("canary-cause")
	}, doc)
	m.Handle("GET /broken", identity.Public, func(http.ResponseWriter, *http.Request) error { return errors.New("canary-cause") }, doc)
	m.Handle("GET /busy", identity.Public, func(http.ResponseWriter, *http.Request) error {
		return &identity.Error{Kind: identity.Unavailable, Code: "busy", Message: "Busy.", RetryAfter: 1500 * time.Millisecond}
	}, doc)
	m.Handle("GET /locked", identity.Public, func(http.ResponseWriter, *http.Request) error {
		return &identity.Error{Kind: identity.Throttled, Code: "locked", Message: "Locked.", RetryAfter: 2 * time.Hour}
	}, doc)
	m.Handle("GET /unencodable", identity.Public, func(w http.ResponseWriter, _ *http.Request) error {
		return WriteJSON(w, http.StatusOK, make(chan int))
	}, doc)
	m.Handle("GET /wait", identity.Public, f.wait, doc)
	return m
}

func (f *fixture) login(w http.ResponseWriter, r *http.Request) error {
	var body loginBody
	if err := DecodeJSON(w, r, maxBody, &body); err != nil {
		return err
	}
	f.logins.Add(1)
	return WriteJSON(w, http.StatusOK, envelope{Code: "ok", Data: body.Username})
}

func (f *fixture) me(w http.ResponseWriter, r *http.Request) error {
	return WriteJSON(w, http.StatusOK, envelope{Code: "ok", Data: reqctx.Principal(r.Context()).User.ID})
}

func (f *fixture) wait(w http.ResponseWriter, r *http.Request) error {
	f.entered <- struct{}{}
	select {
	case <-f.release:
		return WriteJSON(w, http.StatusOK, envelope{Code: "ok"})
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

// A site is a running server.
type site struct {
	*fixture
	addr string
	port string
	logs *safeBuffer
	stop func() // stops and waits
}

type options struct {
	guard GuardConfig
	tune  func(*Server)
	tls   bool
	peek  bool // look into every body before it is routed
}

// peeking looks into bodies as a choice between dialects does.
type peeking struct{ *Router }

func (p peeking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var dst map[string]any
	PeekJSON(r, maxBody, &dst)
	p.Router.ServeHTTP(w, r)
}

func start(t *testing.T, o options) *site {
	t.Helper()
	s := &site{fixture: &fixture{entered: make(chan struct{}, 8), release: make(chan struct{})}, logs: &safeBuffer{}}
	log := slog.New(reqctx.LogHandler(slog.NewTextHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	o.guard.Env, o.guard.Log = env.System(), log
	router := Guarded(NewRouter(log, nil, Mount{"/alpha", s.mux("alpha")}, Mount{"", s.mux("root")}))
	if o.peek {
		router = peeking{router.(*Router)}
	}
	srv := NewServer(NewGuard(o.guard, router), testTLS(t, o.tls), o.guard.Proxies, log)
	if o.tune != nil {
		o.tune(srv)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, ln) }()
	s.addr = ln.Addr().String()
	_, s.port, _ = net.SplitHostPort(s.addr)
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// patience bounds how long a test waits for what should come at once.
const patience = 20 * time.Second

// A reply is one answer as it came over the wire.
type reply struct {
	status int
	header http.Header
	close  bool // the server announces that it closes
	body   string
	env    envelope // if the body is one
}

// A wireConn is a connection on which a test writes what it likes.
type wireConn struct {
	net.Conn
	t *testing.T
	r *bufio.Reader
}

func dial(t *testing.T, s *site) *wireConn {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &wireConn{c, t, bufio.NewReader(c)}
}

// send writes text in which HOST stands for the server's own host and port.
func (c *wireConn) send(text string) {
	text = strings.ReplaceAll(text, "HOST", c.RemoteAddr().String())
	_, _ = io.WriteString(c, text) // a server that closes early is for receive to see
}

func (c *wireConn) receive(method string) reply {
	c.t.Helper()
	resp, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		c.t.Fatalf("read answer: %v", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil && resp.ContentLength >= 0 {
		c.t.Fatalf("read body: %v", err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header, close: resp.Close, body: string(body)}
	_ = json.Unmarshal(body, &r.env)
	return r
}

// wantClosed wants the server to close without saying anything more.
func (c *wireConn) wantClosed(what string) {
	c.t.Helper()
	rest, err := io.ReadAll(c.r)
	if len(rest) > 0 {
		c.t.Errorf("%s: more came: %q", what, rest)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		c.t.Errorf("%s: the connection stays open", what)
	}
}

// ask sends one request on a connection of its own.
func (s *site) ask(t *testing.T, text string) reply {
	t.Helper()
	c := dial(t, s)
	defer c.Close()
	c.send(text)
	method, _, _ := strings.Cut(text, " ")
	return c.receive(method)
}

// get sends a GET with further header lines.
func (s *site) get(t *testing.T, path string, lines ...string) reply {
	t.Helper()
	return s.ask(t, "GET "+path+" HTTP/1.1\r\nHost: HOST\r\n"+headerLines(lines)+"\r\n")
}

// post sends a body as JSON.
func (s *site) post(t *testing.T, path, body string, lines ...string) reply {
	t.Helper()
	return s.ask(t, postText(path, body, lines...))
}

func postText(path, body string, lines ...string) string {
	lines = append(lines, "Content-Type: application/json")
	return "POST " + path + " HTTP/1.1\r\nHost: HOST\r\nContent-Length: " + itoa(len(body)) + "\r\n" + headerLines(lines) + "\r\n" + body
}

func headerLines(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l + "\r\n")
	}
	return b.String()
}
