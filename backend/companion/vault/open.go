package vault

import (
	"bytes"
	"context"
)

// Unlock opens the vault with a key. If the key is wrong, or the keyring does
// not give it, nothing changes; there is no other way that it tries by itself.
//
// Errors: ErrPassphraseWrong, ErrRecoveryMistyped, ErrRecoveryWrong, those of
// the keyring, ErrKeyMismatch, ErrOtherProtection, and what Status calls a
// problem. ErrLocked means that Lock was called meanwhile.
func (v *Vault) Unlock(ctx context.Context, k Key) error {
	release, err := v.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	epoch := v.now()
	i, _, master, err := v.try(ctx, k)
	if err != nil {
		return err
	}
	defer clear(master[:])
	o, err := i.open(master, k.method)
	if err != nil {
		return err
	}
	return v.install(epoch, o)
}

// Check tries a key and changes nothing. A person who has written the recovery
// key down shows so that they can read it. Errors are those of Unlock.
func (v *Vault) Check(ctx context.Context, k Key) error {
	release, err := v.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	_, _, master, err := v.try(ctx, k)
	clear(master[:])
	return err
}

// try reads the file and takes the master key out of it. It also returns the
// key that unwraps it.
func (v *Vault) try(ctx context.Context, k Key) (i image, with, master key, err error) {
	i, err = v.place.lockedRead(ctx)
	if err != nil {
		return image{}, key{}, key{}, err
	}
	s, err := i.header.slot(k.method)
	if err != nil {
		return image{}, key{}, key{}, err
	}
	with, err = v.derive(ctx, k, s)
	if err != nil {
		return image{}, key{}, key{}, err
	}
	master, ok := s.unwrap(i.header.id, with)
	if !ok {
		return image{}, key{}, key{}, wrong(k.method)
	}
	return i, with, master, nil
}

// derive makes or fetches the key that fits a slot.
func (v *Vault) derive(ctx context.Context, k Key, s slot) (key, error) {
	switch k.method {
	case ByKeyring:
		text, err := v.ring.get(ctx, k.patience, s.entryName())
		if err != nil {
			return key{}, err
		}
		return parseEntry(text)
	case ByPassphrase:
		typed := k.text.Reveal()
		if typed == "" {
			return key{}, ErrPassphraseEmpty
		}
		if len(typed) > mostPassphrase {
			return key{}, ErrPassphraseWrong
		}
		return fromPassphrase(k.text, s.salt[:], s.costs), nil
	case ByRecovery:
		bits, err := parseRecovery(k.text)
		if err != nil {
			return key{}, err
		}
		return fromRecovery(bits, s.salt[:])
	}
	return key{}, ErrOtherProtection
}

// wrong says that a key does not fit.
func wrong(m Method) error {
	switch m {
	case ByPassphrase:
		return ErrPassphraseWrong
	case ByRecovery:
		return ErrRecoveryWrong
	case ByKeyring:
	}
	return ErrKeyMismatch
}

// open makes an open version of an image, once.
func (i image) open(master key, by Method) (*opened, error) {
	c, err := i.unseal(master)
	if err != nil {
		return nil, err
	}
	return &opened{head: bytes.Clone(i.head), header: i.header, master: master, contents: c, by: by}, nil
}

func (v *Vault) now() (epoch int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.epoch
}

// install makes the vault an open one, unless it was locked since an epoch.
func (v *Vault) install(epoch int, o *opened) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.epoch != epoch {
		o.wipe()
		return ErrLocked
	}
	if v.opened != nil {
		v.opened.wipe()
	}
	v.opened, v.reason = o, nil
	return nil
}

// refresh takes over what other programs have written since. Returns the
// reason if the vault is not open, or cannot stay so.
func (v *Vault) refresh(ctx context.Context) error {
	v.mu.Lock()
	o, writing := v.opened, v.writing
	v.mu.Unlock()
	switch {
	case o == nil && writing:
		return ErrLocked
	case o == nil:
		return v.closed(ctx)
	case writing:
		return nil
	}
	i, err := v.place.changedSince(ctx, o.head)
	if err != nil || i == nil {
		return err
	}
	return v.adopt(o, *i)
}

// closed says why a vault that is not open is not.
func (v *Vault) closed(ctx context.Context) error {
	if _, err := v.place.lockedRead(ctx); err != nil {
		return err
	}
	if why := v.why(); why != nil {
		return why
	}
	return ErrLocked
}

// adopt replaces what is open by a file that was read since, unless something
// newer has replaced it already.
func (v *Vault) adopt(o *opened, i image) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.opened == nil {
		return ErrLocked
	}
	if v.opened != o {
		return nil
	}
	fresh, err := v.follow(i)
	if err != nil {
		return err
	}
	o.wipe()
	v.opened = fresh
	return nil
}

// follow opens a file with the key that is known, if it is a later version of
// what is open; otherwise it locks the vault. The caller holds mu.
func (v *Vault) follow(i image) (*opened, error) {
	o := v.opened
	fresh, err := i.open(o.master, o.by)
	switch {
	case err != nil:
		v.shut(ErrChanged)
		return nil, ErrChanged.Because(err)
	case fresh.header.revision <= o.header.revision && !bytes.Equal(fresh.head, o.head):
		fresh.wipe()
		v.shut(ErrRolledBack)
		return nil, ErrRolledBack
	}
	return fresh, nil
}
