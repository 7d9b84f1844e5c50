package hosts

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	known "golang.org/x/crypto/ssh/knownhosts"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
)

func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil
}

// Trust writes a host key that the person has accepted into their own file,
// with the name hashed if other names there are. Instead says that it takes
// the place of the keys that stood there for that host; the file as it was
// stays beside it as known_hosts.old. Everything else stays byte for byte.
//
// Errors: ErrAddress, ErrPattern, ErrLarge and those of the disk; with each of
// them the file is as it was.
func (f Files) Trust(address string, key sshkeys.Public, instead bool) error {
	name := known.Normalize(address)
	if name == "" || strings.ContainsAny(name, " \t\r\n,*?!#|@\"") {
		return ErrAddress
	}
	if err := os.MkdirAll(filepath.Dir(f.Own), 0o700); err != nil {
		return disk.Explain(err)
	}
	path, before, err := f.own()
	if err != nil {
		return err
	}
	after := before
	if instead {
		if after, err = without(before, name, ""); err != nil {
			return err
		}
		if err := disk.Replace(path+".old", 0o600, before); err != nil {
			return disk.Explain(err)
		}
	}
	if bytes.Contains(before, []byte("|1|")) {
		name = known.HashHostname(name)
	}
	after = bytes.Clone(after)
	if len(after) > 0 && after[len(after)-1] != '\n' {
		after = append(after, '\n')
	}
	kind, rest, _ := strings.Cut(key.Line, " ")
	blob, _, _ := strings.Cut(rest, " ")
	after = append(after, name+" "+kind+" "+blob+"\n"...)
	return disk.Explain(disk.Exchange(path, 0o600, after, nil))
}

// Forget takes a host key out of the person's own file, as if it had never been
// accepted. It is no error if it does not stand there. Other keys of the host,
// and everything else, stay byte for byte. Errors: ErrPattern, ErrLarge and
// those of the disk; with each of them the file is as it was.
func (f Files) Forget(address string, which identity.Fingerprint) error {
	path, before, err := f.own()
	if err != nil {
		return err
	}
	after, err := without(before, known.Normalize(address), which)
	if err != nil || bytes.Equal(after, before) {
		return err
	}
	return disk.Explain(disk.Exchange(path, 0o600, after, nil))
}

// own reads the person's file, which may be a link to it. One that is not there
// is empty.
func (f Files) own() (path string, content []byte, err error) {
	path = f.Own
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	content, err = read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil, nil
	}
	return path, content, disk.Explain(err)
}

// without takes a host off the lines that have a key for it, or any key if no
// fingerprint is given.
func without(content []byte, name string, which identity.Fingerprint) ([]byte, error) {
	var out bytes.Buffer
	for line := range bytes.Lines(content) {
		marker, names, key, _, _, err := ssh.ParseKnownHosts(bytes.TrimSpace(line))
		switch {
		case err != nil || marker != "" || !matches(names, name) ||
			which != "" && identity.Fingerprint(ssh.FingerprintSHA256(key)) != which:
			out.Write(line)
		case len(names) == 1 && (names[0] == name || strings.HasPrefix(names[0], "|")):
			// the line goes
		case slices.Contains(names, name):
			rest := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
			out.Write(bytes.Replace(line, []byte(strings.Join(names, ",")), []byte(strings.Join(rest, ",")), 1))
		default:
			return nil, ErrPattern
		}
	}
	return out.Bytes(), nil
}

// matches reports whether a line is about a host.
func matches(names []string, host string) bool {
	for _, n := range names {
		if n == host || strings.HasPrefix(n, "|1|") && hashesTo(n, host) {
			return true
		}
		if pattern := strings.ContainsAny(n, "*?"); pattern {
			if ok, err := filepath.Match(escape(n), host); err == nil && ok {
				return true
			}
		}
	}
	return false
}

// escape leaves only * and ? special.
func escape(pattern string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(pattern)
}
