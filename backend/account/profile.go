package account

import (
	"context"
	"strings"

	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
)

// The refusals about one's own profile.
var (
	ErrGuestProfile = identity.NewError(identity.PermissionDenied, "guest_has_no_profile", "Nobody is signed in, so there is no profile to change.")
	ErrNoReset      = identity.NewError(identity.Conflict, "password_change_not_due", "Your password need not be changed. Change your profile and password separately.")
	errKeyEmail     = identity.NewError(identity.PermissionDenied, "key_changes_no_email", "Sign in to change your e-mail address; a key cannot.")
	errMustChange   = identity.NewError(identity.PasswordChangeRequired, "password_change_required", "Change your password first; nothing else works until then.")
	errSamePassword = identity.InvalidField("password", "password_unchanged", "The new password is the old one. Choose another.")
)

// OwnChange says what somebody changes of their own profile; nil leaves a
// thing as it is.
type OwnChange struct {
	Username *string
	Email    *string // "" is none
	Profile  ProfileChange
	Password *string // ends all sessions, this one included
	SSOID    *string
	Proof    Proof // for a new password, name or e-mail address
}

// UpdateOwn changes somebody's own profile. A new password needs proof, and so
// do a new name and e-mail address, as one signs in by them and is written to
// there. Who must change their
// password can do nothing else.
func (s *Service) UpdateOwn(ctx context.Context, p identity.Principal, c OwnChange, o identity.Origin) (identity.User, error) {
	if p.IsGuest() {
		return p.User, ErrGuestProfile
	}
	if p.User.MustChangePassword && c.Password == nil {
		return p.User, errMustChange
	}
	edit := UserChange{Username: c.Username, Email: c.Email, Profile: c.Profile, SSOID: c.SSOID, Password: c.Password}
	renamed := false
	if c.Username != nil {
		var err error
		if renamed, err = s.renames(ctx, p.User.ID, *c.Username); err != nil {
			return p.User, err
		}
	}
	readdressed := c.Email != nil && !strings.EqualFold(strings.TrimSpace(*c.Email), string(p.User.Email))
	if readdressed && !p.Key.IsZero() {
		return p.User, errKeyEmail
	}
	if c.Password != nil || renamed || readdressed {
		if err := s.Prove(ctx, p, c.Proof, false, o); err != nil {
			return p.User, err
		}
	}
	if c.Password != nil {
		if err := s.differs(ctx, p.User, *c.Password); err != nil {
			return p.User, err
		}
		done := false
		edit.MustChange, edit.proven = &done, p.User.PasswordChangedAt
	}
	return s.update(ctx, p.User.ID, edit, o)
}

// FirstReset is UpdateOwn for somebody who must change their password, and
// nobody else. Returns ErrNoReset.
func (s *Service) FirstReset(ctx context.Context, p identity.Principal, c OwnChange, o identity.Origin) (identity.User, error) {
	if !p.User.MustChangePassword {
		return p.User, ErrNoReset
	}
	return s.UpdateOwn(ctx, p, c, o)
}

// differs makes sure that a new password is not the old one: whoever must
// change theirs has reason to. It answers no guesses: it is asked after the
// proof, and only about a password that would be taken otherwise.
func (s *Service) differs(ctx context.Context, u identity.User, text string) error {
	if err := password.CheckNew(text, u.Username, s.MinPassword); err != nil {
		return err
	}
	verdict, err := s.Hasher.Verify(ctx, u.PasswordHash, password.DigestOf(text))
	if identity.KindOf(err) == identity.Unavailable {
		return err
	}
	if verdict.OK {
		return errSamePassword
	}
	return nil // a hash that cannot be read is no reason to keep it
}
