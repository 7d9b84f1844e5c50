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
	Field string // "username", "email", "name", "title" or "fingerprint"
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
	APIKeys
	Permissions
	Tasks
	FolderPasswords
	Throttles
	Audit
	Settings

	// Version is a number that differs from an earlier one whenever a user, a
	// role, a session's end, an access token's end, a second factor, an SSH
	// key's end, an API key, a folder's password or a setting may have changed in between: at once
	// for changes through this Store, within 200 ms for those of another
	// process. What was read under a version can be trusted while the version
	// stays. Reading it costs next to nothing. It does not change with sign-ins
	// (which a user's LastLoginAt and LoginCount tell of), renewed tokens,
	// connections that open and close, activity, new keys, uses of keys, new permissions, failures or audit
	// events of this process alone.
	Version() uint64

	// Check reads the whole database and returns what is wrong with it, or nil.
	Check(ctx context.Context) error

	// Close finishes what is under way and closes the engine.
	Close() error
}

// Users keeps the people who can sign in.
type Users interface {
	// CreateUser keeps u and returns it with its id; u.ID 0 asks for a new one.
	// A role named twice is given once. Returns ErrNotFound for an unknown role,
	// and ErrExists if somebody else has the name or the e-mail address: one
	// user's address cannot be another one's name either, and the error is about
	// the one that u has.
	CreateUser(ctx context.Context, u identity.User) (identity.User, error)
	// User returns the user with an id, or ErrNotFound.
	User(ctx context.Context, id identity.UserID) (identity.User, error)
	// UserByName returns the user with a name, or ErrNotFound.
	UserByName(ctx context.Context, name identity.Username) (identity.User, error)
	// UserByEmail returns the user with an e-mail address, or ErrNotFound.
	UserByEmail(ctx context.Context, email identity.Email) (identity.User, error)
	// Users lists the users that a filter chooses by id, and how many there are
	// of them in all. Filters take text as it is: nothing in it is a wildcard.
	// A user is locked while the counter of the account says so. A status that
	// there is not is an error.
	Users(ctx context.Context, f identity.UserFilter, p identity.Page) ([]identity.User, int, error)
	// UpdateUser replaces a user by what change returns. Id, TOTPEnabled,
	// CreatedAt, LastLoginAt and LoginCount stay. A new PasswordChangedAt ends
	// all sessions of the user for the reason identity.EndedByPassword, and a new
	// name takes along the failure counters of the account, in the same step.
	// Returns ErrNotFound, ErrExists, or the error of change.
	UpdateUser(ctx context.Context, id identity.UserID, change func(identity.User) (identity.User, error)) (identity.User, error)
	// DeleteUser removes a user with their sessions, tokens, keys and factors.
	DeleteUser(ctx context.Context, id identity.UserID) error
}

// Tasks keeps the uploads that people look at. Version does not tell of them.
type Tasks interface {
	// SaveTask keeps a task, in place of the one that has its id. Of the tasks
	// of its user that have ended, those that began last are kept, so that there
	// are no more than keep in all, with those under way. Returns ErrNotFound
	// for an unknown user.
	SaveTask(ctx context.Context, k identity.Task, keep int) error
	// Tasks lists a user's tasks, the last begun first.
	Tasks(ctx context.Context, user identity.UserID) ([]identity.Task, error)
	// DeleteTask removes a task that has ended, or returns ErrNotFound.
	DeleteTask(ctx context.Context, user identity.UserID, id identity.TaskID) error
	// EndTasks gives all tasks that are under way the state, the error and the
	// end of one.
	EndTasks(ctx context.Context, end identity.Task) error
}

