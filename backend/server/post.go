package server

import (
	"context"

	"latchkey/backend/account"
	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/mail"
)

// A post sends what the server has to tell people by mail.
type post struct {
	sender *mail.Sender
	site   string
}

// newPost returns a post by the settings, or nil if there is no mail server in
// them.
func newPost(cfg config.Config, e env.Env) (account.Mailer, error) {
	if cfg.SMTP == "" {
		return nil, nil
	}
	sender, err := mail.New(mail.Config{
		Address: cfg.SMTP, User: cfg.SMTPUser, Password: cfg.SMTPPassword, From: cfg.SMTPFrom, Security: mail.Security(cfg.SMTPSecurity),
	}, e)
	if err != nil {
		return nil, err
	}
	return &post{sender, cfg.SiteTitle}, nil
}

// SendTemporaryPassword implements account.Mailer.
func (p *post) SendTemporaryPassword(ctx context.Context, to identity.Email, name identity.Username, password secret.Text) error {
	return p.sender.Send(ctx, mail.TemporaryPassword{
		To: to, Site: p.site, Username: name, Password: password, Works: account.TemporaryFor,
	}.Message())
}
