package account

import (
	"cmp"
	"context"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"

	"latchkey/backend/identity"
)

// maxSSOID bounds what is carried for AList's clients, in characters.
const maxSSOID = 255

// The refusals about users.
var (
	ErrUserNotFound   = identity.NewError(identity.NotFound, "user_not_found", "There is no such user.")
	ErrBuiltInUser    = identity.NewError(identity.PermissionDenied, "user_built_in", "The built-in users cannot be deleted or given other roles.")
	ErrAdminStays     = identity.NewError(identity.PermissionDenied, "admin_stays", "The built-in administrator cannot be disabled or locked and does not expire: somebody must be able to run the server.")
	ErrOwnProfile     = identity.NewError(identity.PermissionDenied, "own_profile", "Change your own name, password and second factor in your profile, where your current password is asked.")
	ErrGuestPassword  = identity.NewError(identity.PermissionDenied, "guest_has_no_password", "The guest has no password and cannot sign in.")
	ErrRoleNotFound   = identity.NewError(identity.NotFound, "role_not_found", "There is no such role.")
	ErrMoreThanYou    = identity.NewError(identity.PermissionDenied, "more_than_you", "That takes more rights than you have: nobody can give or take what they may not do themselves.")
	ErrYourself       = identity.NewError(identity.PermissionDenied, "yourself", "You cannot delete, disable or lock the account that you are using, nor lift its limits.")
	errUserChanged    = identity.NewError(identity.Conflict, "user_changed", "Somebody changed that account just now. Look at it again.")
	errNoRole         = identity.InvalidField("role", "role_missing", "Give the user at least one role.")
	errUnknownRole    = identity.InvalidField("role", "role_unknown", "There is no such role.")
	errStatus         = identity.InvalidField("status", "status_invalid", "An account is active, inactive or locked.")
	errStorageLimit   = identity.InvalidField("storage_limit", "storage_limit_invalid", "A storage limit is a number of bytes, or 0 for none.")
	errSSOID          = identity.InvalidField("sso_id", "sso_id_invalid", "An SSO id has at most 255 characters, without control characters.")
	errPasswordNeeded = identity.InvalidField("password", "password_missing", "Choose a password for the new user.")
)

// NewUser says what a user is made with.
type NewUser struct {
	Username    string
	Email       string // "" is none
	Profile     ProfileChange
	Password    string
	MustChange  bool
	BasePath    string            // "" is the usual one: see usualFolder
	Roles       []identity.RoleID // none: the default role
	Disabled    bool
	ExpiresAt   time.Time
	AllowedFrom []netip.Prefix
	SSOID       string
	// StorageLimit is how many bytes their files may take; 0: what the disk has.
	StorageLimit int64
}

// UserChange says what to change of a user; nil leaves a thing as it is.
type UserChange struct {
	Username    *string
	Email       *string // "" is none
	Profile     ProfileChange
	Password    *string // ends all sessions of the user
	MustChange  *bool
	BasePath    *string
	Roles       *[]identity.RoleID
	Disabled    *bool
	Status      *identity.UserStatus // disables, locks, or makes neither
	ExpiresAt   *time.Time           // zero: never
	AllowedFrom *[]netip.Prefix      // none: from anywhere
	SSOID       *string
	// StorageLimit is how many bytes their files may take; 0: what the disk has.
	StorageLimit *int64

	// proven, if it is set, is when the password was chosen that was proven:
	// a change of it since then goes before a new password.
	proven time.Time
	// temporary, if it is set, is when the new password ends.
	temporary time.Time
	// judged, if it is set, is the user by whom it was decided that who acts may
	// make the change.
	judged *identity.User
}

// Users lists the users that a filter chooses by id, and how many there are in
// all. The parts of names and addresses in the filter may be as typed. Returns
// Invalid for a status that there is not.
func (s *Service) Users(ctx context.Context, f identity.UserFilter, p identity.Page) ([]identity.User, int, error) {
	switch f.Status {
	case "", identity.UserActive, identity.UserInactive, identity.UserLocked:
	default:
		return nil, 0, errStatus
	}
	f.Username = identity.FoldUsername(strings.TrimSpace(f.Username))
	f.Email = strings.ToLower(strings.TrimSpace(f.Email))
	f.At = s.Env.Now()
	return s.Store.Users(ctx, f, p)
}

// User returns a user, or ErrUserNotFound.
func (s *Service) User(ctx context.Context, id identity.UserID) (identity.User, error) {
	u, err := s.Store.User(ctx, id)
	return u, translate(err, ErrUserNotFound)
}

// UserByName returns the user with a name as typed, or ErrUserNotFound.
func (s *Service) UserByName(ctx context.Context, typed string) (identity.User, error) {
	name, err := identity.ParseUsername(typed)
	if err != nil {
		return identity.User{}, err
	}
	u, err := s.Store.UserByName(ctx, name)
	return u, translate(err, ErrUserNotFound)
}

