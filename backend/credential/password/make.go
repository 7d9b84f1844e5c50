package password

import (
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

// Make makes up a password of 80 bits in four groups. Its letters are
// Crockford's base 32, in which none looks like another.
func Make(e env.Env) secret.Text {
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	var text []byte
	for i, b := range e.Bytes(16) {
		if i > 0 && i%4 == 0 {
			text = append(text, '-')
		}
		text = append(text, alphabet[int(b)%len(alphabet)])
	}
	return secret.New(string(text))
}
