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
	errRuleTwice      = identity.InvalidField("key", "ssh_key_rule_twice",
		"When the key expires or where it is taken from is said twice: before the key, and beside it. Say it once.")
	errSSHKeyExpired = identity.InvalidField("expires", "ssh_key_expired", "By that time the key would have expired already. Choose a later one.")
	errKeyFolder     = identity.InvalidField("folder", "ssh_key_folder_invalid",
		"Write the folder of the key as a path that begins with /, such as /photos.")
	errGuestKeys = identity.NewError(identity.PermissionDenied, "guest_has_no_keys", "Nobody is signed in, so there are no keys.")
)

// SSHKeys lists a user's keys by id, and how many there are in all.
func (s *Service) SSHKeys(ctx context.Context, user identity.UserID, p identity.Page) ([]identity.SSHKey, int, error) {
	return s.Store.SSHKeysOf(ctx, user, p)
}

// NewSSHKey is a public key to add: a title of the owner's choice, a line as in
// an authorized_keys file, and rules beside those that stand in it as options.
type NewSSHKey struct {
	Title, Line string
	Rules       identity.KeyRules
}

// AddSSHKey adds a public key. Returns Invalid with the reason for a key or
// title that is refused, and Conflict for one that is there already.
func (s *Service) AddSSHKey(ctx context.Context, p identity.Principal, n NewSSHKey, o identity.Origin) (identity.SSHKey, error) {
	if p.IsGuest() {
		return identity.SSHKey{}, errGuestKeys
	}
	k, _, err := sshkey.Parse(n.Line, s.Env.Now().Location())
	if err != nil {
		return k, err
	}
	if k.Rules, err = s.rulesOf(k.Rules, n.Rules); err != nil {
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

// rulesOf joins the rules that came as options with those beside them. None
// may come both ways.
func (s *Service) rulesOf(options, beside identity.KeyRules) (identity.KeyRules, error) {
	if !options.ExpiresAt.IsZero() && !beside.ExpiresAt.IsZero() || options.From != "" && beside.From != "" {
		return beside, errRuleTwice
	}
	if beside.ExpiresAt.IsZero() {
		beside.ExpiresAt = options.ExpiresAt
	}
	beside.From += options.From // one of them is empty
	if beside.Expired(s.Env.Now()) {
		return beside, errSSHKeyExpired
	}
	return cleanFolder(beside)
}

func cleanFolder(r identity.KeyRules) (identity.KeyRules, error) {
	if r.Folder == "" {
		return r, nil
	}
	folder, err := identity.ParsePath(r.Folder)
	if err != nil {
		return r, errKeyFolder
	}
	if r.Folder = folder; folder == "/" {
		r.Folder = ""
	}
	return r, nil
}

// LimitSSHKey gives a key of owner, and any key if owner is 0, other rules in
// place of those it has. Connections that it opened obey them from then on, and
// those that it may not have opened are closed. A key that has expired may stay
// so. Returns ErrSSHKeyNotFound also for a key of somebody else.
func (s *Service) LimitSSHKey(ctx context.Context, owner identity.UserID, id identity.SSHKeyID, rules identity.KeyRules, o identity.Origin) error {
	rules, err := cleanFolder(rules)
	if err != nil {
		return err
	}
	k, err := s.mayChangeKey(ctx, owner, id, o)
	if err != nil {
		return err
	}
	_, err = s.Store.UpdateSSHKey(ctx, id, func(k identity.SSHKey) (identity.SSHKey, error) {
		if rules.Expired(s.Env.Now()) && !rules.ExpiresAt.Equal(k.Rules.ExpiresAt) {
			return k, errSSHKeyExpired
		}
		k.Rules = rules
		return k, nil
	})
	if err != nil {
		return translate(err, ErrSSHKeyNotFound)
	}
	s.Audit.Record(o.Event(identity.AuditSSHKeyLimited, string(k.Fingerprint)))
	return nil
}

// mayChangeKey returns a key if it is owner's, or that of somebody whom who acts
// may touch if owner is 0.
func (s *Service) mayChangeKey(ctx context.Context, owner identity.UserID, id identity.SSHKeyID, o identity.Origin) (identity.SSHKey, error) {
	k, err := s.Store.SSHKey(ctx, id)
	switch {
	case err != nil:
		return k, translate(err, ErrSSHKeyNotFound)
	case owner == 0:
		return k, s.MayTouch(ctx, k.User, o)
	case k.User != owner:
		return k, ErrSSHKeyNotFound
	}
	return k, nil
}

// DeleteSSHKey deletes a key of owner, and any key if owner is 0. Connections
// that the key opened are closed. Returns ErrSSHKeyNotFound also for a key of
// somebody else.
func (s *Service) DeleteSSHKey(ctx context.Context, owner identity.UserID, id identity.SSHKeyID, o identity.Origin) error {
	k, err := s.mayChangeKey(ctx, owner, id, o)
	if err != nil {
		return err
	}
	if err := s.Store.DeleteSSHKey(ctx, id); err != nil {
		return translate(err, ErrSSHKeyNotFound)
	}
	s.Audit.Record(o.Event(identity.AuditSSHKeyDeleted, string(k.Fingerprint)))
	return nil
}
