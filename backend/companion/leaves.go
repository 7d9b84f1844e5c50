package companion

import (
	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

// What package app needs of backend's leaves, which Go closes to it because it
// stands beside backend. They are the same types.
type (
	Env    = env.Env     // see package env
	Secret = secret.Text // see package secret
)

// System is env.System.
func System() Env { return env.System() }

// NewSecret is secret.New.
func NewSecret(text string) Secret { return secret.New(text) }

// ReplaceFile puts new content in the place of a file of the data folder, for
// its owner alone: whole or not at all. Errors are those of the disk.
func ReplaceFile(name string, content []byte) error {
	return disk.Explain(disk.Replace(name, 0o600, content))
}
