package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"latchkey/backend/config"
	"latchkey/backend/files"
	"latchkey/backend/httpapi/tlscert"
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
		r.fail(check, "There is no data folder at %s yet. Start the server once: %s", dir, e.Command("serve"))
		return false
	case err != nil:
		r.fail(check, "The data folder %s cannot be reached. Check its permissions and those of the folders above it.", dir)
		return false
	case !info.IsDir():
		r.fail(check, "%s is a file, not a folder. Name another data folder with --data.", dir)
		return false
	case !ours(info) && superuser():
		r.warn(check, "%s is there and belongs to another user. You can look at it as root, but run commands as the user that the server runs as: it cannot use what root makes there.", dir)
		return true
	case !ours(info):
		r.fail(check, "The data folder %s belongs to somebody else. Run this as the user that the server runs as.", dir)
		return true
	}
	r.ok(check, "%s is there and yours.", dir)
	return true
}

// modes looks for what others on the machine could read. It looks at what is
// Latchkey's own alone: people's files have the modes that people gave them,
// and what else somebody keeps in the folder is theirs.
func (e Examination) modes(r *report) {
	const check = "permissions"
	if runtime.GOOS == "windows" {
		return // its modes say nothing; the profile folder's access list protects
	}
	loose, err := looseIn(e.Config)
	if err != nil {
		r.fail(check, "Not everything in the data folder can be looked at. Run this as the user that the server runs as.")
		return
	}
	if len(loose) == 0 {
		r.ok(check, "Nobody else can read what is in the data folder.")
		return
	}
	if !e.Fix {
		e.sayLoose(r, loose)
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

// sayLoose tells what others can get at. The master key is no small matter: it
// may have been read.
func (e Examination) sayLoose(r *report, loose []string) {
	key := filepath.Join(server.SecretsFolder(e.Config.Data), "master.key")
	if slices.Contains(loose, key) {
		r.fail("permissions", "Others can read the master key, %s. Make it private with: %s", key, e.Command("doctor --fix"))
		return
	}
	r.warn("permissions", "Others can get at %s. Make it private with: %s", few(loose), e.Command("doctor --fix"))
}

// isOwn reports whether something directly in the data folder is Latchkey's.
func isOwn(cfg config.Config, path string) bool {
	name := filepath.Base(path)
	return path == cfg.FilesFolder() || path == server.SecretsFolder(cfg.Data) ||
		name == "latchkey.toml" || name == "latchkey.lock" || name == "first-start" || strings.HasPrefix(name, "latchkey.db")
}

func looseIn(cfg config.Config) (loose []string, err error) {
	err = filepath.WalkDir(cfg.Data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // a file that came and went
			}
			return err
		}
		if filepath.Dir(path) == cfg.Data && path != cfg.Data && !isOwn(cfg, path) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.Type()&fs.ModeSymlink != 0 {
			return nil
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&^private(info) != 0 {
			loose = append(loose, path)
		}
		if path == cfg.FilesFolder() {
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
	r.space("free space", e.Config.Data, "the data folder")
	if e.Config.Files == "" {
		return // on the same disk
	}
	const check = "files folder"
	dir := e.Config.FilesFolder()
	if _, err := os.Stat(dir); err != nil {
		r.warn(check, "People's files are to be in %s, which is not there. Connect its disk if it is on one: the next start makes an empty folder.", dir)
		return
	}
	r.space(check, dir, "people's files")
}

func (r *report) space(check, dir, whose string) {
	s, err := files.SpaceAt(dir)
	if err != nil {
		return // not every system says
	}
	left := s.AvailableBytes()
	text := fmt.Sprintf("There are %d MB left on the disk of %s.", left>>20, whose)
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
		r.ok(check, "The SSH host keys can be read.%s", e.fingerprints())
	}
}

// fingerprints tells what clients see of the host keys, which are there.
func (e Examination) fingerprints() string {
	keys, err := sftpserver.OpenHostKeys(server.SecretsFolder(e.Config.Data), e.Options.Env, false, slog.New(slog.DiscardHandler))
	if err != nil {
		return "" // gone since they were examined
	}
	return " Clients see " + strings.Join(keys.Fingerprints(), " and ") + "."
}

// certificate tells what clients see of the TLS certificate: also of one that
// these settings do not use, since flags may turn it on.
func (e Examination) certificate(r *report) {
	const check = "TLS certificate"
	f := tlscert.Files{Cert: e.Config.Cert, Key: e.Config.Key}
	if f.Cert == "" {
		secrets := server.SecretsFolder(e.Config.Data)
		f = tlscert.Files{Cert: filepath.Join(secrets, "tls.crt"), Key: filepath.Join(secrets, "tls.key")}
	}
	c, err := tlscert.Load(f)
	switch {
	case errors.Is(err, fs.ErrNotExist) && e.Config.Cert == "":
		if e.Config.TLS() {
			r.ok(check, "There is none yet. The next start makes one.")
		}
	case err != nil:
		r.fail(check, "The certificate %s or its key %s cannot be used. Check that both are there, readable and belong together.", f.Cert, f.Key)
	default:
		r.ok(check, "Clients see %s.", c.Fingerprint())
	}
}
