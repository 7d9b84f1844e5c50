package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/audit"
	"latchkey/backend/config"
	"latchkey/backend/credential/captcha"
	"latchkey/backend/credential/password"
	"latchkey/backend/dialect/alist"
	"latchkey/backend/files"
	"latchkey/backend/folderpassword"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/seal"
	"latchkey/backend/link"
	"latchkey/backend/login"
	"latchkey/backend/session"
	"latchkey/backend/store"
	"latchkey/backend/store/sqlite"
	"latchkey/backend/task"
	"latchkey/backend/throttle"
	"latchkey/backend/token"
)

// settingCosts holds the costs of password hashes that were found at first start.
const settingCosts = "password.costs"

// A Core is everything but listeners: the services on one data folder. The
// command line and the window use it beside a running server. Who keeps one
// open for long runs its Sessions, as a Server does.
type Core struct {
	Store    store.Store
	Accounts *account.Service
	Sessions *session.Service
	Throttle *throttle.Service
	Tokens   *token.Service
	Keys     *apikey.Service
	Login    *login.Pipeline
	Audit    *audit.Log
	Files    *files.Meter
	Links    *link.Service
	Folders  *folderpassword.Service
	Tasks    *task.Book

	trees  alist.Trees
	cfg    config.Config
	opts   Options
	hasher *password.Hasher
	box    *seal.Box
	// closeFiles lets go of people's files, where the core opened them.
	closeFiles func() error
	flush      func() error // writes activity and counts, also when the context of opening has ended
}

