// Package env is what services may ask of the outside world: the time and
// chance. They get it passed in, so that tests decide both.
package env

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"time"
)

// Env is a clock and a source of randomness.
type Env struct {
	Now  func() time.Time
	Rand io.Reader // cryptographically strong; reading from it does not fail
}

// System is the machine's clock and the operating system's randomness.
func System() Env { return Env{Now: time.Now, Rand: rand.Reader} }

// Bytes returns n random bytes.
func (e Env) Bytes(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(e.Rand, b); err != nil {
		panic("env: no randomness: " + err.Error()) // crypto/rand ends the program itself
	}
	return b
}

// ID returns 128 random bits as 32 lower-case hexadecimal digits.
func (e Env) ID() string { return hex.EncodeToString(e.Bytes(16)) }
