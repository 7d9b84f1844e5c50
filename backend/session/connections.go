package session

import (
	"context"
	"errors"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// OpenConnection lists a connection over SFTP that begins, and returns it as it
// is listed. Of c it takes the user, the key, the program, the address and when
// it is closed at the latest. A connection is a session among the others, so
// it is listed and ended with them, by any process on the store; package
// sftpserver closes what has been ended.
func (s *Service) OpenConnection(ctx context.Context, c identity.Session) (identity.Session, error) {
	now := s.env.Now()
	opened := identity.Session{
		ID: identity.SessionID(s.env.ID()), User: c.User, Kind: identity.SFTPSession, SSHKey: c.SSHKey,
		UserAgent: clip(c.UserAgent), Address: c.Address, CreatedAt: now, LastActive: now, ExpiresAt: c.ExpiresAt,
	}
	return opened, s.store.OpenConnection(ctx, opened)
}

// ConnectionLives returns nil until a connection has been ended, and then
// ErrEnded.
func (s *Service) ConnectionLives(ctx context.Context, id identity.SessionID) error {
	found, err := s.store.Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !found.EndedAt.IsZero() {
		return ErrEnded
	}
	return err
}

// TouchConnection says that a connection is in use.
func (s *Service) TouchConnection(c identity.Session) {
	s.note(c.ID, Client{UserAgent: c.UserAgent, Address: c.Address})
}

// CloseConnection takes a connection off the list that has been closed.
func (s *Service) CloseConnection(ctx context.Context, id identity.SessionID) error {
	s.seenM.Lock()
	delete(s.seen, id)
	s.seenM.Unlock()
	return s.store.CloseConnection(ctx, id)
}

// ForgetConnections takes all connections off the list that were opened at a
// time or before. It is for who knows that no server has them: one that was
// killed leaves its own behind.
func (s *Service) ForgetConnections(ctx context.Context, until time.Time) error {
	return s.store.CloseConnectionsUntil(ctx, until)
}
