package account

import (
	"context"

	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
)

// The refusals about one's own profile.
var (
	ErrGuestProfile = identity.NewError(identity.PermissionDenied, "guest_has_no_profile", "Nobody is signed in, so there is no profile to change.")
	errSamePassword = identity.InvalidField("password", "password_unchanged", "The new password is the old one. Choose another.")
)

// OwnChange says what somebody changes of their own profile; nil leaves a
// thing as it is.
type OwnChange struct {
	Username *string
	Password *string // ends all sessions, this one included
	SSOID    *string
	Proof    Proof // for a new password
}

// UpdateOwn changes somebody's own profile. A new password needs proof.
func (s *Service) UpdateOwn(ctx context.Context, p identity.Principal, c OwnChange, o identity.Origin) (identity.User, error) {
	if p.IsGuest() {
		return p.User, ErrGuestProfile
	}
	edit := UserChange{Username: c.Username, SSOID: c.SSOID, Password: c.Password}
	if c.Password != nil {
		if password.DigestOf(*c.Password) == c.Proof.Password {
			return p.User, errSamePassword
		}
		if err := s.prove(ctx, p, c.Proof, false, o); err != nil {
			return p.User, err
		}
		done := false
		edit.MustChange = &done
	}
	return s.UpdateUser(ctx, p.User.ID, edit, o)
}
