// Package server is the composition root: it opens the data folder, makes the
// first start, builds every service on it, joins the dialects into one HTTP
// handler, and runs the listeners. It is the only package that names a storage
// engine, and the only one besides cli that touches the real clock.
//
// The same Server runs behind `latchkey serve`, inside the window and in tests.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"latchkey/backend/config"
	"latchkey/backend/files"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/sftpserver"
	"latchkey/backend/store/sqlite"
)

// Options is what New needs besides the configuration.
type Options struct {
	Env     env.Env
	Log     *slog.Logger
	Version string
	// Hashes is how many passwords are hashed at once; 0 is one per core that
	// Go uses.
	Hashes int
	// Admin is who a first start makes the administrator; nil: "admin", with
	// the password from the configuration or one that is made up.
	Admin *Admin
	// AdminPassword is given the administrator's password when a first start
	// makes one up. If it fails the first start is undone.
	AdminPassword func(secret.Text) error
}

// A Server is a Latchkey server on one data folder.
type Server struct {
	cfg  config.Config
	opts Options
	core *Core

	first       bool // this is the first start
	files       *files.Store
	handler     http.Handler
	http        *httpapi.Server
	httpLn      net.Listener
	certificate string // fingerprint
	sftp        *sftpserver.Server
	sftpLn      net.Listener
	hostKeys    *sftpserver.HostKeys

	closers []func() error // in the order of opening
}

// New opens a data folder, beginning it if it is new, and its listeners.
// Nothing is served before Run. Each error is one sentence for a person; one
// about Options.Admin names its field, and leaves nothing behind.
func New(ctx context.Context, cfg config.Config, o Options) (*Server, error) {
	s := &Server{cfg: cfg, opts: o}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// Core returns the services, for the window and for tests.
func (s *Server) Core() *Core { return s.core }

// Handler returns the HTTP handler, guard included.
func (s *Server) Handler() http.Handler { return s.handler }

// Close lets go of a server that was never run.
func (s *Server) Close() error { return s.close() }

// Run serves until ctx ends, and then shuts down in the reverse order of
// starting. A server runs once.
func (s *Server) Run(ctx context.Context) error {
	g, serving := errgroup.WithContext(ctx)
	if s.httpLn != nil {
		g.Go(func() error { return s.http.Serve(serving, s.httpLn) })
	}
	if s.sftpLn != nil {
		g.Go(func() error { return s.sftp.Serve(serving, s.sftpLn) })
	}
	// What keeps house goes on until the last request is answered.
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	var house errgroup.Group
	house.Go(func() error { s.core.Sessions.Run(keeping, s.opts.Log); return nil })
	house.Go(func() error { s.core.Keys.Run(keeping); return nil })
	house.Go(func() error { s.tidy(keeping); return nil })
	<-serving.Done()
	err := g.Wait()
	stop()
	_ = house.Wait() // none returns an error
	return errors.Join(err, s.close())
}

func (s *Server) open(ctx context.Context) error {
	// What may fail for the person to mend comes before the first start: a port
	// that is taken must not use up the one time that the administrator's
	// password is shown.
	steps := []func(context.Context) error{s.checkAdmin, s.openFolder, s.openListeners, s.openFiles, s.openCore, s.openHTTP, s.openSFTP}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// checkAdmin looks at the chosen administrator before anything is made.
func (s *Server) checkAdmin(context.Context) error {
	if s.opts.Admin == nil {
		return nil
	}
	_, err := s.opts.Admin.check(s.cfg)
	return err
}

// openFolder makes the data folder and keeps other servers out of it.
func (s *Server) openFolder(context.Context) error {
	f := folder(s.cfg.Data)
	if err := f.make(); err != nil {
		return err
	}
	unlock, err := f.lock()
	if err != nil {
		return err
	}
	s.onClose(unlock)
	return nil
}

func (s *Server) openListeners(ctx context.Context) error {
	var err error
	if s.httpLn, err = s.listen(ctx, "http", s.cfg.HTTP); err != nil {
		return err
	}
	s.sftpLn, err = s.listen(ctx, "sftp", s.cfg.SFTP)
	return err
}

var errFiles = identity.NewError(identity.Unavailable, "files_folder_failing",
	"The folder for people's files cannot be used. Check that its disk is there, that it is a folder and yours, and that the disk is not full or read-only.")

func (s *Server) openFiles(context.Context) error {
	var err error
	if s.files, err = files.Open(s.cfg.FilesFolder(), s.opts.Env); err != nil {
		return errFiles.Because(err)
	}
	s.onClose(s.files.Close)
	return nil
}

// openCore opens the services, and makes the first start.
func (s *Server) openCore(ctx context.Context) error {
	f := folder(s.cfg.Data)
	var err error
	if s.first, err = f.begin(); err != nil {
		return err
	}
	if s.opts.Admin != nil && !s.first {
		return ErrBegun
	}
	s.core, err = openCore(ctx, f, s.cfg, s.opts, sqlite.Options{Create: s.first, Migrate: true})
	if err != nil {
		return err
	}
	s.core.Files, s.core.trees, s.core.Folders.Files = s.files.Meter(), s.files, s.files
	s.files.KeepFor(s.core.Folders)
	s.onClose(s.core.Close)
	if s.first {
		return s.firstStart(ctx, f)
	}
	stopped := identity.Task{State: identity.TaskFailed, Error: "The server stopped before the upload was complete. Send it again.", EndedAt: s.opts.Env.Now()}
	return errors.Join(s.core.Store.SettleThrottles(ctx), s.core.Store.EndTasks(ctx, stopped),
		s.core.Sessions.ForgetConnections(ctx, stopped.EndedAt))
}

func (s *Server) firstStart(ctx context.Context, f folder) error {
	made, err := s.core.seed(ctx)
	if err != nil {
		return err
	}
	if !made.IsZero() {
		if err := s.opts.AdminPassword(made); err != nil {
			return fmt.Errorf("show the administrator's password: %w", err)
		}
	}
	return f.endFirstStart()
}

// listen opens a listener, or none where the address is off.
func (s *Server) listen(ctx context.Context, what, addr string) (net.Listener, error) {
	if addr == config.Off {
		return nil, nil
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, &identity.Error{
			Kind: identity.Unavailable, Code: "port_taken", Field: what, Err: err,
			Message: fmt.Sprintf("The %s server cannot listen on %s: another program may be using that port. Choose another one with --%s.", what, addr, what),
		}
	}
	s.onClose(func() error {
		if err := ln.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return ln, nil
}

func (s *Server) tidy(ctx context.Context) {
	s.tidyOnce(ctx) // a program that never runs for long has to tidy too
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.tidyOnce(ctx)
		}
	}
}

func (s *Server) tidyOnce(ctx context.Context) {
	s.core.tidy(ctx, s.opts.Env, s.opts.Log)
	if err := s.files.PurgeTrash(ctx); err != nil && ctx.Err() == nil {
		s.opts.Log.ErrorContext(ctx, "purge trash", slog.Any("err", err))
	}
}

func (s *Server) onClose(f func() error) { s.closers = append(s.closers, f) }

// close lets go of everything, last opened first.
func (s *Server) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}
