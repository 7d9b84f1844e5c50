package account

import (
	"context"
	"slices"

	"latchkey/backend/identity"
)

// mayTouch returns nil if an account may do nothing that who acts may not.
func (s *Service) mayTouch(ctx context.Context, id identity.UserID, o identity.Origin) error {
	if o.Rights.IsEverything() {
		return nil
	}
	u, err := s.User(ctx, id)
	if err != nil {
		return err
	}
	if !o.Rights.CoverBase(u.BasePath) {
		return ErrMoreThanYou
	}
	return s.mayGive(ctx, u.Roles, o)
}

// mayReach returns nil if who acts reaches all files below a base path.
func mayReach(path string, o identity.Origin) error {
	base, err := identity.ParsePath(path)
	if err == nil && !o.Rights.CoverBase(base) {
		err = ErrMoreThanYou
	}
	return err
}

// mayGive returns nil if roles allow nothing that who acts may not do. Roles
// that there are not give nothing.
func (s *Service) mayGive(ctx context.Context, ids []identity.RoleID, o identity.Origin) error {
	if o.Rights.IsEverything() {
		return nil
	}
	all, err := s.Store.Roles(ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(r identity.Role) bool { return !slices.Contains(ids, r.ID) })
	if !o.Rights.Cover(all) {
		return ErrMoreThanYou
	}
	return nil
}
