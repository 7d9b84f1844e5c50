package remote

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"latchkey/backend/identity"
)

// An Account is a client with the token of somebody who has signed in.
//
// Any method may return an error for which [SignedOut] holds: then the token
// is of no more use.
type Account struct {
	c         *Client
	grant     Grant
	confirmed atomic.Bool // the server said that the token is somebody's
	folders   *FolderPasswords
}

// Account returns a client that acts with a grant. Returns token_refused for a
// token that cannot be one.
func (c *Client) Account(g Grant) (*Account, error) {
	text := g.Token.Reveal()
	if text == "" || len(text) > maxToken || strings.ContainsFunc(text, notVisible) {
		return nil, errTokenRefused
	}
	return &Account{c: c, grant: g, folders: NewFolderPasswords()}, nil
}

// Client returns the client without the token.
func (a *Account) Client() *Client { return a.c }

// Me is what a server says of somebody who has signed in.
type Me struct {
	ID                 identity.UserID
	Username           string // safe to show, and so perhaps not to the letter
	Admin              bool
	Roles              []string
	BasePath           string
	Permission         identity.PathPermission // at the base path
	SecondFactor       bool
	MustChangePassword bool
}

// SFTP reports whether the account may sign in over SFTP. A key can be
// uploaded without.
func (m Me) SFTP() bool { return m.Permission.Has(identity.PathSFTPRead) }

// Me asks who is signed in.
func (a *Account) Me(ctx context.Context) (Me, error) {
	w, err := a.me(ctx)
	if err != nil {
		return Me{}, err
	}
	return w.me(), nil
}

// me asks who is signed in, and refuses to be the guest: that is who acts
// where a token got lost on the way.
func (a *Account) me(ctx context.Context) (wireMe, error) {
	var w wireMe
	err := a.c.call(ctx, request{method: http.MethodGet, path: pathMe, token: a.grant.Token}, &w)
	switch {
	case err != nil:
		return w, notAList(err)
	case w.Username == "":
		return w, errGarbled
	case w.guest():
		return w, errTokenIgnored.Because(&RefusalError{Status: http.StatusOK, Code: http.StatusOK})
	}
	a.confirmed.Store(true)
	return w, nil
}

// call makes a request with the token. Before the first it makes sure that the
// server takes the token for somebody's.
func (a *Account) call(ctx context.Context, r request, out any) error {
	if !a.confirmed.Load() {
		if _, err := a.me(ctx); err != nil {
			return err
		}
	}
	r.token = a.grant.Token
	return a.c.call(ctx, r, out)
}

// SignOut ends this device's session on the server. It is no error if that has
// ended already.
func (a *Account) SignOut(ctx context.Context) error {
	err := a.call(ctx, request{method: http.MethodGet, path: pathLogout}, nil)
	if SignedOut(err) {
		return nil
	}
	return err
}

// AList's numbers of roles, which are those of package identity, and before
// roles were a list 0 for everybody else.
const (
	roleGuest = int64(identity.RoleGuest)
	roleAdmin = int64(identity.RoleAdmin)
)

func (w wireMe) guest() bool {
	return slices.Contains(w.Role, roleGuest) || w.Username == "guest"
}

func (w wireMe) admin() bool { return slices.Contains(w.Role, roleAdmin) }

func (w wireMe) me() Me {
	return Me{
		ID: identity.UserID(w.ID), Username: clean(w.Username, maxName), BasePath: clean(w.BasePath, maxMessage),
		Admin: w.admin(), Roles: w.roles(), Permission: w.permission(), SecondFactor: w.OTP,
		MustChangePassword: w.MustChange != nil && *w.MustChange,
	}
}

// maxRoles bounds how many roles are shown.
const maxRoles = 100

// roles returns the names of the roles, or what AList calls them where it
// gives numbers only.
func (w wireMe) roles() []string {
	var out []string
	for _, name := range w.RoleNames[:min(len(w.RoleNames), maxRoles)] {
		out = append(out, clean(name, maxName))
	}
	if out != nil {
		return out
	}
	for _, id := range w.Role[:min(len(w.Role), maxRoles)] {
		switch id {
		case 0, int64(identity.RoleGeneral):
			out = append(out, "general")
		case roleAdmin:
			out = append(out, "admin")
		default:
			out = append(out, strconv.FormatInt(id, 10))
		}
	}
	return out
}

// permission returns what the account may do at its base path. Latchkey sends
// that, and so did AList before it had roles by path; with them AList counts
// every path of a role there.
func (w wireMe) permission() identity.PathPermission {
	switch {
	case w.admin():
		return identity.PathAll
	case w.MustChange != nil || w.Scopes == nil:
		return identity.PathPermission(w.Permission) & identity.PathKnown
	}
	var p identity.PathPermission
	for _, s := range w.Scopes {
		p |= identity.PathPermission(s.Permission) & identity.PathKnown
	}
	return p
}
