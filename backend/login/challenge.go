package login

import (
	"context"
	"net/netip"

	"latchkey/backend/credential/captcha"
)

// NewCaptcha makes a captcha for a sign-in to an account, as typed, from an
// address; for any account if none is named. It tells nothing of whether there
// is such an account.
func (p *Pipeline) NewCaptcha(ctx context.Context, username string, from netip.Addr) (captcha.ID, error) {
	account := ""
	if username != "" {
		var err error
		if account, err = p.accountOf(ctx, username); err != nil {
			return 0, err
		}
	}
	return p.Captchas.Make(account, from), nil
}

// CaptchaPicture returns the picture of a captcha that was made from an
// address, as PNG, or a NotFound error.
func (p *Pipeline) CaptchaPicture(id captcha.ID, from netip.Addr) ([]byte, error) {
	return p.Captchas.Picture(id, from)
}
