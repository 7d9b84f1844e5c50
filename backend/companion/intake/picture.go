package intake

import (
	"bytes"
	"context"
	"image"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/qr"
)

// open opens the picture of a piece, or returns ErrGone.
func open(ctx context.Context, p *piece) (qr.Picture, error) {
	switch {
	case p.image != nil:
		return qr.PictureOf(p.image), nil
	case p.picture && len(p.content) > 0:
		return qr.Open(ctx, bytes.NewReader(p.content))
	}
	return qr.Picture{}, ErrGone
}

// Show returns a picture that said nothing, with at most px pixels on a side.
// Returns ErrGone if it was let go. A picture from which a code was understood
// is never shown: it shows a secret.
func (in *Intake) Show(ctx context.Context, id ID, px int) (image.Image, error) {
	p, err := in.find(id)
	if err != nil {
		return nil, err
	}
	end, err := in.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	opened, err := open(ctx, p)
	if err != nil {
		return nil, err
	}
	return opened.Fit(px), nil
}

// Crop reads a part of a picture that said nothing. If there is the setup of a
// code in it, that is what the picture says from now on; otherwise everything
// stays as it is, and the error says what was seen. Returns ErrGone if the
// picture was let go.
func (in *Intake) Crop(ctx context.Context, id ID, a qr.Area) error {
	p, err := in.find(id)
	if err != nil {
		return err
	}
	end, err := in.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	opened, err := open(ctx, p)
	if err != nil {
		return err
	}
	found, err := opened.Cut(a).Read(ctx)
	if err != nil {
		return err
	}
	now := *p
	now.texts, now.problem = textsOf(found.Codes), nil
	r := otpauth.Read(reveal(now.texts))
	if len(r.Found) == 0 {
		return r.Unread[0].Err
	}
	now.content, now.image, now.size = nil, nil, image.Point{}
	return in.replace(p, now)
}
