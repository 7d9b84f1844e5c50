package vault

import (
	"context"
	"errors"
	"os"

	"latchkey/backend/internal/disk"
)

// SetAside gives the vault file and its previous version other names, so that
// a new vault can be made, and returns their paths. It is for a file that is
// damaged, and for a person who has lost every key. Nothing is removed, also
// not from the keyring. Returns ErrNew if there is no file.
func (v *Vault) SetAside(ctx context.Context) (paths []string, err error) {
	release, err := v.take(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	unlock, err := v.lockToWrite(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := v.place.read(); errors.Is(err, ErrNew) {
		return nil, err
	}
	v.Lock()
	return v.place.setAside(v.env.Now(), v.place.file(), v.place.previous())
}

// RestorePrevious puts the previous version in the place of a vault file that
// is damaged or gone, and returns where the damaged one is now. The vault is
// locked then. Errors: ErrWhole, ErrNoPrevious, ErrNewer.
func (v *Vault) RestorePrevious(ctx context.Context) (paths []string, err error) {
	release, err := v.take(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	unlock, err := v.lockToWrite(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := v.place.needsPrevious(); err != nil {
		return nil, err
	}
	v.Lock()
	paths, err = v.place.setAside(v.env.Now(), v.place.file())
	if err != nil {
		return paths, err
	}
	content, err := os.ReadFile(v.place.previous())
	if err == nil {
		err = disk.Replace(v.place.file(), fileMode, content)
	}
	return paths, disk.Explain(err)
}

// needsPrevious reports why the previous version must not or cannot take the
// place of the file.
func (p place) needsPrevious() error {
	_, err := p.read()
	switch {
	case err == nil:
		return ErrWhole
	case errors.Is(err, ErrNew):
		return ErrNoPrevious
	case !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrMissing):
		return err
	}
	if _, err := readImage(p.previous()); err != nil {
		return ErrNoPrevious.Because(err)
	}
	return nil
}
