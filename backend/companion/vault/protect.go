package vault

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"

	"latchkey/backend/companion/internal/disk"
	"latchkey/backend/internal/secret"
)

// A lockset is a new slot and the key that belongs to it, before the file has
// them.
type lockset struct {
	slot slot
	with key
}

// Create makes the vault file, opens it, and returns the recovery key, which
// cannot be had again. The folder is made if need be. Nothing that is there is
// ever written over.
//
// Errors: ErrExists, ErrNoProtection, those of CheckPassphrase, those of the
// keyring, and what Status calls a problem.
func (v *Vault) Create(ctx context.Context, protection Key) (recovery secret.Text, err error) {
	release, err := v.take(ctx)
	if err != nil {
		return secret.Text{}, err
	}
	defer release()
	if err := v.place.vacant(); err != nil {
		return secret.Text{}, err
	}
	if err := os.MkdirAll(filepath.Dir(v.place.file()), dirMode); err != nil {
		return secret.Text{}, disk.Explain(err)
	}
	epoch := v.now()
	main, err := v.prepare(ctx, protection)
	if err != nil {
		return secret.Text{}, err
	}
	spare, recovery, err := v.prepareRecovery()
	if err != nil {
		return secret.Text{}, err
	}
	if err := v.writeFirst(ctx, epoch, main, spare); err != nil {
		v.forget(ctx, main.slot)
		return secret.Text{}, err
	}
	return recovery, nil
}

// vacant returns ErrExists, or what is wrong, unless there is no vault.
func (p place) vacant() error {
	_, err := p.read()
	switch {
	case err == nil:
		return ErrExists
	case errors.Is(err, ErrNew):
		return nil
	}
	return err
}

