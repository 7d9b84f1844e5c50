package login

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// maxKeyUses bounds the uses of keys that wait to be written.
const maxKeyUses = 4096

type keyUse struct {
	id identity.SSHKeyID
	at time.Time
}

// CheckSSHKey says whose key a fingerprint is, for a user name as typed, when
// it is shown from an address. It proves nothing by itself: the SSH handshake
// has yet to show that the client holds the key. Returns ErrKeyRefused whatever
// the reason, and ErrKeyExpired and ErrMustChangePassword, which are for none but
// the holder of the key.
func (p *Pipeline) CheckSSHKey(ctx context.Context, username string, f identity.Fingerprint, from netip.Addr) (identity.Principal, identity.SSHKey, error) {
	u, known, err := p.lookUp(ctx, username)
	if err != nil {
		return identity.Principal{}, identity.SSHKey{}, err
	}
	if !known || u.ID == identity.GuestID || !u.Admits(p.Env.Now(), from) {
		return identity.Principal{}, identity.SSHKey{}, ErrKeyRefused
	}
	k, err := p.Store.SSHKeyByFingerprint(ctx, u.ID, f)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return identity.Principal{}, k, ErrKeyRefused
	case err != nil:
		return identity.Principal{}, k, err
	case k.Rules.From != "" && !k.Rules.From.Match(from):
		return identity.Principal{}, k, ErrKeyRefused
	case k.Rules.Expired(p.Env.Now()):
		return identity.Principal{}, k, keyExpired(k.Rules.ExpiresAt, p.Env.Now())
	case u.MustChangePassword:
		return identity.Principal{}, k, ErrMustChangePassword
	}
	who, err := p.Sessions.Principal(ctx, u.ID)
	who.Factors, who.SignedInAt = []identity.FactorKind{identity.FactorSSHKey}, p.Env.Now()
	return who, k, err
}

// keyExpired is ErrKeyExpired with both times, as one of two clocks may be wrong.
func keyExpired(at, now time.Time) error {
	const minute = "2006-01-02 15:04 MST"
	told := *ErrKeyExpired
	told.Message = fmt.Sprintf("This SSH key expired at %s. By the clock of this server it is %s now.", at.UTC().Format(minute), now.UTC().Format(minute))
	return &told
}

// SSHKeySignedIn records that a handshake with a key was finished.
func (p *Pipeline) SSHKeySignedIn(_ context.Context, who identity.Principal, k identity.SSHKey, from netip.Addr) {
	p.keysUsed.Add(keyUse{k.ID, p.Env.Now()})
	p.Audit.Record(identity.Origin{Actor: who.User.ID, Door: "sftp", Address: from}.Event(identity.AuditSignIn, string(k.Fingerprint)))
}

func (p *Pipeline) writeKeyUses(uses []keyUse) {
	last := make(map[identity.SSHKeyID]time.Time, len(uses))
	for _, u := range uses {
		last[u.id] = u.at
	}
	if err := p.Store.TouchSSHKeys(context.Background(), last); err != nil {
		p.Log.Error("write last use of keys", slog.Any("err", err))
	}
}
