package transfer

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct-horse-battery"

// signedIn starts a server of ours and signs its administrator in.
func signedIn(t testing.TB) *remote.Account {
	t.Helper()
	cfg, err := config.Load(map[string]string{"data": t.TempDir(), "http": "127.0.0.1:0", "sftp": "off"})
	if err != nil {
		t.Fatal(err)
	}
	cfg.AdminPassword = secret.New(password)
	s, err := server.New(t.Context(), cfg, server.Options{
		Env: env.System(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "1.2.3",
		AdminPassword: func(secret.Text) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	c := client(t, s.Handler())
	g, err := c.SignIn(t.Context(), remote.Credentials{Username: "admin", Password: secret.New(password)})
	if err != nil {
		t.Fatal(err)
	}
	return account(t, c, g)
}

func client(t testing.TB, h http.Handler) *remote.Client {
	t.Helper()
	base, err := remote.ParseBase("http://localhost")
	if err != nil {
		t.Fatal(err)
	}
	c := remote.New(remote.Options{Base: base, ClientID: strings.Repeat("0", 32), UserAgent: "test", Env: env.System(), Transport: remote.InProcess(h)})
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

// A line is a queue to one account.
type line struct {
	*Queue
	t   testing.TB
	acc *remote.Account
	dir string // here
}

func newLine(t testing.TB, acc *remote.Account) *line {
	t.Helper()
	l := &line{t: t, acc: acc, dir: t.TempDir()}
	l.Queue = NewQueue(Config{
		Act: func(ctx context.Context, _ servers.ID, call func(context.Context, *remote.Account) error) error {
			return call(ctx, acc)
		},
		Changed: func() {},
	})
	t.Cleanup(l.Close)
	return l
}

// write makes a file here.
func (l *line) write(name, content string) string {
	l.t.Helper()
	path := filepath.Join(l.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		l.t.Fatal(err)
	}
	return path
}

func (l *line) read(name string) string {
	l.t.Helper()
	b, err := os.ReadFile(filepath.Join(l.dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return "-"
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return string(b)
}

// there reads a file on the server, "-" if there is none.
func (l *line) there(at remote.FilePath) string {
	l.t.Helper()
	in, err := l.acc.Download(l.t.Context(), at, 0)
	if errors.Is(err, remote.ErrNoFile) {
		return "-"
	}
	if err != nil {
		l.t.Fatal(err)
	}
	defer in.Close()
	b, err := io.ReadAll(in)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(b)
}

// entries lists a folder here, hidden ones too.
func entries(t testing.TB, dir string) (out []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

// until waits for the latest of what was chosen to be in a state.
func (l *line) until(state State) Status {
	l.t.Helper()
	return l.untilNth(len(l.List())-1, state)
}

// untilNth waits for the nth of what was chosen to be in a state.
func (l *line) untilNth(n int, state State) Status {
	l.t.Helper()
	for range 3000 {
		if s := l.List()[n]; s.State == state {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	l.t.Fatalf("waited in vain for %s: %+v", state, l.List())
	return Status{}
}

func (l *line) upload(into remote.FilePath, paths ...string) {
	l.t.Helper()
	if err := l.Upload("own", into, paths); err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) download(items ...Item) {
	l.t.Helper()
	if err := l.Download("own", items, l.dir); err != nil {
		l.t.Fatal(err)
	}
}

func wants(t testing.TB, what string, err error, code string) {
	t.Helper()
	if e, ok := errors.AsType[*identity.Error](err); !ok && code != "" || ok && e.Code != code {
		t.Errorf("%s: got %v, want %q", what, err, code)
	}
}
