package sshkeys

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"latchkey/backend/internal/disk"
)

// A Terminal is where ssh-keygen speaks with the person: it asks for the PIN of
// the token and for a touch, and for the passphrase itself, because a command
// line would show that to others.
type Terminal struct {
	In       io.Reader
	Out, Err io.Writer
}

// MakeInToken is Make for a key that stays in a security token (FIDO2), by
// ssh-keygen. The private half on this computer is a handle, of use only with
// the token. Unprotected says that ssh-keygen asks for no passphrase; that of
// the request does not count.
//
// Errors: ErrNoKeygen, ErrToken and those of Make.
func (w *Workshop) MakeInToken(ctx context.Context, r Request, unprotected bool, t Terminal) (KeyFile, error) {
	r.Kind, r.Format = Ed25519SK, OpenSSH
	if err := r.check(); err != nil {
		return KeyFile{}, err
	}
	tool, err := exec.LookPath("ssh-keygen")
	if err != nil {
		return KeyFile{}, ErrNoKeygen.Because(err)
	}
	if err := os.MkdirAll(r.Folder, folderMode); err != nil {
		return KeyFile{}, disk.Explain(err)
	}
	if r.Name != "" && taken(filepath.Join(r.Folder, r.Name)) {
		return KeyFile{}, ErrExists
	}
	// A folder of its own, in which ssh-keygen meets nothing to write over.
	scratch, err := os.MkdirTemp(r.Folder, ".latchkey-*") // made 0700
	if err != nil {
		return KeyFile{}, disk.Explain(err)
	}
	path, err := r.enroll(ctx, tool, filepath.Join(scratch, "key"), unprotected, t)
	if err := errors.Join(err, os.RemoveAll(scratch)); err != nil {
		return KeyFile{}, disk.Explain(err)
	}
	return Find(path)
}

// enroll runs ssh-keygen, and gives what it has made its name.
func (r Request) enroll(ctx context.Context, tool, at string, unprotected bool, t Terminal) (path string, err error) {
	args := []string{"-q", "-t", string(Ed25519SK), "-C", r.Comment, "-f", at}
	if unprotected {
		args = append(args, "-N", "")
	}
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = t.In, t.Out, t.Err
	if err := cmd.Run(); err != nil {
		return "", ErrToken.Because(err)
	}
	private, err := readKeyFile(at)
	if err != nil {
		return "", err
	}
	defer clear(private)
	public, err := readKeyFile(at + ".pub")
	if err != nil {
		return "", err
	}
	if p, err := ParsePublic(public); err != nil || p.Algorithm != "ED25519-SK" {
		return "", ErrToken.Because(err)
	}
	return r.write(private, append(bytes.TrimSpace(public), '\n'))
}
