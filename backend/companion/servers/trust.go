package servers

import (
	"context"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

var (
	errPinned = identity.NewError(identity.Conflict, "certificate_accepted",
		"Another certificate of this server was accepted before. Replace that one if you are sure that the new one is the server's.")
	errNotPinned = identity.NewError(identity.Conflict, "certificate_not_accepted",
		"That is not the certificate that was accepted for this server. Look at both again.")
	errNoTLS = identity.NewError(identity.Invalid, "address_not_secure",
		"The address of this server begins with http://, so there is no certificate.")
)

// Inspect returns the certificate that a server shows now. Nothing is sent.
func (b *Book) Inspect(ctx context.Context, id ID) (remote.Certificate, error) {
	s, err := b.Server(ctx, id)
	if err != nil {
		return remote.Certificate{}, err
	}
	return remote.Inspect(ctx, remote.Options{Base: s.Base, Roots: b.c.Roots, Env: b.c.Env})
}

// Accept accepts a certificate at first sight: the one with the fingerprint
// that the person has compared. From then on it is the only one that counts.
// Returns certificate_accepted if another one was accepted before.
func (b *Book) Accept(ctx context.Context, id ID, shown remote.Fingerprint) (Server, error) {
	return b.pin(ctx, id, "", shown)
}

// A Replacement is what the person says of a certificate that changed.
type Replacement struct {
	Accepted remote.Fingerprint // before
	Shown    remote.Fingerprint // from now on
}

// Replace accepts another certificate in the place of the one that was
// accepted. Returns certificate_not_accepted if that was not the one.
func (b *Book) Replace(ctx context.Context, id ID, r Replacement) (Server, error) {
	if r.Accepted == "" {
		return Server{}, errNotPinned
	}
	return b.pin(ctx, id, r.Accepted, r.Shown)
}

func (b *Book) pin(ctx context.Context, id ID, old, fresh remote.Fingerprint) (Server, error) {
	fresh, err := remote.ParseFingerprint(string(fresh))
	if err != nil {
		return Server{}, err
	}
	s, err := b.edit(ctx, id, func(_ []Server, s *Server) error {
		switch {
		case !s.Base.Secure():
			return errNoTLS
		case s.Pin == old:
			s.Pin = fresh
		case old != "":
			return errNotPinned
		case s.Pin != fresh:
			return errPinned
		}
		return nil
	})
	if err == nil {
		b.restart(id)
	}
	return s, err
}
