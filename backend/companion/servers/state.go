package servers

import (
	"context"
	"errors"
	"strings"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// A State is how the connection to a server stands.
type State string

// The states.
const (
	Unknown   State = "unknown"               // not looked at yet
	SignedIn  State = "signed_in"             // it is there, and takes the kept token
	SignedOut State = "signed_out"            // it is there
	Offline   State = "offline"               // it is not there, or not as it should be
	Untrusted State = "certificate_untrusted" // its certificate was never accepted
	Changed   State = "certificate_changed"   // it shows another certificate than the accepted one
)

// A Status is a State with its circumstances.
type Status struct {
	Server ID
	State  State
	Since  time.Time       // since when, as far as this program has seen
	Err    *identity.Error // why, unless all is well; also why nobody is signed in any more
	Me     remote.Me       // who is signed in
	Drift  remote.Drift    // how its clock compared when it last told the time
	Next   time.Time       // when it is looked at again by itself
}

var errCancelled = identity.NewError(identity.Unavailable, "call_cancelled",
	"That was cancelled before the server had answered.")

// Status returns how a server stood when it was last looked at, without asking
// it. For one not looked at yet that is how it stood when the program last ran.
func (b *Book) Status(ctx context.Context, id ID) (Status, error) {
	s, err := b.Server(ctx, id)
	if err != nil {
		return Status{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entry(id)
	if e.status.State == Unknown && s.Last != "" {
		return Status{Server: id, State: s.Last, Since: s.LastAt, Drift: s.Drift, Next: e.due}, nil
	}
	return e.status, nil
}

// Check looks at a server now, whatever was planned, and returns how it
// stands. Called again meanwhile it waits for the same outcome. The error says
// that it could not be looked at at all: server_unknown, call_cancelled.
func (b *Book) Check(ctx context.Context, id ID) (Status, error) {
	for {
		b.mu.Lock()
		e := b.entry(id)
		if f := e.checking; f != nil {
			b.mu.Unlock()
			status, err := f.wait(ctx)
			if errors.Is(err, errCancelled) && ctx.Err() == nil {
				continue // who had asked first gave up
			}
			return status, err
		}
		f := newFlight[Status]()
		e.checking = f
		b.mu.Unlock()
		status, err := b.check(ctx, id)
		b.mu.Lock()
		e.checking = nil
		b.mu.Unlock()
		f.land(status, err)
		return status, err
	}
}

// check looks again if something about the server has changed meanwhile, so
// that nobody who asked after the change gets what was seen before it.
func (b *Book) check(ctx context.Context, id ID) (Status, error) {
	for {
		s, epoch, known, err := b.begun(ctx, id)
		if err != nil {
			return Status{}, err
		}
		look, g := b.look(ctx, s, known)
		if errors.Is(look.err, errCancelled) || ctx.Err() != nil {
			return Status{}, errCancelled.Because(ctx.Err())
		}
		status := b.note(context.WithoutCancel(ctx), s, epoch, g, look)
		if now, _ := b.epochOf(id); now == epoch {
			return status, nil
		}
	}
}

// A look is what came of asking a server.
type look struct {
	me    remote.Me // if somebody is signed in
	in    bool
	seen  remote.Server // if it was asked what it is
	drift remote.Drift
	err   error
}

// look asks a server who is signed in, or only what it is if nobody can be. It
// asks both if it is not known already that somebody is.
func (b *Book) look(ctx context.Context, s Server, known bool) (look, remote.Grant) {
	var l look
	c, err := b.client(s)
	if err != nil {
		return look{err: err}, remote.Grant{}
	}
	a, g, vault := b.account(ctx, s)
	if vault == nil {
		l.me, l.err = a.Me(ctx)
		l.in = l.err == nil
	}
	switch {
	case vault != nil:
		l.seen, l.err = c.Detect(ctx)
	case l.in && !known:
		l.seen, _ = c.Detect(ctx) // it is there, whatever this says
	}
	if l.err == nil && vault != nil && !errors.Is(vault, errNotSignedIn) {
		l.err = vault // nobody can be signed in while the vault is locked
	}
	l.drift = c.Drift()
	return l, g
}

// stateOf says how a server stands by what came of asking it.
func stateOf(l look) State {
	e, _ := errors.AsType[*identity.Error](l.err)
	switch {
	case l.in:
		return SignedIn
	case l.err == nil:
		return SignedOut
	case e == nil:
		return Offline
	case e.Code == string(Untrusted):
		return Untrusted
	case e.Code == string(Changed):
		return Changed
	case l.seen.Kind != "", e.Kind != identity.Unavailable && e.Kind != identity.Internal:
		return SignedOut // it was there to refuse
	}
	return Offline
}

// noteFailure notes what a failed call says of the connection, if anything.
func (b *Book) noteFailure(ctx context.Context, s Server, epoch int, g remote.Grant, err error) {
	e := identity.AsError(err)
	switch {
	case remote.SignedOut(err), e.Code == string(Untrusted), e.Code == string(Changed):
		b.note(ctx, s, epoch, g, look{err: err})
	case gone(e.Code):
		b.lookNow(s.ID)
	}
}

// gone reports whether an error says that the server may not be there.
func gone(code string) bool {
	switch code {
	case "server_unreachable", "server_slow", "server_connection_lost", "server_name_unknown", "server_behind_gone", ErrStopped.Code:
		return true
	}
	return false
}

// note takes down how a server stands, unless something has changed since it
// was asked, and returns what stands down then.
func (b *Book) note(ctx context.Context, s Server, epoch int, g remote.Grant, l look) Status {
	fresh, ok := b.takeDown(s, epoch, l)
	if !ok {
		return fresh
	}
	if remote.SignedOut(l.err) {
		fresh.Err = b.afterRefusal(ctx, s.ID, g, fresh.Err)
	}
	b.remember(ctx, s.ID, fresh, l.seen)
	b.c.Changed(fresh)
	return fresh
}

func (b *Book) takeDown(s Server, epoch int, l look) (Status, bool) {
	now := b.c.Env.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entry(s.ID)
	if e.epoch != epoch {
		return e.status, false
	}
	old := e.status
	if old.State == Unknown && s.Last != "" {
		old.State, old.Since = s.Last, s.LastAt // as when the program last ran
	}
	fresh := Status{Server: s.ID, State: stateOf(l), Since: old.Since, Me: l.me, Drift: firstKnown(l.drift, old.Drift, s.Drift)}
	if l.err != nil {
		fresh.Err = identity.AsError(l.err)
	}
	if fresh.State != old.State {
		fresh.Since = now
	}
	if fresh.State == SignedOut && old.State == SignedOut && fresh.Err == nil && old.Err != nil && remote.SignedOut(old.Err) {
		fresh.Err = old.Err // why nobody is signed in any more
	}
	b.plan(e, fresh.State, now)
	fresh.Next = e.due
	e.status = fresh
	return fresh, true
}

// afterRefusal forgets a token that was refused.
func (b *Book) afterRefusal(ctx context.Context, id ID, g remote.Grant, why *identity.Error) *identity.Error {
	if err := b.forgetRefused(ctx, id, g.Token); err != nil {
		return why.Because(errors.Join(why.Err, err))
	}
	return why
}

// remember keeps what is worth keeping when the program ends. The list is
// written only when something has changed; that it could not be is no reason
// to stop.
func (b *Book) remember(ctx context.Context, id ID, now Status, seen remote.Server) {
	s, err := b.Server(ctx, id)
	if err != nil || s == s.after(now, seen) {
		return
	}
	_, _ = b.edit(ctx, id, func(_ []Server, s *Server) error { *s = s.after(now, seen); return nil })
}

// after returns a server as it is kept after a look at it.
func (s Server) after(now Status, seen remote.Server) Server {
	if s.Last != now.State {
		s.Last, s.LastAt = now.State, now.Since.Round(0)
	}
	if seen.Kind != "" {
		s.Kind, s.Version = seen.Kind, seen.Version
	}
	if seen.SFTP.Port != 0 && !s.SFTPChosen {
		s.SFTP.Port = seen.SFTP.Port
	}
	if worthKeeping(s.Drift, now.Drift) {
		s.Drift = now.Drift
	}
	if now.State != SignedIn {
		return s
	}
	s.CodeExpected = now.Me.SecondFactor
	if !sameName(strings.TrimSpace(s.Username), now.Me.Username) {
		s.Username = now.Me.Username // renamed
	}
	return s
}
