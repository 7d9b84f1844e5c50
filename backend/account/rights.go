package account

import (
	"context"
	"slices"

	"latchkey/backend/identity"
)

// MayTouch returns nil if an account may do nothing that who acts may not,
// otherwise ErrMoreThanYou. Returns ErrUserNotFound.
func (s *Service) MayTouch(ctx context.Context, id identity.UserID, o identity.Origin) error {
	_, err := s.judge(ctx, id, o)
	return err
}

// judge is MayTouch that returns whom it judged, or nil where there was nothing
// to judge.
func (s *Service) judge(ctx context.Context, id identity.UserID, o identity.Origin) (*identity.User, error) {
	if o.Rights.IsEverything() {
		return nil, nil
	}
	u, err := s.User(ctx, id)
	if err != nil {
		return nil, err
	}
	if !o.Rights.CoverBase(u.BasePath) {
		return nil, ErrMoreThanYou
	}
	return &u, s.mayGive(ctx, u.Roles, o)
}

// sameReach reports whether a user may do what they did when they were judged.
func sameReach(a, b identity.User) bool {
	return a.BasePath == b.BasePath && slices.Equal(a.Roles, b.Roles)
}

// mayChangeOneself returns nil unless a change of one's own account takes proof,
// which is asked for elsewhere, or shuts oneself out, or lifts limits that
// others have set.
func (c UserChange) mayChangeOneself(o identity.Origin) error {
	limits := c.ExpiresAt != nil || c.AllowedFrom != nil || c.StorageLimit != nil
	switch {
	case c.Password != nil, c.Email != nil && !o.Rights.IsEverything():
		return ErrOwnProfile
	case o.Actor != identity.AdminID && c.shuts(), limits && !o.Rights.IsEverything():
		return ErrYourself
	}
	return nil
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
