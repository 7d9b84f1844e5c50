package config

import (
	"os"

	"latchkey/backend/internal/secret"
)

// VaultPassphrase returns the passphrase of the desktop's vault for commands
// that nobody sits at: LATCHKEY_VAULT_PASSPHRASE. It is no setting, as it must
// stand in no file, and it is read only when a vault is to be opened.
func VaultPassphrase() secret.Text { return secret.New(os.Getenv(envPrefix + "VAULT_PASSPHRASE")) }

// ForgetSecrets takes what is secret out of the environment, for a program that
// starts others and needs none of it itself: they would inherit it. The password
// for mail stays, because the server is started anew from the same environment.
func ForgetSecrets() {
	for _, name := range []string{adminPassword, "VAULT_PASSPHRASE"} {
		_ = os.Unsetenv(envPrefix + name) // it is a valid name
	}
}
