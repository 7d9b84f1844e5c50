package server

import (
	"context"
	"crypto/tls"
	"slices"

	"latchkey/backend/dialect/alist"
	"latchkey/backend/httpapi"
	"latchkey/backend/httpapi/tlscert"
	"latchkey/backend/identity"
)

// openHTTP joins the dialects into one handler and makes the HTTP server.
func (s *Server) openHTTP(context.Context) error {
	api := alist.New(alist.Config{
		Login: s.core.Login, Sessions: s.core.Sessions, Accounts: s.core.Accounts,
		Title: s.cfg.SiteTitle, Version: s.opts.Version, Now: s.opts.Env.Now,
	})
	s.routes = httpapi.NewMux(api.Dialect())
	api.Mount(s.routes)

	machine := tlscert.Machine()
	hosts := s.cfg.Hosts
	if s.cfg.LAN {
		hosts = slices.Concat(hosts, machine.Hosts)
	}
	s.handler = httpapi.NewGuard(httpapi.GuardConfig{
		Hosts: hosts, Origins: s.cfg.AllowedOrigins, Proxies: s.cfg.TrustedProxies, Env: s.opts.Env, Log: s.opts.Log,
	}, httpapi.NewRouter(s.opts.Log,
		httpapi.Mount{Prefix: "/alist", Mux: s.routes},
		httpapi.Mount{Mux: s.routes},
	))

	secured, err := s.openTLS(machine)
	if err != nil {
		return err
	}
	s.http = httpapi.NewServer(s.handler, secured, s.cfg.TrustedProxies, s.opts.Log)
	return nil
}

// openTLS loads the person's certificate, or the server's own, where HTTP is
// to be served by TLS; otherwise it returns nil.
func (s *Server) openTLS(machine tlscert.Names) (*tls.Config, error) {
	if !s.cfg.TLS() {
		return nil, nil
	}
	var c tlscert.Certificate
	var err error
	if s.cfg.Cert != "" {
		c, err = tlscert.Load(tlscert.Files{Cert: s.cfg.Cert, Key: s.cfg.Key})
	} else {
		c, err = tlscert.Own(folder(s.cfg.Data).secrets(), machine, s.opts.Env)
	}
	if err != nil {
		return nil, identity.NewError(identity.Unavailable, "certificate_unusable",
			"The TLS certificate or its key cannot be used. Check that both files are there, readable and belong together.").Because(err)
	}
	s.certificate = c.Fingerprint()
	return c.Config(), nil
}
