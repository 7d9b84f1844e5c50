package sshkeys

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"latchkey/backend/companion/sshkeys/askpass"
	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/secret"
)

// lastWords is how long ssh-keygen may take to end once it was stopped.
const lastWords = 5 * time.Second

// A Terminal is where ssh-keygen speaks with the person: it asks for the PIN of
// the token and for a touch, and for the passphrase itself, because a command
// line would show that to others.
type Terminal struct {
	In       io.Reader
	Out, Err io.Writer
}

// AskPIN asks the person for the PIN of the token; again says that the one
// before was wrong. It ends with ctx.
type AskPIN func(ctx context.Context, again bool) (secret.Text, error)

// MakesInToken reports whether MakeInTokenAsking can be tried here: it needs
// ssh-keygen, and a system where that can ask without a terminal.
func MakesInToken() bool {
	_, err := exec.LookPath("ssh-keygen")
	return asksWithoutTerminal && err == nil
}

// MakeInToken is Make for a key that stays in a security token (FIDO2), by
// ssh-keygen. The private half on this computer is a handle, of use only with
// the token. Unprotected says that ssh-keygen asks for no passphrase; that of
// the request does not count.
//
// Errors: ErrNoKeygen, ErrToken and those of Make.
func (w *Workshop) MakeInToken(ctx context.Context, r Request, unprotected bool, t Terminal) (KeyFile, error) {
	return r.inToken(ctx, unprotected, func(cmd *exec.Cmd) error {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = t.In, t.Out, t.Err
		return cmd.Run()
	})
}

// MakeInTokenAsking is MakeInToken without a terminal. The passphrase is that of
// the request, and reaches ssh-keygen as the answer to its question alone. Where
// ctx ends, ssh-keygen does too, and nothing is left of it.
//
// Errors: ErrNoKeygen, ErrToken, ErrTokenPIN, ErrTokenWaited when the deadline of
// ctx has passed, and those of Make.
func (w *Workshop) MakeInTokenAsking(ctx context.Context, r Request, ask AskPIN) (KeyFile, error) {
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	k, err := r.inToken(running, r.Passphrase.IsZero(), func(cmd *exec.Cmd) error {
		// To ssh-keygen a question that ends without an answer is one with an
		// empty answer, so the door stays open until it has ended.
		door, err := askpass.Open(context.WithoutCancel(ctx), w.env, r.answers(ask, stop))
		if err != nil {
			return disk.Explain(err)
		}
		environment, err := door.Environment()
		if err == nil {
			cmd.Env, cmd.WaitDelay = append(cmd.Environ(), environment...), lastWords
			endTogether(cmd)
			_, err = cmd.Output()
		}
		return errors.Join(explainToken(context.Cause(running), err), door.Shut())
	})
	if err == nil && k.Encrypted == r.Passphrase.IsZero() {
		err = ErrReadBack.Because(errors.Join(os.Remove(k.Path), os.Remove(k.Path+".pub")))
	}
	return k, err
}

// answers answers the questions of ssh-keygen that are known. What cannot be
// answered stops it.
func (r Request) answers(ask AskPIN, stop context.CancelCauseFunc) askpass.Answer {
	var asked atomic.Bool
	return func(ctx context.Context, prompt string) (answer secret.Text, err error) {
		switch {
		case strings.HasPrefix(prompt, "Enter PIN for "):
			answer, err = ask(ctx, asked.Swap(true))
			if err == nil && !canBePIN(answer.Reveal()) {
				err = ErrTokenPIN
			}
		case strings.HasPrefix(prompt, "Enter passphrase"), strings.HasPrefix(prompt, "Enter same passphrase"):
			answer = r.Passphrase
		default:
			err = fmt.Errorf("ssh-keygen asks %q", prompt)
		}
		if err != nil {
			stop(err)
		}
		return answer, err
	}
}

// canBePIN reports whether a token may have a PIN (CTAP 2.1, section 6.5.1).
func canBePIN(typed string) bool {
	return typed != "" && len(typed) <= 63 && utf8.ValidString(typed) && !strings.ContainsFunc(typed, unicode.IsControl)
}

// explainToken says why ssh-keygen, which was stopped for a cause or not, made
// no key.
func explainToken(cause, err error) error {
	var said []byte
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		said = exit.Stderr // at most 64 KB
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(cause, context.DeadlineExceeded):
		return ErrTokenWaited.Because(err)
	case errors.Is(cause, context.Canceled):
		return ErrStopped.Because(err)
	case cause != nil:
		return cause
	case bytes.Contains(said, []byte("PIN")):
		return ErrTokenPIN.Because(err)
	}
	return fmt.Errorf("%w: %q", err, said)
}

// inToken makes the key in a folder of its own, in which ssh-keygen meets
// nothing to write over, and gives it its name.
func (r Request) inToken(ctx context.Context, unprotected bool, run func(*exec.Cmd) error) (KeyFile, error) {
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
	scratch, err := os.MkdirTemp(r.Folder, ".latchkey-*") // made 0700
	if err != nil {
		return KeyFile{}, disk.Explain(err)
	}
	at := filepath.Join(scratch, "key")
	args := []string{"-q", "-t", string(Ed25519SK), "-C", r.Comment, "-f", at}
	if unprotected {
		args = append(args, "-N", "")
	}
	path := ""
	if err = run(exec.CommandContext(ctx, tool, args...)); err == nil {
		path, err = r.takeOver(at)
	} else if _, explained := errors.AsType[*identity.Error](err); !explained {
		err = ErrToken.Because(err)
	}
	if err := errors.Join(err, os.RemoveAll(scratch)); err != nil {
		return KeyFile{}, disk.Explain(err)
	}
	return Find(path)
}

// takeOver gives what ssh-keygen has made its name.
func (r Request) takeOver(at string) (path string, err error) {
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
