// Package testkit opens the core of a server for tests: every service, wired
// as package server wires them, on a real database and a real master key in a
// folder of its own, with a clock that stands still until a test moves it.
//
// Tests of the services and of the dialects use it. It can look into what the
// services ask of the store and of the hasher, and make either fail. Nothing
// that is part of a program may import it.
package testkit

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/audit"
	"latchkey/backend/credential/captcha"
	"latchkey/backend/credential/password"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/seal"
	"latchkey/backend/login"
	"latchkey/backend/session"
	"latchkey/backend/store/sqlite"
	"latchkey/backend/throttle"
	"latchkey/backend/token"
)

// Options change what Open makes. The zero value is good.
type Options struct {
	Dir    string          // the data folder; none: one of the test's own
	Clock  *Clock          // none: one that stands at Start
	Costs  password.Params // of a password hash; zero: next to nothing
	Gate   int             // hashes at once; 0: two
	NoSeed bool            // leave out the built-in roles and users

	Mail         account.Mailer // none: no mail can be sent
	Registration bool           // people can make accounts for themselves
}

// A Core is everything of a server but its listeners.
type Core struct {
	Dir      string
	Clock    *Clock
	Env      env.Env
	Store    *Store
	Hasher   *Hasher
	Box      *seal.Box
	Throttle *throttle.Service
	Tokens   *token.Service
	Audit    *audit.Log
	Sessions *session.Service
	Keys     *apikey.Service
	Login    *login.Pipeline
	Accounts *account.Service

	t      testing.TB
	opts   Options
	log    *logBuffer
	closed sync.Once
}

// Open opens a core and closes it when the test ends. Opening the folder of
// another one is starting the server again.
func Open(t testing.TB, o Options) *Core {
	t.Helper()
	o = withDefaults(t, o)
	c := &Core{Dir: o.Dir, Clock: o.Clock, Env: env.Env{Now: o.Clock.Now, Rand: Chance{}}, t: t, opts: o, log: &logBuffer{}}
	first := !exists(t, c.database())
	var err error
	c.Box, err = seal.Open(filepath.Join(o.Dir, "secrets"), c.Env, first)
	c.must(err)
	db, err := sqlite.Open(t.Context(), c.database(), sqlite.Options{Create: first, Migrate: true})
	c.must(err)
	c.Store = &Store{Store: db}
	t.Cleanup(c.Close)
	c.wire()
	if first && !o.NoSeed {
		c.seed()
	}
	c.must(c.Store.SettleThrottles(t.Context()))
	return c
}

func withDefaults(t testing.TB, o Options) Options {
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Clock == nil {
		o.Clock = NewClock(Start)
	}
	if o.Costs == (password.Params{}) {
		o.Costs = password.Params{MemoryKiB: 64, Passes: 1, Lanes: 1}
	}
	if o.Gate == 0 {
		o.Gate = 2
	}
	return o
}

// wire builds the services as package server does.
func (c *Core) wire() {
	log := slog.New(slog.NewTextHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	tokens, err := token.Open(c.t.Context(), c.Store, c.Box, c.Env)
	c.must(err)
	c.Tokens = tokens
	c.Hasher = &Hasher{Hasher: password.NewHasher(c.Env, c.opts.Costs, c.opts.Gate)}
	c.Audit = audit.New(c.Store, c.Env, log)
	c.Throttle = throttle.New(c.Store, c.Env)
	c.Sessions = session.New(c.Store, tokens, c.Audit, c.Env)
	c.Keys = apikey.New(apikey.Config{Store: c.Store, People: c.Sessions, Audit: c.Audit, Env: c.Env, Log: log})
	c.Login = login.New(login.Config{
		Store: c.Store, Throttle: c.Throttle, Hasher: c.Hasher, Box: c.Box, Captchas: captcha.NewBook(c.Env), Keys: c.Keys,
		Sessions: c.Sessions, Audit: c.Audit, Env: c.Env, Log: log,
	})
	c.Accounts = account.New(account.Config{
		Store: c.Store, Hasher: c.Hasher, Prover: c.Login, Box: c.Box, Locks: c.Throttle, Mail: c.opts.Mail,
		Audit: c.Audit, Env: c.Env, Log: log, MinPassword: 8, Open: c.opts.Registration,
	})
	c.Keys.Prover = c.Accounts
}

// Close stops the core as a server stops; a second call does nothing.
func (c *Core) Close() {
	c.closed.Do(func() {
		c.Store.FailWith(nil)
		c.Login.Close()
		c.Audit.Close()
		if err := c.Store.Close(); err != nil {
			c.t.Errorf("close store: %v", err)
		}
	})
}

// Restart stops the core and starts another one on the same folder and clock.
func (c *Core) Restart() *Core {
	c.t.Helper()
	c.Close()
	return c.Again()
}

// Again starts another core on the same folder and clock while this one is
// left as it is: what is under way in it never ends, as after a crash.
func (c *Core) Again() *Core {
	c.t.Helper()
	o := c.opts
	o.Dir, o.Clock = c.Dir, c.Clock
	return Open(c.t, o)
}

// Logged returns what the services wrote to the program's log.
func (c *Core) Logged() string { return c.log.String() }

func (c *Core) database() string { return filepath.Join(c.Dir, "latchkey.db") }

func (c *Core) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func exists(t testing.TB, name string) bool {
	t.Helper()
	_, err := os.Stat(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

// A logBuffer is a log that is read while it is written.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// Start is where a clock stands at first. It is not the start of a time step
// of thirty seconds.
var Start = time.Date(2026, 11, 20, 12, 0, 7, 0, time.UTC)
