package testkit

import "latchkey/backend/internal/env"

// Captcha is what every captcha shows whose randomness is a Chance.
const Captcha = "AAAA"

// A Chance is the system's randomness, but for what captchas are made of: they
// take single bytes, as nothing else does, and get zeros, which are As.
type Chance struct{}

// Read fills b.
func (Chance) Read(b []byte) (int, error) {
	if len(b) == 1 {
		b[0] = 0
		return 1, nil
	}
	return env.System().Rand.Read(b)
}
