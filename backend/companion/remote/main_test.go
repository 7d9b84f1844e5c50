package remote_test

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

	"go.uber.org/goleak"

	"latchkey/backend/companion/remote"
	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	password = "correct-horse-battery"
	clientID = "0123456789abcdef0123456789abcdef"
)

func base(t testing.TB, text string) remote.Base {
	t.Helper()
	b, err := remote.ParseBase(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b
}

func options(t testing.TB, address string) remote.Options {
	return remote.Options{Base: base(t, address), ClientID: clientID, UserAgent: "Latchkey test", Env: env.System()}
}

func open(t testing.TB, o remote.Options) *remote.Client {
	t.Helper()
	c := remote.New(o)
	t.Cleanup(c.Close)
	return c
}

func account(t testing.TB, c *remote.Client, g remote.Grant) *remote.Account {
	t.Helper()
	a, err := c.Account(g)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func credentials(name string) remote.Credentials {
	return remote.Credentials{Username: name, Password: secret.New(password)}
}

// wants checks that an error is one that can be shown, with a code.
func wants(t testing.TB, err error, code string) {
	t.Helper()
	_ = refused(t, err, code)
}

// refused is wants, and returns the error.
func refused(t testing.TB, err error, code string) *identity.Error {
	t.Helper()
	e, ok := errors.AsType[*identity.Error](err)
	switch {
	case !ok && (code != "" || err != nil):
		t.Errorf("got %v; want %s", err, code)
	case ok && e.Code != code:
		t.Errorf("got %v; want %s", err, code)
	case ok && (!strings.HasSuffix(e.Message, ".") && e.Code != "server_refused" || len(e.Message) > 500):
		t.Errorf("%s: the message is no sentence: %q", e.Code, e.Message)
	}
	if e == nil {
		return &identity.Error{}
	}
	return e
}

// listen serves raw connections until the test ends.
func listen(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				stop := context.AfterFunc(t.Context(), func() { _ = conn.Close() })
				defer stop()
				serve(conn)
			}()
		}
	}()
	t.Cleanup(func() { _ = ln.Close(); <-done })
	return "http://" + ln.Addr().String()
}

// serve serves a handler on the loopback until the test ends.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	return "http://" + ln.Addr().String()
}

// latchkey runs a server of ours. With LAN it has TLS with its own certificate.
func latchkey(t testing.TB, flags map[string]string) *server.Server {
	t.Helper()
	return latchkeyAt(t, flags, time.Now)
}

func latchkeyAt(t testing.TB, flags map[string]string, now func() time.Time) *server.Server {
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
	s, err := server.New(t.Context(), cfg, server.Options{
		Env: env.Env{Now: now, Rand: env.System().Rand}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "1.2.3",
		AdminPassword: func(secret.Text) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return s
}
