package token

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// NewOpaque makes up an opaque token: 122 random bits as a UUID (RFC 9562,
// version 4), such as cde1f2e1-4930-41c1-a883-0bca35de7ea6.
func NewOpaque(e env.Env) (string, error) {
	id, err := uuid.NewRandomFromReader(e.Rand)
	return id.String(), err
}

// OpaqueID returns the id of the sign-in that an opaque token for an audience
// is about: half of a SHA-256, so that who reads the store cannot tell the
// token. It reports false for what is no such token: it has one text only.
func OpaqueID(raw string, audience identity.Audience) (identity.TokenID, bool) {
	id, err := uuid.Parse(raw)
	if err != nil || len(raw) != len(uuid.Nil.String()) || strings.ToLower(raw) != raw || id.Version() != 4 {
		return "", false
	}
	sum := sha256.Sum256([]byte("opaque token\x00" + string(audience) + "\x00" + raw))
	return identity.TokenID(hex.EncodeToString(sum[:16])), true
}