// FolderPasswords keeps the passwords of folders. There are few of them.
type FolderPasswords interface {
	// FolderPasswords lists all by path.
	FolderPasswords(ctx context.Context) ([]identity.FolderPassword, error)
	// CreateFolderPassword keeps f and returns it with a new id. Returns
	// ErrExists if its path has one, ErrLimit if there are limit already.
	CreateFolderPassword(ctx context.Context, f identity.FolderPassword, limit int) (identity.FolderPassword, error)
	// UpdateFolderPassword replaces one by what change returns; id and CreatedAt
	// stay. Returns ErrNotFound, ErrExists if another has its path, or the error
	// of change.
	UpdateFolderPassword(ctx context.Context, id identity.FolderPasswordID, change func(identity.FolderPassword) (identity.FolderPassword, error)) (identity.FolderPassword, error)
	// DeleteFolderPassword removes one, or returns ErrNotFound.
	DeleteFolderPassword(ctx context.Context, id identity.FolderPasswordID) error
	// CopyFolderPasswords gives paths what others have, in place of what they
	// had. What has none gives none. Returns ErrLimit if there were more than
	// limit then.
	CopyFolderPasswords(ctx context.Context, copies []FolderPasswordCopy, limit int) error
	// DropFolderPasswords removes those of paths that have one.
	DropFolderPasswords(ctx context.Context, paths []string) error
}

// A FolderPasswordCopy is a path that has a password, and one that is to have
// it, too, from a time on.
type FolderPasswordCopy struct {
	From, To   string
	Subfolders bool // of the copy
	At         time.Time
}

// Roles keeps the roles. There are few of them. Role.Users is counted by the
// store; what a caller sets there is ignored.
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
	// Members lists the users who have a role by id, and how many there are in
	// all; none for an unknown role. AddedAt is the UpdatedAt, or for a new one
	// the CreatedAt, of the user as they were kept when they got the role.
	Members(ctx context.Context, id identity.RoleID, p identity.Page) ([]identity.Member, int, error)
}

// Sessions keeps signed-in devices and their access tokens.
type Sessions interface {
	// OpenSession opens a session for a device, or finds the one that is open
	// at New.CreatedAt, gives it a token, and counts it as a sign-in of the user
	// at that time.
	OpenSession(ctx context.Context, o OpenSession) (identity.Session, error)
	// OpenConnection keeps a session that is no device: it has no tokens, is not
	// counted as a sign-in and not among MaxDevices. Returns ErrNotFound for an
	// unknown user.
	OpenConnection(ctx context.Context, c identity.Session) error
	// CloseConnection removes what OpenConnection kept, ended or not, if it is
	// still there.
	CloseConnection(ctx context.Context, id identity.SessionID) error
	// CloseConnectionsUntil removes all connections that were opened at a time
	// or before.
	CloseConnectionsUntil(ctx context.Context, at time.Time) error
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
	// UpdateAccessToken replaces a token by what change returns, and gives it
	// back. Only IssuedAt, ExpiresAt and Generation can change. Its session lives
	// at least as long as the token. Returns ErrNotFound, or the error of change.
	UpdateAccessToken(ctx context.Context, id identity.TokenID, change func(identity.AccessToken) (identity.AccessToken, error)) (identity.AccessToken, error)
	// EndAccessToken ends one token, and its session if that was its last one.
	// Returns ErrNotFound if there is none.
	EndAccessToken(ctx context.Context, id identity.TokenID, why identity.EndReason, at time.Time) error
	// EndTokensBy ends the tokens of a user that were given for one factor alone,
	// and the sessions of which they were the last, and says how many tokens.
	EndTokensBy(ctx context.Context, user identity.UserID, factor identity.FactorKind, why identity.EndReason, at time.Time) (int, error)
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
	// UpdateSSHKey replaces a key by what change returns, or returns ErrNotFound.
	// Only Rules can change.
	UpdateSSHKey(ctx context.Context, id identity.SSHKeyID, change func(identity.SSHKey) (identity.SSHKey, error)) (identity.SSHKey, error)
	// DeleteSSHKey removes a key, or returns ErrNotFound.
	DeleteSSHKey(ctx context.Context, id identity.SSHKeyID) error
}

