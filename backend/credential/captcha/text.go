package captcha

import "latchkey/backend/internal/env"

const (
	// alphabet has no two characters that look alike, however they are bent or
	// crossed by a line.
	alphabet = "ACDEHJKLMNRTUWXY3479"
	length   = 4 // 160,000 texts
)

// newText returns the text of a challenge, each equally likely.
func newText(e env.Env) string {
	text := make([]byte, 0, length)
	for len(text) < length {
		// The last few values of a byte would favour the first characters.
		if v := int(e.Bytes(1)[0]); v < 256-256%len(alphabet) {
			text = append(text, alphabet[v%len(alphabet)])
		}
	}
	return string(text)
}
