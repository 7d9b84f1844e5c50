package server

import (
	"context"
	"crypto/tls"
	"net/http"
	"slices"

	"latchkey/backend/dialect/alist"
	"latchkey/backend/httpapi"
	"latchkey/backend/httpapi/openapi"
	"latchkey/backend/httpapi/tlscert"
	"latchkey/backend/identity"
)

// Handler returns the HTTP API, guard included, for callers in this process.
// It needs no listeners, and serves beside a server that uses the same data
// folder: each sees what the other changed as soon as Store.Version tells.
func (c *Core) Handler() http.Handler { return c.handler(nil, c.sftpElsewhere) }

// handler is Handler for clients that call the server by further names, and
// are told about its SFTP server.
func (c *Core) handler(hosts []string, sftp func() alist.SFTP) http.Handler {
	var mounts []httpapi.Mount
	var described []openapi.API
	for _, d := range c.dialects(sftp) {
		prefix := prefixOf(d.own.Dialect().Name)
		mounts = append(mounts, httpapi.Mount{Prefix: prefix, Mux: d.own}, httpapi.Mount{Mux: d.root})
		described = append(described, openapi.API{Mux: d.own, Prefixes: []string{prefix, ""}})
	}
	mounts = append(mounts, httpapi.Mount{Mux: openapi.Pages(described...)})
	return httpapi.NewGuard(httpapi.GuardConfig{
		Hosts: slices.Concat(c.cfg.Hosts, hosts), Origins: c.cfg.AllowedOrigins, Proxies: c.cfg.TrustedProxies,
		Env: c.opts.Env, Log: c.opts.Log,
	}, httpapi.NewRouter(c.opts.Log, c.choices(), mounts...))
}

// openHTTP makes the HTTP server.
func (s *Server) openHTTP(context.Context) error {
	secured, hosts, err := s.openTLS()
	if err != nil {
		return err
	}
	s.handler = s.core.handler(hosts, s.sftpHere)
	s.http = httpapi.NewServer(s.handler, secured, s.cfg.TrustedProxies, s.opts.Log)
	return nil
}

// openTLS loads the person's certificate, or the server's own, where HTTP is
// to be served by TLS; otherwise there is no config. It also returns the names
// that other machines may call the server by: those of the certificate that
// they see, or of this machine.
func (s *Server) openTLS() (*tls.Config, []string, error) {
	machine := tlscert.Machine()
	if !s.cfg.TLS() {
		if !s.cfg.LAN {
			return nil, nil, nil
		}
		return nil, machine.Hosts, nil
	}
	var c tlscert.Certificate
	var err error
	if s.cfg.Cert != "" {
		c, err = tlscert.Load(tlscert.Files{Cert: s.cfg.Cert, Key: s.cfg.Key})
	} else {
		c, err = tlscert.Own(folder(s.cfg.Data).secrets(), machine, s.opts.Env)
	}
	if err != nil {
		return nil, nil, identity.NewError(identity.Unavailable, "certificate_unusable",
			"The TLS certificate or its key cannot be used. Check that both files are there, readable and belong together.").Because(err)
	}
	s.certificate = c.Fingerprint()
	return c.Config(), slices.Concat(machine.Hosts, c.Hosts()), nil
}
