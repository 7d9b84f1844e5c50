package config

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
)

// Names in the data folder.
const (
	Database = "latchkey.db"
	Secrets  = "secrets"
	Files    = "files" // unless the setting says otherwise
)

// FilesFolder returns the folder for people's files, as an absolute path.
func (c Config) FilesFolder() string {
	if filepath.IsAbs(c.Files) {
		return filepath.Clean(c.Files)
	}
	return filepath.Join(c.Data, cmp.Or(c.Files, Files))
}

// validateFiles keeps what is the server's own out of what people see of its
// files, also where the parts of the data folder lie elsewhere by links.
func (c Config) validateFiles() error {
	files := c.FilesFolder()
	if holds(filepath.Join(c.Data, Secrets), files) {
		return fmt.Errorf("files: %s is in the folder of the server's keys; choose another folder", files)
	}
	for _, own := range []string{".", Database, Secrets} {
		if holds(files, filepath.Join(c.Data, own)) {
			return fmt.Errorf("files: the server's own database and keys are in %s, where people would reach them; choose another folder", files)
		}
	}
	return nil
}

// holds reports whether a folder is something or is above it, whatever links
// and spellings lead there.
func holds(folder, something string) bool {
	folder, something = resolved(folder), resolved(something)
	at, err := os.Stat(folder)
	for up := something; ; up = filepath.Dir(up) {
		if up == folder {
			return true
		}
		if here, failed := os.Stat(up); err == nil && failed == nil && os.SameFile(at, here) {
			return true
		}
		if up == filepath.Dir(up) {
			return false
		}
	}
}

// resolved follows the links in a path, as far as it is there.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if above := filepath.Dir(path); above != path {
		return filepath.Join(resolved(above), filepath.Base(path))
	}
	return path
}
