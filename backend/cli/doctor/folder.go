package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"latchkey/backend/files"
	"latchkey/backend/server"
	"latchkey/backend/sftpserver"
)

// folder looks for the data folder, and reports whether it is there.
func (e Examination) folder(r *report) bool {
	const check = "data folder"
	dir := e.Config.Data
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fail(check, "There is no data folder at %s yet. Start the server once: latchkey serve", dir)
		return false
	case err != nil:
		r.fail(check, "The data folder %s cannot be reached. Check its permissions and those of the folders above it.", dir)
		return false
	case !info.IsDir():
		r.fail(check, "%s is a file, not a folder. Name another data folder with --data.", dir)
		return false
	case !ours(info):
		r.fail(check, "The data folder %s belongs to somebody else. Run this as the user that the server runs as.", dir)
		return true
	}
	r.ok(check, "%s is there and yours.", dir)
	return true
}

// modes looks for what others on the machine could read. People's files have
// the modes that people gave them, so only their folder counts.
func (e Examination) modes(r *report) {
	const check = "permissions"
	if runtime.GOOS == "windows" {
		return // its modes say nothing; the profile folder's access list protects
	}
	loose, err := looseIn(e.Config.Data)
	if err != nil {
		r.fail(check, "Not everything in the data folder can be looked at. Run this as the user that the server runs as.")
		return
	}
	if len(loose) == 0 {
		r.ok(check, "Nobody else can read what is in the data folder.")
		return
	}
	if !e.Fix {
		r.warn(check, "Others can get at %s. Make it private with: latchkey doctor --fix", few(loose))
		return
	}
	for _, path := range loose {
		if err := tighten(path); err != nil {
			r.fail(check, "%s cannot be made private. Run this as the user that the server runs as.", path)
			return
		}
	}
	r.ok(check, "Others could get at %s; that is private now.", few(loose))
}

func looseIn(data string) (loose []string, err error) {
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // a file that came and went
			}
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			return nil
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&^private(info) != 0 {
			loose = append(loose, path)
		}
		if path == server.FilesFolder(data) {
			return fs.SkipDir
		}
		return nil
	})
	return loose, err
}

// private is the mode that something in the data folder should have.
func private(info fs.FileInfo) fs.FileMode {
	if info.IsDir() {
		return 0o700
	}
	return 0o600
}

func tighten(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	return os.Chmod(path, info.Mode().Perm()&private(info))
}

func few(paths []string) string {
	if len(paths) == 1 {
		return paths[0]
	}
	return fmt.Sprintf("%s and %d more", paths[0], len(paths)-1)
}

// Room on the disk below which it is time to act, in bytes.
const (
	lowSpace  = 500 << 20
	lastSpace = 20 << 20
)

func (e Examination) space(r *report) {
	const check = "free space"
	s, err := files.SpaceAt(e.Config.Data)
	if err != nil {
		return // not every system says
	}
	left := s.AvailableBytes()
	text := fmt.Sprintf("There are %d MB left on the disk of the data folder.", left>>20)
	switch {
	case left < lastSpace:
		r.fail(check, "%s Free some at once: soon nothing can be written.", text)
	case left < lowSpace:
		r.warn(check, "%s Free some soon.", text)
	default:
		r.ok(check, "%s", text)
	}
}

func (e Examination) hostKeys(r *report) {
	const check = "SSH host keys"
	err := sftpserver.ExamineHostKeys(server.SecretsFolder(e.Config.Data), slog.New(slog.DiscardHandler))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.warn(check, "There is no SSH host key. A new one is made at the next start, and clients will say that the host has changed.")
	case err != nil:
		r.fail(check, "An SSH host key in %s cannot be used. Put it back from a backup, or delete it to have a new one made.", server.SecretsFolder(e.Config.Data))
	default:
		r.ok(check, "The SSH host keys can be read.")
	}
}
