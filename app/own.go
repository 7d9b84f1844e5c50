package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// How the own server stands.
type ownState string

const (
	ownAbsent    ownState = "absent"  // the data folder holds no server yet
	ownStopped   ownState = "stopped" //
	ownStarting  ownState = "starting"
	ownRunning   ownState = "running"
	ownElsewhere ownState = "elsewhere" // another program serves the data folder
	ownFailed    ownState = "failed"    // it could not start, or ended by itself
)

// An own is the server of this data folder. It runs in this program, or in
// another one; either way the window reaches it in process, through its handler.
type own struct {
	load    func(changes map[string]string) (config.Config, error)
	env     companion.Env
	book    logbook
	version string
	hashes  int
	changed func() // called without mu held

	turn   sync.Mutex // one start or stop at a time
	closed bool       // for good; turn guards it
	live   sync.WaitGroup

	mu      sync.Mutex
	state   ownState
	problem error
	in      *reached // what is reached now, or nil
}

// A reached is a server that requests of this process get to.
type reached struct {
	door *door
	core *server.Core
	at   func() server.Addresses
	end  func() // ends what runs, and waits for it
}

var (
	errOwnEnded = identity.NewError(identity.Unavailable, "own_server_ended",
		"The server on this computer ended by itself. Its log may say why; start it again.")
	errOwnClosed = identity.NewError(identity.Unavailable, "own_server_closed",
		"Latchkey is about to end, so the server was not started.")
)

func (o *own) log() *slog.Logger { return slog.New(o.book) }

// look finds out how things stand while nothing has been started.
func (o *own) look() {
	o.turn.Lock()
	defer o.turn.Unlock()
	if o.now() != nil {
		return
	}
	cfg, err := o.load(nil)
	begun := false
	if err == nil {
		begun, err = server.Begun(cfg.Data)
	}
	switch {
	case err != nil:
		o.set(ownFailed, err)
	case begun:
		o.set(ownStopped, nil)
	default:
		o.set(ownAbsent, nil)
	}
}

// start starts the server, or finds that another program serves the folder.
// What comes of it is the state.
func (o *own) start(ctx context.Context) error {
	o.turn.Lock()
	defer o.turn.Unlock()
	if o.closed {
		return errOwnClosed
	}
	if o.now() != nil {
		return nil
	}
	o.set(ownStarting, nil)
	if err := o.run(ctx, nil, nil); err != nil {
		o.set(ownFailed, err)
	}
	return nil
}

// first starts the server for the first time. If it is refused all stays as it was.
func (o *own) first(ctx context.Context, admin server.Admin) error {
	o.turn.Lock()
	defer o.turn.Unlock()
	switch {
	case o.closed:
		return errOwnClosed
	case o.now() != nil:
		return server.ErrBegun
	}
	was, why := o.standing()
	o.set(ownStarting, nil)
	err := o.run(ctx, nil, &admin)
	if err != nil {
		o.set(was, why)
	}
	return err
}

// run makes the server reached: in this program or, unless it is to be begun,
// beside the program that serves the folder. The caller holds turn.
func (o *own) run(ctx context.Context, changes map[string]string, admin *server.Admin) error {
	cfg, err := o.load(changes)
	if err != nil {
		return err
	}
	err = o.serve(ctx, cfg, admin)
	if errors.Is(err, server.ErrRunning) && admin == nil {
		err = o.join(ctx, cfg)
	}
	return err
}

// serve runs the server in this program. The caller holds turn.
func (o *own) serve(ctx context.Context, cfg config.Config, admin *server.Admin) error {
	opts := o.options()
	opts.Admin = admin
	s, err := server.New(ctx, cfg, opts)
	if err != nil {
		return err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	door := &door{handler: s.Handler()}
	o.reach(ownRunning, &reached{door, s.Core(), s.Addresses, func() { door.shut(); cancel(); <-ended }})
	o.live.Go(func() {
		defer close(ended)
		err := s.Run(running)
		if running.Err() == nil {
			cancel()
			door.shut()
			o.log().LogAttrs(ctx, slog.LevelError, "server ended", slog.Any("err", err))
			o.set(ownFailed, errOwnEnded.Because(err))
		}
	})
	return nil
}

// join reaches the server's data beside the program that serves it. The caller
// holds turn.
func (o *own) join(ctx context.Context, cfg config.Config) error {
	core, err := server.OpenCore(ctx, cfg, o.options())
	if err != nil {
		return err
	}
	keeping, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	door := &door{handler: core.Handler()}
	nowhere := func() server.Addresses { return server.Addresses{} }
	o.reach(ownElsewhere, &reached{door, core, nowhere, func() { door.shut(); cancel(); <-ended }})
	o.live.Go(func() {
		defer close(ended)
		core.Sessions.Run(keeping, o.log())
		if err := core.Close(); err != nil {
			o.log().LogAttrs(ctx, slog.LevelError, "close data folder", slog.Any("err", err))
		}
	})
	return nil
}

func (o *own) options() server.Options {
	return server.Options{Env: o.env, Log: o.log(), Version: o.version, Hashes: o.hashes}
}

// stop stops the server, and waits for it. One of another program stays.
func (o *own) stop() {
	o.turn.Lock()
	defer o.turn.Unlock()
	if o.serving() {
		o.leave(ownStopped)
	}
}

// close ends all for good.
func (o *own) close() {
	o.turn.Lock()
	o.closed = true
	if o.now() != nil {
		o.leave(ownStopped)
	}
	o.turn.Unlock()
	o.live.Wait()
}

// leave ends what is reached. The caller holds turn.
func (o *own) leave(to ownState) {
	if in := o.now(); in != nil {
		in.end()
	}
	o.set(to, nil)
}

// lookElsewhere is how often the window looks whether another program has begun
// to serve the data folder, or has ended.
const lookElsewhere = 3 * time.Second

// attend follows other programs on the data folder until ctx ends.
func (o *own) attend(ctx context.Context) {
	tick := time.NewTicker(lookElsewhere)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			o.follow(ctx)
		}
	}
}

// follow joins another program that serves the data folder, and leaves one that
// has ended. What was stopped then stays so: whoever ended the other program
// may be about to start it again.
func (o *own) follow(ctx context.Context) {
	if !o.turn.TryLock() {
		return // somebody starts or stops it just now
	}
	defer o.turn.Unlock()
	if o.closed || o.serving() {
		return
	}
	cfg, err := o.load(nil)
	if err != nil {
		return // start says so
	}
	there, err := server.Running(cfg.Data)
	switch joined := o.now() != nil; {
	case err != nil || there == joined:
	case joined:
		o.leave(ownStopped)
	default:
		_ = o.join(ctx, cfg) // it may not be ready yet; the next look shows it
	}
}

// serving reports whether the server runs in this program.
func (o *own) serving() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.in != nil && o.state == ownRunning
}

func (o *own) now() *reached {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.in
}

func (o *own) standing() (ownState, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.state, o.problem
}

// reach notes that a server is reached.
func (o *own) reach(s ownState, in *reached) {
	o.mu.Lock()
	o.state, o.problem, o.in = s, nil, in
	o.mu.Unlock()
	o.changed()
}

// set notes that none is, and why.
func (o *own) set(s ownState, problem error) {
	o.mu.Lock()
	o.state, o.problem, o.in = s, problem, nil
	o.mu.Unlock()
	o.changed()
}

// transport is the way to the server, or nil while there is none.
func (o *own) transport() http.RoundTripper {
	in := o.now()
	if in == nil {
		return nil
	}
	return remote.InProcess(in.door)
}
