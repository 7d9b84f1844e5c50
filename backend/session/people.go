package session

import (
	"context"
	"errors"
	"sync"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// maxPeople bounds the users who are held in memory.
const maxPeople = 10_000

var errRoleGone = errors.New("role is gone")

// people resolves users with their roles, from memory while the store's
// version stays.
type people struct {
	store store.Store

	mu      sync.RWMutex
	version uint64
	known   map[identity.UserID]identity.Principal
}

// Principal returns a user with their roles as they are now. Returns
// store.ErrNotFound if there is no such user.
func (s *Service) Principal(ctx context.Context, id identity.UserID) (identity.Principal, error) {
	return s.people.find(ctx, id)
}

func (p *people) find(ctx context.Context, id identity.UserID) (identity.Principal, error) {
	version := p.store.Version() // before reading, so that a change in between is seen
	p.mu.RLock()
	found, ok := p.known[id]
	ok = ok && p.version == version
	p.mu.RUnlock()
	if ok {
		return found, nil
	}
	found, err := p.read(ctx, id)
	if err != nil {
		return identity.Principal{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.version != version || p.known == nil || len(p.known) >= maxPeople {
		p.version, p.known = version, map[identity.UserID]identity.Principal{}
	}
	p.known[id] = found
	return found, nil
}

// forget has a user read again: a sign-in is counted without a change of the
// store's version.
func (p *people) forget(id identity.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.known, id)
}

// read reads a user and then their roles. A role that is gone by then was taken
// from the user in between, so both are read again.
func (p *people) read(ctx context.Context, id identity.UserID) (identity.Principal, error) {
	who, err := p.readOnce(ctx, id)
	if errors.Is(err, errRoleGone) {
		return p.readOnce(ctx, id)
	}
	return who, err
}

func (p *people) readOnce(ctx context.Context, id identity.UserID) (identity.Principal, error) {
	u, err := p.store.User(ctx, id)
	if err != nil {
		return identity.Principal{}, err
	}
	who := identity.Principal{User: u, Roles: make([]identity.Role, 0, len(u.Roles))}
	for _, id := range u.Roles {
		r, err := p.store.Role(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return identity.Principal{}, errRoleGone
		}
		if err != nil {
			return identity.Principal{}, err
		}
		who.Roles = append(who.Roles, r)
	}
	return who, nil
}
