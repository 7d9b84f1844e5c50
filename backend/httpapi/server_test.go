package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/backend/identity"
)

func fast(s *Server) {
	s.http.ReadHeaderTimeout = 100 * time.Millisecond
	s.http.ReadTimeout = 200 * time.Millisecond
	s.http.IdleTimeout = 100 * time.Millisecond
}

// patient makes a server that closes no connection for being slow.
func patient(conns int) func(*Server) {
	return func(s *Server) {
		s.shares.all = conns
		s.http.ReadHeaderTimeout, s.http.ReadTimeout, s.http.IdleTimeout = time.Hour, time.Hour, time.Hour
	}
}

func TestSlowClientsAreCut(t *testing.T) {
	s := start(t, options{tune: fast})
	for name, text := range map[string]string{
		"nothing":            "",
		"half a head":        "GET /me HTTP/1.1\r\nHost: HOST\r\n",
		"idle after a reply": "GET /me HTTP/1.1\r\nHost: HOST\r\n\r\n",
	} {
		c := dial(t, s)
		c.send(text)
		if name == "idle after a reply" {
			c.receive("GET")
		}
		c.wantClosed(name)
	}
	c := dial(t, s)
	c.send("GET /me HT")
	if got := c.receive("GET"); got.status != http.StatusBadRequest {
		t.Errorf("half a line: %d", got.status)
	}
	c.wantClosed("half a line")
}

func TestSlowBodiesAreToldAndCut(t *testing.T) {
	s := start(t, options{tune: fast})
	for name, text := range map[string]string{
		"body never comes":     "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"user",
		"chunk never finished": "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{\"user",
	} {
		c := dial(t, s)
		c.send(text)
		if got := c.receive("POST"); got.status != http.StatusRequestTimeout || got.env.Code != "body_too_slow" || !got.close {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		c.wantClosed(name)
	}
	c := dial(t, s)
	c.send("POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{")
	if err := c.Conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got := c.receive("POST"); got.status != http.StatusBadRequest || got.env.Code != "body_incomplete" {
		t.Errorf("half a body: %d %s", got.status, got.body)
	}
}

// Who waits longest gives way, so a crowd of silent clients keeps nobody out.
func TestSilentCrowdKeepsNobodyOut(t *testing.T) {
	const most = 4
	s := start(t, options{tune: patient(most)})
	busyOnes := []*wireConn{dial(t, s), dial(t, s)}
	for _, c := range busyOnes {
		c.send("GET /wait HTTP/1.1\r\nHost: HOST\r\n\r\n")
		<-s.entered
	}
	var silent []*wireConn
	for range 20 {
		c := dial(t, s)
		c.send("GET /me HTTP/1.1\r\n")
		silent = append(silent, c)
	}
	if got := s.get(t, "/open"); got.env.Code != "ok" {
		t.Errorf("a client in the crowd: %s", got.body)
	}
	for _, c := range silent[:20-most] {
		c.wantClosed("a silent client")
	}
	close(s.release)
	for _, c := range busyOnes {
		if got := c.receive("GET"); got.env.Code != "ok" {
			t.Errorf("a request under way: %s", got.body)
		}
	}
}

func TestFullOfRequestsRefusesNewOnes(t *testing.T) {
	s := start(t, options{tune: patient(1)})
	first := dial(t, s)
	first.send("GET /wait HTTP/1.1\r\nHost: HOST\r\n\r\n")
	<-s.entered
	second := dial(t, s)
	second.wantClosed("one too many")
	close(s.release)
	if got := first.receive("GET"); got.env.Code != "ok" {
		t.Errorf("the first: %s", got.body)
	}
	first.send("GET /open HTTP/1.1\r\nHost: HOST\r\n\r\n")
	if got := first.receive("GET"); got.env.Code != "ok" {
		t.Errorf("the first again: %s", got.body)
	}
	for admitted := false; !admitted; { // the first counts as busy until its answer is all sent
		third := dial(t, s)
		third.send("GET /open HTTP/1.1\r\nHost: HOST\r\n\r\n")
		_, err := third.r.Peek(1)
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			t.Fatal("a new one, with the first idle: no answer")
		}
		admitted = err == nil
	}
}

func TestTheCountIsOfOpenConnections(t *testing.T) {
	for _, secure := range []bool{false, true} {
		l := limit(fakeListener{}, shares{all: 8, client: 8}, testTLS(t, secure))
		inner, plain := l.(*listener)
		if plain == secure {
			t.Fatalf("TLS %v: %T", secure, l)
		}
		if secure {
			continue
		}
		c, err := l.Accept()
		if err != nil || len(inner.conns) != 1 {
			t.Fatalf("%v, %d open", err, len(inner.conns))
		}
		for range 2 { // as net/http does
			if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}
		connState(c, http.StateIdle)
		if len(inner.conns) != 0 || len(inner.count) != 0 {
			t.Errorf("%d open, %v counted after the last was closed", len(inner.conns), inner.count)
		}
	}
}

