package account

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// How many accounts can be made by strangers within an hour, from one address
// and from everywhere. It is kept in memory: a restart forgets it, which nobody
// but whoever runs the server can bring about.
const (
	newcomersEach = 5
	newcomersAll  = 50
	triesEach     = 20 // from one address, those that led to nothing included
)

// The refusals about accounts that people make for themselves.
var (
	ErrRegistrationClosed = identity.NewError(identity.PermissionDenied, "registration_closed",
		"People cannot make accounts here for themselves. Ask whoever runs the server for one.")
	errEmailNeeded = identity.InvalidField("email", "email_missing", "Enter an e-mail address.")
)

// Register makes an account for somebody who is not signed in: of the default
// role, in a folder of their own. Returns ErrRegistrationClosed unless whoever
// runs the server allows it, Throttled for too many, Invalid and Conflict.
func (s *Service) Register(ctx context.Context, n NewUser, o identity.Origin) (identity.User, error) {
	switch {
	case !s.Open:
		return identity.User{}, ErrRegistrationClosed
	case n.Email == "":
		return identity.User{}, errEmailNeeded
	}
	name, err := identity.ParseUsername(n.Username)
	if err != nil {
		return identity.User{}, err
	}
	if reserved(name) || foreign(name, n.Email) || mixed(name) {
		return identity.User{}, errReservedName
	}
	roles, err := s.defaultRoles(ctx)
	if err != nil {
		return identity.User{}, err
	}
	own := NewUser{Roles: roles, Username: n.Username, Email: n.Email, Password: n.Password, BasePath: newFolder(name, s.Env)}
	if err := s.newcomer.enter(o.Address, s.Env.Now()); err != nil {
		return identity.User{}, err
	}
	u, err := s.create(ctx, own, o)
	if err == nil {
		s.newcomer.came(o.Address)
	}
	return u, err
}

// newFolder returns a folder that nobody has had before: files of somebody of
// the same name who is gone, or a folder that others share, must not pass to a
// stranger who picks the name.
func newFolder(name identity.Username, e env.Env) string {
	return "/people/" + string(name) + "-" + e.ID()[:8]
}

// A pace counts the newcomers of the last hour by where they come from.
type pace struct {
	mu    sync.Mutex
	since time.Time
	all   int
	from  map[netip.Prefix]newcomers
}

// newcomers are those from one address.
type newcomers struct{ tries, made int }

// enter counts a try from an address, or returns Throttled with the time left.
func (p *pace) enter(from netip.Addr, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.since).Abs() >= time.Hour {
		p.since, p.all, p.from = now, 0, map[netip.Prefix]newcomers{}
	}
	source := sourceOf(from)
	here := p.from[source]
	if p.all >= newcomersAll || here.made >= newcomersEach || here.tries >= triesEach {
		return &identity.Error{
			Kind: identity.Throttled, Code: "too_many_registrations", RetryAfter: p.since.Add(time.Hour).Sub(now),
			Message: "Too many accounts were made or tried. Try again in an hour.",
		}
	}
	here.tries++
	p.from[source] = here
	return nil
}

// came counts a newcomer who was let in. Tries that led to nothing count for
// their address only: else one could keep everybody out for all others.
func (p *pace) came(from netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all++
	here := p.from[sourceOf(from)]
	here.made++
	p.from[sourceOf(from)] = here
}

// sourceOf returns what one client has all addresses of.
func sourceOf(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	if a.Is6() && !a.IsLoopback() {
		source, _ := a.Prefix(64)
		return source
	}
	return netip.PrefixFrom(a, a.BitLen())
}
