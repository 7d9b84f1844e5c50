// Package store is the storage contract: what Latchkey keeps, and what an
// engine must promise about it. The engines are its subfolders, and storetest
// is the one suite that each of them passes.
//
// A method is one transaction: it is done whole or not at all, and done means
// durable. Read-modify-write goes through the Update methods, whose function
// runs inside the transaction; it may run more than once and must not call the
// store. Times are kept in UTC to the microsecond. Lists are never nil.
//
// An engine returns ErrNotFound, ErrExists and ErrReferenced for what the
// caller can act on; any other error means that storage is failing. It holds
// no rules about people: services decide, the store remembers.
package store

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"latchkey/backend/identity"
)

var (
	// ErrNotFound means that there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrExists means that a unique value is taken; see ExistsError.
	ErrExists = errors.New("already exists")
	// ErrReferenced means that something else still needs the row.
	ErrReferenced = errors.New("still in use")
	// ErrLimit means that the row would be one more than allowed.
	ErrLimit = errors.New("limit reached")
)

// An ExistsError is an ErrExists that names the value that is taken.
type ExistsError struct {
	Field string // "username", "name", "title" or "fingerprint"
}

func (e *ExistsError) Error() string { return e.Field + " already exists" }

// Is makes an ExistsError match ErrExists.
func (e *ExistsError) Is(target error) bool { return target == ErrExists }

// A Store keeps everything that the server remembers. Its methods may be
// called from many goroutines.
type Store interface {
	Users
	Roles
	Sessions
	TOTPs
	SSHKeys
	Throttles
	Audit
	Settings

	// Version is a number that differs from an earlier one whenever a user, a
	// role, a session's end, an access token's end, a second factor, an SSH
	// key's end or a setting may have changed in between: at once for changes
	// through this Store, within 200 ms for those of another process. What was
	// read under a version can be trusted while the version stays. Reading it
	// costs next to nothing. It does not change with sign-ins, activity,
	// failures or audit events of this process alone.
	Version() uint64

	// Check reads the whole database and returns what is wrong with it, or nil.
	Check(ctx context.Context) error

	// Close finishes what is under way and closes the engine.
	Close() error
}

// Users keeps the people who can sign in.
type Users interface {
	// CreateUser keeps u and returns it with its id; u.ID 0 asks for a new one.
	// Returns ErrExists if the name is taken, ErrNotFound for an unknown role.
	CreateUser(ctx context.Context, u identity.User) (identity.User, error)
	// User returns the user with an id, or ErrNotFound.
	User(ctx context.Context, id identity.UserID) (identity.User, error)
	// UserByName returns the user with a name, or ErrNotFound.
	UserByName(ctx context.Context, name identity.Username) (identity.User, error)
	// Users lists users by id, and how many there are in all.
	Users(ctx context.Context, p identity.Page) ([]identity.User, int, error)
	// UpdateUser replaces a user by what change returns. Id, TOTPEnabled and
	// CreatedAt stay. A new PasswordChangedAt ends all sessions of the user for
	// the reason identity.EndedByPassword, in the same step. Returns
	// ErrNotFound, ErrExists, or the error of change.
	UpdateUser(ctx context.Context, id identity.UserID, change func(identity.User) (identity.User, error)) (identity.User, error)
	// DeleteUser removes a user with their sessions, tokens, keys and factors.
	DeleteUser(ctx context.Context, id identity.UserID) error
}

// Roles keeps the roles. There are few of them.
type Roles interface {
	// CreateRole keeps r and returns it with its id; r.ID 0 asks for a new one.
	// Returns ErrExists if the name is taken.
	CreateRole(ctx context.Context, r identity.Role) (identity.Role, error)
	// Role returns the role with an id, or ErrNotFound.
	Role(ctx context.Context, id identity.RoleID) (identity.Role, error)
	// Roles lists all roles by id.
	Roles(ctx context.Context) ([]identity.Role, error)
	// UpdateRole replaces a role by what change returns; id and CreatedAt stay.
	// A role that becomes the default one takes that from the one before.
	UpdateRole(ctx context.Context, id identity.RoleID, change func(identity.Role) (identity.Role, error)) (identity.Role, error)
	// DeleteRole removes a role, or returns ErrReferenced while a user has it.
	DeleteRole(ctx context.Context, id identity.RoleID) error
}

