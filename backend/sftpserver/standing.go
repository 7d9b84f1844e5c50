package sftpserver

import (
	"context"
	"sync/atomic"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

// A standing is what a person and the rules of their key were found to be at a
// version of the store.
type standing struct {
	version uint64
	who     identity.Principal
	rules   identity.KeyRules // none where a password opened the connection
}

var errNotAllowed = identity.NewError(identity.PermissionDenied, "not_allowed", "Your role does not allow that here.")

// confirm returns how the person and their key stand now. If the connection is theirs no
// more it is closed, and the error is errNotAllowed. It reads nothing while the
// store's version stays and the account has not expired.
func (c *conn) confirm(ctx context.Context) (standing, error) {
	version := c.server.Keys.Version() // before reading, so that a change in between is seen
	if st := c.standing.Load(); st != nil && st.version == version && c.admits(*st) {
		return *st, nil
	}
	c.confirming.Lock()
	defer c.confirming.Unlock()
	st := standing{version: version}
	if reason := c.examine(ctx, &st); reason != "" {
		c.close(reason)
		return standing{}, errNotAllowed
	}
	c.standing.Store(&st)
	return st, nil
}

// recheck is confirm for connections that have signed in, and brings the list
// of them up to date.
func (c *conn) recheck(ctx context.Context) {
	defer c.contain()
	if c.standing.Load() == nil {
		return
	}
	_, _ = c.confirm(ctx) // has closed the connection if it had to
	if c.active.Swap(false) {
		c.server.Connections.TouchConnection(c.listed)
	}
}

// admits asks what time alone can change, and where the connection comes from.
func (c *conn) admits(st standing) bool {
	now := c.server.Env.Now()
	return st.who.User.Admits(now, c.from) && st.rules.Admits(now, c.from)
}

// examine reads the person, their key and the list of connections, and says why
// the connection must end, or "".
func (c *conn) examine(ctx context.Context, st *standing) string {
	if reason := c.examineKey(ctx, st); reason != "" {
		return reason
	}
	was := c.proof.who.User
	who, err := c.server.Principals.Principal(ctx, was.ID)
	st.who = who
	switch {
	case err != nil:
		return "the account cannot be confirmed: " + err.Error()
	case !c.admits(*st):
		return "the account is disabled, or it or the key has expired or may not be used from there"
	case who.User.MustChangePassword:
		return "the password must be changed"
	case !who.User.PasswordChangedAt.Equal(was.PasswordChangedAt):
		return "the password has changed"
	case who.User.BasePath != was.BasePath:
		return "the base path has changed"
	case !c.proof.mayEnter(who):
		return "the account may not use SFTP any more"
	}
	if err := c.server.Connections.ConnectionLives(ctx, c.listed.ID); err != nil {
		return "it was ended from the list of devices, or cannot be confirmed: " + err.Error()
	}
	return ""
}

// examineKey reads the rules of the key that opened the connection, and says why
// it does so no more. Where its folder is another one now, what is open would
// lie outside.
func (c *conn) examineKey(ctx context.Context, st *standing) string {
	was := c.proof.key
	if was.ID == 0 {
		return "" // a password did
	}
	key, err := c.server.Keys.SSHKey(ctx, was.ID)
	switch {
	case err != nil:
		return "the key cannot be confirmed: " + err.Error()
	case key.User != was.User || key.Fingerprint != was.Fingerprint:
		return "the key is another one now"
	case key.Rules.Folder != was.Rules.Folder:
		return "the folder of the key has changed"
	}
	st.rules = key.Rules
	return ""
}

// now returns the person as they are now, or nobody, who may nothing.
func (c *conn) now() identity.Principal {
	st, err := c.confirm(context.WithoutCancel(c.ctx))
	if err != nil {
		return identity.Principal{}
	}
	return st.who
}

// A place is a path of a tree with the rights that the connection has there.
type place struct {
	conn *conn
	path files.Path
	full string // below the files folder, as scopes name it
	held *held  // nil: nothing is open, and the tree will ask for what follows
}

// held is an open file or folder, with the state of the server at which it was
// last found to be where it was opened, and not behind a password that the person
// needs.
type held struct {
	open  interface{ Still() error }
	state atomic.Uint64 // 0 is none
}

// state is another number when a password may have come or a name has changed.
// What another process does to names is not told, so it is another one in each
// second, too.
func (c *conn) state() uint64 {
	return 1 + c.server.Keys.Version() + c.server.Files.Changes() + uint64(c.server.Env.Now().Unix())
}

// at checks a path that the client sent.
func (c *conn) at(sent string) (place, error) {
	p, err := files.ParsePath(sent)
	return place{conn: c, path: p, full: string(p.Below(c.base))}, err
}

// still refuses an open file or folder that is behind a password by now, or not
// where it was. It looks at the disk only when the state of the server is another.
func (p place) still() error {
	if p.held == nil {
		return nil
	}
	state := p.conn.state()
	if p.held.state.Load() == state {
		return nil
	}
	if err := p.held.open.Still(); err != nil {
		return err
	}
	p.held.state.Store(state)
	return nil
}

// need returns nil if the person is allowed something here, now, and the key
// opens it, or else errNotAllowed or what still returns. It is also asked when the
// connection was lost, to end what was open on it.
func (p place) need(need identity.PathPermission) error {
	st, err := p.conn.confirm(context.WithoutCancel(p.conn.ctx))
	if err != nil || st.rules.ReadOnly && need != toRead || !st.who.PathPermission(p.full).Has(need) {
		return errNotAllowed
	}
	return p.still()
}

// may reports whether need returns nil.
func (p place) may(need identity.PathPermission) bool { return p.need(need) == nil }