// writeFirst writes the first version, if there is still none.
func (v *Vault) writeFirst(ctx context.Context, epoch int, main, spare lockset) error {
	unlock, err := v.lockToWrite(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := v.place.vacant(); err != nil {
		return err
	}
	o := &opened{by: main.slot.method}
	o.header.id = vaultID(v.env.Bytes(len(o.header.id)))
	o.rekey(v.env.Bytes(keyLen), &main, &spare)
	if err := v.save(o); err != nil {
		o.wipe()
		return err
	}
	_ = v.install(epoch, o) // locked meanwhile: it is written all the same
	return nil
}

// rekey takes a new master key, and new slots where they are given.
func (o *opened) rekey(master []byte, main, spare *lockset) {
	o.master = key(master)
	if main != nil {
		o.header.protection, o.contents.protection, o.by = main.slot, main.with, main.slot.method
	}
	if spare != nil {
		o.header.recovery, o.contents.recovery = spare.slot, spare.with
	}
}

// prepare makes a slot for a protection, and in the keyring its entry.
func (v *Vault) prepare(ctx context.Context, k Key) (lockset, error) {
	s := slot{method: k.method}
	switch k.method {
	case ByKeyring:
		s.entry = [entryLen]byte(v.env.Bytes(entryLen))
		with := key(v.env.Bytes(keyLen))
		return lockset{s, with}, v.ring.set(ctx, k.patience, s.entryName(), entryText(with))
	case ByPassphrase:
		if err := CheckPassphrase(k.text); err != nil {
			return lockset{}, err
		}
		s.costs, s.salt = v.costs, [saltLen]byte(v.env.Bytes(saltLen))
		return lockset{s, fromPassphrase(k.text, s.salt[:], s.costs)}, nil
	case ByRecovery:
	}
	return lockset{}, ErrNoProtection
}

func (v *Vault) prepareRecovery() (lockset, secret.Text, error) {
	bits, text := newRecovery(v.env)
	s := slot{method: ByRecovery, salt: [saltLen]byte(v.env.Bytes(saltLen))}
	with, err := fromRecovery(bits, s.salt[:])
	return lockset{s, with}, text, err
}

// forget removes a slot's entry from the keyring if it is certain that the
// file does not have the slot. An entry that stays opens nothing, so nobody is
// told.
func (v *Vault) forget(ctx context.Context, s slot) {
	if s.method != ByKeyring {
		return
	}
	i, err := v.place.read()
	if err != nil && !errors.Is(err, ErrNew) || i.header.protection.entry == s.entry {
		return
	}
	_ = v.ring.delete(context.WithoutCancel(ctx), Briefly, s.entryName())
}

// Move changes what protects the open vault. Moving to the keyring again makes
// a new entry there, after the old one was lost; a passphrase is changed by
// ChangePassphrase. If it fails the vault is protected as before.
//
// Errors are those of Create and Update, and ErrSameProtection.
func (v *Vault) Move(ctx context.Context, to Key) error {
	release, err := v.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := v.mayMove(ctx, to); err != nil {
		return err
	}
	main, err := v.prepare(ctx, to)
	if err != nil {
		return err
	}
	return v.replace(ctx, main, v.newest)
}

func (v *Vault) mayMove(ctx context.Context, to Key) error {
	if err := v.refresh(ctx); err != nil {
		return err
	}
	if to.method == ByPassphrase && v.openStatus().Protection == ByPassphrase {
		return ErrSameProtection
	}
	return nil
}

// ChangePassphrase changes the passphrase of a vault that one protects. The
// current key is the old passphrase or, if that is forgotten, the recovery
// key; the vault need not be open, and is not opened. Errors are those of
// Unlock, Move and CheckPassphrase.
func (v *Vault) ChangePassphrase(ctx context.Context, current Key, next secret.Text) error {
	release, err := v.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := CheckPassphrase(next); err != nil {
		return err
	}
	i, with, _, err := v.try(ctx, current)
	switch {
	case err != nil:
		return err
	case i.header.protection.method != ByPassphrase:
		return ErrOtherProtection
	}
	main, err := v.prepare(ctx, WithPassphrase(next))
	if err != nil {
		return err
	}
	return v.replace(ctx, main, func() (*opened, int, error) { return v.openedWith(with, current.method) })
}

// openedWith reads the file again and opens it with a key that unwraps one of
// its slots. What is open stays as it is.
func (v *Vault) openedWith(with key, by Method) (*opened, int, error) {
	i, err := v.place.read()
	if err != nil {
		return nil, 0, err
	}
	s, err := i.header.slot(by)
	if err != nil {
		return nil, 0, err
	}
	master, ok := s.unwrap(i.header.id, with)
	if !ok {
		return nil, 0, wrong(by)
	}
	o, err := i.opened(master, by)
	return o, v.now(), err
}

// replace writes a version with another protection, and forgets the one
// before.
func (v *Vault) replace(ctx context.Context, main lockset, read func() (*opened, int, error)) error {
	var old slot
	err := v.rewrite(ctx, read, func(o *opened) {
		old = o.header.protection
		o.rekey(v.env.Bytes(keyLen), &main, nil)
	})
	v.forget(ctx, main.slot)
	v.forget(ctx, old)
	return err
}

// NewRecoveryKey makes a new recovery key for the open vault and returns it;
// the one before opens nothing any more. Errors are those of Update.
func (v *Vault) NewRecoveryKey(ctx context.Context) (secret.Text, error) {
	release, err := v.take(ctx)
	if err != nil {
		return secret.Text{}, err
	}
	defer release()
	spare, text, err := v.prepareRecovery()
	if err != nil {
		return secret.Text{}, err
	}
	err = v.rewrite(ctx, v.newest, func(o *opened) { o.rekey(v.env.Bytes(keyLen), nil, &spare) })
	if err != nil {
		return secret.Text{}, err
	}
	return text, nil
}

// rewrite writes a version that opens in another way, over the copy of the one
// before as well.
func (v *Vault) rewrite(ctx context.Context, read func() (*opened, int, error), change func(*opened)) error {
	unlock, err := v.lockToWrite(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	o, epoch, err := read()
	if err != nil {
		return err
	}
	change(o)
	o.header.revision++
	file, head, err := compose(o.header, o.contents, o.master, v.env)
	if err == nil {
		o.head = bytes.Clone(file[:head])
		err = v.place.overwrite(file)
	}
	if err != nil {
		o.wipe()
		return err
	}
	v.reopen(epoch, o)
	return nil
}

// reopen puts a version in the place of the open one, or drops it if the vault
// is locked.
func (v *Vault) reopen(epoch int, o *opened) {
	v.mu.Lock()
	open := v.opened != nil
	v.mu.Unlock()
	if !open {
		o.wipe()
		return
	}
	_ = v.install(epoch, o) // locked meanwhile: it is written all the same
}

// ProbeKeyring finds out whether the keyring would keep the key of a vault, by
// keeping something else there for a moment. Errors are those of the keyring.
func (v *Vault) ProbeKeyring(ctx context.Context, p Patience) error {
	return v.ring.probe(ctx, p, "probe "+v.env.ID())
}
