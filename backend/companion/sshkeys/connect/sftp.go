package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/hosts"
	"latchkey/backend/identity"
)

const (
	sftpTime  = 30 * time.Second
	lastWords = 2 * time.Second // for a server to say why it ends
)

// A Report is what came of a sign-in that worked.
type Report struct {
	Server     string // what it calls itself
	HostKey    sshkeys.Public
	Exchange   string // of keys
	Cipher     string // of what the server sends
	Folder     string // where SFTP begins
	Writable   bool   // a folder could be made there; only where that was tried
	WriteTried bool
	Left       string // that folder, where it could not be removed
}

// Test signs in, starts SFTP and looks at the folder where it begins. If
// tryWrite is set it makes a folder there and removes it: AList keeps a file for
// later, when it could not be removed any more. Errors: those of Dial, ErrNoSFTP and ErrLost.
func Test(ctx context.Context, t Target, book *hosts.Book, p Proof, tryWrite bool) (Report, error) {
	c, err := Dial(ctx, t, book, p)
	if err != nil {
		return Report{}, err
	}
	defer c.Close()
	r := Report{Server: c.version, HostKey: c.shown, Exchange: c.agreed.KeyExchange, Cipher: c.agreed.Read.Cipher}
	err = c.withSFTP(ctx, func(s *sftp.Client) error {
		begin, err := s.Getwd()
		if err != nil {
			return lost(err)
		}
		r.Folder = printable(begin)
		if _, err := s.Stat(begin); err != nil && !errors.Is(err, fs.ErrPermission) {
			return lost(err)
		}
		if tryWrite {
			r.WriteTried = true
			r.Writable, r.Left = tryToWrite(s, begin)
		}
		return nil
	})
	return r, err
}

// withSFTP starts SFTP for as long as a call takes.
func (c *Client) withSFTP(ctx context.Context, do func(*sftp.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, sftpTime)
	defer cancel()
	stop := ended(ctx, c)
	defer stop()
	s, err := c.startSFTP(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}

// startSFTP returns ErrNoSFTP, with what the server says about it.
func (c *Client) startSFTP(ctx context.Context) (s *sftp.Client, err error) {
	session, err := c.ssh.NewSession()
	if err != nil {
		return nil, ErrNoSFTP.Because(err)
	}
	in, err1 := session.StdinPipe()
	out, err2 := session.StdoutPipe()
	words, err3 := session.StderrPipe()
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, errors.Join(err, session.Close())
	}
	said := make(chan []byte, 1)
	go func() {
		text, _ := io.ReadAll(io.LimitReader(words, 4*maxBanner))
		said <- text
		_, _ = io.Copy(io.Discard, words) // who is not read may wait
	}()
	defer func() {
		if err != nil {
			_ = session.Close()
		}
	}()
	if err = session.RequestSubsystem("sftp"); err != nil {
		return nil, ErrNoSFTP.Because(err)
	}
	if s, err = sftp.NewClientPipe(out, in); err == nil {
		return s, nil
	}
	var last []byte
	select {
	case last = <-said:
	case <-time.After(lastWords):
	case <-ctx.Done():
	}
	return nil, saying(ErrNoSFTP, string(last)).Because(err)
}

// tryToWrite makes a folder of a name that nobody has, and removes it. Not every
// account that may write may remove.
func tryToWrite(s *sftp.Client, in string) (can bool, left string) {
	name := path.Join(in, fmt.Sprintf(".latchkey-test-%d", os.Getpid()))
	if s.Mkdir(name) != nil {
		return false, ""
	}
	if s.RemoveDirectory(name) != nil {
		return true, printable(name)
	}
	return true, ""
}

func lost(err error) error {
	if _, ok := errors.AsType[*identity.Error](err); ok {
		return err
	}
	return ErrLost.Because(err)
}

const (
	sshFolder   = ".ssh"
	keysFile    = "authorized_keys"
	maxKeysFile = 1 << 20 // bytes
)

// Upload adds a public key to the account's authorized_keys over SFTP, and says
// whether it was missing. What stands there stays byte for byte; the file and
// its folder get the modes that sshd asks for if they are new. A file that is
// there is replaced in one step.
//
// Errors: ErrAuthorizedKeys, ErrWrite, ErrNoSFTP and ErrLost; with each of them
// the file is as it was.
func (c *Client) Upload(ctx context.Context, key sshkeys.Public) (added bool, err error) {
	return c.UploadAs(ctx, key, "")
}

