package server

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// SecretsFolder returns where the keys are in a data folder.
func SecretsFolder(data string) string { return folder(data).secrets() }

// Begun reports whether a data folder holds a server. It makes nothing, and
// counts one of which something is missing: New says what.
func Begun(data string) (bool, error) {
	fresh, err := folder(data).isNew()
	return err == nil && !fresh, err
}

// Running reports whether a server uses a data folder. A folder that no server
// ever used is left as it is.
func Running(data string) (bool, error) {
	name := filepath.Join(data, lockFile)
	if used, err := exists(name); err != nil || !used {
		return false, err
	}
	l := flock.New(name, flock.SetPermissions(0o600))
	free, err := l.TryRLock()
	if err != nil {
		return false, cannotWrite(err)
	}
	return !free, l.Close()
}

// CheckSealed opens every sealed value, and returns an error if the master key
// does not fit one of them.
func (c *Core) CheckSealed(ctx context.Context) error {
	users, _, err := c.Store.Users(ctx, identity.UserFilter{}, identity.Page{})
	if err != nil {
		return err
	}
	for _, u := range users {
		if err := c.checkSealed(ctx, u.ID); err != nil {
			return fmt.Errorf("second factor of user %d: %w", u.ID, err)
		}
	}
	return nil
}

func (c *Core) checkSealed(ctx context.Context, id identity.UserID) error {
	t, err := c.Store.TOTP(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = c.box.Open(account.TOTPLabel(id), t.SealedSecret)
	return err
}