// Sessions keeps signed-in devices and their access tokens.
type Sessions interface {
	// OpenSession opens a session for a device, or finds the one that is open
	// at New.CreatedAt, and gives it a token.
	OpenSession(ctx context.Context, o OpenSession) (identity.Session, error)
	// Session returns a session, ended ones included, or ErrNotFound.
	Session(ctx context.Context, id identity.SessionID) (identity.Session, error)
	// SessionsOf lists a user's live sessions at a time, newest activity first.
	SessionsOf(ctx context.Context, user identity.UserID, at time.Time) ([]identity.Session, error)
	// Sessions lists everybody's live sessions at a time, newest activity
	// first, and how many there are in all.
	Sessions(ctx context.Context, at time.Time, p identity.Page) ([]identity.Session, int, error)
	// TouchSessions records activity. Sessions that are gone or have ended are
	// passed over, and activity never moves backwards.
	TouchSessions(ctx context.Context, list []Activity) error
	// EndSession ends a session and all its tokens. Ending one that has ended
	// already changes nothing. Returns ErrNotFound if there is none.
	EndSession(ctx context.Context, id identity.SessionID, why identity.EndReason, at time.Time) error
	// EndSessionsOf ends all live sessions of a user but the one named by
	// except, if any, and says how many.
	EndSessionsOf(ctx context.Context, user identity.UserID, except identity.SessionID, why identity.EndReason, at time.Time) (int, error)
	// EndAllSessions ends every live session of everybody, and says how many.
	EndAllSessions(ctx context.Context, why identity.EndReason, at time.Time) (int, error)
	// AccessToken returns an issued token that has not been ended, or ErrNotFound.
	AccessToken(ctx context.Context, id identity.TokenID) (identity.AccessToken, error)
	// EndAccessToken ends one token, and its session if that was its last one.
	// Returns ErrNotFound if there is none.
	EndAccessToken(ctx context.Context, id identity.TokenID, why identity.EndReason, at time.Time) error
	// PurgeSessions removes tokens that expired and sessions that ended or
	// whose last token expired before a time, and says how many sessions.
	PurgeSessions(ctx context.Context, before time.Time) (int, error)
}

// OpenSession says which device signs in and what to give it.
type OpenSession struct {
	New    identity.Session     // what to keep if the device has no live session
	Device string               // what makes the device the same one again, unique per user among live sessions
	Token  identity.AccessToken // its Session is set by the store
	// MaxDevices is how many live sessions a user may have: the longest idle
	// ones beyond it end for the reason identity.EndedByLimit. MaxTokens
	// bounds the tokens of one session; the oldest ones beyond it end. 0 is no
	// bound.
	MaxDevices, MaxTokens int
}

// Activity is a sign of life of a session.
type Activity struct {
	Session   identity.SessionID
	At        time.Time
	UserAgent string
	Address   netip.Addr
}

// TOTPs keeps second factors, set-ups that await their first code, and
// recovery codes.
type TOTPs interface {
	// TOTP returns a user's second factor, or ErrNotFound.
	TOTP(ctx context.Context, user identity.UserID) (identity.TOTP, error)
	// SaveTOTP turns the second factor on or replaces it, replaces all recovery
	// codes, and removes the pending set-up.
	SaveTOTP(ctx context.Context, t identity.TOTP, recovery []RecoveryHash) error
	// SpendTOTPStep marks a time step as used. Returns ErrExists if it or a
	// later one was used before, ErrNotFound if there is no second factor.
	SpendTOTPStep(ctx context.Context, user identity.UserID, step int64) error
	// DeleteTOTP turns the second factor off and removes the recovery codes
	// and the pending set-up. It is no error if there is none.
	DeleteTOTP(ctx context.Context, user identity.UserID) error
	// SavePendingTOTP keeps the set-up of a user, in place of an earlier one.
	SavePendingTOTP(ctx context.Context, p identity.PendingTOTP) error
	// PendingTOTP returns the set-up of a user, or ErrNotFound.
	PendingTOTP(ctx context.Context, user identity.UserID) (identity.PendingTOTP, error)
	// SaveRecoveryCodes replaces all recovery codes of a user.
	SaveRecoveryCodes(ctx context.Context, user identity.UserID, recovery []RecoveryHash) error
	// SpendRecoveryCode removes one recovery code of a user, or returns ErrNotFound.
	SpendRecoveryCode(ctx context.Context, user identity.UserID, code RecoveryHash) error
	// RecoveryCodesLeft counts a user's unused recovery codes.
	RecoveryCodesLeft(ctx context.Context, user identity.UserID) (int, error)
}