// CreateUser makes a user. Returns Invalid for what breaks a rule, Conflict for
// a name or e-mail address that is taken, and ErrMoreThanYou.
func (s *Service) CreateUser(ctx context.Context, n NewUser, o identity.Origin) (identity.User, error) {
	var err error
	if len(n.Roles) == 0 {
		if n.Roles, err = s.defaultRoles(ctx); err != nil {
			return identity.User{}, err
		}
	}
	if err := s.mayGive(ctx, n.Roles, o); err != nil {
		return identity.User{}, err
	}
	if n.BasePath == "" {
		if n.BasePath, err = s.usualFolder(ctx, n, o); err != nil {
			return identity.User{}, err
		}
	}
	if err := mayReach(n.BasePath, o); err != nil {
		return identity.User{}, err
	}
	return s.create(ctx, n, o)
}

// usualFolder returns where somebody gets to see files about whom nothing else
// is said: a folder of their own, below that of who acts. Who is to look after
// people starts with the reach of who acts, as they lay hands only on those
// whose folder lies in theirs.
func (s *Service) usualFolder(ctx context.Context, n NewUser, o identity.Origin) (string, error) {
	name, err := identity.ParseUsername(n.Username)
	if err != nil {
		return "", err
	}
	all, err := s.Store.Roles(ctx)
	if err != nil {
		return "", err
	}
	for _, r := range all {
		if slices.Contains(n.Roles, r.ID) && slices.Contains(r.Grants, identity.UserManage) {
			return path.Join("/", o.Rights.Base()), nil
		}
	}
	return path.Join("/", o.Rights.Base(), string(name)), nil
}

// create is CreateUser whoever asks, with roles that were chosen.
func (s *Service) create(ctx context.Context, n NewUser, o identity.Origin) (identity.User, error) {
	if n.Password == "" {
		return identity.User{}, errPasswordNeeded
	}
	now := s.Env.Now()
	u := identity.User{MustChangePassword: n.MustChange, CreatedAt: now, UpdatedAt: now, PasswordChangedAt: now}
	edit := UserChange{
		Username: &n.Username, Email: &n.Email, Profile: n.Profile, BasePath: &n.BasePath, Roles: &n.Roles, Disabled: &n.Disabled,
		ExpiresAt: &n.ExpiresAt, AllowedFrom: &n.AllowedFrom, SSOID: &n.SSOID,
		StorageLimit: &n.StorageLimit,
	}
	if err := edit.apply(&u); err != nil {
		return identity.User{}, err
	}
	var err error
	if u.PasswordHash, err = s.hash(ctx, n.Password, u.Username); err != nil {
		return identity.User{}, err
	}
	if u, err = s.Store.CreateUser(ctx, u); err != nil {
		return identity.User{}, translate(err, errUnknownRole)
	}
	s.Audit.Record(o.Event(identity.AuditUserCreated, target(u.ID)))
	return u, nil
}

// UpdateUser changes a user, for an administrator. Returns ErrUserNotFound,
// Invalid, Conflict, PermissionDenied for what a built-in user must keep, and
// ErrOwnProfile for a change of one's own that UpdateOwn wants proof for,
// ErrYourself, and ErrMoreThanYou.
func (s *Service) UpdateUser(ctx context.Context, id identity.UserID, c UserChange, o identity.Origin) (identity.User, error) {
	if o.Actor == id {
		if err := c.mayChangeOneself(o); err != nil {
			return identity.User{}, err
		}
	}
	var err error
	if c.judged, err = s.judge(ctx, id, o); err != nil {
		return identity.User{}, err
	}
	if c.Roles != nil {
		if err := s.mayGive(ctx, *c.Roles, o); err != nil {
			return identity.User{}, err
		}
	}
	if c.BasePath != nil {
		if err := mayReach(*c.BasePath, o); err != nil {
			return identity.User{}, err
		}
	}
	if o.Actor == id && c.Username != nil {
		renamed, err := s.renames(ctx, id, *c.Username)
		if err != nil || renamed {
			return identity.User{}, cmp.Or[error](err, ErrOwnProfile)
		}
	}
	return s.update(ctx, id, c, o)
}

// renames reports whether a user has another name than the one typed.
func (s *Service) renames(ctx context.Context, id identity.UserID, typed string) (bool, error) {
	name, err := identity.ParseUsername(typed)
	if err != nil {
		return false, err
	}
	u, err := s.User(ctx, id)
	return u.Username != name, err
}

