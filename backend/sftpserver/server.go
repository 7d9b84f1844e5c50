package sftpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"latchkey/backend/files"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/login"
)

// Login is the sign-in pipeline.
type Login interface {
	// CheckPassword runs the whole pipeline but opens no session. Error kinds:
	// Unauthenticated, Throttled, FactorRequired (code missing or wrong),
	// PasswordChangeRequired, Unavailable.
	CheckPassword(ctx context.Context, a login.Attempt) (identity.Principal, error)
	// CheckSSHKey says whose key this is that is shown from an address. Error
	// kinds: Unauthenticated; PasswordChangeRequired and PermissionDenied, which
	// only the holder of the key is told.
	CheckSSHKey(ctx context.Context, username string, f identity.Fingerprint, from netip.Addr) (identity.Principal, identity.SSHKey, error)
	// SSHKeySignedIn records a finished handshake.
	SSHKeySignedIn(ctx context.Context, p identity.Principal, k identity.SSHKey, from netip.Addr)
}

// Principals finds people as they are now. Any error counts as nobody.
type Principals interface {
	Principal(ctx context.Context, id identity.UserID) (identity.Principal, error)
}

// Connections is the list of connections that are open. Any error of
// ConnectionLives means that one has to be closed.
type Connections interface {
	OpenConnection(ctx context.Context, c identity.Session) (identity.Session, error)
	ConnectionLives(ctx context.Context, id identity.SessionID) error
	TouchConnection(c identity.Session)
	CloseConnection(ctx context.Context, id identity.SessionID) error
}

// Keys finds SSH keys that have not been deleted; any error counts as none.
// Version differs from an earlier one whenever a person's or a key's state may
// have changed in between or a connection may have been ended, and is cheap to
// ask.
type Keys interface {
	SSHKey(ctx context.Context, id identity.SSHKeyID) (identity.SSHKey, error)
	Version() uint64
}

// Folders makes what is asked at folders that have a password, of who acts at
// each time. SFTP has no place for such a password.
type Folders interface {
	Pass(ctx context.Context, who func() identity.Principal, door string, from netip.Addr) files.Pass
}

// Config is what a Server needs.
type Config struct {
	Login       Login
	Principals  Principals
	Connections Connections
	Keys        Keys
	Files       *files.Store
	Folders     Folders
	HostKeys    *HostKeys
	Env         env.Env
	Log         *slog.Logger
	Limits      Limits
}

// A Server serves SFTP on one listener.
type Server struct {
	Config
	slots    slots
	buffers  buffers
	crowding seldom

	mu    sync.Mutex
	conns map[*conn]struct{}
}

// New returns a server. Its limits are those of c with the defaults filled in.
func New(c Config) *Server {
	c.Limits = c.Limits.withDefaults()
	return &Server{
		Config: c,
		slots:  newSlots(c.Limits),
		conns:  map[*conn]struct{}{},
	}
}

// Serve accepts connections until ctx ends. Then it closes the listener and
// the connections without open files, gives the others time to finish, closes
// them too, and returns nil when all are gone. A listener that fails before is
// an error.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	live, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()

	var conns, helpers sync.WaitGroup
	helpers.Go(func() { s.watch(live) })
	helpers.Go(s.completeHostKeys)
	err := s.accept(ctx, l, func(nc net.Conn) {
		conns.Go(func() { s.serve(live, nc) })
	})
	s.drain(&conns)
	cut()
	helpers.Wait()
	return err
}

func (s *Server) completeHostKeys() {
	if err := s.HostKeys.makeRSA(); err != nil {
		s.Log.Error("make the RSA host key; clients that know no Ed25519 cannot connect", slog.Any("err", err))
	}
}

// accept hands over connections until ctx ends. When the process has run out
// of something, it waits and goes on.
func (s *Server) accept(ctx context.Context, l net.Listener, hand func(net.Conn)) error {
	const first, most = 5 * time.Millisecond, time.Second
	wait := first
	for {
		nc, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = nc.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept SFTP connections: %w", err)
		case err != nil:
			s.Log.WarnContext(ctx, "accept SFTP connection", slog.Any("err", err))
			pause(ctx, wait)
			wait = min(2*wait, most)
			continue
		}
		wait = first
		hand(nc)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// drain closes connections as soon as they have nothing open, and the rest
// when the time is up.
func (s *Server) drain(conns *sync.WaitGroup) {
	gone := make(chan struct{})
	go func() {
		conns.Wait()
		close(gone)
	}()
	over := time.NewTimer(s.Limits.Drain)
	defer over.Stop()
	tick := time.NewTicker(s.Limits.Recheck)
	defer tick.Stop()
	timeUp := false
	for {
		for _, c := range s.all() {
			if timeUp || !c.busy() {
				c.close("the server stops")
			}
		}
		select {
		case <-gone:
			return
		case <-over.C:
			timeUp = true
		case <-tick.C:
		}
	}
}

// watch confirms every connection again and again, so that a change reaches
// those that do nothing.
func (s *Server) watch(ctx context.Context) {
	tick := time.NewTicker(s.Limits.Recheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, c := range s.all() {
				c.recheck(ctx)
			}
		}
	}
}

func (s *Server) all() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.conns))
}

func (s *Server) add(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = struct{}{}
}

func (s *Server) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}
