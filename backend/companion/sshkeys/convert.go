package sshkeys

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/secret"
)

// A Conversion says which key file to write in which format.
type Conversion struct {
	From       string      // of either half
	Passphrase secret.Text // of the file; none if it has none
	Format     Format
	To         string      // the new file; none: the old name with the format's ending
	New        secret.Text // of the new file; none: it is not encrypted
}

// Convert writes a copy of a key file in another format. The old file stays.
// The copy is read back from the disk and compared before it is reported. The
// format RFC4716 takes the public half, without a passphrase.
//
// Returns the path of the copy. Errors: those of Open, ErrFormatUnknown,
// ErrExists, ErrReadBack and ErrPassphraseShort and its like; with each of them
// there is no copy.
func (w *Workshop) Convert(c Conversion) (path string, err error) {
	private, err := c.open()
	if err != nil {
		return "", err
	}
	if private == nil {
		return c.convertPublic()
	}
	content, err := w.encode(c.Format, private.plain, c.New)
	if err != nil {
		return "", err
	}
	defer clear(content)
	path = c.Target()
	if err := disk.Publish(path, privateMode, content); err != nil {
		return "", refuse(err)
	}
	if err := w.compare(path, c.New, private); err != nil {
		return "", ErrReadBack.Because(errors.Join(err, os.Remove(path)))
	}
	return path, nil
}

// Check opens what would be converted, and writes nothing. Errors: those of
// Convert that do not depend on where the copy goes.
func (c Conversion) Check() error {
	_, err := c.open()
	return err
}

// open opens the private half; it is nil for a format of public ones.
func (c Conversion) open() (*Private, error) {
	if _, err := ParseFormat(string(c.Format)); err != nil {
		return nil, err
	}
	if err := checkPassphrase(c.New.Reveal()); err != nil {
		return nil, err
	}
	if c.Format == RFC4716 {
		return nil, nil
	}
	return OpenWithComment(c.From, c.Passphrase)
}

func (c Conversion) convertPublic() (path string, err error) {
	k, err := Find(c.From)
	if err != nil {
		return "", err
	}
	if k.key == nil {
		return "", ErrNoPublic
	}
	path = c.Target()
	if err := disk.Publish(path, publicMode, []byte(k.RFC4716())); err != nil {
		return "", refuse(err)
	}
	content, err := readKeyFile(path)
	if err == nil {
		var p Public
		if p, err = ParsePublic(content); err == nil && p.Line != k.Line {
			err = ErrMismatch
		}
	}
	if err != nil {
		return "", ErrReadBack.Because(errors.Join(err, os.Remove(path)))
	}
	return path, nil
}

// Target is where the copy goes. A file in OpenSSH's format that has no ending
// to lose gets another one.
func (c Conversion) Target() string {
	if c.To != "" {
		return c.To
	}
	base := strings.TrimSuffix(c.From, ".pub")
	for _, f := range Formats() {
		base = strings.TrimSuffix(base, cmp.Or(f.ending(), "\x00"))
	}
	to := base + c.Format.ending()
	if to == c.From {
		to += "_openssh"
	}
	return to
}

// ChangePassphrase encrypts a key file anew, in its own format; the old PEM
// becomes OpenSSH's, which protects better. The new file is read back and
// compared before it takes the old one's place. No passphrase: the file is not
// encrypted any more.
//
// In OpenSSH's format the comment is encrypted with the key and is taken from
// the .pub file beside it; without that file it is lost.
//
// Errors: those of Open, ErrReadBack and ErrPassphraseShort and its like; with
// each of them the file is as it was.
func (w *Workshop) ChangePassphrase(path string, old, fresh secret.Text) error {
	if err := checkPassphrase(fresh.Reveal()); err != nil {
		return err
	}
	path, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoPrivate.Because(err)
	}
	if err != nil {
		return disk.Explain(err)
	}
	private, err := OpenWithComment(path, old)
	if err != nil {
		return err
	}
	content, err := w.encode(private.format, private.plain, fresh)
	if err != nil {
		return err
	}
	defer clear(content)
	return disk.Explain(disk.Exchange(path, privateMode, content, func(at string) error {
		if err := w.compare(at, fresh, private); err != nil {
			return ErrNotReplaced.Because(err)
		}
		return nil
	}))
}

// OpenWithComment is Open that takes the comment from the .pub file where the
// format hides it or has no place for it.
func OpenWithComment(path string, passphrase secret.Text) (*Private, error) {
	private, err := Open(path, passphrase)
	if err != nil {
		return nil, err
	}
	if k := look(path); private.comment == "" && k.Problem == nil {
		private.comment = k.Comment
	}
	return private, nil
}

// compare opens a file that was just written, and refuses it if it is not the
// key that it was written from.
func (w *Workshop) compare(path string, passphrase secret.Text, with *Private) error {
	if err := w.try(path, passphrase, with.Signer().PublicKey()); err != nil {
		return err
	}
	content, err := readKeyFile(path)
	if err != nil {
		return err
	}
	defer clear(content)
	if s, err := parseSheath(content); err != nil || s.encrypted == passphrase.IsZero() {
		return ErrMismatch.Because(err)
	}
	return nil
}

func sameKey(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }
