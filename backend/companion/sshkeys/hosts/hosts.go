package hosts

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	known "golang.org/x/crypto/ssh/knownhosts"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/internal/disk"
)

const maxFile = 16 << 20 // bytes

// Files are where host keys stand.
type Files struct {
	Own    string   // the person's known_hosts, which is written to
	Others []string // read only, such as /etc/ssh/ssh_known_hosts
}

// Of returns the files that ssh reads for a person whose keys are in a folder.
func Of(folder string) Files {
	return Files{Own: filepath.Join(folder, "known_hosts"), Others: []string{filepath.Join(folder, "known_hosts2"), "/etc/ssh/ssh_known_hosts"}}
}

// Open reads the files of the person who runs the program. Errors are those of
// Files.Open.
func Open() (Files, *Book, error) {
	folder, err := sshkeys.Folder()
	if err != nil {
		return Files{}, nil, err
	}
	files := Of(folder)
	book, err := files.Open()
	return files, book, err
}

// A Book is what stands in the files.
type Book struct {
	db *knownhosts.HostKeyDB
}

// Open reads the files; one that is not there knows no host. Errors: ErrLarge
// and those of the disk.
func (f Files) Open() (*Book, error) {
	scratch, err := os.MkdirTemp("", "latchkey-hosts-*") // made 0700
	if err != nil {
		return nil, disk.Explain(err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	var readable []string
	for n, path := range append([]string{f.Own}, f.Others...) {
		content, err := read(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, disk.Explain(err)
		}
		// The library refuses a file for one bad line, and names files by path.
		clean := filepath.Join(scratch, string(rune('a'+n)))
		if err := os.WriteFile(clean, soundLines(content), 0o600); err != nil {
			return nil, disk.Explain(err)
		}
		readable = append(readable, clean)
	}
	db, err := knownhosts.NewDB(readable...)
	if err != nil {
		return nil, disk.Explain(err)
	}
	return &Book{db}, nil
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if len(content) > maxFile {
		return nil, ErrLarge
	}
	return content, err
}

// soundLines empties the lines that cannot be read, so that the others keep
// their numbers.
func soundLines(content []byte) []byte {
	const longest = 60 << 10 // bytes; the library gives up at 64 KiB
	var out bytes.Buffer
	for line := range bytes.Lines(content) {
		line = bytes.TrimSpace(line)
		if sound(line) && len(line) < longest {
			out.Write(line)
		}
		out.WriteByte('\n')
	}
	return out.Bytes()
}

func sound(line []byte) bool {
	if len(line) == 0 || line[0] == '#' {
		return false
	}
	marker, names, _, _, _, err := ssh.ParseKnownHosts(line)
	if err != nil || marker != "" && marker != "cert-authority" && marker != "revoked" {
		return false
	}
	for _, name := range names {
		if strings.HasPrefix(name, "|") && !hashed(name) {
			return false
		}
		if bare := strings.TrimPrefix(name, "!"); bare == "" {
			return false
		} else if _, _, err := net.SplitHostPort(bare); strings.HasPrefix(bare, "[") && err != nil {
			return false
		}
	}
	return true
}

// hashed reports whether a name is hashed as the library reads it.
func hashed(name string) bool {
	parts := strings.Split(name, "|")
	return len(parts) == 4 && parts[1] == "1" && isBase64(parts[2]) && isBase64(parts[3])
}

// Check says what is known of the key that a host shows. Errors: *UnseenError,
// *ChangedError, ErrRevoked and ErrCertificate; nil: it is trusted.
func (b *Book) Check(address string, from net.Addr, key ssh.PublicKey) error {
	err := b.db.HostKeyCallback()(address, from, key)
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*known.RevokedError](err); ok {
		return ErrRevoked.Because(err)
	}
	wanted, ok := errors.AsType[*known.KeyError](err)
	if !ok {
		return ErrCertificate.Because(err)
	}
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	shown, err := sshkeys.ParsePublic(ssh.MarshalAuthorizedKey(key))
	if err != nil {
		return ErrCertificate.Because(err)
	}
	if len(wanted.Want) == 0 {
		return &UnseenError{shown}
	}
	changed := &ChangedError{Shown: shown}
	for _, w := range wanted.Want {
		if p, err := sshkeys.ParsePublic(ssh.MarshalAuthorizedKey(w.Key)); err == nil {
			changed.Known = append(changed.Known, Known{p, filepath.Base(w.Filename), w.Line})
		}
	}
	return changed
}

// Algorithms returns what to ask a host for, so that it shows the key that is
// known of it and not another one; nil: anything.
func (b *Book) Algorithms(address string) []string { return b.db.HostKeyAlgorithms(address) }
