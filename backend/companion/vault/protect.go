package vault

import (
	"bytes"
	"context"

	"latchkey/backend/internal/secret"
)

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
	if to.method == ByPassphrase && v.heldStatus().Protection == ByPassphrase {
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
	o, err := i.open(master, by)
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
