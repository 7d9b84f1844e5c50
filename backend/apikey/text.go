package apikey

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// The forms of a key's text. An API key is "ak_" and 160 random bits in
// hexadecimal; a developer key is the Unix time of its making, of ten digits,
// and a random UUID (RFC 9562, version 4: 122 random bits).
const (
	apiMark   = "ak_"
	apiRandom = 20 // bytes
	apiLen    = len(apiMark) + 2*apiRandom
	apiShown  = 9 // characters of a key that lists show

	timeLen  = 10
	devLen   = timeLen + 36
	devShown = 14
)

// give makes up the text of a new key, and notes in k what is kept of it.
func (s *Service) give(k *identity.APIKey) (secret.Text, error) {
	var text string
	shown := apiShown
	switch k.Kind {
	case identity.KeyAPI:
		text = apiMark + hex.EncodeToString(s.Env.Bytes(apiRandom))
	case identity.KeyDev:
		id, err := uuid.NewRandomFromReader(s.Env.Rand)
		if err != nil {
			return secret.Text{}, err
		}
		text, shown = fmt.Sprintf("%0*d%s", timeLen, k.CreatedAt.Unix(), id), devShown
	}
	k.Prefix, k.Hash = text[:shown], hashOf(text)
	return secret.New(text), nil
}

func hashOf(text string) identity.SecretHash { return sha256.Sum256([]byte(text)) }

// ParseText checks the form of a key's text and says of which kind it is. It
// says nothing of whether there is such a key. Returns ErrInvalid.
func ParseText(s string) (identity.KeyKind, error) {
	switch {
	case len(s) == apiLen && strings.HasPrefix(s, apiMark) && strings.Trim(s[len(apiMark):], "0123456789abcdef") == "":
		return identity.KeyAPI, nil
	case len(s) == devLen && strings.Trim(s[:timeLen], "0123456789") == "":
		if id, err := uuid.Parse(s[timeLen:]); err == nil && id.String() == s[timeLen:] {
			return identity.KeyDev, nil
		}
	}
	return "", ErrInvalid
}
