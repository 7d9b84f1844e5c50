package identity

import "time"

// A FolderPassword is what opens a folder to those who do not have
// PathNoPassword there. It belongs to the place, whoever sees it by which path.
type FolderPassword struct {
	ID         FolderPasswordID
	Path       string // below the files folder, as it is on the disk
	Hash       PasswordHash
	Subfolders bool // what is further down needs it, too
	CreatedAt  time.Time
	UpdatedAt  time.Time
}
