package identity

import (
	"slices"
	"strings"
	"time"
)

// A Permission names an operation on a kind of object. Each route declares
// the one it needs, there is no route without; roles grant them and API keys
// are limited to some.
type Permission string

// The permissions that routes ask for and nobody is given: whoever is signed
// in holds them, or nobody needs to.
const (
	// Public routes answer anybody.
	Public Permission = "public"
	// OwnAccount routes answer whoever is signed in, about themselves. No API
	// key opens them.
	OwnAccount Permission = "account.own"
	// OwnAccountRead and OwnAccountWrite routes answer whoever is signed in,
	// and their API keys that may read, or write.
	OwnAccountRead  Permission = "account.own.read"
	OwnAccountWrite Permission = "account.own.write"
	// OwnAccountLimited routes answer also somebody who must first change
	// their password: they are the way to do so. No API key opens them.
	OwnAccountLimited Permission = "account.own.limited"
	// AnyAccount routes answer whoever is signed in and, where it is enabled, the guest.
	AnyAccount Permission = "account.any"
	// AnyAccountLimited routes answer those of OwnAccountLimited and the guest.
	AnyAccountLimited Permission = "account.any.limited"
)

// The permissions to look after others, which roles grant. Who may manage may
// read.
const (
	UserRead         Permission = "user.read"
	UserManage       Permission = "user.manage"
	RoleRead         Permission = "role.read"
	RoleManage       Permission = "role.manage"
	SessionManage    Permission = "session.manage" // everybody's sessions
	APIKeyManage     Permission = "apikey.manage"  // everybody's API keys
	PermissionManage Permission = "permission.manage"
)

// The permissions by which APIs call the widest things that somebody may do.
const (
	// Read is to see the files: a role grants it by a scope at the top.
	Read Permission = "read"
	// Write is to make folders and upload: PathWrite at the top.
	Write Permission = "write"
	// Admin is everything. The administrator's role alone grants it.
	Admin Permission = "admin"
)

// MaxPermission is the longest name of a permission, in bytes.
const MaxPermission = 64

var errPermissionName = InvalidField("name", "permission_name_invalid",
	"A permission's name has 1 to 64 small letters, digits and . _ - : and begins with a letter.")

// ParsePermission checks the name of a permission. Space around it is dropped
// and capital letters become small.
func ParsePermission(s string) (Permission, error) {
	name := strings.ToLower(strings.TrimSpace(s))
	if name == "" || len(name) > MaxPermission || name[0] < 'a' || name[0] > 'z' {
		return "", errPermissionName
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("._-:", r) {
			return "", errPermissionName
		}
	}
	return Permission(name), nil
}

// A PermissionInfo describes a permission that roles and API keys can have.
type PermissionInfo struct {
	ID          PermissionID
	Name        Permission
	Category    string
	Description string
	CreatedAt   time.Time // zero: it is built in
}

// The categories of the permissions that are built in.
const (
	CategoryGeneral = "general"
	CategoryAdmin   = "administration"
	CategoryFiles   = "files"
)

// BuiltInPermissions lists the permissions that have a meaning here, with ids
// from 1 on. Others can be made; they mean what other programs make of them.
func BuiltInPermissions() []PermissionInfo {
	list := []PermissionInfo{
		{Name: Read, Category: CategoryGeneral, Description: "See the files, and one's own account"},
		{Name: Write, Category: CategoryGeneral, Description: "Make folders and upload, and change one's own account"},
		{Name: Admin, Category: CategoryGeneral, Description: "Everything"},
		{Name: UserRead, Category: CategoryAdmin, Description: "See who has an account"},
		{Name: UserManage, Category: CategoryAdmin, Description: "Make, change and delete accounts"},
		{Name: RoleRead, Category: CategoryAdmin, Description: "See the roles"},
		{Name: RoleManage, Category: CategoryAdmin, Description: "Make, change and delete roles"},
		{Name: SessionManage, Category: CategoryAdmin, Description: "See and end everybody's devices"},
		{Name: APIKeyManage, Category: CategoryAdmin, Description: "See, disable and delete everybody's API keys"},
		{Name: PermissionManage, Category: CategoryAdmin, Description: "Make permissions"},
	}
	for _, b := range pathBits() {
		if b.name != Write {
			list = append(list, PermissionInfo{Name: b.name, Category: CategoryFiles, Description: b.description})
		}
	}
	for i := range list {
		list[i].ID = PermissionID(i + 1)
	}
	return list
}

// LastBuiltInPermission is the highest id that a built-in permission can have;
// those that people make come after it.
const LastBuiltInPermission PermissionID = 50

// grantable are the permissions that a role keeps by name. The others are
// what its scopes say, or the administrator's.
func grantable(p Permission) bool {
	return p != Read && p != Admin && bitOf(p) == 0 && !p.IsReserved()
}

// IsFarReaching reports whether a permission is everything, or to look after
// others.
func (p Permission) IsFarReaching() bool {
	for _, info := range BuiltInPermissions() {
		if info.Name == p {
			return p == Admin || info.Category == CategoryAdmin
		}
	}
	return false
}

// IsReserved reports whether a name means something to routes that nobody can
// be given, so that no permission can be made of it.
func (p Permission) IsReserved() bool { return slices.Contains(unheld(), p) }

// unheld are the permissions that routes ask for and no role grants.
func unheld() []Permission {
	return []Permission{
		Public, OwnAccount, OwnAccountRead, OwnAccountWrite, OwnAccountLimited, AnyAccount, AnyAccountLimited,
	}
}

// implied returns the permission that holding p brings along, or "".
func implied(p Permission) Permission {
	if p == UserManage {
		return UserRead
	}
	if p == RoleManage {
		return RoleRead
	}
	return ""
}
