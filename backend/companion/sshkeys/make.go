package sshkeys

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

const (
	folderMode  = 0o700
	privateMode = 0o600
	publicMode  = 0o644

	maxName         = 100 // bytes
	maxComment      = 200 // characters
	leastPassphrase = 5   // characters, as ssh-keygen wants
	mostPassphrase  = 1000
)

// A Workshop makes keys.
type Workshop struct {
	env       env.Env
	searching chan struct{} // one search for primes at a time
}

// NewWorkshop returns a workshop.
func NewWorkshop(e env.Env) *Workshop {
	return &Workshop{env: e, searching: make(chan struct{}, 1)}
}

// A Request says what key to make.
type Request struct {
	Kind       Kind        // none: Ed25519
	Format     Format      // of the private half; none: OpenSSH
	Folder     string      // made if need be
	Name       string      // of the private half; none: DefaultName
	Comment    string      // behind the public half, such as "ann@laptop"; may be empty
	Passphrase secret.Text // none: the private half is not encrypted
}

// Make makes a key pair and writes it, the public half as one line beside the
// private one with .pub behind the name. It can be stopped by ctx while it
// searches for the primes of an RSA key.
//
// Errors: ErrKind, ErrFormatUnknown, ErrFormatPublic, ErrName, ErrComment, ErrPassphraseShort,
// ErrPassphraseCharacters, ErrExists, ErrStopped, ErrReadBack and those of the
// disk; with each of them neither file is there.
func (w *Workshop) Make(ctx context.Context, r Request) (KeyFile, error) {
	if r.Kind == "" {
		r.Kind = Ed25519
	}
	if r.Format == "" {
		r.Format = OpenSSH
	}
	r.Comment = strings.TrimSpace(r.Comment)
	if err := r.check(); err != nil {
		return KeyFile{}, err
	}
	if err := os.MkdirAll(r.Folder, folderMode); err != nil {
		return KeyFile{}, disk.Explain(err)
	}
	if r.Name != "" && taken(filepath.Join(r.Folder, r.Name)) {
		return KeyFile{}, ErrExists // before the work is done; writing the files is what decides
	}
	key, err := w.generate(ctx, r.Kind)
	if err != nil {
		return KeyFile{}, err
	}
	private, public, err := w.pair(r, key)
	if err != nil {
		return KeyFile{}, err
	}
	defer clear(private)
	path, err := r.write(private, public)
	if err != nil {
		return KeyFile{}, err
	}
	return w.readBack(path, r.Passphrase, public)
}

// check refuses what must not become a key.
func (r Request) check() error {
	if _, err := ParseKind(string(r.Kind)); err != nil {
		return err
	}
	if _, err := ParseFormat(string(r.Format)); err != nil {
		return err
	}
	if r.Format == RFC4716 {
		return ErrFormatPublic
	}
	if r.Name != "" && !goodName(r.Name) {
		return ErrName
	}
	if r.Comment != visible(r.Comment) || utf8.RuneCountInString(r.Comment) > maxComment {
		return ErrComment
	}
	return checkPassphrase(r.Passphrase.Reveal())
}

// goodName reports whether a key file can have a name: one that no tool takes
// for a path, an option, or a file of its own.
func goodName(name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	if len(name) > maxName || !filepath.IsLocal(name) || strings.HasSuffix(strings.ToLower(name), ".pub") ||
		!unicode.IsLetter(first) && !unicode.IsDigit(first) {
		return false
	}
	switch strings.ToLower(name) {
	case "authorized_keys", "authorized_keys2", "known_hosts", "known_hosts2", "config", "environment", "rc":
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-@+", r)
	})
}

// checkPassphrase refuses what ssh would not take where a person types it.
func checkPassphrase(typed string) error {
	switch {
	case typed == "":
		return nil
	case len(typed) > mostPassphrase, !utf8.ValidString(typed), strings.ContainsFunc(typed, unicode.IsControl):
		return ErrPassphraseCharacters
	case utf8.RuneCountInString(typed) < leastPassphrase:
		return ErrPassphraseShort
	}
	return nil
}

// DefaultName returns a name for a new key that nothing in a folder has yet,
// such as id_ed25519_latchkey.
func DefaultName(folder string, k Kind) string { return defaultName(folder, k, OpenSSH) }

func defaultName(folder string, k Kind, f Format) string {
	name := "id_" + k.algorithm() + "_latchkey"
	free := name + f.ending()
	for n := 2; taken(filepath.Join(folder, free)); n++ {
		free = fmt.Sprintf("%s_%d%s", name, n, f.ending())
	}
	return free
}

// taken reports whether something has the name of either half.
func taken(path string) bool {
	for _, name := range []string{path, path + ".pub"} {
		if _, err := os.Lstat(name); err == nil {
			return true
		}
	}
	return false
}

// pair writes both halves as their files have them.
func (w *Workshop) pair(r Request, key crypto.Signer) (private, public []byte, err error) {
	if private, err = w.encode(r.Format, plain{key, r.Comment}, r.Passphrase); err != nil {
		return nil, nil, err
	}
	half, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return nil, nil, fmt.Errorf("encode public key: %w", err)
	}
	p, err := publicOf(half, r.Comment)
	return private, []byte(p.Line + "\n"), err
}

// write writes both halves and returns where the private one is. A default
// name that somebody else has just taken is not the last one.
func (r Request) write(private, public []byte) (path string, err error) {
	for {
		name := r.Name
		if name == "" {
			name = defaultName(r.Folder, r.Kind, r.Format)
		}
		path = filepath.Join(r.Folder, name)
		err = writePair(path, private, public)
		if r.Name != "" || !errors.Is(err, ErrExists) {
			return path, err
		}
	}
}

// writePair gives both halves their names, or neither.
func writePair(path string, private, public []byte) error {
	if err := disk.Publish(path, privateMode, private); err != nil {
		return refuse(err)
	}
	if err := disk.Publish(path+".pub", publicMode, public); err != nil {
		return refuse(errors.Join(err, os.Remove(path)))
	}
	return nil
}

func refuse(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return ErrExists.Because(err)
	}
	return disk.Explain(err)
}

// readBack opens what was written and tries it, and takes it away again if it
// is not what it should be.
func (w *Workshop) readBack(path string, passphrase secret.Text, public []byte) (KeyFile, error) {
	k, err := Find(path)
	if err == nil && (!k.HasPublic || !k.HasPrivate || string(public) != k.Line+"\n" || k.Encrypted == passphrase.IsZero()) {
		err = ErrReadBack
	}
	if err == nil {
		err = w.try(path, passphrase, k.key)
	}
	if err != nil {
		return KeyFile{}, ErrReadBack.Because(errors.Join(err, os.Remove(path), os.Remove(path+".pub")))
	}
	return k, nil
}

// try signs with the private half in a file and verifies with the public one.
func (w *Workshop) try(path string, passphrase secret.Text, public ssh.PublicKey) error {
	private, err := Open(path, passphrase)
	if err != nil {
		return err
	}
	if !sameKey(private.Signer().PublicKey(), public) {
		return ErrMismatch
	}
	message := w.env.Bytes(32)
	signature, err := private.Signer().Sign(w.env.Rand, message)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return public.Verify(message, signature)
}
