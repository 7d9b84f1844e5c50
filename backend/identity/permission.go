package identity

// A Permission names an operation on a kind of object. Each route declares
// the one it needs; there is no route without.
type Permission string

// The permissions.
const (
	// Public routes answer anybody.
	Public Permission = "public"
	// OwnAccount routes answer whoever is signed in, about themselves.
	OwnAccount Permission = "account.own"
	// OwnAccountLimited routes answer also somebody who must first change
	// their password: they are the way to do so.
	OwnAccountLimited Permission = "account.own.limited"
	// AnyAccount routes answer whoever is signed in and, where it is enabled, the guest.
	AnyAccount Permission = "account.any"
	// AnyAccountLimited routes answer those of OwnAccountLimited and the guest.
	AnyAccountLimited Permission = "account.any.limited"

	SessionManage Permission = "session.manage" // everybody's sessions
	UserManage    Permission = "user.manage"
	RoleManage    Permission = "role.manage"
)

// A PathPermission is a set of things that may be done below a path, with
// AList's bit numbers.
type PathPermission uint32

// The bits of a PathPermission.
const (
	PathSeeHidden PathPermission = 1 << iota
	PathNoPassword
	PathOfflineDownload
	PathWrite // make folders and upload
	PathRename
	PathMove
	PathCopy
	PathDelete
	PathWebDAVRead
	PathWebDAVWrite
	PathSFTPRead // sign in over SFTP, list and read
	PathSFTPWrite
	PathArchiveRead
	PathDecompress
	PathLimit
	PathMCPRead
	PathMCPWrite

	// PathAll is every bit that AList gives its administrator.
	PathAll PathPermission = 1<<16 - 1
	// PathKnown is every bit that has a meaning.
	PathKnown PathPermission = 1<<17 - 1
)

// Has reports whether every bit of want is in p.
func (p PathPermission) Has(want PathPermission) bool { return p&want == want }
