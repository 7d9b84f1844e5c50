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

	secured, hosts, err := s.openTLS()
	if err != nil {
		return err
	}
	s.handler = httpapi.NewGuard(httpapi.GuardConfig{
		Hosts: slices.Concat(s.cfg.Hosts, hosts), Origins: s.cfg.AllowedOrigins, Proxies: s.cfg.TrustedProxies, Env: s.opts.Env, Log: s.opts.Log,
	}, httpapi.NewRouter(s.opts.Log,
		httpapi.Mount{Prefix: "/alist", Mux: s.routes},
		httpapi.Mount{Mux: s.routes},
	))

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