type fakeListener struct{}

func (fakeListener) Accept() (net.Conn, error) {
	c, _ := net.Pipe()
	return c, nil
}
func (fakeListener) Close() error   { return nil }
func (fakeListener) Addr() net.Addr { return &net.TCPAddr{} }

func TestShutdownLetsRequestsFinish(t *testing.T) {
	s := start(t, options{})
	c, idle := dial(t, s), dial(t, s)
	idle.send("GET /open HTTP/1.1\r\nHost: HOST\r\n\r\n")
	idle.receive("GET")
	c.send("GET /wait HTTP/1.1\r\nHost: HOST\r\n\r\n")
	<-s.entered
	stopped := make(chan struct{})
	go func() {
		s.stop()
		close(stopped)
	}()
	idle.wantClosed("an idle client") // so it has begun
	if _, err := net.Dial("tcp", s.addr); err == nil {
		t.Error("still listening")
	}
	close(s.release)
	if got := c.receive("GET"); got.env.Code != "ok" {
		t.Errorf("the request under way: %s", got.body)
	}
	<-stopped
}

func TestShutdownCutsWhatDoesNotFinish(t *testing.T) {
	s := start(t, options{tune: func(s *Server) { s.grace = 50 * time.Millisecond }})
	c := dial(t, s)
	c.send("GET /wait HTTP/1.1\r\nHost: HOST\r\n\r\n")
	<-s.entered
	s.stop()
	c.wantClosed("a request that never ends")
}

func TestServeTellsAFailedListener(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	srv := NewServer(http.NotFoundHandler(), nil, nil, slog.New(slog.DiscardHandler))
	if err := srv.Serve(t.Context(), ln); err == nil || !strings.HasPrefix(err.Error(), "serve http: ") {
		t.Errorf("Serve = %v", err)
	}
}

func TestManyStartsAndStops(t *testing.T) {
	for range 100 {
		s := start(t, options{})
		if got := s.get(t, "/open"); got.env.Code != "ok" {
			t.Fatal(got.body)
		}
		s.stop()
	}
}

func TestTLSServer(t *testing.T) {
	s := tlsSite(t)
	if got := tlsStatus(t, s, "GET", "/open", "https://127.0.0.1:"+s.port); got != http.StatusOK {
		t.Errorf("by TLS: %d", got)
	}
	c := dial(t, s)
	c.send("GET /open HTTP/1.1\r\nHost: HOST\r\n\r\n")
	if got := c.receive("GET"); got.status != http.StatusBadRequest {
		t.Errorf("plain HTTP on the TLS port: %d", got.status)
	}
	c.wantClosed("plain HTTP on the TLS port")
}

func TestTLSConnectionsGiveWayToo(t *testing.T) {
	s := start(t, options{tls: true, tune: patient(2)})
	busyOne := dialTLS(t, s)
	busyOne.send("GET /wait HTTP/1.1\r\nHost: HOST\r\n\r\n")
	<-s.entered
	idle := dialTLS(t, s)
	if got := tlsStatus(t, s, "GET", "/open", "https://127.0.0.1:"+s.port); got != http.StatusOK {
		t.Errorf("one too many: %d", got)
	}
	idle.wantClosed("the one that waits")
	close(s.release)
	if got := busyOne.receive("GET"); got.env.Code != "ok" {
		t.Errorf("the busy one: %s", got.body)
	}
}

func TestHandlersReachTheConnection(t *testing.T) {
	m := NewMux(testDialect("x"))
	m.Handle("GET /x", identity.Public, func(w http.ResponseWriter, _ *http.Request) error {
		c := http.NewResponseController(w)
		return errors.Join(c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{}), writeFlush(w, c))
	}, doc)
	log := slog.New(slog.DiscardHandler)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- NewServer(NewRouter(log, nil, Mount{"", m}), nil, nil, log).Serve(ctx, ln) }()
	resp, err := http.Get("http://" + ln.Addr().String() + "/x")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil || string(body) != "flushed" {
		t.Errorf("body %q, %v", body, err)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func writeFlush(w http.ResponseWriter, c *http.ResponseController) error {
	_, err := io.WriteString(w, "flushed")
	return errors.Join(err, c.Flush())
}
