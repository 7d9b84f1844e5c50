package sftpserver

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

// A conn is one connection, from accepting to closing.
type conn struct {
	server *Server
	slot   *slot
	wire   *wire
	from   netip.Addr
	log    *slog.Logger
	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
	ended  sync.Once
	work   sync.WaitGroup // what serves its channels and requests

	// set once it is signed in
	proof  proof
	base   files.Path
	idle   *time.Timer
	listed identity.Session

	standing   atomic.Pointer[standing]
	active     atomic.Bool // since it was last said in the list
	confirming sync.Mutex
	channels   atomic.Int64
	handles    atomic.Int64
}

// serve runs a connection to its end.
func (s *Server) serve(ctx context.Context, nc net.Conn) {
	from := addressOf(nc)
	ctx, cancel := context.WithCancel(ctx)
	c := &conn{server: s, wire: newWire(nc, &s.buffers), from: from, log: s.Log.With(slog.Any("from", from)), ctx: ctx, cancel: cancel}
	slot, reached := s.slots.take(from, func() { c.close("others want to sign in") })
	if reached != "" {
		s.crowded(ctx, from, reached)
	}
	if slot == nil {
		c.close("too many")
		return
	}
	c.slot = slot
	defer s.slots.give(slot)
	defer c.unlist(ctx)
	s.add(c)
	defer s.remove(c)
	defer c.close("the client left")
	defer c.contain()
	c.run(ctx)
}

// crowded tells of a limit that was reached, as a warning once in a while.
func (s *Server) crowded(ctx context.Context, from netip.Addr, limit string) {
	level := slog.LevelDebug
	if s.crowding.due(s.Env.Now()) {
		level = slog.LevelWarn
	}
	s.Log.Log(ctx, level, "too many SFTP connections; one was refused or dropped", slog.String("limit", limit), slog.Any("from", from))
}

func addressOf(nc net.Conn) netip.Addr {
	if tcp, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

func (c *conn) run(ctx context.Context) {
	sc, chans, reqs, err := c.handshake(ctx)
	if err != nil {
		c.log.DebugContext(ctx, "SFTP handshake ended", slog.Any("err", err))
		return
	}
	p, ok := proofOf(sc.Permissions)
	if !ok || !c.begin(ctx, p, string(sc.ClientVersion())) {
		return
	}
	total := time.AfterFunc(c.server.Limits.Total, func() { c.close("the connection's time is up") })
	defer total.Stop()
	defer c.idle.Stop()
	c.spawn(func() { c.answer(reqs) })
	c.serveChannels(chans) //nolint:contextcheck // rights are asked for under the connection's own context
	c.work.Wait()
}

// handshake runs the key exchange and the sign-in, within their time.
func (c *conn) handshake(ctx context.Context) (*ssh.ServerConn, <-chan ssh.NewChannel, <-chan *ssh.Request, error) {
	defer c.server.slots.settle(c.slot)
	ctx, cancel := context.WithTimeout(ctx, c.server.Limits.Handshake)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { c.close("the handshake took too long") })
	defer stop()
	d := doorman{login: c.server.Login, log: c.log, ctx: ctx, from: c.from}
	return ssh.NewServerConn(c.wire, d.config(c.server.Config, c.wire.greet(version)))
}

// begin makes a connection somebody's and lists it, unless they have too many
// or that has ceased to be right during the handshake.
func (c *conn) begin(ctx context.Context, p proof, program string) bool {
	if !c.server.slots.assign(c.slot, p.who.User.ID) {
		c.server.crowded(ctx, c.from, "connections of one account")
		return false
	}
	c.proof, c.base = p, p.base(p.who)
	c.log = c.log.With(slog.String("user", string(p.who.User.Username)))
	if !c.list(ctx, program) {
		return false
	}
	c.idle = time.AfterFunc(c.server.Limits.Idle, func() { c.close("idle") })
	if _, err := c.confirm(ctx); err != nil {
		c.idle.Stop()
		return false
	}
	if p.key.ID != 0 {
		c.server.Login.SSHKeySignedIn(ctx, p.who, p.key, c.from)
	}
	c.log.InfoContext(ctx, "SFTP connection opened", slog.String("key", string(p.key.Fingerprint)))
	return true
}

// list puts the connection on the list. What could not be seen and ended there
// must not go on.
func (c *conn) list(ctx context.Context, program string) bool {
	listed, err := c.server.Connections.OpenConnection(ctx, identity.Session{
		User: c.proof.who.User.ID, SSHKey: c.proof.key.Title, UserAgent: program, Address: c.from,
		ExpiresAt: c.server.Env.Now().Add(c.server.Limits.Total),
	})
	if err != nil {
		c.log.ErrorContext(ctx, "list SFTP connection", slog.Any("err", err))
		return false
	}
	c.listed = listed
	return true
}

func (c *conn) unlist(ctx context.Context) {
	if c.listed.ID == "" {
		return
	}
	if err := c.server.Connections.CloseConnection(context.WithoutCancel(ctx), c.listed.ID); err != nil {
		c.log.ErrorContext(ctx, "take SFTP connection off the list", slog.Any("err", err))
	}
}

// close ends a connection, with whatever is under way on it. The first reason
// counts.
func (c *conn) close(reason string) {
	c.ended.Do(func() {
		if c.standing.Load() != nil {
			c.log.InfoContext(c.ctx, "SFTP connection closed", slog.String("reason", reason))
		}
		c.cancel()
		_ = c.wire.Close()
	})
}

// name is the person's user name.
func (c *conn) name() string { return string(c.proof.who.User.Username) }

// busy reports whether a file or folder is open.
func (c *conn) busy() bool { return c.handles.Load() > 0 }

// touch says that there is SFTP traffic.
func (c *conn) touch() {
	c.idle.Reset(c.server.Limits.Idle)
	c.active.Store(true)
}

// spawn runs f as part of the connection.
func (c *conn) spawn(f func()) {
	c.work.Go(func() {
		defer c.contain()
		f()
	})
}

// contain ends the connection when what is under way on it panics, so that
// the others go on. It must be deferred itself.
func (c *conn) contain() {
	if r := recover(); r != nil {
		c.panicked(r)
	}
}

func (c *conn) panicked(with any) {
	c.log.ErrorContext(c.ctx, "SFTP connection panicked", slog.Any("panic", with), slog.String("stack", string(debug.Stack())))
	c.close("a fault of the server")
}
