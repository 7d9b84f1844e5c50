package account

import (
	"context"
	"errors"

	"latchkey/backend/credential/sshkey"
	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// MaxSSHKeys is how many keys one user may have.
const MaxSSHKeys = 100

// The refusals about SSH keys.
var (
	ErrSSHKeyNotFound = identity.NewError(identity.NotFound, "ssh_key_not_found", "There is no such key. It may have been deleted already.")
	errSSHKeyLimit    = identity.NewError(identity.Invalid, "ssh_key_limit", "You have 100 keys, which is the most. Delete one that you no longer use.")
	errGuestKeys      = identity.NewError(identity.PermissionDenied, "guest_has_no_keys", "Nobody is signed in, so there are no keys.")
)

// SSHKeys lists a user's keys by id, and how many there are in all.
func (s *Service) SSHKeys(ctx context.Context, user identity.UserID, p identity.Page) ([]identity.SSHKey, int, error) {
	return s.Store.SSHKeysOf(ctx, user, p)
}

// NewSSHKey is a public key to add: a title of the owner's choice and a line as
// in an authorized_keys file, without options.
type NewSSHKey struct{ Title, Line string }

// AddSSHKey adds a public key. Returns Invalid with the reason for a key or
// title that is refused, and Conflict for one that is there already.
func (s *Service) AddSSHKey(ctx context.Context, p identity.Principal, n NewSSHKey, o identity.Origin) (identity.SSHKey, error) {
	if p.IsGuest() {
		return identity.SSHKey{}, errGuestKeys
	}
	k, _, err := sshkey.Parse(n.Line)
	if err != nil {
		return k, err
	}
	if k.Title, err = sshkey.ParseTitle(n.Title); err != nil {
		return k, err
	}
	k.User, k.AddedAt = p.User.ID, s.Env.Now()
	k, err = s.Store.CreateSSHKey(ctx, k, MaxSSHKeys)
	if errors.Is(err, store.ErrLimit) {
		return k, errSSHKeyLimit
	}
	if err != nil {
		return k, translate(err, ErrUserNotFound)
	}
	s.Audit.Record(o.Event(identity.AuditSSHKeyAdded, string(k.Fingerprint)))
	return k, nil
}

// DeleteSSHKey deletes a key of owner, and any key if owner is 0. Connections
// that the key opened are closed. Returns ErrSSHKeyNotFound also for a key of
// somebody else.
func (s *Service) DeleteSSHKey(ctx context.Context, owner identity.UserID, id identity.SSHKeyID, o identity.Origin) error {
	k, err := s.Store.SSHKey(ctx, id)
	if err == nil && owner != 0 && k.User != owner {
		return ErrSSHKeyNotFound
	}
	if err == nil && owner == 0 {
		err = s.MayTouch(ctx, k.User, o)
	}
	if err == nil {
		err = s.Store.DeleteSSHKey(ctx, id)
	}
	if err != nil {
		return translate(err, ErrSSHKeyNotFound)
	}
	s.Audit.Record(o.Event(identity.AuditSSHKeyDeleted, string(k.Fingerprint)))
	return nil
}
