package identity

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

// A pathBit is a bit and what it is called where permissions have names.
type pathBit struct {
	bit         PathPermission
	name        Permission
	description string
}

// pathBits is in the order of the bits.
func pathBits() []pathBit {
	return []pathBit{
		{PathSeeHidden, "file.see_hidden", "See hidden files"},
		{PathNoPassword, "file.no_password", "Open protected folders without their password"},
		{PathOfflineDownload, "file.offline_download", "Have the server download from elsewhere"},
		{PathWrite, Write, "Make folders and upload"},
		{PathRename, "file.rename", "Rename files and folders"},
		{PathMove, "file.move", "Move files and folders"},
		{PathCopy, "file.copy", "Copy files and folders"},
		{PathDelete, "file.delete", "Delete files and folders"},
		{PathWebDAVRead, "webdav.read", "List and read over WebDAV"},
		{PathWebDAVWrite, "webdav.write", "Change things over WebDAV"},
		{PathSFTPRead, "sftp.read", "Sign in over SFTP, list and read"},
		{PathSFTPWrite, "sftp.write", "Change things over SFTP"},
		{PathArchiveRead, "archive.read", "Look into archives"},
		{PathDecompress, "archive.decompress", "Unpack archives"},
		{PathLimit, "path.limit", "Carried for AList's clients"},
		{PathMCPRead, "mcp.read", "Read over MCP"},
		{PathMCPWrite, "mcp.write", "Change things over MCP"},
	}
}

// bitOf returns the bit that a name stands for, or 0.
func bitOf(name Permission) PathPermission {
	for _, b := range pathBits() {
		if b.name == name {
			return b.bit
		}
	}
	return 0
}