func (s *Service) update(ctx context.Context, id identity.UserID, c UserChange, o identity.Origin) (identity.User, error) {
	old, err := s.User(ctx, id)
	if err != nil {
		return old, err
	}
	wanted := old
	if err := c.apply(&wanted); err != nil {
		return old, err
	}
	var hash identity.PasswordHash
	if c.Password != nil {
		if id == identity.GuestID {
			return old, ErrGuestPassword
		}
		if hash, err = s.hash(ctx, *c.Password, wanted.Username); err != nil {
			return old, err
		}
	}
	u, err := s.Store.UpdateUser(ctx, id, func(u identity.User) (identity.User, error) {
		if c.judged != nil && !sameReach(*c.judged, u) {
			return u, errUserChanged
		}
		if err := c.apply(&u); err != nil {
			return u, err
		}
		if hash != "" {
			if !c.proven.IsZero() && !c.proven.Equal(u.PasswordChangedAt) {
				return u, ErrProofNeeded
			}
			u.PasswordHash, u.PasswordChangedAt = hash, next(u.PasswordChangedAt, s.Env.Now())
			u.PasswordExpiresAt = c.temporary
		}
		if c.MustChange != nil {
			u.MustChangePassword = *c.MustChange
		}
		u.UpdatedAt = s.Env.Now()
		return u, nil
	})
	if err != nil {
		missing := ErrUserNotFound
		if c.Roles != nil { // the user was there a moment ago
			missing = errUnknownRole
		}
		return u, translate(err, missing)
	}
	s.Audit.Record(o.Event(identity.AuditUserUpdated, target(id)))
	if hash != "" {
		s.Audit.Record(o.Event(identity.AuditPasswordChanged, target(id)))
	}
	return u, s.lockAs(ctx, u, c.Status, o)
}

// DeleteUser removes a user with everything that is theirs but files.
func (s *Service) DeleteUser(ctx context.Context, id identity.UserID, o identity.Origin) error {
	switch {
	case (identity.User{ID: id}).IsBuiltIn():
		return ErrBuiltInUser
	case o.Actor == id:
		return ErrYourself
	}
	if err := s.MayTouch(ctx, id, o); err != nil {
		return err
	}
	if err := s.Store.DeleteUser(ctx, id); err != nil {
		return translate(err, ErrUserNotFound)
	}
	s.Audit.Record(o.Event(identity.AuditUserDeleted, target(id)))
	return nil
}

// apply makes the changes that need no hashing and no store.
func (c UserChange) apply(u *identity.User) error {
	if c.Username != nil {
		name, err := identity.ParseUsername(*c.Username)
		if err != nil {
			return err
		}
		u.Username = name
	}
	if c.BasePath != nil {
		base, err := identity.ParsePath(*c.BasePath)
		if err != nil {
			return err
		}
		u.BasePath = base
	}
	if c.Roles != nil {
		if err := setRoles(u, *c.Roles); err != nil {
			return err
		}
	}
	if err := c.applyAdmission(u); err != nil {
		return err
	}
	if c.SSOID != nil {
		if !plainText(*c.SSOID, maxSSOID) {
			return errSSOID
		}
		u.SSOID = *c.SSOID
	}
	if c.StorageLimit != nil {
		if *c.StorageLimit < 0 {
			return errStorageLimit
		}
		u.StorageLimit = *c.StorageLimit
	}
	if u.IsAdmin() {
		u.BasePath = "/"
	}
	return c.applyPerson(u)
}

// applyPerson makes the changes of how a person can be reached and what they
// tell of themselves.
func (c UserChange) applyPerson(u *identity.User) (err error) {
	if c.Email != nil {
		u.Email = ""
		if strings.TrimSpace(*c.Email) != "" {
			if u.Email, err = identity.ParseEmail(*c.Email); err != nil {
				return err
			}
		}
	}
	u.Profile, err = c.Profile.apply(u.Profile)
	return err
}

// applyAdmission makes the changes of whether, how long and from where an
// account can be used.
func (c UserChange) applyAdmission(u *identity.User) error {
	if c.Disabled != nil {
		u.Disabled = *c.Disabled
	}
	if c.Status != nil {
		switch *c.Status {
		case identity.UserActive, identity.UserLocked:
			u.Disabled = false
		case identity.UserInactive:
			u.Disabled = true
		default:
			return errStatus
		}
	}
	if c.ExpiresAt != nil {
		u.ExpiresAt = *c.ExpiresAt
	}
	if c.AllowedFrom != nil {
		if len(*c.AllowedFrom) > maxNetworks {
			return errNetworks
		}
		u.AllowedFrom = slices.Clone(*c.AllowedFrom)
	}
	if u.ID == identity.AdminID && (u.Disabled || !u.ExpiresAt.IsZero() || c.Status != nil && *c.Status == identity.UserLocked) {
		return ErrAdminStays
	}
	return nil
}

// next returns now, or a moment after last where a clock that stands or was
// set back is not past it: no two passwords are from the same time.
func next(last, now time.Time) time.Time {
	if now.Sub(last) < time.Microsecond {
		return last.Add(time.Microsecond) // as fine as the store keeps it
	}
	return now
}

func setRoles(u *identity.User, roles []identity.RoleID) error {
	roles = slices.Clone(roles)
	slices.Sort(roles)
	roles = slices.Compact(roles)
	switch {
	case len(roles) == 0:
		return errNoRole
	case u.IsBuiltIn() && !slices.Equal(roles, u.Roles):
		return ErrBuiltInUser
	}
	u.Roles = roles
	return nil
}

func (s *Service) defaultRoles(ctx context.Context) ([]identity.RoleID, error) {
	all, err := s.Store.Roles(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.Default {
			return []identity.RoleID{r.ID}, nil
		}
	}
	return []identity.RoleID{identity.RoleGeneral}, nil
}
