package dialecttest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/server"
)

// AdminPassword is what the administrator signs in with in every recording,
// where it is written <admin password>.
const AdminPassword = "latchkey for the admin"

// A world is a server on its own data folder and what a recording knows of it.
type world struct {
	t      testing.TB
	spec   Spec
	prefix string
	vars   vars
	clock  *clock
	from   netip.AddrPort
	data   string

	settings string // of the server, in TOML

	handler http.Handler
	core    *server.Core
	stop    func()
}

// newWorld returns a world on a data folder, whose server is yet to be started.
func newWorld(t testing.TB, spec Spec, prefix, data string) *world {
	return &world{
		t: t, spec: spec, prefix: prefix, clock: newClock(), data: data,
		vars: vars{"admin password": AdminPassword},
		from: netip.MustParseAddrPort("127.0.0.1:40000"), stop: func() {},
	}
}

// begin starts the server until the test ends.
func (w *world) begin() {
	w.t.Helper()
	w.start()
	w.t.Cleanup(func() { w.stop() })
}

func (w *world) start() {
	w.t.Helper()
	cfg, err := w.config()
	if err != nil {
		w.t.Fatal(err)
	}
	e := env.Env{Now: w.clock.Now, Rand: testkit.Chance{}}  // captchas show testkit.Captcha
	ctx, cancel := context.WithCancel(context.Background()) // the test's own would end before the clean-up
	s, err := server.New(ctx, cfg, server.Options{Env: e, Log: slog.New(logger{w}), Version: "test"})
	if err != nil {
		cancel()
		w.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	w.handler, w.core = s.Handler(), s.Core()
	w.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("stop the server: %v", err)
		}
	}
}

// connect lists a connection over SFTP as its server does: somebody's, with a
// key that has a title.
func (w *world) connect(named string) error {
	name, title, _ := strings.Cut(named, " ")
	u, err := w.core.Store.UserByName(w.t.Context(), identity.Username(name))
	if err != nil {
		return err
	}
	_, err = w.core.Sessions.OpenConnection(w.t.Context(), identity.Session{
		User: u.ID, SSHKey: title, UserAgent: "SSH-2.0-OpenSSH_9.9", Address: w.from.Addr(), ExpiresAt: w.clock.Now().Add(12 * time.Hour),
	})
	return err
}

// config writes the settings where a person would, and reads them. Nothing is
// listened on: the handler is called.
func (w *world) config() (config.Config, error) {
	if w.settings != "" {
		if err := os.WriteFile(filepath.Join(w.data, "latchkey.toml"), []byte(w.settings), 0o600); err != nil {
			return config.Config{}, err
		}
	}
	cfg, err := config.Load(map[string]string{"data": w.data})
	cfg.HTTP, cfg.SFTP = config.Off, config.Off
	cfg.AdminPassword = secret.New(AdminPassword)
	return cfg, err
}

func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.start()
}

// do asks the server and checks what every answer must have.
func (w *world) do(request string) (Answer, error) {
	r, err := parseRequest(w.t.Context(), request, w.prefix, w.from)
	if err != nil {
		return Answer{}, err
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	a := Answer{rec.Code, rec.Header(), rec.Body.Bytes()}
	if r.Method == http.MethodHead {
		a.Body = nil // as net/http sends it
	}
	return a, w.spec.checkAnswer(a)
}

// ask sends what a recording says, which must be answered in JSON, and returns
// the result in HTTP's terms.
func (w *world) ask(request string) (int, error) {
	text, err := w.vars.expand(request, w.clock.Now())
	if err != nil {
		return 0, err
	}
	a, err := w.do(text)
	if err == nil && !a.isJSON() {
		err = errNotJSON
	}
	if err != nil {
		return 0, fmt.Errorf("%w\n%s", err, a)
	}
	return w.spec.result(a)
}
