package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"latchkey/backend/internal/disk"
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
	if err := vacant(v.place.lockedRead(ctx)); err != nil {
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

// vacant returns ErrExists, or what is wrong, unless reading has found no vault.
func vacant(_ image, err error) error {
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
	if err := vacant(v.place.read()); err != nil {
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
	ctx = context.WithoutCancel(ctx)
	i, err := v.place.lockedRead(ctx)
	if err != nil && !errors.Is(err, ErrNew) || i.header.protection.entry == s.entry {
		return
	}
	_ = v.ring.delete(ctx, Briefly, s.entryName())
}