// A RecoveryHash is the stored form of a recovery code.
type RecoveryHash [32]byte

// SSHKeys keeps the public keys that people sign in with over SFTP.
type SSHKeys interface {
	// CreateSSHKey keeps a key and returns it with its id. Returns ErrLimit if
	// the user has limit keys already, ErrExists if they have one with the
	// same fingerprint or, after that, the same title.
	CreateSSHKey(ctx context.Context, k identity.SSHKey, limit int) (identity.SSHKey, error)
	// SSHKey returns a key, or ErrNotFound.
	SSHKey(ctx context.Context, id identity.SSHKeyID) (identity.SSHKey, error)
	// SSHKeysOf lists a user's keys by id, and how many there are in all.
	SSHKeysOf(ctx context.Context, user identity.UserID, p identity.Page) ([]identity.SSHKey, int, error)
	// SSHKeyByFingerprint returns a user's key with a fingerprint, or ErrNotFound.
	SSHKeyByFingerprint(ctx context.Context, user identity.UserID, f identity.Fingerprint) (identity.SSHKey, error)
	// TouchSSHKeys records when keys were used; unknown ones are passed over.
	TouchSSHKeys(ctx context.Context, used map[identity.SSHKeyID]time.Time) error
	// DeleteSSHKey removes a key, or returns ErrNotFound.
	DeleteSSHKey(ctx context.Context, id identity.SSHKeyID) error
}

// Throttles keeps failure counters.
type Throttles interface {
	// UpdateThrottles reads the counters with the given keys, in their order,
	// zero but for the key where there is none yet, and keeps what change
	// makes of them. A counter without failures, reservations and lock is
	// removed. If change returns an error nothing is kept.
	UpdateThrottles(ctx context.Context, keys []identity.ThrottleKey, change func([]identity.Throttle) error) error
	// Throttles lists the counters, newest first.
	Throttles(ctx context.Context, p identity.Page) ([]identity.Throttle, error)
	// ClearThrottles removes the counters that name an account, or all of them
	// if account is empty, and says how many.
	ClearThrottles(ctx context.Context, account string) (int, error)
	// SettleThrottles turns every reservation into a failure: what was under
	// way when the program ended counts.
	SettleThrottles(ctx context.Context) error
	// PurgeThrottles removes counters last changed before a time and not
	// locked beyond it, and the oldest unlocked ones beyond max.
	PurgeThrottles(ctx context.Context, before time.Time, max int) (int, error)
}

// Audit keeps security events.
type Audit interface {
	// AppendAudit keeps events in their order.
	AppendAudit(ctx context.Context, events []identity.AuditEvent) error
	// AuditEvents lists events, newest first, from before an id; 0 is from the
	// newest. A limit of 0 is none.
	AuditEvents(ctx context.Context, before int64, limit int) ([]identity.AuditEvent, error)
	// PurgeAudit removes events from before a time, and says how many.
	PurgeAudit(ctx context.Context, before time.Time) (int, error)
}

// Settings keeps small named values.
type Settings interface {
	// Setting returns a value, or ErrNotFound.
	Setting(ctx context.Context, name string) ([]byte, error)
	// SaveSetting keeps a value.
	SaveSetting(ctx context.Context, name string, value []byte) error
	// AddSetting keeps a value unless there is one, and returns the one kept.
	AddSetting(ctx context.Context, name string, value []byte) ([]byte, error)
}