// APIKeys keeps the keys made for programs, of every kind.
type APIKeys interface {
	// CreateAPIKey keeps a key and returns it with its id. Returns ErrLimit if
	// the user has limit keys of its kind already, ErrNotFound for an unknown
	// user.
	CreateAPIKey(ctx context.Context, k identity.APIKey, limit int) (identity.APIKey, error)
	// ReplaceAPIKey keeps a new key in place of an old one, which ends at a time
	// unless it ends before. The limit does not count. Returns ErrNotFound if
	// there is no old one.
	ReplaceAPIKey(ctx context.Context, old identity.APIKeyID, until time.Time, k identity.APIKey) (identity.APIKey, error)
	// APIKey returns a key, or ErrNotFound.
	APIKey(ctx context.Context, id identity.APIKeyID) (identity.APIKey, error)
	// APIKeyByHash returns the key whose text has a hash, or ErrNotFound.
	APIKeyByHash(ctx context.Context, hash identity.SecretHash) (identity.APIKey, error)
	// APIKeys lists the keys that a filter chooses by id, and how many there are
	// of them in all. A status that there is not is an error.
	APIKeys(ctx context.Context, f APIKeyFilter, p identity.Page) ([]identity.APIKey, int, error)
	// UpdateAPIKey replaces a key by what change returns. Only Name,
	// Description, Permissions, ExpiresAt, DisabledAt and EnabledAt can change.
	UpdateAPIKey(ctx context.Context, id identity.APIKeyID, change func(identity.APIKey) (identity.APIKey, error)) (identity.APIKey, error)
	// DeleteAPIKey removes a key and its counts, or returns ErrNotFound.
	DeleteAPIKey(ctx context.Context, id identity.APIKeyID) error
	// RecordKeyUses adds counts, and notes when and from where keys were last
	// used. Keys that are gone are passed over; a last use never moves backwards.
	RecordKeyUses(ctx context.Context, counts []identity.KeyUse, last []KeyLastUse) error
	// KeyUsage sums up what was done with a key from a day on, with as many of
	// the most used endpoints as asked for. It is empty for an unknown key.
	KeyUsage(ctx context.Context, id identity.APIKeyID, from time.Time, endpoints int) (identity.KeyUsage, error)
	// PurgeKeyUses removes counts of days before a time, and keys of KeyDev that
	// ended before it, and says how many in all.
	PurgeKeyUses(ctx context.Context, before time.Time) (int, error)
}

// APIKeyFilter is identity.APIKeyFilter.
type APIKeyFilter = identity.APIKeyFilter

// A KeyLastUse is when and from where a key was used last.
type KeyLastUse struct {
	Key     identity.APIKeyID
	At      time.Time
	Address netip.Addr
}

// Permissions keeps the permissions that people make besides the built-in
// ones. There are few of them.
type Permissions interface {
	// CreatePermission keeps a permission and returns it with its id, which is
	// above identity.LastBuiltInPermission. Returns ErrExists if the name is
	// taken, ErrLimit if there are limit already.
	CreatePermission(ctx context.Context, p identity.PermissionInfo, limit int) (identity.PermissionInfo, error)
	// Permissions lists them by id.
	Permissions(ctx context.Context) ([]identity.PermissionInfo, error)
}

// Throttles keeps failure counters.
type Throttles interface {
	// UpdateThrottles reads the counters with the given keys, in their order,
	// zero but for the key where there is none yet, and keeps what change
	// makes of them. A counter without failures, reservations and lock is
	// removed. If change returns an error nothing is kept.
	UpdateThrottles(ctx context.Context, keys []identity.ThrottleKey, change func([]identity.Throttle) error) error
	// AccountThrottles returns the counters of identity.ThrottleAccount that
	// there are for some accounts, in no order.
	AccountThrottles(ctx context.Context, accounts []string) ([]identity.Throttle, error)
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
