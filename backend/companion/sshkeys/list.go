package sshkeys

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
)

const maxFiles = 10_000 // in a folder

// A KeyFile is a key pair in a folder, or one half of it.
type KeyFile struct {
	Public // zero if neither half tells it

	Name       string          // of the private half
	Path       string          // of the private half, whether or not it is there
	HasPublic  bool            // there is a .pub file
	HasPrivate bool            // there is a private half
	Format     Format          // of the private half; "" if it is not known
	Encrypted  bool            // the private half has a passphrase
	Loose      bool            // others may read the private half, so that ssh refuses it
	Changed    time.Time       // when the private half was written last; zero without one
	Problem    *identity.Error // why a half cannot be used; nil if none
}

// Folder returns the folder where SSH keeps the keys of whoever runs the
// program.
func Folder() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", disk.ErrNoFolder.Because(err)
	}
	return filepath.Join(home, ".ssh"), nil
}

// List tells of the keys in a folder, in the order of their names. No private
// half in OpenSSH's format is opened. A folder that is not there has no keys.
// Errors: ErrFolderLarge and those of the disk.
func List(folder string) ([]KeyFile, error) {
	names, err := namesIn(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, disk.Explain(err)
	}
	var keys []KeyFile
	for _, name := range names {
		if k := look(filepath.Join(folder, name)); k.HasPublic || k.HasPrivate {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// namesIn returns what can be names of keys, once for each pair.
func namesIn(folder string) ([]string, error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(maxFiles + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(entries) > maxFiles {
		return nil, ErrFolderLarge
	}
	var names []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "-cert.pub") && !e.IsDir() {
			names = append(names, strings.TrimSuffix(e.Name(), ".pub"))
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Find tells of one key by the path of either half. Returns ErrNoFile if
// there is neither, and ErrNotAKey for files that are something else.
func Find(path string) (KeyFile, error) {
	private := strings.TrimSuffix(path, ".pub")
	k := look(private)
	switch {
	case !isThere(private) && !isThere(private+".pub"):
		return KeyFile{}, ErrNoFile
	case !k.HasPublic && !k.HasPrivate:
		return KeyFile{}, ErrNotAKey
	case k.Problem != nil:
		return k, k.Problem
	}
	return k, nil
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// look reads both halves of a key, as far as they are there.
func look(path string) KeyFile {
	k := KeyFile{Name: filepath.Base(path), Path: path}
	k.lookAtPrivate()
	k.lookAtPublic()
	return k
}

func (k *KeyFile) lookAtPrivate() {
	content, err := readKeyFile(k.Path)
	if err != nil {
		return // what cannot be read may be anything
	}
	defer clear(content)
	if !bytes.Contains(content, []byte("PRIVATE KEY-----")) && !bytes.HasPrefix(content, []byte("PuTTY-User-Key-File-")) {
		return
	}
	s, err := parseSheath(content)
	k.HasPrivate, k.Format, k.Encrypted, k.Loose = true, s.format, s.encrypted, isLoose(k.Path)
	if info, err := os.Stat(k.Path); err == nil {
		k.Changed = info.ModTime()
	}
	if err == nil && s.key != nil {
		k.Public, err = publicOf(s.key, s.comment)
	}
	k.fault(err)
}

func (k *KeyFile) lookAtPublic() {
	content, err := readKeyFile(k.Path + ".pub")
	if errors.Is(err, fs.ErrNotExist) {
		k.lookBeside()
		return
	}
	k.HasPublic = true
	var public Public
	if err == nil {
		public, err = ParsePublic(content)
	}
	switch {
	case err != nil:
		k.fault(err)
	case k.key != nil && k.Fingerprint != public.Fingerprint:
		k.fault(ErrMismatch)
	default:
		k.Public = public
	}
}

// lookBeside looks for key.pub beside key.pem, whose format has no place for a
// comment and hides the key if it is encrypted.
func (k *KeyFile) lookBeside() {
	base, ok := strings.CutSuffix(k.Path, PKCS8.ending())
	if !ok || !k.HasPrivate {
		return
	}
	content, err := readKeyFile(base + ".pub")
	if err != nil {
		return
	}
	public, err := ParsePublic(content)
	if err == nil && (k.key == nil || k.Fingerprint == public.Fingerprint) {
		k.HasPublic, k.Public = true, public
	}
}

// fault keeps the first thing that is wrong.
func (k *KeyFile) fault(err error) {
	if err != nil && k.Problem == nil {
		k.Problem = identity.AsError(disk.Explain(err))
	}
}

// isLoose reports whether ssh would refuse a private half because others may
// read it.
func isLoose(path string) bool {
	info, err := os.Stat(path)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
}

// Tighten makes a private half readable by its owner alone, as ssh wants it.
// Errors: ErrNoPrivate and those of the disk.
func Tighten(path string) error {
	if k := look(path); !k.HasPrivate {
		return ErrNoPrivate
	}
	return disk.Explain(os.Chmod(path, privateMode))
}