// UploadAs is Upload for a key that may do what another one there may: it gets
// the options that stand before that one, such as from="10.0.0.0/8".
func (c *Client) UploadAs(ctx context.Context, key sshkeys.Public, other identity.Fingerprint) (added bool, err error) {
	err = c.withSFTP(ctx, func(s *sftp.Client) error {
		return editKeys(s, func(content string) (string, error) {
			if hasKey(content, key.Fingerprint) {
				return content, nil
			}
			added = true
			if content != "" && !strings.HasSuffix(content, "\n") {
				content += "\n"
			}
			return content + optionsOf(content, other) + key.Line + "\n", nil
		})
	})
	return added && err == nil, err
}

// optionsOf returns what stands before a key, to be put before another one. Of
// two lines with the same key sshd takes the first.
func optionsOf(content string, which identity.Fingerprint) string {
	for line := range strings.Lines(content) {
		key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err == nil && len(options) > 0 && identity.Fingerprint(ssh.FingerprintSHA256(key)) == which {
			return strings.Join(options, ",") + " "
		}
	}
	return ""
}

// Remove takes a key out of the account's authorized_keys, wherever it stands
// there, and says whether it did. Errors are those of Upload.
func (c *Client) Remove(ctx context.Context, which identity.Fingerprint) (removed bool, err error) {
	err = c.withSFTP(ctx, func(s *sftp.Client) error {
		return editKeys(s, func(content string) (string, error) {
			var out strings.Builder
			for line := range strings.Lines(content) {
				if hasKey(line, which) {
					removed = true
					continue
				}
				out.WriteString(line)
			}
			return out.String(), nil
		})
	})
	return removed && err == nil, err
}

func hasKey(content string, which identity.Fingerprint) bool {
	for line := range strings.Lines(content) {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err == nil && identity.Fingerprint(ssh.FingerprintSHA256(key)) == which {
			return true
		}
	}
	return false
}

// editKeys changes the file of keys, if the change changes anything.
func editKeys(s *sftp.Client, change func(content string) (string, error)) error {
	name := path.Join(sshFolder, keysFile)
	before, mode, err := readKeys(s, name)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err != nil && !isNew {
		return err
	}
	after, err := change(before)
	if err != nil || after == before {
		return err
	}
	if _, err := s.Stat(sshFolder); errors.Is(err, fs.ErrNotExist) {
		if err := errors.Join(s.Mkdir(sshFolder), unlessUnknown(s.Chmod(sshFolder, 0o700))); err != nil {
			return ErrWrite.Because(err)
		}
	}
	// A link stays one: the file that it leads to is what changes.
	if real, err := s.RealPath(name); err == nil {
		name = real
	}
	return replace(s, name, after, mode, isNew)
}

func readKeys(s *sftp.Client, name string) (content string, mode fs.FileMode, err error) {
	info, err := s.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0o600, err
	}
	if err != nil {
		return "", 0, lost(err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxKeysFile {
		return "", 0, ErrAuthorizedKeys
	}
	f, err := s.Open(name)
	if err != nil {
		return "", 0, ErrWrite.Because(err)
	}
	defer f.Close()
	var b strings.Builder
	if n, err := io.Copy(&b, io.LimitReader(f, maxKeysFile+1)); err != nil {
		return "", 0, lost(err)
	} else if n > maxKeysFile { // whatever the server said of its size
		return "", 0, ErrAuthorizedKeys
	}
	return b.String(), info.Mode().Perm(), nil
}

// unlessUnknown drops the error of a server that keeps no modes of files.
func unlessUnknown(err error) error {
	status, ok := errors.AsType[*sftp.StatusError](err)
	if ok && (status.FxCode() == sftp.ErrSSHFxOpUnsupported || status.FxCode() == sftp.ErrSSHFxPermissionDenied) {
		return nil
	}
	return err
}

// replace writes a file beside it and renames that, in one step
// (posix-rename@openssh.com). What was not there is written under its name, as
// not every account may rename.
func replace(s *sftp.Client, name, content string, mode fs.FileMode, isNew bool) error {
	fresh := name
	if !isNew {
		fresh = fmt.Sprintf("%s.latchkey-%d", name, os.Getpid())
	}
	f, err := s.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return ErrWrite.Because(err)
	}
	err = unlessUnknown(f.Chmod(mode))
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	err = errors.Join(err, f.Close())
	if err == nil && !isNew {
		err = s.PosixRename(fresh, name)
	}
	if err != nil {
		return ErrWrite.Because(errors.Join(err, s.Remove(fresh)))
	}
	return nil
}
