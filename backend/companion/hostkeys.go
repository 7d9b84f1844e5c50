package companion

import (
	"context"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

// HostKeys returns the SSH host keys that a server says it has, so that what
// shows itself at its port for SFTP can be compared without a person. It is
// empty if the server says nothing, or not over a connection that nobody on the
// way can alter, or if the person has chosen another place for SFTP.
func (c *Companion) HostKeys(ctx context.Context, s servers.Server) (keys []identity.Fingerprint) {
	if !s.Own && (s.SFTPChosen || !s.Base.Secure()) {
		return nil
	}
	_ = c.Servers.Ask(ctx, s.ID, func(ctx context.Context, r *remote.Client) error {
		told, err := r.Detect(ctx)
		keys = told.SFTP.HostKeys
		return err
	})
	return keys
}
