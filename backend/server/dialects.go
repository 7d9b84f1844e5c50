package server

import (
	"github.com/google/uuid"

	"latchkey/backend/dialect/alist"
	"latchkey/backend/dialect/drive"
	"latchkey/backend/httpapi"
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
		Login: c.Login, Sessions: c.Sessions, Accounts: c.Accounts,
		Title: c.cfg.SiteTitle, Version: c.opts.Version, SFTP: sftp, Now: c.opts.Env.Now,
	}))
	return []served{{list, list}, c.drive()}
}

func (c *Core) drive() served {
	root := drive.Config{
		Login: c.Login, Sessions: c.Sessions, Accounts: c.Accounts, Keys: c.Keys, Files: c.Files, Now: c.opts.Env.Now,
		Installation: uuid.NewSHA1(uuid.Nil, []byte(c.Tokens.Issuer())),
	}
	own := root
	own.Prefix = prefixOf("drive")
	return served{routes(drive.New(own)), routes(drive.New(root))}
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
