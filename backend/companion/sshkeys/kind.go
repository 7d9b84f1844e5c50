package sshkeys

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
)

// A Kind is an algorithm and a size.
type Kind string

// The kinds of keys that are made. Ed25519 is the one to choose unless an old
// server asks for another.
const (
	Ed25519  Kind = "ed25519"
	ECDSA256 Kind = "ecdsa-256"
	ECDSA384 Kind = "ecdsa-384"
	ECDSA521 Kind = "ecdsa-521"
	RSA3072  Kind = "rsa-3072"
	RSA4096  Kind = "rsa-4096"

	// Ed25519SK stays in a security token (FIDO2); MakeInToken makes it.
	Ed25519SK Kind = "ed25519-sk"
)

// Kinds lists every kind that this computer makes by itself, the one to choose
// first.
func Kinds() []Kind { return []Kind{Ed25519, ECDSA256, ECDSA384, ECDSA521, RSA3072, RSA4096} }

// ParseKind reads a kind as it is typed: its name, or only that of the
// algorithm for the size that ssh-keygen would choose. Returns ErrKind.
func ParseKind(s string) (Kind, error) {
	switch s {
	case string(Ed25519SK):
		return Ed25519SK, nil
	case "ecdsa":
		return ECDSA256, nil
	case "rsa":
		return RSA3072, nil
	}
	for _, k := range Kinds() {
		if s == string(k) {
			return k, nil
		}
	}
	return "", ErrKind
}

// algorithm is the part of a kind that stands in file names.
func (k Kind) algorithm() string {
	switch k {
	case ECDSA256, ECDSA384, ECDSA521:
		return "ecdsa"
	case RSA3072, RSA4096:
		return "rsa"
	case Ed25519SK:
		return "ed25519_sk"
	case Ed25519:
	}
	return "ed25519"
}

// generate makes a key. Only RSA takes long enough to be stopped.
func (w *Workshop) generate(ctx context.Context, k Kind) (crypto.Signer, error) {
	switch k {
	case Ed25519:
		return ed25519.NewKeyFromSeed(w.env.Bytes(ed25519.SeedSize)), nil
	case ECDSA256:
		return ecdsa.GenerateKey(elliptic.P256(), w.env.Rand)
	case ECDSA384:
		return ecdsa.GenerateKey(elliptic.P384(), w.env.Rand)
	case ECDSA521:
		return ecdsa.GenerateKey(elliptic.P521(), w.env.Rand)
	case RSA3072:
		return w.generateRSA(ctx, 3072)
	case RSA4096:
		return w.generateRSA(ctx, 4096)
	case Ed25519SK:
	}
	return nil, ErrKind
}

// generateRSA returns as soon as ctx ends. The search for primes, which cannot
// be called off, goes on for a second or two then, and the next one waits for
// it, so that they do not pile up.
func (w *Workshop) generateRSA(ctx context.Context, bits int) (crypto.Signer, error) {
	select {
	case w.searching <- struct{}{}:
	case <-ctx.Done():
		return nil, ErrStopped.Because(context.Cause(ctx))
	}
	type result struct {
		key *rsa.PrivateKey
		err error
	}
	found := make(chan result, 1)
	go func() {
		defer func() { <-w.searching }()
		key, err := rsa.GenerateKey(w.env.Rand, bits)
		found <- result{key, err}
	}()
	select {
	case r := <-found:
		if r.err != nil {
			return nil, fmt.Errorf("generate RSA key: %w", r.err)
		}
		return r.key, nil
	case <-ctx.Done():
		return nil, ErrStopped.Because(context.Cause(ctx))
	}
}
