package server

import (
	"slices"

	"github.com/google/uuid"

	"latchkey/backend/dialect/alist"
	"latchkey/backend/dialect/drive"
	"latchkey/backend/dialect/iam"
	"latchkey/backend/dialect/xswitch"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// A served dialect has a route table for below its own name and one for the
// root, where all of them are.
type served struct{ own, root *httpapi.Mux }

// prefixOf returns where a dialect is served alone.
func prefixOf(name string) string { return "/" + name }

// dialects returns the dialects. Of the first is what no route answers at the
// root.
func (c *Core) dialects(sftp func() alist.SFTP) []served {
	list := routes(alist.New(alist.Config{
		Login: c.Login, Sessions: c.Sessions, Accounts: c.Accounts, Keys: c.Keys,
		Title: c.cfg.SiteTitle, Version: c.opts.Version, SFTP: sftp, Now: c.opts.Env.Now,
		Trees: c.trees, Room: c.Files, Links: c.Links, Folders: c.Folders, Tasks: c.Tasks,
	}))
	sessions := routes(xswitch.New(xswitch.Config{
		Login: c.Login, Sessions: c.Sessions, Keys: c.Keys, Accounts: c.Accounts,
	}))
	return slices.Concat([]served{{list, list}}, c.driveAndIAM(), []served{{sessions, sessions}})
}

// The dialects that have routes in common.
const (
	driveName = "drive"
	iamName   = "iam"
)

// driveAndIAM returns two dialects that share routes at the root. There each
// answers a sign-in with the fields of both, and its tokens are good for both;
// below their names they know nothing of each other.
func (c *Core) driveAndIAM() []served {
	d := drive.Config{
		Login: c.Login, Sessions: c.Sessions, Accounts: c.Accounts, Keys: c.Keys, Files: c.Files, Now: c.opts.Env.Now,
		Installation: uuid.NewSHA1(uuid.Nil, []byte(c.Tokens.Issuer())),
	}
	i := iam.Config{Login: c.Login, Sessions: c.Sessions, Accounts: c.Accounts, Keys: c.Keys, Now: c.opts.Env.Now}
	rootDrive, rootIAM := d, i
	d.Prefix = prefixOf(driveName)
	ownDrive, ownIAM := drive.New(d), iam.New(i)
	rootDrive.Audiences, rootDrive.Beside, rootDrive.Neighbour = []identity.Audience{driveName, iamName}, ownIAM.LoginFields, iamName
	rootIAM.Audiences, rootIAM.Beside = []identity.Audience{iamName, driveName}, ownDrive.LoginFields
	return []served{
		{routes(ownDrive), routes(drive.New(rootDrive))},
		{routes(ownIAM), routes(iam.New(rootIAM))},
	}
}

// routes returns the route table of a dialect.
func routes(d interface {
	Dialect() httpapi.Dialect
	Mount(m *httpapi.Mux)
}) *httpapi.Mux {
	m := httpapi.NewMux(d.Dialect())
	d.Mount(m)
	return m
}