// OpenCore opens the services on a data folder that has been started once,
// also while a server uses it. Returns ErrNoData if there is nothing yet.
func OpenCore(ctx context.Context, cfg config.Config, o Options) (*Core, error) {
	f := folder(cfg.Data)
	first, err := f.isNew()
	if err != nil {
		return nil, err
	}
	if first {
		return nil, ErrNoData
	}
	c, err := openCore(ctx, f, cfg, o, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	if err := c.forgetConnections(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.Files = files.NewMeter(cfg.FilesFolder(), o.Env)
	beside := &lateFiles{open: sync.OnceValues(func() (*files.Store, error) {
		s, err := files.OpenBeside(cfg.FilesFolder(), o.Env)
		if err == nil {
			s.KeepFor(c.Folders)
		}
		return s, err
	})}
	c.trees, c.Folders.Files, c.closeFiles = beside, beside, beside.close
	return c, nil
}

// forgetConnections takes off the list what a server that was killed had open.
func (c *Core) forgetConnections(ctx context.Context) error {
	now := c.opts.Env.Now() // a server that starts from here on opens its own later
	if running, err := Running(c.cfg.Data); running || err != nil {
		return err
	}
	return c.Sessions.ForgetConnections(ctx, now)
}

func openCore(ctx context.Context, f folder, cfg config.Config, o Options, how sqlite.Options) (*Core, error) {
	box, err := seal.Open(f.secrets(), o.Env, how.Create)
	if err != nil {
		return nil, err
	}
	st, err := sqlite.Open(ctx, f.database(), how)
	if err != nil {
		return nil, err
	}
	c, err := newCore(ctx, st, box, cfg, o)
	if errors.Is(err, seal.ErrSealed) {
		err = errMasterKeyWrong.Because(err)
	}
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return c, nil
}

func newCore(ctx context.Context, st store.Store, box *seal.Box, cfg config.Config, o Options) (*Core, error) {
	e, log := o.Env, o.Log
	costs, err := costs(ctx, st)
	if err != nil {
		return nil, err
	}
	tokens, err := token.Open(ctx, st, box, e)
	if err != nil {
		return nil, err
	}
	c := &Core{
		Store: st, Tokens: tokens, cfg: cfg, opts: o, box: box,
		hasher: password.NewHasher(e, costs, cmp.Or(o.Hashes, runtime.GOMAXPROCS(0))),
		Audit:  audit.New(st, e, log),
	}
	c.Throttle = throttle.New(st, e)
	c.Sessions = session.New(st, tokens, c.Audit, e)
	c.flush = func() error {
		ctx := context.WithoutCancel(ctx)
		return errors.Join(c.Sessions.Flush(ctx), c.Keys.Flush(ctx))
	}
	post, err := newPost(cfg, e)
	if err != nil {
		return nil, err
	}
	// Signing in takes keys, and keys are made under proof, which is a sign-in:
	// what each needs of the other is asked for only when it is used.
	c.Keys = apikey.New(apikey.Config{Store: st, People: c.Sessions, Audit: c.Audit, Env: e, Log: log})
	c.Login = login.New(login.Config{
		Store: st, Throttle: c.Throttle, Hasher: c.hasher, Box: box, Captchas: captcha.NewBook(e), Keys: c.Keys,
		Sessions: c.Sessions, Audit: c.Audit, Env: e, Log: log,
	})
	c.Accounts = account.New(account.Config{
		Store: st, Hasher: c.hasher, Prover: c.Login, Box: box, Locks: c.Throttle, Mail: post, Audit: c.Audit, Env: e, Log: log,
		MinPassword: cfg.PasswordMin, Open: cfg.AllowRegistration,
	})
	c.Keys.Prover = c.Accounts
	c.Links = link.New(box, c.Sessions, e, time.Duration(cfg.LinkHours)*time.Hour)
	c.Folders = folderpassword.New(folderpassword.Config{
		Store: st, Throttle: c.Throttle, Hasher: c.hasher, Signer: box, Audit: c.Audit, Env: e,
	})
	c.Tasks = &task.Book{Store: st, Env: e, Log: log}
	c.closeFiles = func() error { return nil }
	return c, nil
}

// Close writes what is left and closes the store.
func (c *Core) Close() error {
	c.Login.Close()
	c.Audit.Close()
	return errors.Join(c.flush(), c.Store.Close(), c.closeFiles())
}

// lateFiles are people's files, which are opened when they are first asked for:
// most commands beside a server never do.
type lateFiles struct {
	open   func() (*files.Store, error)
	opened atomic.Pointer[files.Store]
}

func (l *lateFiles) store() (*files.Store, error) {
	s, err := l.open()
	if err != nil {
		return nil, errFiles.Because(err)
	}
	l.opened.Store(s)
	return s, nil
}

// TreeFor implements alist.Trees.
func (l *lateFiles) TreeFor(v files.View) (*files.Tree, error) {
	s, err := l.store()
	if err != nil {
		return nil, err
	}
	return s.TreeFor(v)
}

// Settle implements folderpassword.Settler.
func (l *lateFiles) Settle(p files.Path, do func(real files.Path) error) error {
	s, err := l.store()
	if err != nil {
		return err
	}
	return s.Settle(p, do)
}

func (l *lateFiles) close() error {
	if s := l.opened.Load(); s != nil {
		return s.Close()
	}
	return nil
}

// costs reads what a password hash costs here.
func costs(ctx context.Context, st store.Settings) (password.Params, error) {
	text, err := st.Setting(ctx, settingCosts)
	if errors.Is(err, store.ErrNotFound) {
		return password.Floor(), nil
	}
	if err != nil {
		return password.Params{}, fmt.Errorf("read password costs: %w", err)
	}
	return password.ParseParams(string(text))
}

// tidy removes what has outlived its use.
func (c *Core) tidy(ctx context.Context, e env.Env, log *slog.Logger) {
	_, err := c.Store.PurgeThrottles(ctx, e.Now().Add(-throttleMemory), maxThrottles)
	if err = errors.Join(err, c.Audit.Purge(ctx)); err != nil && ctx.Err() == nil {
		log.ErrorContext(ctx, "tidy up", slog.Any("err", err))
	}
}

const (
	tidyEvery      = time.Hour
	throttleMemory = 30 * 24 * time.Hour
	maxThrottles   = 100_000
)
