package companion

import (
	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

// Package app stands beside backend, so Go closes backend's leaves to it. What
// it needs of them has a second name here.

// Env is env.Env.
type Env = env.Env

// Secret is secret.Text.
type Secret = secret.Text

// System is env.System.
func System() Env { return env.System() }

// NewSecret is secret.New.
func NewSecret(text string) Secret { return secret.New(text) }

// ReplaceFile puts new content in the place of a file of the data folder, for
// its owner alone: whole or not at all. Errors are those of the disk.
func ReplaceFile(name string, content []byte) error {
	return disk.Explain(disk.Replace(name, 0o600, content))
}

// WriteFile is ReplaceFile for a file in any folder, which a person has chosen:
// nothing else in there is touched.
func WriteFile(name string, content []byte) error {
	return disk.Explain(disk.Exchange(name, 0o600, content, nil))
}
